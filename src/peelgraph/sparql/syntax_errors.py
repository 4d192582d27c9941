"""Where a malformed query goes wrong, and what could stand there instead.

The engine's parser tells how far it looked, which is past the fault. Here the tokens are matched
against the grammar of SPARQL 1.1; the first token that nothing can take is the fault.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from peelgraph.errors import Position, QueryRefused
from peelgraph.sparql.lexer import Token, position
from peelgraph.sparql.query import Query

_KINDS = {
    "IRI": "an IRI in <>",
    "NAME": "a prefixed name",
    "BLANK": "a blank node",
    "VARIABLE": "a variable",
    "STRING": "a string",
    "LANGUAGE": "a language tag",
    "NUMBER": "a number",
    "AGGREGATE": "an aggregate",
    "FUNCTION": "a function",
    "END": "the end",
}
_MOST_EXPECTED = 8
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
# SPARQL 1.1, sections 19.2 and 19.8, rule ECHAR.
_ESCAPE = re.compile(r"\\(?:u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|.)", re.DOTALL)
_ESCAPED = "tbnrf\\\"'"
_SURROGATES, _LAST = (0xD800, 0xDFFF), 0x10FFFF
_UNBOUND = (
    "Beside GROUP BY or an aggregate, SELECT names only what is grouped or aggregated: "
    "group by the variable, or wrap it, as SAMPLE(?x)."
)

# A rule is a sequence, a choice, a repetition, a rule's name or a token's.
Rule = tuple[str, "list[Rule]"] | str


@dataclass(slots=True)
class _Matcher:
    """How far the tokens match, and what was looked for at the furthest one."""

    rules: dict[str, Rule]
    words: dict[str, frozenset[str]]
    tokens: list[Token]
    furthest: int = 0
    expected: list[str] = field(default_factory=list)

    def match(self, rule: Rule, at: int) -> int | None:
        """The place after what `rule` takes; None when it cannot take what stands here."""
        if isinstance(rule, str):
            inner = self.rules.get(rule)
            return self._take(rule, at) if inner is None else self.match(inner, at)
        kind, parts = rule
        if kind == "choice":
            return next((end for part in parts if (end := self.match(part, at)) is not None), None)
        if kind == "sequence":
            return self._all(parts, at)
        return self._repeat(kind, parts[0], at)

    def _all(self, parts: list[Rule], at: int) -> int | None:
        for part in parts:
            end = self.match(part, at)
            if end is None:
                return None
            at = end
        return at

    def _repeat(self, kind: str, part: Rule, at: int) -> int | None:
        start, times = at, 0
        while (end := self.match(part, at)) is not None and end > at:
            at, times = end, times + 1
            if kind == "?":
                break
        return None if kind == "+" and at == start else at

    def _take(self, terminal: str, at: int) -> int | None:
        if self._is(terminal, self.tokens[at]):
            return at + 1
        if at > self.furthest:
            self.furthest, self.expected = at, []
        if at == self.furthest and terminal not in self.expected:
            self.expected.append(terminal)
        return None

    def _is(self, terminal: str, token: Token) -> bool:
        if terminal in self.words:
            return token.kind == "word" and token.text.upper() in self.words[terminal]
        if not terminal.startswith("'"):
            return token.kind == terminal.lower()
        literal = terminal[1:-1]
        if literal == "a":
            return token.kind == "word" and token.text == "a"
        return token.text.upper() == literal if token.kind == "word" else token.text == literal


def explain(query: Query, complaint: str, prefixes: Mapping[str, str]) -> QueryRefused:
    """What is wrong with a query that the engine does not parse; `complaint` is the engine's.

    `prefixes` are those that a reader may mean without declaring them, with their namespaces.
    """
    try:
        return (
            _misspelt(query)
            or _misplaced(query)
            or _undeclared(query, prefixes)
            or _forbidden(complaint)
        )
    except RecursionError:
        return _forbidden(complaint)


def _misspelt(query: Query) -> QueryRefused | None:
    """The first escape in a string or an IRI that stands for no character."""
    for token in query.tokens:
        if token.kind not in ("string", "iri"):
            continue
        for escape in _ESCAPE.finditer(token.text):
            told = _escapes(escape, token.kind)
            if told:
                at = position(query.text, token.start + escape.start())
                message = f"Line {at.line}, column {at.column}: {told}"
                return QueryRefused(message, position=at, token=escape[0])
    return None


def _escapes(escape: re.Match[str], kind: str) -> str:
    """Why an escape is none; nothing for one that is."""
    digits = escape["short"] or escape["long"]
    if digits is None:
        known = kind == "string" and escape[0][1] in _ESCAPED
        return "" if known else f"“{escape[0]}” is no escape of SPARQL"
    code = int(digits, 16)
    if _SURROGATES[0] <= code <= _SURROGATES[1]:
        return f"“{escape[0]}” is half of a pair of UTF-16, not a character"
    return f"“{escape[0]}” is past the last character, U+10FFFF" if code > _LAST else ""


def _misplaced(query: Query) -> QueryRefused | None:
    """The first token that nothing in the grammar can take."""
    found = [*query.tokens, Token("end", "", len(query.text.rstrip()))]
    rules, words = _read_grammar()
    matcher = _Matcher(rules, words, found)
    if matcher.match("Query", 0) is not None:
        return None
    token = found[matcher.furthest]
    at = position(query.text, token.start)
    told = f"“{token.text}”" if token.text else "the end of the query"
    message = f"Line {at.line}, column {at.column}: {told} cannot stand here"
    return QueryRefused(
        f"{message}; expected {_listed(matcher.expected)}",
        position=at,
        hint=_advice(token, matcher.expected, words),
        token=token.text or None,
    )


def _undeclared(query: Query, prefixes: Mapping[str, str]) -> QueryRefused | None:
    """The first prefixed name whose prefix no PREFIX line declares."""
    declared: set[str] = set()
    before = Token("end", "", 0)
    for token in query.tokens:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and before.is_word("PREFIX"):
            declared.add(prefix)
        elif token.kind == "name" and prefix not in declared:
            at = position(query.text, token.start)
            iri = prefixes.get(prefix)
            return QueryRefused(
                f"Line {at.line}, column {at.column}: the prefix {prefix}: is not declared",
                position=at,
                hint=f"Add above: PREFIX {prefix}: <{iri}>" if iri else None,
            )
        before = token
    return None


def _forbidden(complaint: str) -> QueryRefused:
    """What the engine says of a query that the grammar allows: a rule about variables, mostly."""
    found = re.match(r"error at (\d+):(\d+): expected (.*)", complaint, re.DOTALL)
    if not found:
        return QueryRefused(f"The query cannot be read: {complaint}")
    at = Position(int(found[1]), int(found[2]))
    reason = re.search(r"[A-Z][a-zA-Z]+ [a-zA-Z ]{8,}", found[3])
    told = reason[0].strip() if reason else "a name is assigned twice, or used where it is unknown"
    hint = _UNBOUND if "unbound" in told else None
    return QueryRefused(f"Near line {at.line}, column {at.column}: {told}", position=at, hint=hint)


def _listed(expected: list[str]) -> str:
    # A bracket or a full stop is the likelier fault than one of thirty keywords.
    signs = [f"“{sign}”" for sign in (t.strip("'") for t in expected) if not sign[0].isalnum()]
    others = [_KINDS.get(t, t.strip("'")) for t in expected if t.strip("'")[0].isalnum()]
    names = signs + others
    shown = ", ".join(names[:_MOST_EXPECTED])
    return f"{shown} or the like" if len(names) > _MOST_EXPECTED else shown


def _advice(token: Token, expected: list[str], words: dict[str, frozenset[str]]) -> str | None:
    if token.is_word(*_UPDATES):
        return "An update is not a query; this answers SELECT, ASK, CONSTRUCT and DESCRIBE."
    if token.kind == "word":
        known = [terminal.strip("'") for terminal in expected if terminal.startswith("'")]
        known += [word for name in expected for word in words.get(name, ())]
        near = difflib.get_close_matches(token.text.upper(), known, n=1)
        return f"Did you mean {near[0]}?" if near else None
    if "'.'" in expected and token.kind in ("variable", "iri", "name", "blank"):
        return "A “.” or “;” may be missing before it."
    if token.kind == "end" and any(sign in expected for sign in ("'}'", "')'", "']'")):
        return "A bracket that was opened is not closed."
    return None


def _read_grammar() -> tuple[dict[str, Rule], dict[str, frozenset[str]]]:
    rules: dict[str, Rule] = {}
    words: dict[str, frozenset[str]] = {}
    for line in files("peelgraph.sparql").joinpath("grammar.txt").read_text("utf-8").splitlines():
        if " = " in line:
            name, _, listed = line.partition(" = ")
            words[name] = frozenset(listed.split())
        elif line and not line.startswith("#"):
            name, _, body = line.partition(": ")
            rules[name] = _choice(re.findall(r"'[^']+'|\w+|[()|*+?]", body))
    return rules, words


def _choice(symbols: list[str]) -> Rule:
    """The alternatives up to a closing bracket or the end; what is read is removed."""
    options: list[Rule] = [("sequence", _sequence(symbols))]
    while symbols and symbols[0] == "|":
        symbols.pop(0)
        options.append(("sequence", _sequence(symbols)))
    return ("choice", options)


def _sequence(symbols: list[str]) -> list[Rule]:
    parts: list[Rule] = []
    while symbols and symbols[0] not in ("|", ")"):
        symbol = symbols.pop(0)
        part: Rule = symbol
        if symbol == "(":
            part = _choice(symbols)
            symbols.pop(0)
        if symbols and symbols[0] in ("*", "+", "?"):
            part = (symbols.pop(0), [part])
        parts.append(part)
    return parts
