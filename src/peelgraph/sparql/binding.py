"""Variables of a query replaced by terms, token by token (the SPARQL community's SEP-0007)."""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from peelgraph.errors import QueryRefused
from peelgraph.sparql.query import Query


def bind(query: Query, bindings: Iterable[tuple[str, str]]) -> str:
    """The text of `query` with each bound variable replaced by its term; it stays a column.

    The engine's own substitution refuses variables that SELECT does not name, and does not reach
    subqueries. A term is parsed and written anew, so that nothing but a term can enter the text.
    Errors: QueryRefused when a term is malformed, or the query itself assigns the variable.
    """
    values = {name.lstrip("?$"): _term(name, term) for name, term in bindings}
    if not values:
        return query.text
    text, parts, done = query.text, list[str](), 0
    for start, end, replacement in _replacements(query, values):
        parts += [text[done:start], replacement]
        done = end
    return "".join([*parts, text[done:]])


def _term(name: str, term: str) -> str:
    try:
        (quad,) = ox.parse(f"<a:a> <a:a> {term} .".encode(), ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise QueryRefused(f"{name}: {term!r} is not a term in N-Triples syntax") from error
    if not isinstance(quad.object, ox.NamedNode | ox.Literal):
        raise QueryRefused(f"{name}: only an IRI or a literal can be bound, not {term!r}")
    return str(quad.object)


def _replacements(query: Query, values: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Start, end and new text of each place to change."""
    tokens = query.tokens
    for at, role in query.structure.variables:
        token = tokens[at]
        term = values.get(token.text[1:])
        if term is None:
            continue
        if role == "assigned":
            raise QueryRefused(f"{token.text} cannot be bound: the query itself assigns it")
        if role == "tested":
            # BOUND(?x) has no place for a term.
            yield tokens[at - 2].start, tokens[at + 1].end, "true"
        elif role == "projected":
            yield token.start, token.end, f"({term} AS {token.text})"
        elif role == "grouped":
            yield token.start, token.end, f"({term})"
        else:
            yield token.start, token.end, term
