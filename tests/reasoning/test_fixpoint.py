"""Runs of the rules: what is added, what is taken away, what a failure leaves."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peelgraph.errors import QueryRefused
from peelgraph.reasoning import compile_rules, entail, infer, infer_additions, infer_removals
from peelgraph.reasoning.rules import Pattern, Rule, Rules
from peelgraph.terms import INFERRED
from tests.reasoning.reasoning_worlds import expect, inferred, lines, store_of, triples
from tests.under_test import examples

ONTOLOGY = triples("""
:A rdfs:subClassOf :B . :p a owl:TransitiveProperty . :p rdfs:domain :A . :q owl:inverseOf :p .
:r owl:propertyChainAxiom ( :p :q ) . :B rdfs:subClassOf [ owl:onProperty :r ;
owl:allValuesFrom :C ] . [ owl:onProperty :r ; owl:someValuesFrom :C ] rdfs:subClassOf :D .
[ owl:oneOf ( :a ) ] rdfs:subClassOf :A . :D rdfs:subClassOf [ owl:onProperty :p ;
owl:hasValue :e ] .
""")

individuals = st.sampled_from([":a", ":b", ":c", ":d", ":e"])
facts = st.builds(
    "{} {} {} .".format, individuals, st.sampled_from([":p", ":q", ":r"]), individuals
) | st.builds("{} a {} .".format, individuals, st.sampled_from([":A", ":B", ":C", ":D"]))
several = st.lists(facts, max_size=8).map("\n".join)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(several, several)
def test_additions_give_what_a_fresh_run_gives(before: str, after: str) -> None:
    rules = compile_rules(ONTOLOGY)
    grown, fresh = store_of(triples(before)), store_of(triples(before), triples(after))
    infer(grown, rules)
    known = inferred(grown)
    grown.insert(triples(after), "")

    counted = infer_additions(grown, rules, triples(after))
    infer(fresh, rules)

    assert inferred(fresh) == inferred(grown)
    assert counted == len(inferred(grown) - known)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(several, several)
def test_removals_give_what_a_fresh_run_gives(kept: str, gone: str) -> None:
    rules = compile_rules(ONTOLOGY)
    removed = triples("\n".join(set(gone.splitlines()) - set(kept.splitlines())))
    shrunk, fresh = store_of(triples(kept), removed), store_of(triples(kept))
    before = infer(shrunk, rules)
    for line in removed.decode().splitlines():
        shrunk.update(f"DELETE DATA {{ {line} }}")

    counted = infer_removals(shrunk, rules, removed)
    left = infer(fresh, rules)

    assert inferred(fresh) == inferred(shrunk)
    assert counted == before - left
    assert [INFERRED] == [name for name in shrunk.graphs() if shrunk.size(name)] or not left


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(several)
def test_columns_give_what_the_store_gives(facts: str) -> None:
    rules, store = compile_rules(ONTOLOGY), store_of(triples(facts))
    infer(store, rules)

    assert inferred(store) == lines(b"".join(entail(store.read(""), rules)))


def test_removed_triple_that_still_follows_is_inferred() -> None:
    rules = compile_rules(triples(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C ."))
    store = store_of(triples(":a a :A ."))
    infer(store, rules)

    assert infer_removals(store, rules, triples(":a a :B .")) == 0
    assert inferred(store) == expect(":a a :B , :C .")


def test_columns_name_blank_nodes_as_they_are_and_give_no_literal_a_property() -> None:
    rules = compile_rules(triples(":p owl:inverseOf :q . :A rdfs:subClassOf :B ."))
    text = b"_:x <http://example.org/p> _:y .\n" + triples(":a :p 'l' ; a :A .")

    assert {
        "_:y <http://example.org/q> _:x .",
        *expect(":a a :B ."),
    } == lines(b"".join(entail(text, rules)))


def test_additions_with_blank_nodes_are_inferred() -> None:
    rules = compile_rules(triples(":A rdfs:subClassOf :B . :p rdfs:domain :A ."))
    store = store_of()
    infer(store, rules)
    store.insert(triples("[] :p :a ."), "")

    assert infer_additions(store, rules, triples("[] :p :a .")) == 2


def test_deletion_leaves_nothing_stale() -> None:
    rules = compile_rules(triples(":p a owl:TransitiveProperty ."))
    store = store_of(triples(":a :p :b . :b :p :c . :c :p :a ."))
    infer(store, rules)
    store.update("PREFIX : <http://example.org/> DELETE DATA { :b :p :c }")

    assert infer(store, rules) == 1
    assert inferred(store) == expect(":c :p :b .")


def test_graphs_can_be_chosen() -> None:
    rules = compile_rules(triples(":A rdfs:subClassOf :B . :p a owl:TransitiveProperty ."))
    store = store_of(triples(":z a :A ."))
    store.insert(triples(":a a :A ; :p :b . :b :p :c ."), "http://example.org/data")

    infer(store, rules, "http://example.org/data", "http://example.org/more")

    assert lines(store.read("http://example.org/more")) == expect(":a a :B ; :p :c .")


def test_failure_leaves_no_working_graph() -> None:
    store = store_of(triples(":a :p :b ."))
    broken = Rule("broken", "", Pattern("?x", "{", "?z"), (Pattern("?x", "<http://e/p>", "?z"),))

    with pytest.raises(QueryRefused):
        infer(store, Rules((broken,), ()))

    assert [] == [name for name in store.graphs() if name.startswith(f"{INFERRED}/")]


def test_terms_of_the_ontology_gain_nothing() -> None:
    ontology = triples(":A a owl:Class ; rdfs:label 'a' ; rdfs:subClassOf :B . :B a owl:Class .")
    store = store_of(ontology)

    assert infer(store, compile_rules(ontology)) == 0
