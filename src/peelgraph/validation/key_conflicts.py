"""Which published things a shape's query may hold against new ones.

A query such as "another opening of the same bridge in the same year" compares $this with things
that share values with it. These are found by the predicates and variables that both use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import product

import pyoxigraph as ox
from rdflib import SH, Graph

from peelgraph.sources import Source
from peelgraph.validation.shapes import find_prefixes
from peelgraph.validation.sparql_constraints import NotCompiled, find_patterns, plain_body

_FOCUS = "?this"
_MOST = 16  # combinations of values of one thing; keys have one each


def find_keys(shapes: Graph) -> set[tuple[str, ...]]:
    """The predicates, in angle brackets, whose values a twin shares with the focus."""
    keys: set[tuple[str, ...]] = set()
    for constraint, _, text in shapes.triples((None, SH.select, None)):
        try:
            body = plain_body(find_prefixes(shapes, constraint) + str(text), 0)
        except NotCompiled:
            continue
        stated = list(find_patterns(body))
        own = {(predicate, value) for subject, predicate, value in stated if subject == _FOCUS}
        shared: dict[str, set[str]] = defaultdict(set)
        for subject, predicate, value in stated:
            if subject != _FOCUS and (predicate, value) in own:
                shared[subject].add(predicate)
        keys.update(tuple(sorted(predicates)) for predicates in shared.values())
    return keys


def ask_for_twins(
    keys: Collection[tuple[str, ...]], data: Sequence[Source], most: int
) -> Iterator[str]:
    """Queries for ?twin, each with up to `most` combinations of values from `data`."""
    stated = _read(data, {predicate for key in keys for predicate in key})
    for key in sorted(keys):
        rows = sorted(_rows(key, stated))
        names = [f"?value{number}" for number in range(len(key))]
        pattern = " ".join(
            f"?twin {predicate} {name} ." for predicate, name in zip(key, names, strict=True)
        )
        for start in range(0, len(rows), most):
            values = " ".join(f"({' '.join(row)})" for row in rows[start : start + most])
            head = f"VALUES ({' '.join(names)}) {{ {values} }}"
            yield f"SELECT DISTINCT ?twin WHERE {{ {head} {pattern} FILTER(isIRI(?twin)) }}"


def _read(data: Sequence[Source], predicates: Collection[str]) -> dict[str, dict[str, set[str]]]:
    """The values that each thing has of some predicates."""
    stated: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for source in data:
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            if isinstance(triple.object, ox.BlankNode):
                continue
            predicate = str(triple.predicate)
            if predicate in predicates:
                stated[str(triple.subject)][predicate].add(str(triple.object))
    return stated


def _rows(key: tuple[str, ...], stated: dict[str, dict[str, set[str]]]) -> set[tuple[str, ...]]:
    """The values of each thing that has all predicates of the key."""
    rows: set[tuple[str, ...]] = set()
    for values in stated.values():
        if all(predicate in values for predicate in key):
            combined = list(product(*(sorted(values[predicate]) for predicate in key)))
            rows.update(combined[:_MOST])
    return rows
