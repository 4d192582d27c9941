"""Literals are judged as the data spell them, at a cost that grows with their number alone."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox
import pytest
from rdflib import Graph

from peelgraph.sources import Source, parse
from peelgraph.validation import Report, Validator, render, validate
from peelgraph.validation.candidates import has_targets, narrow
from peelgraph.validation.literal_forms import LiteralForms
from peelgraph.validation.rdflib_store import as_graph, to_rdflib
from peelgraph.validation.shapes import load_shapes

PREFIXES = """\
@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
KINDS = {
    "integer": "{}",
    "decimal": '"{}.50"^^xsd:decimal',
    "int": '"{}"^^xsd:int',
    "dateTime": '"2{:03}-01-01T00:00:00+00:00"^^xsd:dateTime',
    "ill-typed": '"{}.13.2020"^^xsd:date',
    "tagged": '"{}"@en-GB',
}


def read(text: str, name: str = "data.ttl") -> Source:
    return parse((PREFIXES + text).encode(), "ttl", "urn:g", Path(name))


def shape(*constraints: str) -> Source:
    asked = " ".join(f"sh:property [ sh:path ex:size ; {each} ] ;" for each in constraints)
    return read(f"ex:S a sh:NodeShape ; sh:targetClass ex:File ; {asked} .", "shapes.ttl")


def files(number: int, kind: str) -> Source:
    stated = [f"ex:f{n} a ex:File ; ex:size {KINDS[kind].format(n)} ." for n in range(number)]
    return read("\n".join(stated))


def one_file(number: int, kind: str) -> Source:
    sizes = " , ".join(KINDS[kind].format(n) for n in range(number))
    return read(f"ex:f a ex:File ; ex:size {sizes} .")


def stored(data: Source) -> ox.Store:
    store = ox.Store()
    store.extend(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for triple in ox.parse(data.triples, ox.RdfFormat.N_TRIPLES)
    )
    return store


def found(data: str, *constraints: str) -> list[str]:
    return [result.value for result in validate([read(data)], [shape(*constraints)]).results]


