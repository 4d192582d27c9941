"""What is known beside the data: the ontology, what the data name, and all that is published."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import pyoxigraph as ox
from rdflib import RDF, RDFS

from peelgraph import terms
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store
from peelgraph.validation.pyshacl_runner import LABELS, find_label

_MANY = 20_000  # of one class or kind: looking through more would cost more than it tells
_TYPE, _SUBCLASS = ox.NamedNode(str(RDF.type)), ox.NamedNode(str(RDFS.subClassOf))
_LABELS = " ".join(label.n3() for label in LABELS)


class KnownThings:
    """Answers what things there are; each question is asked once, and only when there is a mistake.

    What `replaced` graphs state counts as not published: the data stand in their place.
    """

    def __init__(
        self, store: ox.Store, context: Store | None, replaced: Collection[str] = ()
    ) -> None:
        self.store = store
        self._context = context
        old = ", ".join(f"<{name}>" for name in sorted({*replaced, *terms.DERIVED}))
        self._kept = f"FILTER(?graph NOT IN ({old}))"
        self._of: dict[str, dict[str, set[str]]] = {}
        self._near: dict[str, list[str]] = {}

    def list_instances(self, classes: Iterable[str]) -> dict[str, set[str]]:
        """The things of some classes or of classes below these, each with its labels."""
        found: dict[str, set[str]] = {}
        for kind in classes:
            if kind not in self._of:
                self._of[kind] = self._read_instances(kind)
            found |= self._of[kind]
        return found

    def list_alike(self, iri: str) -> list[str]:
        """The things of the same kind as a thing of ours: those with the same beginning."""
        folder = iri[: iri.rfind("/") + 1]
        if folder not in self._near:
            here = {
                quad.subject.value
                for quad in self.store.quads_for_pattern(None, _TYPE, None)
                if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(folder)
            }
            rows = self._ask(
                f"SELECT DISTINCT ?thing WHERE {{ GRAPH ?graph {{ ?thing a ?kind }} {self._kept}"
                f' FILTER(STRSTARTS(STR(?thing), "{folder}")) }} LIMIT {_MANY}'
            )
            self._near[folder] = sorted(here | {row["thing"] for row in rows})
        return [other for other in self._near[folder] if other != iri]

    def find_described(self, iris: Sequence[str]) -> set[str]:
        """Those of some IRIs that have a class."""
        here = {iri for iri in iris if self.list_classes(iri)}
        values = " ".join(f"<{iri}>" for iri in iris)
        rows = self._ask(
            f"SELECT DISTINCT ?thing WHERE {{ VALUES ?thing {{ {values} }}"
            f" GRAPH ?graph {{ ?thing a ?kind }} {self._kept} }}"
        )
        return here | {row["thing"] for row in rows}

    def list_classes(self, iri: str) -> list[str]:
        """The classes of a thing, as far as the data lead to it, the narrowest first."""
        found = self.store.quads_for_pattern(ox.NamedNode(iri), _TYPE, None)
        kinds = [quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)]
        return sorted(kinds, key=lambda kind: (sum(k in self._below[kind] for k in kinds), kind))

    def find_graph(self, iri: str) -> str:
        """The published graph that describes a thing; "" where none does."""
        rows = self._ask(
            f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ <{iri}> a ?kind }} {self._kept} }}"
            " ORDER BY ?graph LIMIT 1"
        )
        return rows[0]["graph"] if rows else ""

    def find_graph_of(self, subject: str, predicate: str, value: str) -> str:
        """The published graph that states a triple, in N-Triples syntax; "" where none does."""
        rows = self._ask(
            f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ {subject} {predicate} {value} }}"
            f" {self._kept} }} ORDER BY ?graph LIMIT 1"
        )
        return rows[0]["graph"] if rows else ""

    def find_label(self, iri: str) -> str:
        """The label of a thing; "" when it has none."""
        return find_label(self.store, f"<{iri}>")

    def _read_instances(self, kind: str) -> dict[str, set[str]]:
        kinds = {kind, *self._below[kind]}
        found: dict[str, set[str]] = {}
        for each in kinds:
            for quad in self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(each)):
                if isinstance(quad.subject, ox.NamedNode):
                    found.setdefault(quad.subject.value, set()).update(
                        self.list_labels(quad.subject.value)
                    )
        values = " ".join(f"<{each}>" for each in sorted(kinds))
        rows = self._ask(
            f"SELECT DISTINCT ?thing ?label WHERE {{ VALUES ?kind {{ {values} }}"
            f" GRAPH ?graph {{ ?thing a ?kind }} {self._kept} FILTER(isIRI(?thing))"
            f" OPTIONAL {{ VALUES ?property {{ {_LABELS} }} ?thing ?property ?label }} }}"
            f" LIMIT {_MANY}"
        )
        for row in rows:
            found.setdefault(row["thing"], set()).update({row["label"]} if "label" in row else ())
        return found

    def list_labels(self, iri: str) -> set[str]:
        """The labels of a thing, as far as the data lead to it, in every language."""
        thing = ox.NamedNode(iri)
        return {
            quad.object.value
            for label in LABELS
            for quad in self.store.quads_for_pattern(thing, ox.NamedNode(str(label)), None)
            if isinstance(quad.object, ox.Literal)
        }

    @cached_property
    def _below(self) -> Mapping[str, set[str]]:
        """The classes below each class."""
        above: dict[str, set[str]] = {}
        for quad in self.store.quads_for_pattern(None, _SUBCLASS, None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                above.setdefault(quad.object.value, set()).add(quad.subject.value)
        return _Closure(above)

    def _ask(self, text: str) -> list[dict[str, str]]:
        """The rows of a query to what is published, each value as text."""
        if self._context is None:
            return []
        body = self._context.query(QueryRequest(Query(text), inference=False)).body
        rows = json.loads(body)["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in rows]


class _Closure(dict[str, set[str]]):
    """What lies below each key, on every level; a ring ends."""

    def __init__(self, direct: Mapping[str, set[str]]) -> None:
        super().__init__()
        self._direct = direct

    def __missing__(self, key: str) -> set[str]:
        found: set[str] = set()
        waiting = [key]
        while waiting:
            new = self._direct.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        self[key] = found
        return found
