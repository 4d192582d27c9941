"""Regular expressions as SPARQL's REGEX has them, evaluated by the engine, nowhere by Python's re.

SHACL (4.4.3) gives sh:pattern this meaning. Python's own knows no \\p{L} and no flag q, and lets
^abc$ match "abc" with a line end after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from peelgraph.sparql import Query
from peelgraph.sparql.lexer import Token

_TEXT = ox.NamedNode("urn:peelgraph:text")
_MANY = 1000  # texts in one query, which costs as much as some hundred texts
_CALLS = {"REGEX": (2, 3), "REPLACE": (3, 4)}  # with how many arguments, the last for flags


class Evaluator:
    """One expression of SPARQL, evaluated for one text after the other in a lazy query."""

    def __init__(self, function: str, pattern: str, *rest: str) -> None:
        terms = ", ".join(str(ox.Literal(text)) for text in (pattern, *rest))
        rows = " ".join(map(str, range(_MANY)))
        call = f"{function}({_TEXT}(?row), {terms})"
        self._query = f"SELECT ?is {{ VALUES ?row {{ {rows} }} BIND({call} AS ?is) }}"
        self._store = ox.Store()
        self._text = ""
        self._rows: Iterator[ox.QuerySolution] = iter(())

    def evaluate(self, text: str) -> str | None:
        """The value for a text; None where the regular expression or its flags are ill-formed."""
        self._text = text
        row = next(self._rows, None)
        if row is None:
            found = self._store.query(
                self._query, custom_functions={_TEXT: lambda _: ox.Literal(self._text)}
            )
            assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - a SELECT
            self._rows = iter(found)
            row = next(self._rows)
        value = row["is"]
        return value.value if isinstance(value, ox.Literal) else None


def is_regex(pattern: str, flags: str = "") -> bool:
    """Whether a regular expression and its flags are well-formed."""
    return _is_bound(f'REGEX("", {ox.Literal(pattern)}, {ox.Literal(flags)})')


def find_ill_formed(query: Query) -> str:
    """The first call in a query with a regular expression that is none; "" when there is none."""
    read = query.tokens
    for at, token in enumerate(read):
        if not token.is_word(*_CALLS):
            continue
        given = _arguments(read, at + 1)
        if any(len(each) != 1 or each[0].kind != "string" for each in given[1:]):
            continue  # made of variables, which only the data tell
        call = ", ".join(each[0].text for each in given[1:])
        name = token.text.upper()
        if len(given) in _CALLS[name] and not _is_bound(f'{name}("", {call})'):
            return f"{name}(..., {call})"
    return ""


def _arguments(read: Sequence[Token], opening: int) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    depth = 0
    for token in read[opening:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0:
            break
        if token.text == "," and depth == 1:
            found.append([])
        elif token.text != "(" or depth > 1:
            found[-1].append(token)
    return found


def _is_bound(expression: str) -> bool:
    found = ox.Store().query(f"SELECT ({expression} AS ?is) {{}}")
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - a SELECT
    return next(found)["is"] is not None
