"""What pySHACL says of a store: its results as values, and as the report it gives."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.errors import ShapesBroken
from peelgraph.sources import Source
from peelgraph.validation.model import Severity, ShapeResult
from peelgraph.validation.rdflib_store import to_oxigraph
from peelgraph.validation.recursion import MAX_DEPTH
from peelgraph.validation.shapes import copy_graph, find_place, inherit_prefixes, name_shape

_TOO_DEEP = "Validation path too deep"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One result with the nodes of the report that state it."""

    result: ShapeResult
    node: Node
    shape: Node
    focus: Node


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All results of one run, and the report graph that pySHACL made of them."""

    items: tuple[Verdict, ...]
    graph: Graph


def run_pyshacl(data: Graph, shapes: Graph, sources: Sequence[Source]) -> Verdicts:
    """What pySHACL finds in `data`, without inference.

    Errors: ShapesBroken, with the place in `sources` where the message names a shape.
    """
    # What breaks no shape never comes here; pySHACL takes a tenth of a second to import.
    import pyshacl  # noqa: PLC0415
    from pyshacl.errors import ReportableRuntimeError  # noqa: PLC0415

    from peelgraph.validation.join_order import bound_first  # noqa: PLC0415
    from peelgraph.validation.regex_in_pyshacl import engine_regex  # noqa: PLC0415

    with quiet(), engine_regex(), bound_first():
        try:
            _, report, _ = pyshacl.validate(
                data,
                shacl_graph=inherit_prefixes(copy_graph(shapes)),
                inference="none",
                inplace=True,
                advanced=False,
                do_owl_imports=False,
                max_validation_depth=MAX_DEPTH,
            )
        except (ReportableRuntimeError, NotImplementedError) as error:
            raise _broken(str(error), shapes, sources) from error
    if isinstance(report, ReportableRuntimeError):
        raise _broken(str(report), shapes, sources) from report
    return Verdicts(tuple(_read(report, shapes)), report)


def _read(report: Graph, shapes: Graph) -> Iterator[Verdict]:
    owner = report.value(None, RDF.type, SH.ValidationReport)
    for node in report.objects(owner, SH.result):
        shape = report.value(node, SH.sourceShape)
        focus = report.value(node, SH.focusNode)
        if shape is None or focus is None:
            raise ShapesBroken(f"a result without shape or focus: {node.n3()}")
        path = report.value(node, SH.resultPath)
        value = report.value(node, SH.value)
        result = ShapeResult(
            severity=Severity.named(str(report.value(node, SH.resultSeverity))),
            shape=name_shape(shapes, shape),
            focus=str(to_oxigraph(focus)),
            path=write_path(report, path) if path is not None else "",
            value=str(to_oxigraph(value)) if value is not None else "",
            message=_message(list(report.objects(node, SH.resultMessage))),
            component=str(report.value(node, SH.sourceConstraintComponent)),
            node=str(to_oxigraph(node)),
        )
        yield Verdict(result, node, shape, focus)


def _message(messages: Sequence[Node]) -> str:
    """The English message, else one without language, else any."""
    literals = sorted((m for m in messages if isinstance(m, Literal)), key=str)
    for wanted in ("en", None):
        for literal in literals:
            if literal.language == wanted:
                return str(literal)
    return str(literals[0]) if literals else ""


def write_path(graph: Graph, path: Node) -> str:
    """A path as SPARQL writes it."""
    if isinstance(path, URIRef):
        return path.n3()
    if (path, RDF.first, None) in graph:
        return "/".join(write_path(graph, item) for item in graph.items(path))
    for predicate, form in (
        (SH.inversePath, "^{}"),
        (SH.zeroOrMorePath, "({})*"),
        (SH.oneOrMorePath, "({})+"),
        (SH.zeroOrOnePath, "({})?"),
    ):
        inner = graph.value(path, predicate)
        if inner is not None:
            return form.format(write_path(graph, inner))
    choices = graph.value(path, SH.alternativePath)
    if choices is not None:
        return "(" + "|".join(write_path(graph, item) for item in graph.items(choices)) + ")"
    return path.n3()


def report_lines(verdicts: Verdicts) -> bytes:
    """What the report says of its results, as N-Triples; the head is left to the renderer."""
    triples = [
        ox.Triple(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o))  # type: ignore[arg-type]
        for s, p, o in _list_tree(verdicts)
    ]
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _list_tree(verdicts: Verdicts) -> Iterator[tuple[Node, Node, Node]]:
    """What the report says of each result, and of the blank nodes that it leads to."""
    waiting: list[Node] = [verdict.node for verdict in verdicts.items]
    seen = set(waiting)
    while waiting:
        for triple in verdicts.graph.triples((waiting.pop(), None, None)):
            yield triple
            if isinstance(triple[2], BNode) and triple[2] not in seen:
                seen.add(triple[2])
                waiting.append(triple[2])


def _broken(message: str, shapes: Graph, sources: Sequence[Source]) -> ShapesBroken:
    """The failure, at the place of the shape that its message names."""
    lines = [line for line in message.splitlines() if line.strip()]
    if lines and lines[0].startswith(_TOO_DEEP):
        # Of a ring of shapes nobody knows before how often the data lead through it.
        lines[0] = (
            f"these data lead through more than {MAX_DEPTH} shapes inside one another, which refer "
            "to each other in circles: refer to fewer, or give inner ones targets"
        )
    for subject in sorted(set(shapes.subjects()), key=lambda node: -len(str(node))):
        if str(subject) in message:
            where, position = find_place(sources, subject, None, None)
            if where:
                return ShapesBroken(f"{where}{lines[0]}", position=position)
    return ShapesBroken(lines[0] if lines else "pySHACL gives no reason")


@contextmanager
def quiet() -> Iterator[None]:
    """rdflib logs a traceback for every ill-typed literal, and pySHACL warns of each round through
    a recursive shape; the first are results of ours, the second a remark."""
    from pyshacl.errors import ShapeRecursionWarning  # noqa: PLC0415

    logger = logging.getLogger("rdflib.term")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ShapeRecursionWarning)
            yield
    finally:
        logger.setLevel(before)


LABELS = (
    RDFS.label,
    URIRef("http://www.w3.org/2004/02/skos/core#prefLabel"),
    URIRef("http://purl.org/dc/terms/title"),
)


def find_label(store: ox.Store, term: str) -> str:
    """The English label of a thing given in N3, else any; "" when it has none."""
    if not term.startswith("<"):
        return ""
    node = ox.NamedNode(term[1:-1])
    for predicate in LABELS:
        found = [
            quad.object
            for quad in store.quads_for_pattern(node, ox.NamedNode(str(predicate)), None)
            if isinstance(quad.object, ox.Literal)
        ]
        found.sort(key=lambda literal: (literal.language != "en", literal.value))
        if found:
            return found[0].value
    return ""
