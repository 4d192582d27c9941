"""A SPARQL update: its operations, and the graphs that each of them writes to.

What cannot be told for certain counts as everything: the engine takes `INSERTDATA{` and
`GRAPHx:y{` too, so an unknown word is never a harmless one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from peelgraph.errors import QueryRefused, RequestRefused
from peelgraph.sparql.lexer import CLOSING, END, OPENING, Token, position
from peelgraph.sparql.request import Dataset
from peelgraph.sparql.structure import Parsed

_NAMING = ("GRAPH", "WITH", "USING", "MOVE", "COPY", "ADD", "CREATE")
# What stands before the name of a graph; SILENT stands between a verb and the name.
_BEFORE = ("GRAPH", "WITH", "USING", "NAMED", "INTO", "TO", "SILENT")
_VERBS = ("CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD")


@dataclass(slots=True)
class Targets:
    """The graphs an update may write to.

    `named` are their IRIs, `unnamed` says whether the unnamed graph is one, `every` that any
    graph may be. `loads` are the addresses it calls.
    """

    named: set[str] = field(default_factory=set)
    unnamed: bool = False
    every: bool = False
    loads: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Operation:
    """One operation of an update.

    `prologue` are all BASE and PREFIX lines before it, as they stand, `lines` the same one by one;
    `tokens` are those after its own prologue.
    """

    body: str
    tokens: tuple[Token, ...]
    prologue: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The operation as an update of its own."""
        return self.prologue + self.body

    @property
    def is_silent_load(self) -> bool:
        """Whether it is a LOAD whose failure is none."""
        words = [token.text.upper() for token in self.tokens[:2]]
        return words == ["LOAD", "SILENT"]

    @cached_property
    def written(self) -> _Written:
        """What it writes to, as written."""
        found = _Written()
        _Reader(self.tokens, found).read()
        return found

    def targets(self, base: str | None = None) -> Targets:
        """What it writes to; `every` where that cannot be told."""
        return _resolve(self.written, self.lines, base)


