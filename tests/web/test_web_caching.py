"""ETags: one a representation, a 304 without evaluation, none where answers change."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from peelgraph.catalogue import Catalogue
from peelgraph.errors import EngineUnavailable, NothingPublished, SettingError
from peelgraph.http.service import Published
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.sparql import QueryRequest, QueryResult

PATHS = ["/", "/sparql", "/sparql?query=ASK%20%7B%7D", "/doc/force/derbyshire", "/graph/report",
         "/queries/labels-of-things", "/dump.nq", "/ontology"]  # fmt: skip


class Reader:
    """A reader that answers from a function."""

    def __init__(self, answer: Callable[[QueryRequest], QueryResult]) -> None:
        self._answer = answer

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
        return self._answer(question)


def failing(error: Exception) -> Reader:
    def fail(question: QueryRequest) -> QueryResult:
        raise error

    return Reader(fail)


@pytest.mark.parametrize("path", PATHS)
def test_the_tag_brings_a_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    second = client.get(path, headers={"If-None-Match": f'"other", {tag}'})

    assert 304 == second.status_code
    assert (b"", tag) == (second.data, second.headers["ETag"])
    assert "*" == second.headers["Access-Control-Allow-Origin"]


def test_a_304_costs_no_evaluation(
    client: FlaskClient,
    settings: Settings,
    published: tuple[Path, Published],
    catalogue: Catalogue,
) -> None:
    tag = client.get("/sparql?query=ASK%20%7B%7D").headers["ETag"]
    reader = failing(EngineUnavailable("must not be asked"))
    idle = create_app(reader, settings, lambda: published[1], catalogue).test_client()

    assert 304 == idle.get("/sparql?query=ASK%20%7B%7D", headers={"If-None-Match": tag}).status_code
    assert 502 == idle.get("/sparql?query=ASK%20%7B%7D").status_code


def test_each_representation_has_its_own_tag(client: FlaskClient) -> None:
    accepts = ["text/turtle", "application/rdf+xml", "text/html", "application/ld+json"]
    tags = {
        client.get("/doc/force/derbyshire", headers={"Accept": accept}).headers["ETag"]
        for accept in accepts
    }

    assert len(accepts) == len(tags)


def test_a_changing_answer_has_no_tag(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT (NOW() AS ?now) {}"})

    assert "ETag" not in response.headers
    assert "no-store" == response.headers["Cache-Control"]


def test_a_new_version_has_new_tags(
    settings: Settings, published: tuple[Path, Published], catalogue: Catalogue
) -> None:
    answer = QueryResult(b"x", "text/csv", "select", "7")
    current = [published[1]]
    app = create_app(Reader(lambda _: answer), settings, lambda: current[0], catalogue)
    path = "/sparql?query=SELECT%20*%20%7B%7D&format=csv"
    before = app.test_client().get(path).headers["ETag"]
    current[0] = replace(published[1], number=8)  # type: ignore[type-var]

    assert 200 == app.test_client().get(path, headers={"If-None-Match": before}).status_code


@pytest.mark.parametrize("error", [SettingError("/secret/path"), ValueError("/secret/path")])
def test_an_unforeseen_failure_is_told_without_detail(
    settings: Settings,
    published: tuple[Path, Published],
    catalogue: Catalogue,
    error: Exception,
) -> None:
    client = create_app(failing(error), settings, lambda: published[1], catalogue).test_client()
    response = client.get("/sparql?query=ASK%20%7B%7D")

    assert 500 == response.status_code
    assert "secret" not in response.text
    assert "urn:uuid:" in response.json["instance"]


def test_nothing_published_is_not_ready(settings: Settings, catalogue: Catalogue) -> None:
    def nothing() -> Published:
        raise NothingPublished("no version is published here")

    app = create_app(failing(ValueError()), settings, nothing, catalogue)
    ready, live = (app.test_client().get(f"/health/{what}") for what in ("ready", "live"))

    assert (503, 200) == (ready.status_code, live.status_code)
    assert "10" == ready.headers["Retry-After"]
