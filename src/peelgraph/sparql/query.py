"""A SPARQL query: its text, and what one reading of it finds."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import islice
from typing import Generic, TypeVar

from peelgraph.sparql.lexer import END, Token, tokenise
from peelgraph.sparql.structure import CHANGING, FORMS, Parsed

Value = TypeVar("Value")

# A prologue of so many tokens belongs to no query that a person wants answered.
_PROLOGUE = 5_000
# Characters: a longer text is lexed only where nobody else waits for it.
LONG = 8 * 1024


class Query(Parsed):
    """A query."""

    @cached_property
    def _verb(self) -> Token:
        """The keyword after the prologue; only the prologue is lexed for it."""
        for token in islice(tokenise(self.text), _PROLOGUE):
            if token.is_word(*FORMS):
                return token
        return END

    @property
    def form(self) -> str:
        """SELECT, ASK, CONSTRUCT or DESCRIBE; "" when no keyword tells."""
        return self._verb.text.upper()

    @property
    def result_form(self) -> str:
        """The form of its result: select, ask or graph; "" when no keyword tells."""
        form = self.form.lower()
        return "graph" if form in ("construct", "describe") else form

    @property
    def prologue(self) -> str:
        """The BASE and PREFIX lines, as they stand."""
        return self.text[: self._verb.start] if self._verb is not END else self.text

    @cached_property
    def is_stable(self) -> bool:
        """Whether the same query of the same version has the same answer.

        A long text that holds the name of a function that changes, wherever, counts as one that
        calls it: its answer is not kept.
        """
        upper = self.text.upper()
        if not any(word in upper for word in CHANGING):
            return True
        return len(self.text) <= LONG and self.structure.is_stable

    @property
    def names_graph(self) -> bool:
        """Whether it asks of named graphs, or of a dataset of its own: it has GRAPH or FROM."""
        return self.structure.names_graph or any(self.dataset)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The names of its variables."""
        return frozenset(self.tokens[at].text[1:] for at, _ in self.structure.variables)

    @cached_property
    def star(self) -> Token | None:
        """The `*` of SELECT *, where that is what it selects."""
        if self.form != "SELECT" or "*" not in self.text:
            return None
        after = (token for token in self.tokens if token.start > self._verb.start)
        token = next(after, END)
        if token.is_word("DISTINCT", "REDUCED"):
            token = next(after, END)
        return token if token.text == "*" else None

    def selecting(self, variables: Iterable[str]) -> "Query":
        """SELECT * with its variables written out, in the order in which the text has them."""
        if self.star is None:
            return self
        wanted = set(variables)
        named = (self.tokens[at].text[1:] for at, _ in self.structure.variables)
        listed = " ".join(f"?{name}" for name in dict.fromkeys(named) if name in wanted)
        text = f"{self.text[: self.star.start]} {listed} {self.text[self.star.end :]}"
        return Query(text) if listed else self

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The namespace of each prefix that it declares, as written between < and >."""
        tokens = self.tokens
        return {
            name.text.removesuffix(":"): iri.text[1:-1]
            for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False)
            if iri.kind == "iri" and word.is_word("PREFIX")
        }

    @property
    def dataset(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The addresses after FROM and FROM NAMED, as written."""
        if "from" not in self.text.lower():
            return (), ()
        return self.structure.default, self.structure.named


class ParseCache(Generic[Value]):
    """What the texts parsed last became; the same text again is parsed already.

    Bounded by the number of characters that all texts have together: what was found in a hostile
    one takes 150 bytes a character.
    """

    def __init__(self, parse: Callable[[str], Value], most: int = 256 * 1024) -> None:
        self._parse = parse
        self._most = most
        self._length = 0
        self._parsed: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> Value:
        """The text parsed; errors as parsing raises them. A long one is not kept."""
        with self._lock:
            if text in self._parsed:
                self._parsed.move_to_end(text)
                return self._parsed[text]
        parsed = self._parse(text)
        if len(text) <= LONG:
            self._keep(text, parsed)
        return parsed

    def _keep(self, text: str, parsed: Value) -> None:
        with self._lock:
            if text not in self._parsed:
                self._length += len(text)
            self._parsed[text] = parsed
            while self._length > self._most:
                oldest, _ = self._parsed.popitem(last=False)
                self._length -= len(oldest)
