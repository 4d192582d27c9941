"""Validation as a whole: shapes, closed world and literals, with places and remedies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyoxigraph as ox
from rdflib import SH, Graph

from peelgraph.errors import ShapesBroken, SourceError
from peelgraph.sources import Source
from peelgraph.store import Store
from peelgraph.validation.advice import Advisor
from peelgraph.validation.context import bring_context
from peelgraph.validation.judging import Verdict, find_label, judge, report_lines
from peelgraph.validation.literals import check_literals
from peelgraph.validation.locating import Locator
from peelgraph.validation.model import Report, ShapeResult
from peelgraph.validation.shapes import list_shapes, load_shapes
from peelgraph.validation.vocabulary import check_vocabulary, collect_declared

_ORDER = {"Violation": 0, "Warning": 1, "Info": 2}


def validate(
    data: Sequence[Source],
    shapes: Sequence[Source],
    ontology: Sequence[Source] = (),
    context: Store | None = None,
) -> Report:
    """Every fault of `data`, judged before inference together with ontology and context.

    The ontology and what `context` holds are read, not judged: to judge ontology files too,
    give them in `data` as well. With no ontology the world is open, and only the shapes count.

    Errors: SourceError when there is nothing to judge; ShapesBroken when the shapes are
            ill-formed: a failure, never a report.
    """
    if not data:
        raise SourceError("data", "nothing to judge: a check over nothing proves nothing")
    if not shapes:
        raise ShapesBroken("no shapes: a check over nothing proves nothing")
    graph = load_shapes(shapes)
    surroundings = [source for source in ontology if source not in data]
    store = ox.Store()
    for source in surroundings:
        add(store, source)
    before = len(store)
    for source in data:
        add(store, source)
    described = frozenset[str]()
    if context is not None:
        described = bring_context(store, data, context)
    results, report = _judge_shapes(store, graph, data, surroundings, shapes)
    if ontology:
        declared = collect_declared(ontology)
        results += check_vocabulary([*data, *shapes], declared, described)
    results += check_literals(data)
    named = [_name(store, result) for result in results]
    return Report(
        results=tuple(sorted(named, key=_key)),
        shapes_count=len(list_shapes(graph)),
        files_count=len(data),
        triples_count=len(store) - before,
        graph=report,
    )


def add(store: ox.Store, source: Source) -> None:
    """Put a source into the unnamed graph, its blank nodes named as in the source."""
    store.extend(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)
    )


def _judge_shapes(
    store: ox.Store,
    graph: Graph,
    data: Sequence[Source],
    surroundings: Sequence[Source],
    shapes: Sequence[Source],
) -> tuple[list[ShapeResult], bytes]:
    verdicts = judge(store, graph, shapes)
    kept = [v for v in verdicts.items if _concerns(v, data, surroundings)]
    locator, advisor = Locator(data), Advisor(store, graph)
    results = []
    for verdict in kept:
        value = verdicts.graph.value(verdict.node, SH.value)
        hinted = replace(verdict.result, hint=advisor.advise(verdict, value))
        results.append(locator.locate(hinted))
    lines = report_lines(verdicts, kept).serialize(format="nt", encoding="utf-8")
    return results, lines


def _concerns(verdict: Verdict, data: Sequence[Source], surroundings: Sequence[Source]) -> bool:
    """Whether a result is about the data; what only the surroundings describe is not judged."""
    head = f"{verdict.result.focus} ".encode()
    if any(source.triples.startswith(head) or b"\n" + head in source.triples for source in data):
        return True
    return not any(
        source.triples.startswith(head) or b"\n" + head in source.triples for source in surroundings
    )


def _name(store: ox.Store, result: ShapeResult) -> ShapeResult:
    return result if result.label else replace(result, label=find_label(store, result.focus))


def _key(result: ShapeResult) -> tuple[object, ...]:
    where = result.position
    return (
        _ORDER[result.severity.value],
        str(result.file or "~"),
        (where.line, where.column) if where else (0, 0),
        result.focus,
        result.shape,
        result.path,
        result.value,
    )
