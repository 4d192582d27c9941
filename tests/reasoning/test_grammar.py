"""What OWL 2 RL has no rule for is refused, with its term named."""

import pytest

from peelgraph.errors import OntologyOutsideRL
from peelgraph.reasoning import compile_rules
from tests.reasoning.reasoning_worlds import triples

REFUSED = {
    "some on the right": (
        "peel:Unit rdfs:subClassOf "
        "[ owl:onProperty peel:partOf ; owl:someValuesFrom peel:Force ] .",
        ["peel:Unit SubClassOf peel:partOf some peel:Force", "cannot stand on the right"],
    ),
    "union on the right": (
        "peel:Unit rdfs:subClassOf [ owl:unionOf ( peel:A peel:B ) ] .",
        ["peel:Unit SubClassOf peel:A or peel:B"],
    ),
    "equivalent to some": (
        "peel:Unit owl:equivalentClass [ owl:onProperty peel:p ; owl:someValuesFrom peel:A ] .",
        ["peel:Unit EquivalentTo peel:p some peel:A"],
    ),
    "only on the left": (
        "[ owl:onProperty peel:p ; owl:allValuesFrom peel:A ] rdfs:subClassOf peel:Unit .",
        ["peel:p only peel:A", "cannot stand on the left"],
    ),
    "minimum": (
        "peel:Unit rdfs:subClassOf [ owl:onProperty peel:partOf ; owl:minCardinality 1 ] .",
        ["owl:minCardinality", "peel:partOf"],
    ),
    "exact number": (
        "peel:Unit rdfs:subClassOf [ owl:onProperty peel:partOf ; owl:cardinality 1 ] .",
        ["owl:cardinality", "peel:partOf"],
    ),
    "maximum of two": (
        "peel:Unit rdfs:subClassOf [ owl:onProperty peel:partOf ; owl:maxCardinality 2 ] .",
        ["a maximum of 2", "peel:partOf max 2"],
    ),
    "disjoint union": (
        "peel:Unit owl:disjointUnionOf ( peel:A peel:B ) .",
        ["owl:disjointUnionOf", "peel:Unit"],
    ),
    "self": (
        "peel:Unit rdfs:subClassOf [ owl:onProperty peel:partOf ; owl:hasSelf true ] .",
        ["owl:hasSelf", "peel:partOf"],
    ),
    "reflexive": ("peel:p a owl:ReflexiveProperty .", ["owl:ReflexiveProperty", "peel:p"]),
    "everything": ("owl:Thing rdfs:subClassOf peel:Unit .", ["owl:Thing cannot be a subclass"]),
    "top property": (
        "peel:p rdfs:subPropertyOf owl:topObjectProperty .",
        ["owl:topObjectProperty"],
    ),
    "complement, both ways": (
        "peel:Unit owl:complementOf peel:Force .",
        ["peel:Unit EquivalentTo not peel:Force"],
    ),
    "literals listed": (
        '[ owl:onProperty peel:p ; owl:someValuesFrom [ owl:oneOf ( "a" ) ] ] '
        "rdfs:subClassOf peel:Unit .",
        ["a list of literals"],
    ),
    "a list without an end": ("peel:p owl:propertyChainAxiom peel:q .", ["list", "broken"]),
    "misspelt": ("peel:p owl:inversOf peel:q .", ["owl:inversOf", "peel:p"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_axiom_outside_rl_is_refused_by_name(name: str) -> None:
    ontology, told = REFUSED[name]

    with pytest.raises(OntologyOutsideRL) as refused:
        compile_rules(triples(ontology))

    assert [] == [part for part in told if part not in refused.value.message]
    assert "http://www.w3.org" not in str(refused.value)


def test_annotations_and_versions_need_no_rule() -> None:
    ontology = triples(
        ":o a owl:Ontology ; owl:versionIRI :1 ; owl:imports :p . "
        ":A a owl:Class ; owl:deprecated true ; rdfs:label 'a' ; skos:definition 'A' ."
    )

    assert compile_rules(ontology).rules == ()
