"""What new data refers to in the published graph, at a cost that grows with the change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from peelgraph.sources import Source
from peelgraph.store import Question, Store

_BATCH = 500  # IRIs in one question: enough to ask seldom, short enough for any engine


def bring_context(store: ox.Store, data: Sequence[Source], context: Store) -> frozenset[str]:
    """Add to `store` what `context` says of the things `data` names; the IRIs it describes."""
    subjects, objects = _names(data)
    described: set[str] = set()
    for batch in _batches(sorted(subjects | objects)):
        values = " ".join(f"<{iri}>" for iri in batch)
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o }}"
        answer = context.query(Question(text, inference=False))
        for triple in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES):
            described.add(str(triple.subject)[1:-1])
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
    return frozenset(described)


def _names(data: Sequence[Source]) -> tuple[set[str], set[str]]:
    subjects, objects = set(), set()
    for source in data:
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            if isinstance(triple.subject, ox.NamedNode):
                subjects.add(triple.subject.value)
            if isinstance(triple.object, ox.NamedNode):
                objects.add(triple.object.value)
    return subjects, objects


def _batches(iris: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(iris), _BATCH):
        yield iris[start : start + _BATCH]
