"""Why a triple holds, and what one that does not hold lacks."""

import json

import pytest
from pyoxigraph import RdfFormat, Store

from peelgraph.errors import QueryRefused
from peelgraph.reasoning import (
    Explanation,
    Proof,
    Rule,
    Rules,
    compile_rules,
    explain,
    infer,
    render,
)
from peelgraph.reasoning.rules import match
from peelgraph.store import Store as PublishedStore
from peelgraph.terms import PEEL, mint_graph
from tests.reasoning.reasoning_worlds import inferred, store_of, triples

ONTOLOGY = triples("""
:Unit a owl:Class ; rdfs:subClassOf :Body . :Body a owl:Class ; rdfs:subClassOf :Agent .
:Agent a owl:Class .
:partOf a owl:TransitiveProperty ; owl:inverseOf :hasPart .
:tackles owl:propertyChainAxiom ( :hasPart :tackles ) .
:tackles owl:propertyChainAxiom ( :doneIn :against ) .
:doneIn owl:inverseOf :doneBy . :tackles rdfs:domain :Body .
""")
REPORT = triples("""
:mapping a :Unit ; :partOf :emsou . :emsou :partOf :region .
:provision :doneBy :mapping ; :against :soc ; peel:statedIn :paragraph-7 .
""")
OTHER = triples("""
:provision :against :soc ; :backed :by . :emsou :doneIn :provision2 .
""")
EX = "<http://example.org/%s>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def world() -> tuple[PublishedStore, Rules]:
    store = store_of(REPORT, OTHER)
    store.insert(REPORT, mint_graph("report"))
    store.insert(OTHER, mint_graph("other"))
    rules = compile_rules(ONTOLOGY)
    infer(store, rules)
    return store, rules


def explained(subject: str, predicate: str, object_: str, proofs: int = 1) -> Explanation:
    store, rules = world()
    ends = [EX % term for term in (subject, predicate, object_)]
    return explain(
        store, rules, ends[0], TYPE if predicate == "a" else ends[1], ends[2], proofs=proofs
    )


@pytest.mark.embedded
def test_asserted_triple_names_its_graphs_and_passages() -> None:
    explanation = explained("provision", "against", "soc")
    (proof,) = explanation.proofs

    assert explanation.state == "asserted"
    assert proof.graphs == (mint_graph("other"), mint_graph("report"))
    assert proof.passages == ("http://example.org/paragraph-7",)
    assert proof.steps == 0


@pytest.mark.embedded
def test_a_passage_of_another_graph_is_no_evidence() -> None:
    (proof,) = explained("emsou", "doneIn", "provision2").proofs
    (other,) = explained("provision", "backed", "by").proofs

    assert (proof.graphs, proof.passages) == ((mint_graph("other"),), ())
    assert (other.graphs, other.passages) == ((mint_graph("other"),), ())


@pytest.mark.embedded
def test_only_what_is_asserted_has_passages() -> None:
    (proof,) = explained("emsou", "tackles", "soc").proofs

    assert {part.is_asserted for part in proof.walk() if part.passages} == {True}
    assert all(not part.passages for part in proof.walk() if not part.is_asserted)


@pytest.mark.embedded
def test_inferred_triple_is_proved_down_to_asserted_ones() -> None:
    explanation = explained("emsou", "tackles", "soc")
    (proof,) = explanation.proofs

    assert explanation.state == "inferred"
    assert (proof.rule, proof.steps) == ("prp-spo2", 4)
    assert proof.axiom.endswith("SubPropertyOf <http://example.org/tackles>")
    leaves = [part for part in proof.walk() if not part.premises]
    assert all(leaf.is_asserted and leaf.graphs for leaf in leaves)


def test_shortest_proof_comes_first_and_others_on_demand() -> None:
    explanation = explained("region", "tackles", "soc", proofs=5)

    assert [5, 6] == [proof.steps for proof in explanation.proofs]


def test_derived_axiom_shows_the_stated_ones() -> None:
    (proof,) = explained("mapping", "a", "Agent").proofs

    assert proof.steps == 1
    assert len(proof.because) == 2


@pytest.mark.embedded
def test_every_inferred_triple_has_a_sound_proof() -> None:
    store, rules = world()
    names = {(rule.name, rule.axiom): rule for rule in rules.rules}
    lines = inferred(store)

    for line in lines:
        explanation = explain(store, rules, *line.removesuffix(" .").split(" ", 2))
        for part in explanation.proofs[0].walk():
            if part.rule:
                candidates = [
                    r for r in rules.rules if (r.name, r.axiom) == (part.rule, part.axiom)
                ]
                assert any(fits(rule, part) for rule in candidates), names
            else:
                assert part.graphs

    assert len(lines) > 5


