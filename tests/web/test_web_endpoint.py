"""The endpoint without Flask: what it answers itself, and what it leaves to the application."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from peelgraph.errors import DeadlinePassed
from peelgraph.http.middleware import CLIENT, REFUSAL
from peelgraph.http.sparql_endpoint import Endpoint
from peelgraph.settings import Settings
from peelgraph.sparql import QueryRequest, QueryResult

ROWS = "SELECT * { ?s ?p ?o }"
KIND = "application/sparql-query"


VERSION = SimpleNamespace(number=7, created="2026-11-23T12:00:00Z")


class World:
    """An endpoint whose reader and whose application note what reaches them."""

    def __init__(self, answer: QueryResult | Exception | None = None) -> None:
        self.answer = answer or QueryResult(b"{}", "application/sparql-results+json", "select", "7")
        self.asked: list[tuple[QueryRequest, float | None, str, int | None]] = []
        self.refused: list[object] = []
        settings = Settings(max_body=1, public_url="https://graph.example")
        self.client = Client(Endpoint(self.application, self, lambda _: VERSION, settings))

    def query(
        self,
        question: QueryRequest,
        timeout: float | None = None,
        limit: int | None = None,
        *,
        client: str = "",
        at: int | None = None,
        cancel_source: object = None,
    ) -> QueryResult:
        self.asked.append((question, timeout, client, at))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def application(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.refused.append(environ.get(REFUSAL))
        start("418 APPLICATION", [])
        return [b""]

    def open(self, method: str = "GET", path: str = "/sparql", **given: Any) -> TestResponse:
        return self.client.open(path, method=method, **given)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("GET", {"query_string": {"query": ROWS}}),
        ("HEAD", {"query_string": {"query": ROWS}}),
        ("POST", {"data": {"query": ROWS}}),
        ("POST", {"data": ROWS, "content_type": f"{KIND}; charset=UTF-8"}),
        ("QUERY", {"data": ROWS, "content_type": KIND}),
    ],
)
def test_a_query_is_answered_without_the_application(method: str, given: dict[str, Any]) -> None:
    world = World()
    response = world.open(method, environ_overrides={CLIENT: "2.2.2.2"}, **given)

    assert (200, []) == (response.status_code, world.refused)
    assert (b"" if method == "HEAD" else b"{}") == response.data
    assert ("2", "7") == (response.headers["Content-Length"], response.headers["Peelgraph-Version"])
    assert KIND == response.headers["Accept-Query"]
    assert ("ETag" in response.headers) == (method in ("GET", "HEAD"))
    ((question, _, client, _),) = world.asked
    assert (ROWS, "https://graph.example/sparql") == (question.query.text, question.base)
    assert "2.2.2.2" == client


def test_a_query_brings_its_deadline_and_version() -> None:
    world = World()
    world.open(query_string={"query": ROWS, "timeout": "1.5", "at": "6"})

    assert [(1.5, 6)] == [(timeout, at) for _, timeout, _, at in world.asked]


def test_a_held_representation_is_not_evaluated() -> None:
    world = World()
    first = world.open(query_string={"query": ROWS})
    second = world.open(
        query_string={"query": ROWS}, headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (304, b"", 1) == (second.status_code, second.data, len(world.asked))
    assert first.headers["Last-Modified"] == second.headers["Last-Modified"]


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/sparql", {}),
        ("GET", "/sparql", {"query_string": {"query": ROWS, "format": "html"}}),
        ("GET", "/sparql", {"query_string": {"query": ROWS}, "headers": {"Accept": "text/html"}}),
        ("OPTIONS", "/sparql", {}),
        ("PUT", "/sparql", {"data": ROWS}),
        ("GET", "/sparql/", {"query_string": {"query": ROWS}}),
        ("GET", "/data", {"query_string": {"query": ROWS}}),
    ],
)
def test_pages_and_descriptions_are_left_to_the_application(
    method: str, path: str, given: dict[str, Any]
) -> None:
    world = World()
    response = world.open(method, path, **given)

    assert (418, [None], []) == (response.status_code, world.refused, world.asked)


@pytest.mark.parametrize(
    ("method", "given", "kind"),
    [
        ("GET", {"query_string": {"query": ROWS, "timeout": "soon"}}, "request"),
        ("GET", {"query_string": {"query": ROWS, "format": "ttl"}}, "not-acceptable"),
        ("POST", {"data": ROWS, "content_type": "text/plain"}, "media-type"),
        ("QUERY", {"data": {"query": ROWS}}, "media-type"),
        (
            "POST",
            {"data": ROWS, "content_type": KIND, "headers": {"Content-Encoding": "br"}},
            "media-type",
        ),
        ("POST", {"data": b"\xff", "content_type": KIND}, "request"),
    ],
)
def test_what_is_refused_is_told_by_the_application(
    method: str, given: dict[str, Any], kind: str
) -> None:
    world = World()
    response = world.open(method, **given)

    assert (418, []) == (response.status_code, world.asked)
    assert [kind] == [getattr(error, "kind", "") for error in world.refused]


@pytest.mark.parametrize("error", [DeadlinePassed("late"), ValueError("unforeseen")])
def test_what_fails_is_told_by_the_application(error: Exception) -> None:
    world = World(error)
    response = world.open(query_string={"query": ROWS})

    assert (418, [error]) == (response.status_code, world.refused)


def test_what_was_refused_before_is_not_evaluated() -> None:
    world, error = World(), DeadlinePassed("earlier")
    world.open(query_string={"query": ROWS}, environ_overrides={REFUSAL: error})

    assert ([error], []) == (world.refused, world.asked)
