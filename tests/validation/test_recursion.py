"""Shapes that refer to shapes are judged as pySHACL judges them, deep and in circles, and end."""

import io
import logging
import warnings

import pyshacl
import pytest
from rdflib import SH, Graph
from rdflib.term import Node

from peelgraph.errors import ShapesBroken
from peelgraph.sources import Source
from peelgraph.validation import Report, validate
from peelgraph.validation.recursion import MAX_DEPTH, MAX_WAYS
from peelgraph.validation.shapes import load_shapes
from tests.validation.world import PREFIXES, source

HEAD = PREFIXES.count("\n")
NEXT = "psh:S a sh:NodeShape ; sh:targetNode judgment:n0 ;\n    {}\n    {} .\n"
LABELLED = "sh:property [ sh:path rdfs:label ; sh:minCount 1 ]"
RINGS = [
    NEXT.format("sh:property [ sh:path peel:next ; sh:node psh:S ] ;", LABELLED),
    NEXT.format("sh:node psh:S ;", LABELLED),
    NEXT.format("sh:not [ sh:property [ sh:path peel:next ; sh:node psh:S ] ] ;", LABELLED),
    NEXT.format("sh:or ( [ sh:not psh:S ] [ sh:node psh:T ] ) ;", LABELLED)
    + f"psh:T sh:property [ sh:path peel:next ; sh:node psh:S ] ; {LABELLED} .\n",
    NEXT.format(
        "sh:property [ sh:path peel:next ;"
        " sh:qualifiedMinCount 1 ; sh:qualifiedValueShape psh:S ] ;",
        LABELLED,
    ),
]


def read(text: str) -> Source:
    return source(text, "own.ttl", "shapes")


def ours(data: str, shapes: str) -> Report:
    return validate([source(data)], [read(shapes)])


def theirs(data: str, shapes: str, depth: int = 15) -> set[tuple[str, str]]:
    graphs = (
        Graph().parse(io.StringIO(PREFIXES + text), format="turtle") for text in (data, shapes)
    )
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, report, _ = pyshacl.validate(
            next(graphs), shacl_graph=next(graphs), max_validation_depth=depth
        )
    assert isinstance(report, Graph)
    top = report.objects(None, SH.result)
    return {(_text(report, node, SH.focusNode), _component(report, node)) for node in top}


def _text(report: Graph, node: Node, predicate: Node) -> str:
    value = report.value(node, predicate)
    return value.n3() if value is not None else ""


def _component(report: Graph, node: Node) -> str:
    return _text(report, node, SH.sourceConstraintComponent).strip("<>")


def chain(length: int, step: str = "sh:node") -> str:
    """Shapes each inside another, the last of which nothing fits."""
    inner = "".join(
        f"psh:S{n} a sh:NodeShape ; {step} {'( ' * (step == 'sh:and')}psh:S{n + 1}"
        f"{' )' * (step == 'sh:and')} .\n"
        for n in range(length - 1)
    )
    return f"psh:S0 sh:targetClass peel:Judgment .\n{inner}psh:S{length - 1} sh:class peel:None .\n"


def line(wrong: int) -> str:
    """Ten things in a row, all but one with a label, the last of which leads to the first."""
    return "".join(
        f"judgment:n{n} peel:next judgment:n{(n + 1) % 10} ; peel:count {n} .\n"
        + (f'judgment:n{n} rdfs:label "Heddlu"@cy .\n' if n != wrong else "")
        for n in range(10)
    )


@pytest.mark.parametrize("wrong", [0, 1, 2, 5, 10])
@pytest.mark.parametrize("shapes", RINGS)
def test_shapes_in_circles_are_judged_as_pyshacl_does(shapes: str, wrong: int) -> None:
    report = ours(line(wrong), shapes)

    assert theirs(line(wrong), shapes) == {(r.focus, r.component) for r in report.results}
    (remark,) = report.remarks
    assert "refers to itself" in remark.message
    assert "SHACL does not define that" in remark.message
    assert (HEAD + 1, "own.ttl") == (remark.position.line, str(remark.file))


@pytest.mark.parametrize("length", [15, 16, 40, MAX_DEPTH])
@pytest.mark.parametrize("step", ["sh:node", "sh:not", "sh:and"])
def test_chains_are_judged_however_the_shapes_are_named(length: int, step: str) -> None:
    data = "judgment:a a peel:Judgment ."
    report = ours(data, chain(length, step))

    expected = theirs(data, chain(length, step), MAX_DEPTH)
    assert expected == {(r.focus, r.component) for r in report.results}
    assert () == report.remarks


@pytest.mark.parametrize("length", [MAX_DEPTH + 1, 5000])
@pytest.mark.parametrize("data", ["judgment:a a peel:Judgment .", "judgment:a a peel:Grade ."])
def test_a_longer_chain_is_refused_whatever_the_data(length: int, data: str) -> None:
    with pytest.raises(ShapesBroken, match=f"psh:S0: {length} shapes stand inside one another"):
        ours(data, chain(length))


def test_a_long_ring_ends_as_a_long_chain_does() -> None:
    def ring(length: int) -> str:
        return "psh:S0 sh:targetNode judgment:a .\n" + "".join(
            f"psh:S{n} sh:property [ sh:path peel:next ; sh:node psh:S{(n + 1) % length} ] .\n"
            for n in range(length)
        )

    data = "judgment:a peel:next judgment:a ."

    assert ours(data, ring(40)).conforms
    with pytest.raises(ShapesBroken, match="120 shapes stand inside one another"):
        ours(data, ring(60))


def test_shapes_with_too_many_ways_between_them_are_refused() -> None:
    entangled = "".join(
        f"psh:S{n} sh:node " + " , ".join(f"psh:S{m}" for m in range(5) if m != n) + " .\n"
        for n in range(5)
    )
    doubled = "".join(
        f"psh:S{n} sh:node psh:S{n + 1} ; sh:and ( psh:S{n + 1} psh:S{n + 1} ) .\n"
        for n in range(60)
    )
    for shapes in (entangled, f"{doubled}psh:S60 sh:class peel:None .\n"):
        with pytest.raises(ShapesBroken, match=rf"own\.ttl:\d+:.*more than {MAX_WAYS:,} ways"):
            load_shapes([read(f"psh:S0 sh:targetClass peel:Judgment .\n{shapes}")])


def test_shapes_that_many_name_are_not_many_ways() -> None:
    """As deep as pySHACL goes by itself nothing is counted, and no query grows beyond bounds."""
    shapes = "psh:S0 sh:targetClass peel:Judgment .\n" + "".join(
        f"psh:S{n} sh:property [ sh:path peel:next ; sh:node psh:S{n + 1} ] ,\n"
        f"    [ sh:path peel:gives ; sh:node psh:S{n + 1} ] .\n"
        for n in range(6)
    )
    text = f"{shapes}psh:S6 sh:class peel:Grade ."

    assert ours("judgment:a a peel:Judgment ; peel:next judgment:b .", text).conforms