def fits(rule: Rule, proof: Proof) -> bool:
    """Whether the proof's last step is an application of the rule."""
    bindings = match(rule.head, proof.triple)
    if bindings is None or len(rule.body) != len(proof.premises):
        return False
    for pattern, premise in zip(rule.body, proof.premises, strict=True):
        found = match(pattern, premise.triple)
        if found is None or any(bindings.setdefault(k, v) != v for k, v in found.items()):
            return False
    return True


def test_cycles_do_not_prove_themselves() -> None:
    rules = compile_rules(
        triples(":p owl:inverseOf :q . :p rdfs:subPropertyOf :r . :r rdfs:subPropertyOf :p .")
    )
    store = store_of(triples(":a :q :b ."))
    infer(store, rules)
    explanation = explain(store, rules, EX % "b", EX % "p", EX % "a", proofs=9)

    assert [1] == [proof.steps for proof in explanation.proofs]


def test_missing_premise_is_named() -> None:
    explanation = explained("emsou", "tackles", "terrorism")
    nearest = explanation.missing[0]

    assert explanation.state == "not holding"
    assert [str(pattern) for pattern in nearest.lacks] in (
        [f"{EX % 'provision2'} {EX % 'against'} {EX % 'terrorism'}"],
        [f"{EX % 'mapping'} {EX % 'tackles'} {EX % 'terrorism'}"],
    )
    assert nearest.holds


def test_triple_that_no_rule_concludes_must_be_stated() -> None:
    text = render(explained("emsou", "against", "soc"), "text")

    assert "it would have to be stated" in text


@pytest.mark.parametrize("subject", ["_:b", "emsou", "<a b>", "<a:a> <b:b> <c:c> . <a:a>"])
def test_malformed_term_is_refused(subject: str) -> None:
    store, rules = world()

    with pytest.raises(QueryRefused):
        explain(store, rules, subject, TYPE, EX % "Unit")


def test_text_is_a_tree() -> None:
    lines = render(explained("mapping", "tackles", "soc"), "text").splitlines()

    assert lines[1] == "  is inferred."
    assert any(line.startswith("└─ ") for line in lines)


@pytest.mark.embedded
def test_text_and_turtle_name_the_passages() -> None:
    explanation = explained("emsou", "tackles", "soc")
    graph = Store()
    graph.load(render(explanation, "turtle").encode(), RdfFormat.TURTLE)
    sources = graph.query("SELECT ?x { ?e <http://www.w3.org/ns/prov#hadPrimarySource> ?x }")

    assert {row["x"].value for row in sources} == {"http://example.org/paragraph-7"}
    assert "attested in <http://example.org/paragraph-7>" in render(explanation, "text")


def test_json_and_turtle_tell_the_same() -> None:
    explanation = explained("emsou", "tackles", "soc")
    told = json.loads(render(explanation, "json"))
    graph = Store()
    graph.load(render(explanation, "turtle").encode(), RdfFormat.TURTLE)
    question = """
        PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT ?rule WHERE { ?e rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ;
          prov:wasGeneratedBy/prov:qualifiedAssociation/prov:hadPlan/rdfs:label ?rule .
          FILTER NOT EXISTS { ?other prov:wasDerivedFrom ?e } }"""
    (row,) = (found for found in graph.query(question))

    assert row["rule"].value == f"{told['proofs'][0]['rule']}: {told['proofs'][0]['axiom']}"


@pytest.mark.embedded
def test_a_misspelt_term_is_told_with_what_is_spelt_like_it() -> None:
    explanation = explained("emsuo", "partOf", "regions")
    told = {each.term: each.near for each in explanation.unknown}

    assert told == {EX % "emsuo": (EX % "emsou",), EX % "regions": (EX % "region",)}
    assert "Nothing is known of <http://example.org/emsuo>" in render(explanation, "text")
    assert json.loads(render(explanation, "json"))["unknown"][0]["near"] == [EX % "emsou"]
    assert not explained("emsou", "partOf", "soc").unknown, "all of its terms are in the graph"


@pytest.mark.embedded
def test_a_terminal_is_told_how_many_passages_are_left_out() -> None:
    store, rules = world()
    subject = EX % "provision"
    for number in range(7):
        line = f"{subject} <{PEEL}statedIn> <http://example.org/passage-{number}> .\n"
        store.insert(line.encode(), mint_graph("report"))
    explanation = explain(store, rules, subject, EX % "against", EX % "soc")

    assert "passage-3> and 3 more\n" in render(explanation, "text")
    assert "passage-6" in render(explanation, "json")
