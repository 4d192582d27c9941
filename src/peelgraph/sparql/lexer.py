"""The tokens of a SPARQL text, read the way the engine reads it, without parsing it."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from itertools import pairwise
from typing import Concatenate, ParamSpec, TypeVar

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
    ("space", r"[ \t\r\n]++"),
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
_KINDS = tuple(kind for kind, _ in _PATTERNS)
_TOKEN = re.compile("|".join(f"({pattern})" for _, pattern in _PATTERNS), re.DOTALL)
# Of `a.a.a` without a colon behind it no part begins a name: it is looked through once.
_JOINING = ".-\u00b7"
_END_OF_RUN = re.compile(r"[^\w\u00b7.-]")
_IN_RUN = re.compile(
    "|".join(f"({_NAMED if kind == 'name' else pattern})" for kind, pattern in _PATTERNS),
    re.DOTALL,
)

# Reading the tokens of a query takes as long as evaluating a short one: those asked last are known.
_KNOWN, _SHORT = 512, 8192
_P = ParamSpec("_P")
_T = TypeVar("_T")
_Text = TypeVar("_Text", str, bytes)

_OPENING = {"(": ")", "[": "]", "{": "}"}
_OPERANDS = {"string", "iri", "blank", "name", "variable", "language", "number"}


def remembered(
    function: Callable[Concatenate[_Text, _P], _T],
) -> Callable[Concatenate[_Text, _P], _T]:
    """`function` of a text, which keeps what it told of short ones; it raises an error anew."""
    kept = lru_cache(_KNOWN)(function)

    @wraps(function)
    def told(text: _Text, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        length = len(text)
        for each in args:
            if isinstance(each, str):
                length += len(each)
        if length > _SHORT:
            return function(text, *args, **kwargs)
        return kept(text, *args, **kwargs)  # type: ignore[arg-type]

    return told


@dataclass(frozen=True, slots=True)
class Token:
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


def tokenise(text: str, start: int = 0) -> Iterator[Token]:
    """Every token but spaces and comments, in order, from the one at `start`.

    `1<2#x>` is a comparison and a comment inside an expression, an operand and an IRI anywhere
    else. Read wrongly, a comment could hide what the engine runs, so the surroundings decide.
    """
    surroundings = _Surroundings()
    at, run = start, 0
    while match := (_TOKEN if at >= run else _IN_RUN).match(text, at):
        kind, found = _KINDS[(match.lastindex or 1) - 1], match.group()
        if kind == "iri" and surroundings.compares():
            kind, found = "sign", "<=" if found.startswith("<=") else "<"
        at += len(found)
        if kind == "word" and at > run and text[at : at + 1] in _JOINING:
            end = _END_OF_RUN.search(text, at)
            run = end.start() if end else len(text)
        if kind in ("space", "comment"):
            continue
        token = Token(kind, found, at - len(found))
        surroundings.add(token)
        yield token


class _Surroundings:
    """What brackets the next token stands in: select, pattern, list or expression."""

    def __init__(self) -> None:
        self._stack = ["select"]
        self._before: Token | None = None
        self._earlier: Token | None = None

    def compares(self) -> bool:
        """Whether `<` after the last token is less-than."""
        before = self._before
        return (
            self._stack[-1] == "expression"
            and before is not None
            and (
                before.kind in _OPERANDS
                or before.text in (")", "}")
                or before.is_word("TRUE", "FALSE")
            )
        )

    def add(self, token: Token) -> None:
        """Take the next token in."""
        if token.kind == "sign" and token.text in _OPENING:
            self._stack.append(self._opened(token.text))
        elif token.text in (")", "]", "}") and token.kind == "sign" and len(self._stack) > 1:
            self._stack.pop()
        elif token.is_word("SELECT") and self._before is not None and self._before.text == "{":
            self._stack[-1] = "select"
        self._earlier, self._before = self._before, token

    def _opened(self, bracket: str) -> str:
        if bracket != "(":
            return "pattern"
        within, before, earlier = self._stack[-1], self._before, self._earlier
        if within in ("select", "expression"):
            return "expression"
        if within == "list" or before is None:
            return "list"
        if before.kind == "word":
            return "list" if before.is_word("A", "TRUE", "FALSE", "VALUES") else "expression"
        called = before.kind in ("name", "iri") and earlier is not None
        return "expression" if called and earlier and earlier.is_word("FILTER") else "list"


def position(text: str, offset: int) -> Position:
    """The line and column of a character of `text`."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    line = bisect_right(starts, offset)
    return Position(line, offset - starts[line - 1] + 1)


def prologue(text: str) -> str:
    """The BASE and PREFIX lines of a query, as they stand."""
    for token in tokenise(text):
        if token.is_word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
            return text[: token.start]
    return text


@remembered
def names_no_graph(text: str) -> bool:
    """Whether a query asks of no named graph: it has no FROM and no GRAPH.

    The engine reads that keyword without a gap around it too: `trueGRAPH?g {`, `graph:g {`.
    """
    if "graph" in text.lower():
        for token, after in pairwise([*tokenise(text), END]):
            name = token.text.partition(":")[0] if token.kind == "name" else token.text
            is_open = token.kind == "word" or (token.kind == "name" and after.text == "{")
            if is_open and "GRAPH" in name.upper():
                return False
    return not any(dataset_clause(text))


def dataset_clause(text: str) -> tuple[list[str], list[str]]:
    """The addresses after FROM and FROM NAMED, as written; those of no other place."""
    default: list[str] = []
    named: list[str] = []
    if "from" not in text.lower():
        return default, named
    depth = 0
    chosen: list[str] | None = None
    for before, token in pairwise([Token("sign", "", 0), *tokenise(text)]):
        if token.kind == "sign" and token.text in "({[":
            depth += 1
        elif token.kind == "sign" and token.text in ")}]":
            depth -= 1
        elif depth == 0 and token.is_word("FROM"):
            chosen = default
        elif depth == 0 and token.is_word("NAMED") and before.is_word("FROM"):
            chosen = named
        elif chosen is not None and token.kind in ("iri", "name"):
            chosen.append(token.text)
            chosen = None
    return default, named
