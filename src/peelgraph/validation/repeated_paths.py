"""Which properties the shapes follow from thing to thing, as often as it goes: `ex:partOf+`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from peelgraph.sparql import Query
from peelgraph.sparql.lexer import Token
from peelgraph.validation.shapes import find_prefixes

_REPEATS = {"*", "+"}
_STEPS = {"|", "/", "^", "(", ")", "*", "+", "?"}


def find_repeated(shapes: Graph) -> frozenset[str]:
    """The properties in a path that repeats, in the paths and the queries of the shapes."""
    found: set[str] = set()
    for kind in (SH.zeroOrMorePath, SH.oneOrMorePath):
        for path in shapes.objects(None, kind):
            found.update(_names_below(shapes, path))
    for constraint, _, text in shapes.triples((None, SH.select, None)):
        query = Query(find_prefixes(shapes, constraint) + str(text))
        found.update(_repeated_in(query.tokens, query.prefixes))
    return frozenset(found)


def _names_below(shapes: Graph, path: Node) -> Iterator[str]:
    if isinstance(path, URIRef):
        yield str(path)
    else:
        for _, _, part in shapes.triples((path, None, None)):
            yield from _names_below(shapes, part)


def _repeated_in(read: Sequence[Token], prefixes: dict[str, str]) -> Iterator[str]:
    for at, token in enumerate(read):
        if token.text in _REPEATS and token.kind == "sign" and at:
            yield from _names_before(read, at, prefixes)


def _names_before(read: Sequence[Token], end: int, prefixes: dict[str, str]) -> Iterator[str]:
    """The names of the step before a sign; none where that is a sum or a product."""
    start = end - 1
    depth = 0
    while start >= 0:
        depth += {")": 1, "(": -1}.get(read[start].text, 0)
        if not depth:
            break
        start -= 1
    step = read[max(start, 0) : end]
    if all(each.kind in {"name", "iri"} or each.text in _STEPS for each in step):
        for each in step:
            if each.kind == "name":
                prefix, _, local = each.text.partition(":")
                yield prefixes.get(prefix, "") + local
            elif each.kind == "iri":
                yield each.text[1:-1]
