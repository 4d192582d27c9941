"""Variables of a query replaced by terms, token by token (the SPARQL community's SEP-0007)."""

from collections.abc import Iterable

import pyoxigraph as ox

from peelgraph.errors import QueryRefused
from peelgraph.sparql.lexer import Token, tokenise

_CLAUSES = {
    "SELECT",
    "BY",
    "WHERE",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "VALUES",
    "FROM",
    "ORDER",
    "GROUP",
}


def bind(text: str, bindings: Iterable[tuple[str, str]]) -> str:
    """`text` with each bound variable replaced by its term; a bound variable stays a column.

    The engine's own substitution refuses variables that SELECT does not name, and does not reach
    subqueries. A term is parsed and written anew, so that nothing but a term can enter the text.
    Errors: QueryRefused when a term is malformed, or the query itself assigns the variable.
    """
    values = {name.lstrip("?$"): _term(name, term) for name, term in bindings}
    parts: list[str] = []
    read = 0
    for start, end, replacement in _replacements(list(tokenise(text)), values):
        parts += [text[read:start], replacement]
        read = end
    return "".join([*parts, text[read:]])


def _term(name: str, term: str) -> str:
    try:
        (quad,) = ox.parse(f"<a:a> <a:a> {term} .".encode(), ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise QueryRefused(f"{name}: {term!r} is not a term in N-Triples syntax") from error
    if not isinstance(quad.object, ox.NamedNode | ox.Literal):
        raise QueryRefused(f"{name}: only an IRI or a literal can be bound, not {term!r}")
    return str(quad.object)


def _replacements(found: list[Token], values: dict[str, str]) -> Iterable[tuple[int, int, str]]:
    """Start, end and new text of each place to change."""
    clauses, parens = [""], [0]
    for at, token in enumerate(found):
        if token.text == "{":
            clauses.append("")
            parens.append(0)
        elif token.text == "}" and len(clauses) > 1:
            clauses.pop()
            parens.pop()
            clauses[-1] = "" if clauses[-1] == "VALUES" else clauses[-1]
        elif token.text in "()":
            parens[-1] += 1 if token.text == "(" else -1
        elif token.kind == "word" and token.text.upper() in _CLAUSES:
            clauses[-1] = token.text.upper()
        elif token.kind == "variable" and token.text[1:] in values:
            term = values[token.text[1:]]
            before = found[at - 1]
            if before.is_word("AS") or clauses[-1] == "VALUES":
                raise QueryRefused(f"{token.text} cannot be bound: the query itself assigns it")
            if before.text == "(" and at > 1 and found[at - 2].is_word("BOUND"):
                yield found[at - 2].start, found[at + 1].end, "true"
            elif parens[-1] == 0 and clauses[-1] == "SELECT":
                yield token.start, token.end, f"({term} AS {token.text})"
            elif parens[-1] == 0 and clauses[-1] == "BY":
                yield token.start, token.end, f"({term})"
            else:
                yield token.start, token.end, term
