"""What pages ask of the graph: stored queries by name, and values kept for one version.

The queries are the files of `queries/`, one folder a kind of page, tested as the catalogue is.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from textwrap import fill
from typing import Generic, TypeVar

from peelgraph.catalogue.stored_queries import read_term
from peelgraph.errors import DeadlinePassed
from peelgraph.http.cells import read_rows
from peelgraph.http.request_scope import seconds_left
from peelgraph.http.service import Service, StoredQuestion
from peelgraph.sparql import Query, QueryRequest, QueryResult, bind

Value = TypeVar("Value")

_EACH = "urn:peelgraph:each"
_HEADER = re.compile(r"\A(?:#\+[^\n]*\n)+\n*")
_WIDTH = 100
# More names than a page shows; what is beyond keeps its IRI.
_MOST_NAMED = 2000
_SAFE = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")


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


def ask(service: Service, name: str, **values: str) -> list[Row]:
    """The rows of the query called `name`, of a page or of the catalogue.

    `values` are IRIs, or texts for parameters of another type; a parameter without one stays free.
    There are no rows where the service runs with a catalogue that lacks the query.
    """
    query = service.find_query(name)
    return read_result(evaluate(service, query, values)) if query else []


def ask_of(service: Service, name: str, variable: str, iris: Iterable[str]) -> list[Row]:
    """The rows of a page's query in which `variable` is one of `iris`."""
    query = service.pages[name]
    text = narrow(query.text, {variable: list(iris)})
    return read_result(evaluate(service, replace(query, query=Query(text))))


def ask_each(service: Service, name: str, parameter: str, iris: Iterable[str]) -> list[Row]:
    """The rows of a page's query for each value of a parameter, all asked for in one query."""
    query = service.pages[name]
    declared = query.query.prologue
    bound = bind(query.query, [(parameter, f"<{_EACH}>")]).removeprefix(declared)
    arms = " UNION ".join(f"{{ {bound.replace(_EACH, iri)} }}" for iri in iris)
    if not arms:
        return []
    text = f"{declared}SELECT * WHERE {{ {arms} }}"
    return read_result(evaluate(service, replace(query, query=Query(text))))


def read_names(service: Service, iris: Iterable[str]) -> dict[str, str]:
    """The name of each of `iris` that has one, in English where there is a choice."""
    wanted = sorted({iri for iri in iris if _SAFE.fullmatch(iri)})[:_MOST_NAMED]
    if not wanted:
        return {}
    names: dict[str, str] = {}
    for row in ask_of(service, "names-of-things", "thing", wanted):
        name = row.term("thingName") or {}
        if row["thing"] not in names or name.get("xml:lang") == "en":
            names[row["thing"]] = row["thingName"]
    return names


def evaluate(
    service: Service,
    query: StoredQuestion,
    values: Mapping[str, str] | None = None,
    *,
    media_type: str = "application/n-triples",
    inference: bool | None = None,
) -> QueryResult:
    """The result of a query with `values` bound, as `ask` takes them.

    `media_type` is for triples; `inference` is the service's own unless given.
    """
    types = {parameter.name: parameter.type for parameter in query.parameters}
    request = QueryRequest(
        query.query,
        graph=media_type,
        bindings=tuple(
            (name, _term(types.get(name, "iri"), value)) for name, value in (values or {}).items()
        ),
        inference=service.infers() if inference is None else inference,
    )
    return service.reader.query(request)


def _term(type_name: str, value: str) -> str:
    return f"<{value}>" if type_name == "iri" else read_term(type_name, value)


def read_result(result: QueryResult) -> list[Row]:
    """The rows of a result in SPARQL's JSON."""
    return [Row(row) for row in read_rows(result.body)]


def narrow(text: str, chosen: Mapping[str, Sequence[str]], *conditions: str) -> str:
    """A stored question that gives only what is `chosen`, and what meets the conditions.

    `chosen` are the IRIs that a variable may have; none leaves it free. Conditions are SPARQL.
    """
    lines = [
        fill(
            f"VALUES ?{name} {{ {' '.join(f'<{iri}>' for iri in iris)} }}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for name, iris in chosen.items()
        if iris
    ]
    lines += [f"  FILTER ({condition})" for condition in conditions]
    query = Query(_HEADER.sub("", text))
    start = query.structure.pattern or 0
    return query.text[:start] + "".join(f"\n{line}" for line in lines) + query.text[start:]


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
