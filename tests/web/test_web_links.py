"""Short addresses that name a query."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from peelgraph.http import short_links as links
from peelgraph.http.problems import register_problems
from peelgraph.http.service import Service
from peelgraph.http.short_links import link_routes
from peelgraph.settings import Settings

QUERY = "SELECT ?name { ?thing rdfs:label ?name }  # Heddlu Dyfed-Powys, 100 %"


@pytest.fixture
def keeping(tmp_path: Path, settings: Settings) -> FlaskClient:
    """The routes of links alone, over a home of the test's own."""
    service = Service(None, replace(settings, home=tmp_path), None, None)  # type: ignore[arg-type]
    app = Flask("peelgraph.http")
    app.register_blueprint(link_routes(service))
    register_problems(app, service)
    return app.test_client()


def test_a_short_address_leads_to_its_query(keeping: FlaskClient) -> None:
    made = keeping.post("/q", data={"query": QUERY, "inference": "off", "at": "3"})
    led = keeping.get(made.headers["Location"])

    assert made.status_code == 201
    assert made.json["url"] == f"https://graph.example{made.headers['Location']}"
    assert len(made.headers["Location"]) == len("/q/") + 12
    assert led.status_code == 302
    target = urlsplit(led.headers["Location"])
    assert target.path == "/sparql"
    assert parse_qs(target.query) == {"query": [QUERY], "inference": ["off"], "at": ["3"]}


def test_the_same_query_has_the_same_address_and_another_another(keeping: FlaskClient) -> None:
    one = keeping.post("/q", data={"query": QUERY}).headers["Location"]

    assert one == keeping.post("/q", data={"query": QUERY}).headers["Location"]
    assert one != keeping.post("/q", data={"query": QUERY, "at": "3"}).headers["Location"]


def test_no_more_are_kept_than_are_allowed(
    keeping: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST", 1)
    first = keeping.post("/q", data={"query": QUERY})
    second = keeping.post("/q", data={"query": "ASK {}"})

    assert (first.status_code, second.status_code) == (201, 507)
    assert keeping.post("/q", data={"query": QUERY}).status_code == 201
    assert keeping.get(first.headers["Location"]).status_code == 302


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"query": " "}, "There is no query"),
        ({"query": QUERY, "callback": "x"}, "callback"),
        ({"query": QUERY, "at": "yesterday"}, "at is the number of a version"),
        ({"query": [QUERY, QUERY]}, "query is given twice"),
        ({"query": "x" * 7000}, "6,144 at most"),
    ],
    ids=["empty", "another field", "no version", "twice", "too long"],
)
def test_what_names_no_query_is_not_kept(
    keeping: FlaskClient, tmp_path: Path, fields: dict[str, str], told: str
) -> None:
    response = keeping.post("/q", data=fields)

    assert response.status_code == 400
    assert told in response.text
    assert not (tmp_path / "links").exists()


def test_a_body_of_another_kind_is_415(keeping: FlaskClient) -> None:
    assert keeping.post("/q", json={"query": QUERY}).status_code == 415


@pytest.mark.parametrize("name", ["aaaaaaaaaaaa", "..%2Fcurrent", "%2e%2e", "AAAAAAAAAAAA", "a"])
def test_a_name_that_names_nothing_is_404(keeping: FlaskClient, tmp_path: Path, name: str) -> None:
    (tmp_path / "current").write_text("7\n")

    assert keeping.get(f"/q/{name}").status_code == 404
