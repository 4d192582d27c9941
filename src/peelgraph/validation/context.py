"""What new data refers to in the published graph, at a cost that grows with the change."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

import pyoxigraph as ox
from rdflib import Graph

from peelgraph.sources import Source
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store
from peelgraph.terms import DERIVED
from peelgraph.validation.key_conflicts import ask_for_twins, find_keys
from peelgraph.validation.repeated_paths import find_repeated

_BATCH = 500  # IRIs in one question: enough to ask seldom, short enough for any engine
_HOPS = 3  # a shape may look at a thing of a thing of a thing


def bring_context(
    store: ox.Store,
    data: Sequence[Source],
    context: Store,
    shapes: Graph,
    replaced: Collection[str] = (),
) -> frozenset[str]:
    """Add to `store` what `context` says of the things `data` names; the IRIs it describes.

    What these things name in turn comes too, as far as shapes look (along a property that a path
    repeats, to its end), and so do the published things that a query of `shapes` may hold against
    new ones. What only the graphs `replaced`
    state does not come.
    """
    waiting = _names(data) | _twins(data, context, shapes)
    repeated = find_repeated(shapes)
    asked: set[str] = set()
    described: set[str] = set()
    hops = 0
    # From a part to its whole and on to the last one, however far: a ring may close there.
    onward = {
        triple.object.value
        for source in data
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)
        if triple.predicate.value in repeated and isinstance(triple.object, ox.NamedNode)
    }
    while waiting := (waiting if hops < _HOPS else onward) - asked:
        asked |= waiting
        found: set[str] = set()
        for batch in _batches(sorted(waiting)):
            for triple in _describe(context, batch, replaced):
                store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
                if isinstance(triple.subject, ox.NamedNode):
                    described.add(triple.subject.value)
                if isinstance(triple.object, ox.NamedNode):
                    found.add(triple.object.value)
                    if triple.predicate.value in repeated:
                        onward.add(triple.object.value)
        waiting = found
        hops += 1
    return frozenset(described)


def _twins(data: Sequence[Source], context: Store, shapes: Graph) -> set[str]:
    found: set[str] = set()
    for text in ask_for_twins(find_keys(shapes), data, _BATCH):
        body = context.query(QueryRequest(Query(text), inference=False)).body
        rows = json.loads(body)["results"]["bindings"]
        found.update(row["twin"]["value"] for row in rows)
    return found


def _describe(
    context: Store, iris: Sequence[str], replaced: Collection[str]
) -> Iterator[ox.Triple]:
    values = " ".join(f"<{iri}>" for iri in iris)
    kept = _leave_out(replaced) if replaced else ""
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o {kept} }}"
    answer = context.query(QueryRequest(Query(text), inference=False))
    return iter(ox.parse(answer.body, ox.RdfFormat.N_TRIPLES))


def _leave_out(replaced: Collection[str]) -> str:
    """A filter for what some other graph states, or none of the replaced ones."""
    listed = " ".join(f"<{name}>" for name in sorted(replaced))
    others = ", ".join(f"<{name}>" for name in sorted({*replaced, *DERIVED}))
    return (
        f"FILTER(NOT EXISTS {{ VALUES ?old {{ {listed} }} GRAPH ?old {{ ?s ?p ?o }} }}"
        f" || EXISTS {{ GRAPH ?other {{ ?s ?p ?o }} FILTER(?other NOT IN ({others})) }})"
    )


def _names(data: Sequence[Source]) -> set[str]:
    names = set()
    for source in data:
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            for term in (triple.subject, triple.object):
                if isinstance(term, ox.NamedNode):
                    names.add(term.value)
    return names


def _batches(iris: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(iris), _BATCH):
        yield iris[start : start + _BATCH]
