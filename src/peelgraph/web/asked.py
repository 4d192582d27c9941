"""What the pages ask of the graph, and what is kept as long as a version is read."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from flask import request

from peelgraph.errors import DeadlinePassed
from peelgraph.sparql import Query, QueryRequest
from peelgraph.web.asking import seconds_left
from peelgraph.web.cells import read_rows
from peelgraph.web.protocol import read_single
from peelgraph.web.service import Service

Value = TypeVar("Value")


class Row:
    """One row of an answer: the text of each variable, "" where it is unbound."""

    __slots__ = ("_terms",)

    def __init__(self, terms: dict[str, dict[str, str]]) -> None:
        self._terms = terms

    def __getitem__(self, name: str) -> str:
        return self._terms[name]["value"] if name in self._terms else ""

    def term(self, name: str) -> dict[str, str] | None:
        """The whole term, with its kind, language and datatype."""
        return self._terms.get(name)


def ask(service: Service, text: str, **iris: str) -> list[Row]:
    """The rows that answer a query with IRIs bound to its variables."""
    bindings = tuple((name, f"<{iri}>") for name, iri in iris.items())
    question = QueryRequest(Query(text), bindings=bindings, inference=service.infers())
    return [Row(row) for row in read_rows(service.reader.query(question).body)]


def ask_stored(service: Service, name: str, **iris: str) -> list[Row]:
    """The rows of a question of the catalogue; a parameter that is not bound stays free.

    There are none where the service runs with a catalogue that lacks the question.
    """
    texts = [question.text for question in service.catalogue.questions if question.name == name]
    return ask(service, texts[0], **iris) if texts else []


def given(name: str) -> str:
    """The one value that the address gives a parameter, "" where it gives none."""
    return read_single(list(request.args.items(multi=True)), name).strip()


class OnceAVersion(Generic[Value]):
    """A value made from the graph, kept as long as the version that it was made from is read."""

    def __init__(self, service: Service, make: Callable[[], Value]) -> None:
        self._service = service
        self._make = make
        self._lock = threading.Lock()
        self._kept: tuple[tuple[int, str], Value] | None = None

    def get(self) -> Value:
        """The value of the version that the request reads."""
        version = self._service.current()
        mark = (version.number, version.created)
        deadline = self._service.settings.timeout
        # Where making it fails, those that wait for it try one after another.
        if not self._lock.acquire(timeout=seconds_left(deadline)):
            raise DeadlinePassed(
                f"Others take longer than {deadline:g} s, the deadline, to read what this needs",
                hint="Try again in a moment.",
                limit="timeout",
            )
        try:
            if self._kept is None or self._kept[0] != mark:
                self._kept = (mark, self._make())
            return self._kept[1]
        finally:
            self._lock.release()
