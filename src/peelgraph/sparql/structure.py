"""What stands in a SPARQL text, found in one pass over its tokens.

Texts are read as the engine reads them, which is more lenient than the grammar: it takes
`trueGRAPH?g{` and `SERVICESILENT<...>` too. What nobody can be sure of counts as the riskier thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Self

from peelgraph.sparql.lexer import CLOSING, END, OPENING, Token, tokenise

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
# Functions whose values differ from one evaluation to the next, and calls to other endpoints.
CHANGING = ("NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE")
# Keywords of SPARQL 1.2 that the engine reads as functions, also right after another word.
_FUNCTIONS_OF_12 = (
    *("TRIPLE", "SUBJECT", "PREDICATE", "OBJECT"),
    *("STRLANGDIR", "LANGDIR", "HASLANG", "HASLANGDIR"),
)
_DIRECTION = re.compile(r"--[A-Za-z]+")

# What the engine nests though it stands side by side, each within the one before.
_CHAINING = frozenset(("!", "||", "&&", "+", "-", "*", "/", "|", "^"))
_CHAINING_WORD = re.compile(
    "UNION|OPTIONAL|MINUS|FILTER|BIND|GRAPH|SELECT|VALUES|FROM|LATERAL|SERVICE|AS$"
)
_IN_PATTERN = (*"[.;,",)
# Braces after these hold data or a template, which the engine keeps as a list.
_LISTING = ("DATA", "INSERT", "DELETE", "CONSTRUCT")
# After these a variable is projected, grouped by, assigned or merely used.
_CLAUSES = frozenset(
    ("SELECT", "BY", "WHERE", "HAVING", "LIMIT", "OFFSET", "VALUES", "FROM", "ORDER", "GROUP")
)

Role = Literal["used", "projected", "grouped", "assigned", "tested"]
Kind = Literal["load", "glued", "service", "filter", "unclosed", "triple", "sparql12"]


class Feature(NamedTuple):
    """Something that not every policy permits: its kind, where it starts, what it is called.

    load        LOAD; `glued` when no gap follows it
    service     SERVICE; `text` is the address, "" where that is no plain IRI
    filter      a prefix that the engine reads as the keyword FILTER
    unclosed    a string that does not end
    triple      a triple as a term, of RDF 1.2
    sparql12    anything else of SPARQL 1.2
    """

    kind: Kind
    start: int
    text: str


class Structure(NamedTuple):
    """What stands in a text.

    `default` and `named` are the addresses after FROM and FROM NAMED, as written. `nesting` has the
    offset of the first bracket at each depth, `parts` the offset of the part that first made so
    many in a row. `variables` are the indexes of tokens, each with what the query does to it.
    `pattern` is the offset after the brace that opens the pattern, None where there is none.
    """

    default: tuple[str, ...]
    named: tuple[str, ...]
    names_graph: bool
    is_stable: bool
    limits_rows: bool
    features: tuple[Feature, ...]
    nesting: tuple[int, ...]
    parts: tuple[int, ...]
    variables: tuple[tuple[int, Role], ...]
    pattern: int | None


@dataclass(frozen=True, slots=True)
class _Word:
    """What the parser must know of a word, glued to others as it may be."""

    chains: bool
    begins_values: bool
    names_graph: bool
    is_form: bool
    clause: str
    is_special: bool


def _classify(word: str) -> _Word:
    return _Word(
        chains=_CHAINING_WORD.search(word) is not None,
        begins_values=word.endswith("VALUES"),
        names_graph="GRAPH" in word,
        is_form=word in FORMS,
        clause=word if word in _CLAUSES else "",
        is_special=word.startswith("LOAD")
        or word.endswith((*_FUNCTIONS_OF_12, "VERSION"))
        or "SERVICE" in word
        or word in (*CHANGING, "LIMIT", "OFFSET", "NAMED", "FROM"),
    )


# The words that most queries are made of; any other is classified when it is met.
_COMMON = {
    word: _classify(word)
    for word in (
        *("A", "AND", "AS", "ASC", "ASK", "BIND", "BOUND", "BY", "CONCAT", "CONSTRUCT", "CONTAINS"),
        *("COUNT", "DATA", "DELETE", "DESC", "DISTINCT", "EXISTS", "FALSE", "FILTER", "FROM"),
        *("GRAPH", "GROUP", "HAVING", "IF", "IN", "INSERT", "LANG", "LCASE", "LIMIT", "MAX", "MIN"),
        *("MINUS", "NOT", "OFFSET", "OPTIONAL", "ORDER", "PREFIX", "REGEX", "SAMPLE", "SELECT"),
        *("STR", "STRSTARTS", "TRUE", "UNION", "VALUES", "WHERE", "WITH"),
    )
}


@dataclass(frozen=True)
class Parsed:
    """A SPARQL text. It is lexed and parsed once, when something is asked that needs it.

    It travels to another process as its text alone: to parse a short one takes 0.1 ms, to send
    all that was found takes longer.
    """

    text: str

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of the text, without spaces and comments."""
        return tuple(tokenise(self.text))

    @cached_property
    def structure(self) -> Structure:
        """What stands in the text."""
        return _Parser(self.text, self.tokens).parse()


