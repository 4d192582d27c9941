"""The tokens of a SPARQL text, read the way the engine reads it."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from peelgraph.errors import Position

# SPARQL 1.1, section 19.8. Long strings stand before short ones, names before bare words. No
# pattern takes back what it has taken in another way, so that reading a text takes as long as the
# text is. A group is never possessive: Python 3.11.2 then keeps what a round that fails has taken.
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_NAMED = (
    r":(?:(?=[\w:%\\])"
    rf"(?:[\w\u00b7:-]++|{_ESCAPED}|\.++(?=[\w\u00b7:-]|{_ESCAPED}))*)?"
)
_PATTERNS = (
    ("comment", r"#[^\r\n]*+"),
    ("string", r'"""(?:[^"\\]++|\\.|"(?!""))*"""' + r"|'''(?:[^'\\]++|\\.|'(?!''))*'''"),
    ("string", r'"(?!"")(?:[^"\\\r\n]++|\\.)*"' + r"|'(?!'')(?:[^'\\\r\n]++|\\.)*'"),
    # It is looked for once: what follows a string that does not end is no query.
    ("unclosed", r"[\"'].*+"),
    ("iri", r"<(?:[^<>\"{}|^`\\\x00-\x20]++|\\u[0-9A-Fa-f]{4})*>"),
    ("blank", r"_:[\w\u00b7](?:[\w\u00b7-]++|\.++(?=[\w\u00b7-]))*"),
    ("name", rf"(?:[^\W\d_][\w\u00b7.-]*+(?<!\.))?{_NAMED}"),
    ("variable", r"[?$][\w\u00b7]++"),
    ("language", r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*"),
    ("number", r"(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?"),
    ("word", r"[^\W\d_]\w*+"),
    ("sign", r"\^\^|&&|\|\||!=|<=|>=|."),
)
_KINDS = ("", *(kind for kind, _ in _PATTERNS))
_SPACE = r"[ \t\r\n]*+"
_TOKEN = re.compile(
    _SPACE + "(?:" + "|".join(f"({pattern})" for _, pattern in _PATTERNS) + ")", re.DOTALL
)
# Of `a.a.a` without a colon behind it no part begins a name: it is looked through once.
_JOINING = ".-\u00b7"
_END_OF_RUN = re.compile(r"[^\w\u00b7.-]")
_IN_RUN = re.compile(
    "|".join(f"({_NAMED if kind == 'name' else pattern})" for kind, pattern in _PATTERNS),
    re.DOTALL,
)

OPENING, CLOSING = "([{", ")]}"
_OPERANDS = {"string", "iri", "blank", "name", "variable", "language", "number"}


class Token(NamedTuple):
    """One token: its kind, its text and where it starts, counted in characters from 0."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next character stands."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Whether this is one of the keywords, which have no case in SPARQL."""
        return self.kind == "word" and self.text.upper() in words


# Stands after the last token.
END = Token("end", "", 0)


def tokenise(text: str) -> Iterator[Token]:
    """Every token but spaces and comments, in order.

    `1<2#x>` is a comparison and a comment inside an expression, an operand and an IRI anywhere
    else. Read wrongly, a comment could hide what the engine runs, so the brackets around decide.
    """
    # What the brackets that are open hold: select, pattern, list or expression.
    within = ["select"]
    earlier, before = END, END
    at, run = 0, 0
    while match := (_TOKEN if at >= run else _IN_RUN).match(text, at):
        index = match.lastindex or 0
        kind, found, start = _KINDS[index], match[index], match.start(index)
        if kind == "comment":
            at = match.end()
            continue
        if kind == "iri" and within[-1] == "expression" and _is_operand(before):
            kind, found = "sign", "<=" if found.startswith("<=") else "<"
        at = start + len(found)
        if kind == "sign":
            if found in OPENING:
                within.append(_opened(found, within[-1], before, earlier))
            elif found in CLOSING and len(within) > 1:
                within.pop()
        elif kind == "word":
            if at > run and text[at : at + 1] in _JOINING:
                end = _END_OF_RUN.search(text, at)
                run = end.start() if end else len(text)
            if before.text == "{" and found.upper() == "SELECT":
                within[-1] = "select"
        earlier, before = before, Token(kind, found, start)
        yield before


def _is_operand(token: Token) -> bool:
    """Whether `<` after the token is less-than, in an expression."""
    return token.kind in _OPERANDS or token.text in (")", "}") or token.is_word("TRUE", "FALSE")


def _opened(bracket: str, within: str, before: Token, earlier: Token) -> str:
    """What a bracket holds that opens after `before`."""
    if bracket != "(":
        return "pattern"
    if within in ("select", "expression"):
        return "expression"
    if within == "list":
        return "list"
    if before.kind == "word":
        return "list" if before.is_word("A", "TRUE", "FALSE", "VALUES") else "expression"
    called = before.kind in ("name", "iri")
    return "expression" if called and earlier.is_word("FILTER") else "list"


def position(text: str, offset: int) -> Position:
    """The line and column of a character of `text`."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    line = bisect_right(starts, offset)
    return Position(line, offset - starts[line - 1] + 1)
