"""Which graphs an update writes to, told from its tokens before anything runs it.

What cannot be told for certain counts as everything: the engine takes `INSERTDATA{` and
`GRAPHx:y{` too, so an unknown word is never a harmless one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from peelgraph.sparql.lexer import END, Token
from peelgraph.versions.operations import operations_of, past_prologue, step


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


@dataclass(slots=True)
class _Found:
    """Targets as written, and what else was met on the way."""

    terms: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    unnamed: bool = False
    every: bool = False
    prologue: list[str] = field(default_factory=list)


def find_targets(text: str, base: str | None = None) -> Targets:
    """What `text` writes to; `every` where that cannot be told."""
    found = _Found()
    for operation in operations_of(text):
        _Reader(operation, found).read()
    try:
        resolved = _resolve(found, base)
    except (SyntaxError, ValueError):
        return Targets(every=True, unnamed=found.unnamed, loads=set(found.loads))
    loads = {resolved[term] for term in found.loads}
    return Targets({resolved[t] for t in found.terms}, found.unnamed, found.every, loads)


class _Reader:
    """Reads one operation; gives up on the first thing that SPARQL 1.1 has no place for."""

    def __init__(self, tokens: Sequence[Token], found: _Found) -> None:
        self._tokens = [*tokens, END]
        self._at = 0
        self._found = found

    def read(self) -> None:
        """Note what the operation writes to."""
        self._skip_prologue()
        if self._next.kind == "end":
            return
        if self._takes("LOAD"):
            self._load()
        elif self._takes("CLEAR", "DROP", "CREATE"):
            self._takes("SILENT")
            self._reference()
        elif self._takes("MOVE"):
            self._transfer(self._found)
        elif self._takes("ADD", "COPY"):
            # These only read where they copy from.
            self._transfer(_Found())
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

    def _skip_prologue(self) -> None:
        end = min(past_prologue(self._tokens), len(self._tokens) - 1)
        while self._at < end:
            length = 3 if self._next.is_word("PREFIX") else 2
            parts = self._tokens[self._at : self._at + length]
            self._found.prologue.append(" ".join(part.text for part in parts))
            self._at += length
        self._at = end

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

    def _transfer(self, origin: _Found) -> None:
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
            depth += step(self._next)
            self._at += 1
            if depth == 0:
                return True
        return False


def _resolve(found: _Found, base: str | None) -> dict[str, str]:
    """Each term with its IRI; the engine itself resolves them, in a query that reads nothing."""
    terms = sorted(found.terms | found.loads)
    if not terms:
        return {}
    # A prefix declared twice may mean two things; then nothing is certain.
    lines = sorted(set(found.prologue))
    names = [line.split()[1] for line in lines]
    if len(names) != len(set(names)) or any(line[:4].upper() == "BASE" for line in lines):
        raise ValueError("a prologue that changes")
    items = " ".join(f"({term} AS ?i{at})" for at, term in enumerate(terms))
    rows = ox.Store().query(f"{' '.join(lines)} SELECT {items} {{}}", base_iri=base)
    if not isinstance(rows, ox.QuerySolutions):
        raise TypeError(f"rows expected, not {rows!r}")
    row = next(rows)
    return {term: str(getattr(row[at], "value", "")) for at, term in enumerate(terms)}
