"""What cannot hold together is found, with the triples that clash."""

import pytest

from peelgraph.reasoning import compile_rules, find_contradictions, infer
from tests.reasoning.reasoning_worlds import store_of, triples

CLASHES = {
    "cax-dw": (":A owl:disjointWith :B .", ":a a :A, :B .", 2),
    "cax-dw of inferred": (
        ":A owl:disjointWith :B . :C rdfs:subClassOf :B .",
        ":a a :A, :C .",
        2,
    ),
    "cax-adc": (
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .",
        ":a a :B, :C .",
        2,
    ),
    "prp-fp": (":p a owl:FunctionalProperty .", ":a :p :b, :c .", 2),
    "prp-fp of literals": (":p a owl:FunctionalProperty .", ':a :p "x"@en, "x"@cy .', 2),
    "prp-ifp": (":p a owl:InverseFunctionalProperty .", ":a :p :c . :b :p :c .", 2),
    "prp-key": (
        ":A owl:hasKey ( :p :q ) .",
        ":a a :A ; :p 1 ; :q 2 . :b a :A ; :p 1 ; :q 2 . :c a :A ; :p 1 ; :q 3 .",
        6,
    ),
    "prp-irp": (":p a owl:IrreflexiveProperty .", ":a :p :a .", 1),
    "prp-asyp": (":p a owl:AsymmetricProperty .", ":a :p :b . :b :p :a .", 2),
    "prp-pdw": (":p owl:propertyDisjointWith :q .", ":a :p :b ; :q :b .", 2),
    "prp-adp": (
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .",
        ":a :p 1 ; :r 1 .",
        2,
    ),
    "prp-npa1": (
        "",
        "[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b . "
        ":a :p :b .",
        4,
    ),
    "prp-npa2": (
        "",
        "[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue 'é' . :a :p 'é' .",
        4,
    ),
    "cls-nothing2": (":A rdfs:subClassOf owl:Nothing .", ":a a :A .", 1),
    "cls-com": (":A rdfs:subClassOf [ owl:complementOf :B ] .", ":a a :A, :B .", 2),
    "cls-maxc1": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 0 ] .",
        ":a a :A ; :p :b .",
        2,
    ),
    "cls-maxc2": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .",
        ":a a :A ; :p :b, :c .",
        3,
    ),
    "cls-maxqc3": (
        ":A rdfs:subClassOf "
        "[ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :B ] .",
        ":a a :A ; :p :b, :c, :d . :b a :B . :c a :B .",
        5,
    ),
    "eq-diff1": ("", ":a owl:sameAs :b .", 1),
    "prp-rng dt-not-type": (":p rdfs:range xsd:integer .", ':a :p "three" .', 1),
}

# What a message says in words: both sides, or both statements.
WORDED = {
    "cax-dw": ("cannot be both", "A", "B"),
    "cax-dw of inferred": ("cannot be both", "A", "B"),
    "cax-adc": ("cannot be both", "B", "C"),
    "prp-fp": ("two values of", "may have one", "b", "c"),
    "prp-fp of literals": ("two values of", '"x"@en', '"x"@cy'),
    "prp-ifp": ("both have", "only one thing can"),
    "prp-key": ("have the same", "1", "2", "only one"),
    "prp-irp": ("related to itself",),
    "prp-asyp": ("both ways",),
    "prp-pdw": ("for both", "exclude each other"),
    "prp-adp": ("for both", "exclude each other"),
    "prp-npa1": ("these statements exclude each other",),
    "prp-npa2": ("these statements exclude each other", "é"),
    "cls-nothing2": ("there can be none",),
    "cls-com": ("cannot be both",),
    "cls-maxc1": ("these statements exclude each other",),
    "cls-maxc2": ("these statements exclude each other",),
    "cls-maxqc3": ("these statements exclude each other",),
    "eq-diff1": ("one thing", "different ones"),
    "prp-rng dt-not-type": ("exclude each other", '"three"'),
}

FREE = {
    "functional, one value": (":p a owl:FunctionalProperty .", ":a :p 1, 01 . :b :p 1 ."),
    "key, one part differs": (
        ":A owl:hasKey ( :p :q ) .",
        ":a a :A ; :p 1 ; :q 2 . :b a :A ; :p 1 ; :q 3 . :c :p 1 ; :q 2 .",
    ),
    "same as itself": ("", ":a owl:sameAs :a ."),
    "decimal for integer": (":p rdfs:range xsd:integer .", ":a :p 3.0 ."),
    "one value of the class": (
        ":A rdfs:subClassOf "
        "[ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :B ] .",
        ":a a :A ; :p :b, :c . :b a :B .",
    ),
}


@pytest.mark.parametrize("name", CLASHES)
def test_clash_is_found_once_with_its_triples(name: str) -> None:
    ontology, data, size = CLASHES[name]
    rules, store = compile_rules(triples(ontology)), store_of(triples(data))
    infer(store, rules)

    found = find_contradictions(store, rules)

    assert [name.split(" of ", maxsplit=1)[0]] == [clash.rule for clash in found]
    assert size == len(found[0].triples)
    told = found[0].message
    assert name.split(" of ", maxsplit=1)[0].split(maxsplit=1)[0] not in told
    assert all(part in told for part in WORDED[name]), told


@pytest.mark.parametrize("name", FREE)
def test_what_may_hold_is_no_clash(name: str) -> None:
    ontology, data = FREE[name]
    rules, store = compile_rules(triples(ontology)), store_of(triples(data))
    infer(store, rules)

    assert find_contradictions(store, rules) == ()
