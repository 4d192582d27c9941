"""The pattern of a shape's own query, written so that it can stand inside another query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from peelgraph.sparql import Query
from peelgraph.sparql.lexer import Token


class NotCompiled(Exception):  # noqa: N818 - a signal, not an error
    """A shape has no safe pattern."""


_CUTS = {"ORDER", "LIMIT", "OFFSET", "VALUES"}
# How many terms of a pattern stay for the next one.
_ENDS = {".": 0, ";": 1, ",": 2, "{": 0, "}": 0}
_WHOLE = 3  # subject, predicate and object
_ASIDE = {"EXISTS", "MINUS", "OPTIONAL"}
_AFTER = {"GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES"}
_WORDS = {"FILTER", "BIND", "NOT", "SELECT", "DISTINCT", "WHERE", "UNION", "GRAPH"}


def plain_body(text: str, number: int) -> str:
    """The pattern of a SELECT with prefixes written out, its variables renamed apart.

    Errors: NotCompiled where the focus would not reach every part of the pattern.
    """
    query = Query(text)
    read = query.tokens
    opening = next((n for n, token in enumerate(read) if token.text == "{"), len(read))
    closing = _closing(read, opening)
    if closing != len(read) - 1:
        raise NotCompiled("no pattern in braces, or grouping or limits after it")
    inner = _grouped(read, opening + 1, closing)
    parts = []
    for at in range(opening + 1, closing):
        if at not in inner:
            _refuse(read[at], read[at - 1])
        parts.append(_rewritten(read[at], query.prefixes, number))
    return " ".join(parts) + " "


def _closing(read: Sequence[Token], opening: int) -> int:
    """Where the group that opens there closes; -1 when it does not."""
    depth = 0
    for at in range(opening, len(read)):
        if read[at].kind == "sign" and read[at].text in "{}":
            depth += 1 if read[at].text == "{" else -1
            if depth == 0:
                return at
    return -1


def _grouped(read: Sequence[Token], start: int, end: int) -> set[int]:
    """The tokens of inner queries that group by the focus: they need not be told it."""
    found: set[int] = set()
    for at in range(start, end - 1):
        if read[at].text != "{" or not read[at + 1].is_word("SELECT"):
            continue
        last = _closing(read, at)
        body = next(n for n in range(at + 1, last) if read[n].text == "{")
        after = _closing(read, body)
        parts = read[at + 1 : body], read[body + 1 : after], read[after + 1 : last]
        plain = not any(
            token.kind == "word" and token.text.upper() not in {"A", "TRUE", "FALSE"}
            for token in parts[1]
        )
        words = [token.text.upper() for token in parts[2] if token.kind == "word"]
        grouped = words[:2] == ["GROUP", "BY"] and not _CUTS & set(words)
        if plain and grouped and all(_has_focus(part) for part in parts):
            found.update(range(at, last + 1))
    return found


def _has_focus(part: Sequence[Token]) -> bool:
    return any(token.text in {"$this", "?this"} for token in part)


def _refuse(token: Token, before: Token) -> None:
    """Refuse what is evaluated before it meets the focus: a filter in it would see none."""
    if token.is_word("SELECT", "UNION", "MINUS", "SERVICE", "GRAPH", "VALUES"):
        raise NotCompiled(f"{token.text} in a query")
    if token.text == "{" and before.text in {".", "{", "}", ";"}:
        raise NotCompiled("a group of its own in a query")


def _rewritten(token: Token, prefixes: dict[str, str], number: int) -> str:
    if token.kind == "variable":
        name = token.text[1:]
        if name in {"shapesGraph", "currentShape", "PATH"}:
            raise NotCompiled(f"${name} in a query")
        return "?this" if name == "this" else f"?q{number}_{name}"
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        if prefix not in prefixes:
            raise NotCompiled(f"prefix {prefix}: in a query")
        return f"<{prefixes[prefix]}{local}>"
    return token.text


def find_patterns(body: str) -> Iterator[tuple[str, str, str]]:
    """The plain triple patterns that must hold, inner queries' own among them."""
    depth, aside, over, before = 0, 0, False, ""
    terms: list[str] = []
    for text in _outside_brackets(body):
        if text in _ENDS:
            if len(terms) == _WHOLE and not aside and not over:
                yield terms[0], terms[1], terms[2]
            terms = terms[: _ENDS[text]]
        if text in {"{", "}"}:
            depth += 1 if text == "{" else -1
            if text == "{" and before in _ASIDE and not aside:
                aside = depth
            aside = 0 if aside > depth else aside
            over = False
        elif text.upper() in _AFTER:
            over = True
        elif text.upper() in _WORDS | _ASIDE:
            terms = []
        elif text not in _ENDS and not over:
            terms.append(text)
        before = text.upper()


def _outside_brackets(body: str) -> Iterator[str]:
    """The tokens of a group that stand in no expression, and a last full stop."""
    parens = 0
    for token in Query(body).tokens:
        parens += {"(": 1, ")": -1}.get(token.text, 0)
        if not parens and token.text != ")":
            yield token.text
    yield "."
