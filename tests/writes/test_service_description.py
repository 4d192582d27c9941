"""What the service says of itself is what its answers show, in every mode."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, RDF, SDO, VOID, Graph, Namespace, URIRef

from peelgraph.repository import Home
from peelgraph.repository.changes import Document, Gates, Order, Put
from peelgraph.repository.rebuild import publish_empty
from peelgraph.repository.transaction import write
from peelgraph.settings import Settings
from tests.writes.writes_web import URL, application

pytestmark = pytest.mark.embedded

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
OWL = URIRef("http://www.w3.org/ns/entailment/OWL-RDF-Based")
ELSEWHERE = "http://127.0.0.1:9/sparql"
MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "no inference": {"inference": False},
    "strict": {"default_graph": "strict", "empty": True},
    "strict, no inference": {"default_graph": "strict", "empty": True, "inference": False},
    "federated": {"allow_service": (ELSEWHERE,)},
    "open": {"open_writes": True},
}


@pytest.fixture(scope="module", params=MODES)
def mode(
    request: pytest.FixtureRequest, first_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, FlaskClient, Graph]]:
    """The settings of one mode, a client of the service, and the service's description."""
    folder = tmp_path_factory.mktemp("mode") / "home"
    given = MODES[request.param]
    if "empty" in given:
        publish_empty(Home(folder), strict=True)
        for graph, text in {"": "<urn:a> <urn:b> 1 , 2 .", "urn:g": "<urn:a> <urn:b> 3 ."}.items():
            put = Put(graph, (Document(text.encode(), "ttl", "a.ttl"),))
            write(Home(folder), Order(put, gates=Gates("off")))
    else:
        shutil.copytree(first_home, folder)
    settings = replace(Settings(home=folder, public_url=URL, workers=1, timeout=20), **given)
    with contextmanager(application)(settings) as client:
        told = client.get("/sparql", headers={"Accept": "text/turtle"}).text
        yield settings, client, Graph().parse(data=told, format="turtle")


def count(client: FlaskClient, pattern: str) -> int:
    text = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    answer = client.get("/sparql", query_string={"query": text})
    return int(json.loads(answer.data)["results"]["bindings"][0]["n"]["value"])


def test_counts_are_those_that_queries_give(
    mode: tuple[Settings, FlaskClient, Graph],
) -> None:
    _, client, told = mode
    (default,) = told.objects(None, SD.defaultGraph)
    named = {
        str(name): told.value(content, VOID.triples).toPython()
        for node, name in told.subject_objects(SD.name)
        for content in told.objects(node, SD.graph)
    }

    assert count(client, "?s ?p ?o") == told.value(default, VOID.triples).toPython()
    assert {name: count(client, f"GRAPH <{name}> {{ ?s ?p ?o }}") for name in named} == named
    assert named


def test_inference_is_claimed_where_queries_see_it(
    mode: tuple[Settings, FlaskClient, Graph],
) -> None:
    _, client, told = mode
    (service,) = told.subjects(SD.defaultEntailmentRegime, None)
    is_seen = bool(count(client, "?force a <urn:t#Body>"))
    description = str(told.value(service, URIRef("http://purl.org/dc/terms/description")))

    assert is_seen == (OWL in told.objects(service, SD.defaultEntailmentRegime))
    assert is_seen == ("what was inferred" in description)


def test_federation_and_updates_are_claimed_where_they_are_served(
    mode: tuple[Settings, FlaskClient, Graph],
) -> None:
    settings, client, told = mode
    called = f"ASK {{ SERVICE SILENT <{ELSEWHERE}> {{ ?s ?p ?o }} }}"
    calls = client.get("/sparql", query_string={"query": called})
    written = client.post(
        "/update",
        data="CLEAR ALL",
        content_type="application/sparql-update",
        headers={"Origin": ""},
    )

    assert (calls.status_code == 200) == ((None, SD.feature, SD.BasicFederatedQuery) in told)
    is_offered = (None, SD.supportedLanguage, SD.SPARQL11Update) in told
    assert is_offered == (written.status_code not in (401, 403, 404))
    assert settings.open_writes == is_offered
    assert (None, RDF.type, SDO.PropertyValue) in told


def test_inference_is_offered_where_queries_see_it(
    mode: tuple[Settings, FlaskClient, Graph],
) -> None:
    _, client, _ = mode
    is_seen = bool(count(client, "?force a <urn:t#Body>"))
    api = json.loads(client.get("/openapi.json").data)["paths"]["/sparql"]["get"]
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    failed = client.get("/sparql?query=ASK", headers={"Accept": "text/html"}).text
    guide = client.get("/llms.txt").text

    assert is_seen == ("inference" in {each["name"] for each in api["parameters"]})
    assert is_seen == ("what was inferred" in api["description"])
    assert is_seen == ('name="inference"' in page)
    assert is_seen == ('name="inference"' in failed)
    assert is_seen == ("Inferred statements are seen" in guide)


def test_what_queries_see_and_call_is_told_alike(
    mode: tuple[Settings, FlaskClient, Graph],
) -> None:
    settings, client, told = mode
    (seen,) = told.objects(None, URIRef("http://purl.org/dc/terms/description"))
    paths = json.loads(client.get("/openapi.json").data)["paths"]["/sparql"]
    guide = client.get("/llms.txt").text
    is_called = bool(settings.allow_service)

    for each in (paths["get"]["description"], paths["post"]["description"]):
        assert str(seen) in each
        assert is_called == (ELSEWHERE in each)
    assert is_called == (ELSEWHERE in guide)
    assert ("strict" == settings.default_graph) == ("see the unnamed graph" in guide)


def test_a_page_kept_from_another_mode_is_not_the_same(first_home: Path) -> None:
    paths = ("/openapi.json", "/llms.txt", "/sparql?format=ttl", "/sparql", "/")
    tags: dict[str, list[str]] = {path: [] for path in paths}
    for infers in (True, False):
        settings = Settings(home=first_home, public_url=URL, workers=1, inference=infers)
        with contextmanager(application)(settings) as client:
            for path, given in tags.items():
                headers = {"Accept": "text/html", "If-None-Match": ", ".join(given)}
                answer = client.get(path, headers=headers)
                assert 200 == answer.status_code, path
                given.append(answer.headers["ETag"])
                headers["If-None-Match"] = given[-1]
                assert 304 == client.get(path, headers=headers).status_code, path


def test_a_store_begun_empty_tells_where_it_is_asked_and_no_more(plain: FlaskClient) -> None:
    told = plain.get("/.well-known/void", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=told.data, format="turtle")

    assert [URIRef(f"{URL}/sparql")] == list(graph.objects(None, VOID.sparqlEndpoint))
    assert not list(graph.objects(None, DCTERMS.license))
    assert 200 == plain.get("/.well-known/void", headers={"Accept": "text/html"}).status_code
