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
    read: Sequence[Token] = query.tokens
    opening = next((n for n, token in enumerate(read) if token.text == "{"), len(read))
    closing = _closing(read, opening)
    if closing != len(read) - 1:
        raise NotCompiled("no pattern in braces, or grouping or limits after it")
    read = [*read[: opening + 1], *_without_words(read[opening + 1 : closing]), read[closing]]
    closing = len(read) - 1
    inner = _grouped(read, opening + 1, closing)
    parts: list[str] = []
    for at in range(opening + 1, closing):
        if at not in inner:
            _refuse(read[at], read[at - 1])
        part = _rewritten(read[at], query.prefixes, number)
        if part == "(" and read[at - 1].is_word("COALESCE", "CONCAT"):
            # The engine takes no space between the two (pyoxigraph 0.5.13).
            parts[-1] += part
        else:
            parts.append(part)
    return " ".join(parts) + " "


def _closing(read: Sequence[Token], opening: int, braces: str = "{}") -> int:
    """Where the group that opens there closes; -1 when it does not."""
    depth = 0
    for at in range(opening, len(read)):
        if read[at].kind == "sign" and read[at].text in braces:
            depth += 1 if read[at].text == braces[0] else -1
            if depth == 0:
                return at
    return -1


def _without_words(read: Sequence[Token]) -> Sequence[Token]:
    """A pattern without what only words its message: an OPTIONAL or BIND that nothing else reads.

    Neither takes a solution away, so the pattern finds the same nodes, sooner.
    """
    for place in _list_additions(read):
        before, part, after = read[: place.start], read[place], read[place.stop :]
        # A filter sees all of its group; anything else, only what stands before it.
        filters = [token for at in _list_parts(before, "FILTER") for token in before[at]]
        if part[0].is_word("BIND"):
            free = {_text(part[-2:-1])} & _variables([*before, *after])
        else:
            free = _variables(part) & _variables([*filters, *after])
            free -= {term for pattern in find_patterns(_text(before)) for term in pattern}
        if not free:
            return _without_words([*before, *after])
    return read


def _variables(read: Sequence[Token]) -> set[str]:
    return {_text([token]) for token in read if token.kind == "variable"}


def _text(read: Sequence[Token]) -> str:
    return " ".join(
        "?" + token.text[1:] if token.kind == "variable" else token.text for token in read
    )


def _list_additions(read: Sequence[Token]) -> list[slice]:
    """Where each OPTIONAL and BIND of the outermost pattern stands, the last first."""
    return list(_list_parts(read, "OPTIONAL", "BIND"))[::-1]


def _list_parts(read: Sequence[Token], *words: str) -> Iterator[slice]:
    """Where what begins with one of the words stands in the outermost pattern."""
    depth = 0
    for at, token in enumerate(read):
        if not depth and token.is_word(*words):
            grouped = token.is_word("OPTIONAL") or any(
                each.is_word("EXISTS") for each in read[at + 1 : at + 3] if token.is_word("FILTER")
            )
            braces = "{}" if grouped else "()"
            opening = next(n for n in range(at, len(read)) if read[n].text == braces[0])
            yield slice(at, _closing(read, opening, braces) + 1)
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(token.text, 0)


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
        plain = _is_whole(parts[1])
        words = [token.text.upper() for token in parts[2] if token.kind == "word"]
        grouped = words[:2] == ["GROUP", "BY"] and not _CUTS & set(words)
        if plain and grouped and all(_has_focus(part) for part in parts):
            found.update(range(at, last + 1))
    return found


def _is_whole(part: Sequence[Token]) -> bool:
    """Whether a pattern binds the focus itself, and each filter in it sees what it asks about."""
    if any(
        token.is_word("SELECT", "UNION", "MINUS", "SERVICE", "GRAPH", "VALUES") for token in part
    ):
        return False
    for at, token in enumerate(part):
        if token.text == "{" and not (at and part[at - 1].is_word("OPTIONAL", "EXISTS")):
            return False
    return any("?this" in pattern for pattern in find_patterns(_text(part)))


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
