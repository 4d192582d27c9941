"""Each rule of OWL 2 RL that instances can fire: the ontology, the data, what follows."""

import pytest
from rdflib import XSD, Literal

from peelgraph.reasoning import compile_rules, infer
from tests.reasoning.reasoning_worlds import expect, inferred, store_of, triples

ENTAILED = {
    "cax-sco": (":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .", ":a a :A .", ":a a :B, :C ."),
    "cax-eqc": (":A owl:equivalentClass :B .", ":a a :A . :b a :B .", ":a a :B . :b a :A ."),
    "prp-spo1": (":p rdfs:subPropertyOf :q .", ':a :p "é"@cy .', ':a :q "é"@cy .'),
    "prp-dom": (":p rdfs:domain :A .", ":a :p :b .", ":a a :A ."),
    "prp-rng": (":p rdfs:range :A .", ':a :p :b, "3" .', ":b a :A ."),
    "prp-inv": (":p owl:inverseOf :q .", ":a :p :b . :c :q :d .", ":b :q :a . :d :p :c ."),
    "prp-symp": (":p a owl:SymmetricProperty .", ':a :p :b, "l" .', ":b :p :a ."),
    "prp-trp": (":p a owl:TransitiveProperty .", ":a :p :b . :b :p :c .", ":a :p :c ."),
    "prp-trp cycle": (
        ":p a owl:TransitiveProperty .",
        ":a :p :b . :b :p :a .",
        ":a :p :a . :b :p :b .",
    ),
    "prp-eqp": (":p owl:equivalentProperty :q .", ":a :p :b . :c :q :d .", ":a :q :b . :c :p :d ."),
    "prp-spo2": (
        ":p owl:propertyChainAxiom ( :q :r :s ) .",
        ":a :q :b . :b :r :c . :c :s :d .",
        ":a :p :d .",
    ),
    "prp-spo2 of itself": (
        ":p owl:propertyChainAxiom ( :p :p ) .",
        ":a :p :b . :b :p :c . :c :p :a .",
        ":a :p :a, :c . :b :p :a, :b . :c :p :b, :c .",
    ),
    "prp-spo2 with an inverse": (
        ":p owl:propertyChainAxiom ( [ owl:inverseOf :q ] :r ) .",
        ":a :q :b . :a :r :c .",
        ":b :p :c .",
    ),
    "cls-hv1": (
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :v ] .",
        ":a a :A .",
        ":a :p :v .",
    ),
    "cls-hv2": (
        "[ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :v ] rdfs:subClassOf :A .",
        ":a :p :v . :b :p :w .",
        ":a a :A .",
    ),
    "cls-hv2 of a subproperty": (
        "[ owl:onProperty :p ; owl:hasValue 3 ] rdfs:subClassOf :A . :q rdfs:subPropertyOf :p .",
        ":a :q 3 .",
        ":a :p 3 ; a :A .",
    ),
    "cls-svf1": (
        "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :A .",
        ":a :p :b . :b a :B . :c :p :d .",
        ":a a :A .",
    ),
    "cls-svf2": (
        "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A .",
        ":a :p :b .",
        ":a a :A .",
    ),
    "cls-avf": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] .",
        ":a a :A ; :p :b . :c :p :d .",
        ":b a :B .",
    ),
    "cls-int": (
        ":A owl:equivalentClass [ owl:intersectionOf ( :B :C ) ] .",
        ":a a :B, :C . :b a :A . :c a :B .",
        ":a a :A . :b a :B, :C .",
    ),
    "cls-int of a named class": (":A owl:intersectionOf ( :B :C ) .", ":a a :A .", ":a a :B, :C ."),
    "cls-uni": ("[ owl:unionOf ( :B :C ) ] rdfs:subClassOf :A .", ":a a :C .", ":a a :A ."),
    "cls-oo": ("[ owl:oneOf ( :a :b ) ] rdfs:subClassOf :A .", "", ":a a :A . :b a :A ."),
    "cls-svf1 of a list": (
        "[ owl:onProperty :p ; owl:someValuesFrom [ owl:oneOf ( :b :c ) ] ] rdfs:subClassOf :A .",
        ":a :p :c . :d :p :e .",
        ":a a :A .",
    ),
    "nested": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom "
        "[ owl:onProperty :q ; owl:hasValue :v ] ] .",
        ":a a :A ; :p :b .",
        ":b :q :v .",
    ),
    "a fact sets off others": (
        "[ owl:oneOf ( :a ) ] rdfs:subClassOf :A . :A rdfs:subClassOf :B .",
        "",
        ":a a :A, :B .",
    ),
    "a join sets off others": (
        ":p owl:propertyChainAxiom ( :q :r ) . :p owl:inverseOf :s . :t owl:propertyChainAxiom "
        "( :s :q ) .",
        ":a :q :b . :b :r :c .",
        ":a :p :c . :c :s :a ; :t :b .",
    ),
}


@pytest.mark.parametrize("name", ENTAILED)
def test_rule_infers_what_owl_says(name: str) -> None:
    ontology, data, expected = ENTAILED[name]
    rules = compile_rules(triples(ontology))
    store = store_of(triples(ontology), triples(data))

    count = infer(store, rules)

    assert expect(expected) == inferred(store)
    assert count == len(inferred(store))
    assert store.graphs() == ["https://w3id.org/peelgraph/graph/inferred"]


def test_inferred_repeats_no_asserted_triple() -> None:
    ontology = triples(":A rdfs:subClassOf :B . :p a owl:TransitiveProperty .")
    store = store_of(triples(":a a :A, :B . :a :p :b, :c . :b :p :c ."))

    assert infer(store, compile_rules(ontology)) == 0


def test_a_rule_starts_from_its_body_alone() -> None:
    ontology = triples(":A rdfs:subClassOf :B .")
    rule, *more = compile_rules(ontology).rules

    assert not more
    assert (rule.name, rule.axiom) == (
        "cax-sco",
        "<http://example.org/A> SubClassOf <http://example.org/B>",
    )


def test_a_derived_axiom_tells_what_it_follows_from() -> None:
    ontology = triples(
        ":A a owl:Class ; rdfs:subClassOf :B . :B a owl:Class ; rdfs:subClassOf :C . "
        ":C a owl:Class ."
    )
    derived = [rule for rule in compile_rules(ontology).rules if rule.because]

    assert [rule.axiom for rule in derived] == [
        "<http://example.org/A> SubClassOf <http://example.org/C>"
    ]
    assert len(derived[0].because) == 2


def test_reading_of_literals_is_what_it_was_once_rules_are_compiled() -> None:
    """owlrl has readers of its own, by which these are no month and no year and month."""
    compile_rules(b"<urn:A> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:B> .\n")
    texts = {XSD.gMonth: "--12", XSD.gYearMonth: "2015-12Z", XSD.gDay: "---31"}

    assert [None] * 3 == [Literal(text, datatype=kind).ill_typed for kind, text in texts.items()]