class Recording:
    """A store that remembers what it is asked."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.texts: list[str] = []

    def query(self, text: str, **given: Any) -> Any:
        self.texts.append(text)
        return self._store.query(text, **given)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def count_calls(work: Callable[[], object]) -> int:
    """How many functions and generators Python enters for some work."""
    number = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal number
        number += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_is_asked_the_same_of_ten_literals_and_of_a_hundred(kind: str) -> None:
    shapes = load_shapes([shape("sh:datatype xsd:string", "sh:in ( 1 )", "sh:hasValue 1")])
    asked = []
    for number in (10, 100):
        data = files(number, kind)
        store = Recording(stored(data))
        narrow(cast("ox.Store", store), shapes, lambda _: True, LiteralForms(stored(data), [data]))
        asked.append(store.texts)

    assert asked[0]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("kind", ["decimal", "int", "dateTime"])
def test_what_keeps_the_shapes_in_its_own_spelling_needs_no_second_look(kind: str) -> None:
    data = files(20, kind)
    constraints = [
        f"sh:datatype xsd:{kind} ; sh:maxCount 1",
        r'sh:pattern "^[-0-9T:.+]+$" ; sh:maxLength 32 ; sh:nodeKind sh:Literal',
    ]
    spellings = LiteralForms(stored(data), [data])

    shapes = load_shapes([shape(*constraints)])
    assert not has_targets(narrow(stored(data), shapes, lambda _: True, spellings))
    assert validate([data], [shape(*constraints)]).conforms


@pytest.mark.parametrize("kind", ["decimal", "ill-typed"])
@pytest.mark.parametrize("make", [files, one_file])
def test_twice_as_many_literals_take_twice_the_work(
    kind: str, make: Callable[[int, str], Source]
) -> None:
    validator = Validator([shape("sh:nodeKind sh:IRI")])

    def judge(data: Source) -> Report:
        report = validator.validate([data])
        render(report, "text")
        return report

    judge(make(2, kind))  # what is imported and compiled once
    once, twice = make(100, kind), make(200, kind)

    assert 200 == len(judge(twice).results)
    assert count_calls(lambda: judge(twice)) < 2.5 * count_calls(lambda: judge(once))


def test_a_graph_of_the_store_has_the_terms_of_the_data() -> None:
    text = (
        'ex:a ex:size 1 , "01"^^xsd:integer , "1.0"^^xsd:decimal , "1"^^xsd:int ; ex:of 1 .'
        'ex:b ex:size "x"^^xsd:int , "1"^^xsd:boolean , true , "1" , "1"@en .'
    )
    data = read(text)
    store = stored(data)
    graph = as_graph(store, LiteralForms(store, [data]))
    own = Graph(bind_namespaces="none")
    for triple in ox.parse(data.triples, ox.RdfFormat.N_TRIPLES):
        subject, predicate, value = map(
            to_rdflib, (triple.subject, triple.predicate, triple.object)
        )
        own.add((subject, predicate, value))

    assert set(own) == set(graph)
    assert all(
        set(own.triples((s, p, None))) == set(graph.triples((s, p, None))) for s, p, _ in own
    )
    assert all(triple in graph for triple in own)
    assert not any(
        (s, p, value) in graph
        for s, p, _ in own
        for value in own.objects()
        if (s, p, value) not in own
    )


def test_two_spellings_of_a_value_are_two_values_to_a_count() -> None:
    data = 'ex:f a ex:File ; ex:size "1.0"^^xsd:decimal , "1.00"^^xsd:decimal .'

    assert [""] == found(data, "sh:maxCount 1")
    assert [] == found(data, "sh:minCount 2")


@pytest.mark.parametrize(
    ("value", "constraint"),
    [
        ('"5"^^xsd:int', "sh:hasValue 5"),
        ("5", 'sh:hasValue "5"^^xsd:int'),
        ('"05"^^xsd:integer', "sh:in ( 5 )"),
        ("5", 'sh:in ( "05"^^xsd:integer )'),
        ('"5"^^xsd:int', "sh:not [ sh:datatype xsd:int ]"),
        ('"005"^^xsd:integer', "sh:maxLength 2"),
        ('"5.0"^^xsd:decimal', 'sh:pattern "^5$"'),
        ('"300"^^xsd:byte', "sh:datatype xsd:byte"),
        (
            '"5"^^xsd:int',
            'sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value '
            'FILTER(DATATYPE(?value) = <http://www.w3.org/2001/XMLSchema#int>) }" ]',
        ),
    ],
)
def test_a_spelling_is_not_taken_for_another(value: str, constraint: str) -> None:
    assert 1 == len(found(f"ex:f a ex:File ; ex:size {value} .", constraint))


def test_only_the_targeted_spelling_of_a_value_is_judged() -> None:
    shapes = read(
        "ex:S a sh:NodeShape ; sh:targetObjectsOf ex:size ; sh:datatype xsd:int .\n"
        'ex:T a sh:NodeShape ; sh:targetNode "7"^^xsd:int ; sh:datatype xsd:int .'
    )
    data = read('ex:f ex:size "5"^^xsd:int . ex:g ex:of 5 ; ex:of 7 .')

    assert validate([data], [shapes]).conforms


def test_an_ill_typed_literal_is_no_less_so_after_inference() -> None:
    text = 'ex:f a ex:File ; ex:size "x"^^xsd:integer .'
    report = validate([read(text)], [shape("sh:datatype xsd:integer")], infer=lambda _: b"")

    assert 1 == len(report.results)
    assert () == report.hidden


def test_ill_typed_literals_are_told_in_the_report_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        validate([files(3, "ill-typed")], [shape("sh:minInclusive 0")])

    assert not caplog.records


@pytest.mark.parametrize(
    ("datatype", "ill_typed", "well_typed"),
    [
        ("gYear", "x", "2015"),
        ("gYearMonth", "2015-13", "2015-12Z"),
        ("gMonth", "12", "--12"),
        ("gDay", "---32", "---31"),
        ("gMonthDay", "--1-1", "--01-01"),
        ("date", "20150601", "2015-06-01"),
    ],
)
def test_a_text_that_rdflib_takes_is_still_none_of_the_datatype(
    datatype: str, ill_typed: str, well_typed: str
) -> None:
    for text, wrong in ((ill_typed, 1), (well_typed, 0)):
        data = f'ex:f a ex:File ; ex:size "{text}"^^xsd:{datatype} .'
        assert wrong == len(found(data, f"sh:datatype xsd:{datatype}"))
