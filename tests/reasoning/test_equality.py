"""Our inferred triples equal owlrl's, but for the list of exclusions."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peelgraph.reasoning import compile_rules, entail, find_contradictions, infer
from tests.reasoning.oracle import close
from tests.reasoning.reasoning_worlds import inferred, lines, store_of, triples
from tests.under_test import examples

CLASSES = [f":{name}" for name in "ABC"]
PROPERTIES = [f":{name}" for name in "pqr"]
NOTES = [":n", ":m"]  # of literals: inverses of these would be of literal subjects
INDIVIDUALS = [f":{name}" for name in "abcd"]

classes = st.sampled_from(CLASSES)
properties = st.sampled_from(PROPERTIES)
individuals = st.sampled_from(INDIVIDUALS)
notes = st.sampled_from(NOTES)
literals = st.sampled_from(['"l"', '"l"@cy', "3", '"2015-10-15"^^xsd:date'])


def some(role: str, filler: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {role} ; owl:someValuesFrom {filler} ]"


def only(role: str, filler: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {role} ; owl:allValuesFrom {filler} ]"


def has(role: str, value: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {role} ; owl:hasValue {value} ]"


def most(role: str, number: int) -> str:
    return (
        f"[ a owl:Restriction ; owl:onProperty {role} ; "
        f'owl:maxCardinality "{number}"^^xsd:nonNegativeInteger ]'
    )


def both(word: str, one: str, other: str) -> str:
    return f"[ a owl:Class ; owl:{word} ( {one} {other} ) ]"


def members(word: str, parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(both, st.just(word), parts, parts)


given_value = st.builds(has, properties, individuals) | st.builds(has, notes, literals)
subclasses = st.recursive(
    classes | given_value | members("oneOf", individuals),
    lambda inner: (
        members("intersectionOf", inner)
        | members("unionOf", inner)
        | st.builds(some, properties, inner | st.just("owl:Thing"))
    ),
    max_leaves=4,
)
superclasses = st.recursive(
    classes | given_value | st.builds(most, properties | notes, st.sampled_from([0, 1])),
    lambda inner: members("intersectionOf", inner) | st.builds(only, properties, inner),
    max_leaves=4,
)
definitions = classes | given_value | members("intersectionOf", classes)
characters = st.sampled_from(
    ["Symmetric", "Transitive", "Functional", "InverseFunctional", "Irreflexive", "Asymmetric"]
)

axioms = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, subclasses, superclasses),
    st.builds("{} owl:equivalentClass {} .".format, classes, definitions),
    st.builds("{} rdfs:subPropertyOf {} .".format, properties, properties),
    st.builds("{} rdfs:domain {} .".format, properties, superclasses),
    st.builds("{} rdfs:range {} .".format, properties, classes),
    st.builds("{} owl:inverseOf {} .".format, properties, properties),
    st.builds("{} owl:equivalentProperty {} .".format, properties, properties),
    st.builds("{} a owl:{}Property .".format, properties, characters),
    st.builds("{} owl:propertyChainAxiom ( {} {} ) .".format, properties, properties, properties),
    st.builds("{} owl:disjointWith {} .".format, classes, classes),
    st.builds("{} owl:propertyDisjointWith {} .".format, properties, properties),
    st.builds("{} rdfs:subPropertyOf {} .".format, notes, notes),
    st.builds("{} rdfs:domain {} .".format, notes, superclasses),
    st.builds("{} a owl:FunctionalProperty .".format, notes),
    st.builds("{} owl:propertyDisjointWith {} .".format, notes, notes),
)
facts = st.one_of(
    st.builds("{} a {} .".format, individuals, classes),
    st.builds("{} {} {} .".format, individuals, properties, individuals),
    st.builds("{} {} {} .".format, individuals, notes, literals),
)
DECLARED = " ".join(
    [f"{name} a owl:Class ." for name in CLASSES]
    + [f"{name} a owl:ObjectProperty ." for name in PROPERTIES]
    + [f"{name} a owl:DatatypeProperty ." for name in NOTES]
)


worlds = st.tuples(
    st.lists(axioms, min_size=2, max_size=6), st.lists(facts, min_size=6, max_size=12)
)


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds)
def test_a_few_generated_ontologies_infer_what_owlrl_infers(
    world: tuple[list[str], list[str]],
) -> None:
    check_as_owlrl(*world)


@pytest.mark.slow("owlrl on many generated ontologies")
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds)
def test_generated_ontologies_infer_what_owlrl_infers(world: tuple[list[str], list[str]]) -> None:
    check_as_owlrl(*world)


def check_as_owlrl(axioms: list[str], facts: list[str]) -> None:
    """Infer from these by our rules, in a store and in columns, and by owlrl, and compare."""
    ontology, data = triples("\n".join([DECLARED, *axioms])), triples("\n".join(facts))
    rules, store = compile_rules(ontology), store_of(ontology, data)

    infer(store, rules)
    clashes = find_contradictions(store, rules)
    expected, broken = close(ontology, data)

    assert broken == bool(clashes), [clash.message for clash in clashes]
    if not broken:
        assert expected == inferred(store)
        assert expected == lines(b"".join(entail(store.read(""), rules)))