class _Parser:
    """One pass over the tokens, with the brackets that are open."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._default: list[str] = []
        self._named: list[str] = []
        self._chosen: list[str] | None = None
        self._names_graph = False
        self._is_stable = True
        self._limits_rows = False
        self._features: list[Feature] = []
        self._nesting: list[int] = []
        self._variables: list[tuple[int, Role]] = []
        self._pattern: int | None = None
        # How many parts stand in a row, in the brackets that are open and in those around them.
        self._bracket, self._count, self._clause = "", 0, ""
        self._around: list[tuple[str, int, str]] = []
        # Whether the braces that open next hold the rows of VALUES.
        self._is_listed = False

    def parse(self) -> Structure:
        """Take every token in, in order."""
        tokens, parts = self._tokens, list[int]()
        earlier, before, operand = END, END, False
        for index, token in enumerate(tokens):
            kind = token.kind
            if kind == "sign":
                operand = False
                self._take_sign(token, before, index)
            elif kind == "word":
                operand = False
                self._take_word(token, before, index)
            elif kind == "language":
                operand = False
                self._take_language(token)
            elif kind == "unclosed":
                self._note("unclosed", token)
            else:
                # Two operands side by side.
                self._count += operand
                operand = True
                if kind == "variable":
                    self._variables.append((index, self._role(before, earlier)))
                elif kind in ("iri", "name"):
                    self._take_name(token, before, index)
            if self._count > len(parts) and self._bracket != "data":
                parts.extend([token.start] * (self._count - len(parts)))
            earlier, before = before, token
        return Structure(
            default=tuple(self._default),
            named=tuple(self._named),
            names_graph=self._names_graph,
            is_stable=self._is_stable,
            limits_rows=self._limits_rows,
            features=tuple(self._features),
            nesting=tuple(self._nesting),
            parts=tuple(parts),
            variables=tuple(self._variables),
            pattern=self._pattern,
        )

    def _note(self, kind: Kind, token: Token, text: str | None = None) -> None:
        self._features.append(Feature(kind, token.start, token.text if text is None else text))

    def _after(self, index: int) -> Token:
        return self._tokens[index + 1] if index + 1 < len(self._tokens) else END

    def _take_sign(self, token: Token, before: Token, index: int) -> None:
        text = token.text
        if text in OPENING:
            self._open(token, before)
            if text == "{" and self._text.startswith("|", token.end):
                self._note("sparql12", token, "{|")
        elif text in CLOSING:
            self._close(text, before)
        elif text in _CHAINING or (text in _IN_PATTERN and self._bracket in ("", "{", "[")):
            self._count += 1
        if text == ";" and not self._around:
            self._count = 0
        elif text == "<":
            after = self._after(index)
            if after.text[:1] == "<" and after.start == token.end:
                self._note("triple", token, "<<")
        elif text == "~":
            self._note("sparql12", token)

    def _open(self, token: Token, before: Token) -> None:
        bracket = token.text
        self._count += (bracket == "(" and before.text == ")") or bracket == "["
        self._around.append((self._bracket, self._count, self._clause))
        if len(self._around) > len(self._nesting):
            self._nesting.append(token.start)
        if self._bracket == "data":
            pass
        elif bracket == "{" and (
            self._is_listed or (before.kind == "word" and before.text.upper().endswith(_LISTING))
        ):
            self._bracket, self._is_listed = "data", False
        else:
            self._bracket = bracket
            if bracket == "{" and self._pattern is None:
                self._pattern = token.end
        if bracket == "{":
            self._clause = ""

    def _close(self, bracket: str, before: Token) -> None:
        if not self._around:
            return
        is_group = bracket == "}" and before.text != "{" and self._bracket != "data"
        self._bracket, self._count, clause = self._around.pop()
        self._count += is_group
        if bracket == "}":
            self._clause = "" if clause == "VALUES" else clause

    def _take_word(self, token: Token, before: Token, index: int) -> None:
        upper = token.text.upper()
        word = _COMMON.get(upper) or _classify(upper)
        if word.is_form and not self._around:
            self._count = 0
        self._count += word.chains
        self._is_listed = self._is_listed or word.begins_values
        self._names_graph = self._names_graph or word.names_graph
        self._clause = word.clause or self._clause
        if word.is_special:
            self._take_special(token, upper, before, index)

    def _take_special(self, token: Token, upper: str, before: Token, index: int) -> None:
        """Take a word in that decides on the dataset, on caching or on what is permitted."""
        if upper in CHANGING:
            self._is_stable = False
        elif upper in ("LIMIT", "OFFSET"):
            self._limits_rows = True
        elif upper == "FROM" and not self._around:
            self._chosen = self._default
        elif upper == "NAMED" and not self._around and before.is_word("FROM"):
            self._chosen = self._named
        after = self._after(index)
        if upper == "LOAD":
            self._note("load", token)
        elif upper.startswith("LOADSILENT"):
            self._note("glued", token)
        elif "SERVICE" in upper:
            address = self._after(index + 1) if after.is_word("SILENT") else after
            is_plain = upper == "SERVICE" and address.kind == "iri"
            self._note("service", token, address.text[1:-1] if is_plain else "")
        if after.text == "(" and upper.endswith(_FUNCTIONS_OF_12):
            self._note("sparql12", token, f"{token.text}()")
        elif after.kind == "string" and after.text[1:-1] != "1.1" and upper.endswith("VERSION"):
            self._note("sparql12", token)

    def _take_name(self, token: Token, before: Token, index: int) -> None:
        """Take an IRI in: the engine reads `service:x {` and `graph:x {` as keyword and name."""
        if self._chosen is not None:
            self._chosen.append(token.text)
            self._chosen = None
        after = self._after(index).text
        if token.kind == "iri" or after not in ("{", "("):
            return
        prefix = token.text.partition(":")[0].upper()
        if after == "(":
            if "FILTER" in prefix:
                self._note("filter", token)
            return
        self._names_graph = self._names_graph or "GRAPH" in prefix
        if "SERVICE" in prefix and not before.is_word("GRAPH", "FROM", "NAMED"):
            self._note("service", token, "")

    def _take_language(self, token: Token) -> None:
        direction = _DIRECTION.match(self._text, token.end)
        if direction:
            self._note("sparql12", token, token.text + direction[0])

    def _role(self, before: Token, earlier: Token) -> Role:
        clause = self._clause
        if clause == "VALUES" or before.is_word("AS"):
            return "assigned"
        if before.text == "(" and earlier.is_word("BOUND"):
            return "tested"
        if self._bracket == "(":
            return "used"
        return "projected" if clause == "SELECT" else "grouped" if clause == "BY" else "used"
