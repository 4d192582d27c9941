"""Published things that the new data do not describe, and yet may bring into conflict.

A new share moves the total of a published measure; a new part may be one too many for the whole
that it names. Only shapes that look beyond the statements of a thing itself can be broken so, and
only by what the new statements lead to. Such things are judged before and after; what is found
after alone, the new data caused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox
from rdflib import SH, Graph
from rdflib.term import Node

from peelgraph.sources import Source
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store
from peelgraph.validation.candidates import Narrower, find_targeted, has_targets
from peelgraph.validation.model import ShapeResult
from peelgraph.validation.pyshacl_runner import run_pyshacl, write_path
from peelgraph.validation.rdflib_store import as_graph, to_oxigraph
from peelgraph.validation.shapes import copy_graph, find_prefixes
from peelgraph.validation.shapes_graph import TARGETS
from peelgraph.validation.sparql_constraints import NotCompiled, find_patterns, plain_body

_STEPS = 2  # an observation names its share, and the share its total
_BATCH = 200


class AffectedNodes:
    """The published things that some new data lead to, and the shapes that these may break."""

    def __init__(self, shapes: Graph, sources: Sequence[Source]) -> None:
        self._shapes = reaching(shapes)
        self._narrower = Narrower(self._shapes)
        self._sources = sources

    def find(
        self, store: ox.Store, data: Sequence[Source], described: frozenset[str]
    ) -> frozenset[str]:
        """The described things that statements of `data` lead to in `store`."""
        subjects: set[str] = set()
        reached: set[str] = set()
        for source in data:
            for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
                if isinstance(triple.subject, ox.NamedNode):
                    subjects.add(triple.subject.value)
                if isinstance(triple.object, ox.NamedNode):
                    reached.add(triple.object.value)
        found: set[str] = set()
        for _ in range(_STEPS):
            reached = (reached & described) - subjects - found
            found |= reached
            reached = {
                quad.object.value
                for iri in reached
                for quad in store.quads_for_pattern(ox.NamedNode(iri), None, None)
                if isinstance(quad.object, ox.NamedNode)
            }
        return frozenset(found)

    def bring(self, store: ox.Store, context: Store, things: frozenset[str]) -> frozenset[str]:
        """Add to `store` what the queries of the shapes see of `things` in the context.

        It gives the IRIs that this describes, which are published and not judged.
        """
        described: set[str] = set()
        for constraint, _, text in self._shapes.triples((None, SH.select, None)):
            try:
                body = plain_body(find_prefixes(self._shapes, constraint) + str(text), 0)
            except NotCompiled:
                continue
            pattern = " ".join(f"{' '.join(terms)} ." for terms in find_patterns(body))
            kept = sorted(self._targeted(store, constraint, things))
            for start in range(0, len(kept) if pattern else 0, _BATCH):
                values = " ".join(f"<{iri}>" for iri in kept[start : start + _BATCH])
                asked = (
                    f"CONSTRUCT {{ {pattern} }} WHERE {{ VALUES ?this {{ {values} }} {pattern} }}"
                )
                answer = context.query(QueryRequest(Query(asked), inference=False))
                for triple in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES):
                    store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
                    if isinstance(triple.subject, ox.NamedNode):
                        described.add(triple.subject.value)
        return frozenset(described)

    def validate(self, store: ox.Store, things: frozenset[str]) -> list[ShapeResult]:
        """What is wrong with `things` as the store describes them."""
        if not things:
            return []
        names = {f"<{iri}>" for iri in things}
        focused = self._narrower.narrow(
            store, lambda node: str(to_oxigraph(node)) in names, among=names
        )
        if not has_targets(focused):
            return []
        return [each.result for each in run_pyshacl(as_graph(store), focused, self._sources).items]

    def _targeted(self, store: ox.Store, constraint: Node, things: frozenset[str]) -> Iterator[str]:
        """Those of `things` that shapes with this constraint are about."""
        for shape in self._shapes.subjects(SH.sparql, constraint):
            kinds = [
                ox.NamedNode(str(kind)) for kind in self._shapes.objects(shape, SH.targetClass)
            ]
            for iri in things:
                thing = ox.NamedNode(iri)
                if not kinds or any(ox.Quad(thing, _TYPE, kind) in store for kind in kinds):
                    yield iri


_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def reaching(shapes: Graph) -> Graph:
    """The shapes, without the constraints that only look at what a thing itself states."""
    kept = copy_graph(shapes)
    for shape, _, inner in list(kept.triples((None, SH.property, None))):
        if not _looks_far(shapes, inner):
            kept.remove((shape, SH.property, inner))
    for shape in find_targeted(shapes):
        if not (
            (shape, SH.sparql, None) in kept
            or (shape, SH.property, None) in kept
            or _looks_far(shapes, shape)
        ):
            for predicate in TARGETS:
                kept.remove((shape, predicate, None))
    return kept


def _looks_far(shapes: Graph, shape: Node) -> bool:
    path = shapes.value(shape, SH.path)
    if path is None:
        return False
    written = write_path(shapes, path)
    inner = written.replace("<", " ").split(" ")
    steps = "".join(part.partition(">")[2] for part in inner)
    return (shape, SH.sparql, None) in shapes or "^" in written or "/" in steps
