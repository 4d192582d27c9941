"""A build judges its sources together with the graphs that were loaded beside them."""

from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.reasoning import compile_rules
from peelgraph.repository import Home, Version
from peelgraph.repository.changes import Document, Gates, Order, Put
from peelgraph.repository.rebuild import rebuild
from peelgraph.repository.transaction import write
from peelgraph.sources import Source, parse
from peelgraph.validation import DataRefused, Report, accept

PREFIXES = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix : <urn:t#> .
"""
ONTOLOGY = ":Force a owl:Class . :Unit a owl:Class . :of a owl:ObjectProperty ."
SHAPES = """\
:Unit-shape a sh:NodeShape ; sh:targetClass :Unit ; sh:property :Unit-of .
:Unit-of a sh:PropertyShape ; sh:path :of ; sh:class :Force ; sh:maxCount 1 ;
    sh:message "A unit is of one force."@en .
"""
STRICTER = SHAPES.replace("sh:maxCount 1", "sh:minCount 1 ; sh:maxCount 1")
FORCES = ':gwent a :Force ; rdfs:label "Heddlu Gwent"@cy . :kent a :Force .'
UNIT = ":unit a :Unit ; :of :gwent ."
GRAPH = "urn:g:own"


def source(text: str, name: str) -> Source:
    return parse((PREFIXES + text).encode(), "ttl", terms.mint_graph(name), Path(f"{name}.ttl"))


def build(
    home: Home, forces: str = FORCES, shapes: str = SHAPES, gates: str = "enforce"
) -> Version:
    sources = source(ONTOLOGY, "ontology"), source(shapes, "shapes"), source(forces, "forces")
    rules = compile_rules(sources[0].triples)
    return rebuild(home, accept(sources, Report(())), rules, gates=Gates.read((gates,)))


def load(home: Home, text: str, gate: str = "enforce") -> None:
    document = Document((PREFIXES + text).encode(), "ttl", "own.ttl")
    write(home, Order(Put(GRAPH, (document,)), gates=Gates.read((gate,))))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    build(home)
    load(home, UNIT)
    return home


def test_what_still_holds_stands_beside_new_sources(home: Home) -> None:
    version = build(home, FORCES + " :essex a :Force .")

    assert (3, 0) == (version.number, version.faults)
    assert GRAPH in version.graphs


# What the sources become, and where the fault shows.
BREAKING = {
    "a force is gone": (":kent a :Force .", SHAPES, f"<{GRAPH}>"),
    "a shape asks more": (FORCES, STRICTER.replace(":of ;", ":has ;"), f"<{GRAPH}>"),
    "both say it": (FORCES + " :unit :of :kent .", SHAPES, "forces.ttl:5:"),
}


@pytest.mark.parametrize("case", BREAKING)
def test_what_does_not_hold_any_more_refuses_the_build(case: str, home: Home) -> None:
    forces, shapes, place = BREAKING[case]

    with pytest.raises(DataRefused) as caught:
        build(home, forces, shapes)

    assert 2 == home.current().number
    assert caught.value.report.results[0].place.startswith(place)
    assert "peelgraph withdraw" in str(caught.value)


@pytest.mark.parametrize("gate", ["warn", "report", f"{GRAPH}=warn"])
def test_a_gate_lets_it_stand_and_counts_it(gate: str, home: Home) -> None:
    version = build(home, ":kent a :Force .", gates=gate)

    assert (3, 1) == (version.number, version.faults)


def test_nobody_looks_behind_an_open_gate(home: Home) -> None:
    assert 0 == build(home, ":kent a :Force .", gates=f"{GRAPH}=off").faults


def test_what_was_broken_before_stops_no_build(home: Home) -> None:
    load(home, ":other a :Unit ; :of :gwent , :kent .", gate="warn")

    assert 4 == build(home, FORCES + " :essex a :Force .").number
    with pytest.raises(DataRefused) as caught:
        build(home, ":kent a :Force .")
    assert {"<urn:t#unit>", "<urn:t#other>"} == {r.focus for r in caught.value.report.results}
    assert not any("MaxCount" in r.component for r in caught.value.report.results)


def test_shapes_that_were_published_ill_formed_stop_no_build(tmp_path: Path) -> None:
    home = Home(tmp_path)
    build(home, shapes=SHAPES.replace("sh:maxCount 1", "sh:maxCount 1 , 2"))
    load(home, UNIT, gate="off")

    with pytest.raises(DataRefused):
        build(home, ":kent a :Force .")
    assert 3 == build(home).number