class Update(Parsed):
    """An update."""

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Its operations; a prologue with nothing after it is none."""
        found, prologue, lines = list[Operation](), "", list[str]()
        for tokens in self._parted:
            at = 0
            while at < len(tokens) and tokens[at].is_word("PREFIX", "BASE"):
                length = 3 if tokens[at].is_word("PREFIX") else 2
                lines.append(" ".join(token.text for token in tokens[at : at + length]))
                at += length
            rest, end = tuple(tokens[at:]), tokens[-1].end
            start = rest[0].start if rest else end
            prologue += self.text[tokens[0].start : start] + " "
            if rest:
                body = self.text[start:end]
                found.append(Operation(body, rest, prologue, tuple(lines)))
        return tuple(found)

    @cached_property
    def _parted(self) -> list[list[Token]]:
        """The tokens of each operation; a semicolon outside of brackets parts them."""
        operations: list[list[Token]] = [[]]
        depth = 0
        for token in self.tokens:
            depth += _step(token)
            if depth == 0 and token.text == ";" and token.kind == "sign":
                operations.append([])
            else:
                operations[-1].append(token)
        return [operation for operation in operations if operation]

    @property
    def names_graph(self) -> bool:
        """Whether it speaks of any graph but the unnamed one."""
        return any(token.is_word(*_NAMING) for token in self.tokens)

    def targets(self, base: str | None = None) -> Targets:
        """What it writes to; `every` where that cannot be told."""
        whole, lines = _Written(), tuple[str, ...]()
        for operation in self.operations:
            whole.add(operation.written)
            lines = operation.lines
        return _resolve(whole, lines, base)

    def in_turn(self) -> list[str]:
        """The texts that the engine runs: one, or one an operation where a later one has PREFIX.

        SPARQL 1.1 allows a prologue after each semicolon, pyoxigraph 0.5.13 only before the first
        operation.
        """
        if any(tokens[0].is_word("PREFIX", "BASE") for tokens in self._parted[1:]):
            return [operation.text for operation in self.operations]
        return [self.text]

    def with_dataset(self, dataset: Dataset) -> Update:
        """The update with the dataset of the protocol written into each of its operations.

        Errors: RequestRefused when it says USING or WITH itself (SPARQL 1.1 Protocol, 2.2.3).
        """
        if dataset == Dataset():
            return self
        clause = [f"USING <{iri}>" for iri in dataset.default or ()]
        clause += [f"USING NAMED <{iri}>" for iri in dataset.named or ()]
        pieces, done = list[str](), 0
        for operation in self.operations:
            depth, before = 0, END
            for at, token in enumerate(operation.tokens):
                depth += _step(token)
                if depth == 0 and token.is_word("USING", "WITH"):
                    raise self._stated_twice(token)
                if depth == 0 and token.is_word("WHERE"):
                    pieces.append(self.text[done : token.start])
                    if before.is_word("DELETE"):
                        # DELETE WHERE has no place for USING: its pattern is the template, too.
                        end = _closing(operation.tokens[at + 1 :])
                        pieces.append(f"{self.text[token.end : end]} ")
                    pieces.append(f"{' '.join(clause)} ")
                    done = token.start
                before = token
        return Update("".join([*pieces, self.text[done:]]))

    def _stated_twice(self, token: Token) -> RequestRefused:
        at = position(self.text, token.start)
        return RequestRefused(
            f"Line {at.line}, column {at.column}: {token.text} stands in the update, and "
            "a dataset in the request",
            position=at,
            hint="Leave out using-graph-uri and using-named-graph-uri, or the clause.",
        )

    def placed(self, places: Mapping[str, str]) -> str:
        """The text with the name of each graph of `places` replaced.

        Errors: QueryRefused for a graph that is a variable, which would range over both.
        """
        text, prefixes = self.text, dict[str, str]()
        pieces, done = list[str](), 0
        earlier, before = END, END
        for token in self.tokens:
            if earlier.is_word("PREFIX") and before.kind == "name":
                prefixes[before.text.removesuffix(":")] = token.text[1:-1]
            if before.is_word(*_BEFORE, *_VERBS):
                if token.kind == "variable":
                    raise self._unplaced(token)
                place = places.get(_iri(token, prefixes))
                if place is not None:
                    pieces += [text[done : token.start], f"<{place}>"]
                    done = token.end
            earlier, before = before, token
        return "".join([*pieces, text[done:]])

    def _unplaced(self, token: Token) -> QueryRefused:
        at = position(self.text, token.start)
        return QueryRefused(
            f"Line {at.line}, column {at.column}: {token.text} stands for a graph; an update to a "
            "remote engine names each graph",
            position=at,
            hint="Write the IRI of the graph, or ask for it with a query first.",
        )


@dataclass(slots=True)
class _Written:
    """Targets as written: terms, not yet IRIs."""

    terms: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    unnamed: bool = False
    every: bool = False

    def add(self, other: _Written) -> None:
        """Take in what another operation writes to."""
        self.terms |= other.terms
        self.loads |= other.loads
        self.unnamed = self.unnamed or other.unnamed
        self.every = self.every or other.every


class _Reader:
    """Reads one operation; gives up on the first thing that SPARQL 1.1 has no place for."""

    def __init__(self, tokens: Sequence[Token], found: _Written) -> None:
        self._tokens = [*tokens, END]
        self._at = 0
        self._found = found

    def read(self) -> None:
        """Note what the operation writes to."""
        if self._takes("LOAD"):
            self._load()
        elif self._takes("CLEAR", "DROP", "CREATE"):
            self._takes("SILENT")
            self._reference()
        elif self._takes("MOVE"):
            self._transfer(self._found)
        elif self._takes("ADD", "COPY"):
            # These only read where they copy from.
            self._transfer(_Written())
        else:
            self._modify()

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _takes(self, *words: str) -> bool:
        if self._next.is_word(*words):
            self._at += 1
            return True
        return False

    def _give_up(self) -> None:
        self._found.every = True

    def _term(self) -> str:
        """An IRI as written; "" and giving up for anything else."""
        token = self._next
        if token.kind not in ("iri", "name"):
            self._give_up()
            return ""
        self._at += 1
        return token.text

    def _load(self) -> None:
        self._takes("SILENT")
        address = self._term()
        if address:
            self._found.loads.add(address)
        if not self._takes("INTO"):
            self._found.unnamed = True
        elif self._takes("GRAPH") and (term := self._term()):
            self._found.terms.add(term)
        else:
            self._give_up()

    def _reference(self) -> None:
        if self._takes("DEFAULT"):
            self._found.unnamed = True
        elif self._takes("ALL"):
            self._found.unnamed = self._found.every = True
        elif self._takes("NAMED"):
            self._give_up()
        else:
            self._takes("GRAPH")
            if term := self._term():
                self._found.terms.add(term)

    def _transfer(self, origin: _Written) -> None:
        self._takes("SILENT")
        source = _Reader(self._tokens[self._at : -1], origin)
        source._reference()
        self._at += source._at
        if self._takes("TO"):
            self._reference()
        else:
            self._give_up()

    def _modify(self) -> None:
        is_with = self._takes("WITH")
        if is_with and (term := self._term()):
            self._found.terms.add(term)
        templates = 0
        while self._takes("INSERT", "DELETE"):
            self._takes("DATA", "WHERE")
            if self._next.text != "{" or not self._template(is_with):
                self._give_up()
                return
            templates += 1
        if not templates or not (self._next.kind == "end" or self._next.is_word("USING", "WHERE")):
            self._give_up()

    def _template(self, is_with: bool) -> bool:
        """Whether the quads in braces that start here could be read."""
        self._at += 1
        while self._next.text != "}":
            if self._next.kind == "end":
                return False
            if self._takes("GRAPH"):
                if not self._graph():
                    return False
            elif self._next.text == "{":
                return False
            else:
                if self._next.text != "." and not is_with:
                    self._found.unnamed = True
                self._at += 1
        self._at += 1
        return True

    def _graph(self) -> bool:
        if self._next.kind == "variable":
            self._at += 1
            self._give_up()
        elif term := self._term():
            self._found.terms.add(term)
        if self._next.text != "{":
            return False
        depth = 0
        while self._next.kind != "end":
            depth += _step(self._next)
            self._at += 1
            if depth == 0:
                return True
        return False


def _resolve(written: _Written, prologue: Sequence[str], base: str | None) -> Targets:
    """What is written as IRIs; the engine resolves them, in a query that reads nothing."""
    terms = sorted(written.terms | written.loads)
    if not terms:
        return Targets(unnamed=written.unnamed, every=written.every)
    # A prefix declared twice may mean two things, and after BASE an IRI may; then nothing is sure.
    lines = sorted(set(prologue))
    names = [tuple(line.split()[1:2]) for line in lines]
    is_sure = len(names) == len(set(names)) and not any(
        each[:4].upper() == "BASE" for each in lines
    )
    items = " ".join(f"({term} AS ?i{at})" for at, term in enumerate(terms))
    try:
        if not is_sure:
            raise ValueError("a prologue that changes")
        rows = ox.Store().query(f"{' '.join(lines)} SELECT {items} {{}}", base_iri=base)
    except (SyntaxError, ValueError):
        return Targets(every=True, unnamed=written.unnamed, loads={*written.loads})
    if not isinstance(rows, ox.QuerySolutions):
        raise TypeError(f"rows expected, not {rows!r}")
    row = next(rows)
    iris = {term: str(getattr(row[at], "value", "")) for at, term in enumerate(terms)}
    named, loads = ({iris[term] for term in each} for each in (written.terms, written.loads))
    return Targets(named, written.unnamed, written.every, loads)


def _closing(tokens: Sequence[Token]) -> int:
    """Where the braces end that the first of these tokens opens."""
    depth = 0
    for token in tokens:
        depth += _step(token)
        if depth == 0:
            return token.end
    raise QueryRefused("A bracket that was opened is not closed")


def _iri(token: Token, prefixes: Mapping[str, str]) -> str:
    """The IRI of a term; a name with an escape is none that can be told."""
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local


def _step(token: Token) -> int:
    """By how much the token deepens the brackets that are open."""
    if token.kind != "sign":
        return 0
    return (token.text in OPENING) - (token.text in CLOSING)
