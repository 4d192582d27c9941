"""The general service alone, over a home of another domain: what it answers without our pages."""

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from peelgraph import terms
from peelgraph.catalogue import Catalogue
from peelgraph.http.app import create_app
from peelgraph.http.worker import CurrentVersion
from peelgraph.reasoning import compile_rules
from peelgraph.repository import Home
from peelgraph.repository.rebuild import rebuild
from peelgraph.settings import Settings
from peelgraph.sources import read_turtle
from peelgraph.validation import accept, validate
from peelgraph.workers import Pool
from peelgraph.workers.validations import Validations
from peelgraph.workers.writer import Writer

BRIDGE = f"{terms.ID}bridge/pont-trefechan"
RIVER = f"{terms.ID}river/rheidol"
BRIDGES = f"""
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<{BRIDGE}> a <urn:example:Bridge> ;
    rdfs:label "Pont Trefechan"@cy ;
    <urn:example:built> "1888-01-01"^^xsd:date ;
    <urn:example:crosses> <{RIVER}> .
<{RIVER}> rdfs:label "River Rheidol"@en .
"""
ONTOLOGY = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .

<urn:example:Bridge> a owl:Class .
<urn:example:built> a owl:DatatypeProperty .
<urn:example:crosses> a owl:ObjectProperty ; owl:inverseOf <urn:example:isCrossedBy> .
"""
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .

<urn:example:Bridge-crosses> a sh:NodeShape ;
    sh:targetClass <urn:example:Bridge> ;
    sh:property [ sh:path <urn:example:crosses> ; sh:minCount 1 ;
        sh:message "A bridge crosses something."@en ] .
"""
OURS = re.compile(
    r"police|constabul|inspect|judgment|\bforces?\b|\bpeel:|w3id\.org|\bPEEL\b|\bPSH\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The general application over a home into which a small project was built."""
    folder, home = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("home")
    settings = Settings(
        home=home, workers=1, timeout=20, open_writes=True, public_url="https://bridges.example"
    )
    sources = []
    for name, text in (("ontology", ONTOLOGY), ("shapes", SHAPES), ("bridges", BRIDGES)):
        path = folder / f"{name}.ttl"
        path.write_text(text, encoding="utf-8")
        sources.append(read_turtle(path, terms.mint_graph(name)))
    ontology, shapes, bridges = sources
    validated = accept(sources, validate((bridges,), (shapes,), (ontology,)))
    rebuild(Home(home), validated, compile_rules(ontology.triples))
    current = CurrentVersion(home)
    pool = Pool(settings, current.edition, older=current.older_edition)
    pool.warm()
    writer, validations = Writer(settings, current.forget), Validations(settings)
    app = create_app(
        pool,
        settings,
        current.version,
        Catalogue(()),
        older=current.older,
        writer=writer,
        validations=validations,
    )
    try:
        yield app.test_client()
    finally:
        validations.stop()
        writer.close()
        pool.close()


def test_a_query_is_answered(client: FlaskClient) -> None:
    query = "SELECT ?name WHERE { ?bridge a <urn:example:Bridge> ; rdfs:label ?name }"
    query = f"PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> {query}"
    answer = client.get("/sparql", query_string={"query": query, "format": "csv"})

    assert ["name", "Pont Trefechan"] == answer.text.splitlines()


def test_an_update_is_published(client: FlaskClient) -> None:
    said = (
        f"<{terms.ID}bridge/devils-bridge> a <urn:example:Bridge> ; <urn:example:crosses> <{RIVER}>"
    )
    update = f"INSERT DATA {{ GRAPH <urn:example:more> {{ {said} }} }}"
    answer = client.post("/update", data=update, content_type="application/sparql-update")
    held = client.get("/data?graph=urn:example:more", headers={"Accept": "text/turtle"})

    assert 200 == answer.status_code
    assert "devils-bridge" in held.text


def test_a_resource_is_dereferenced(client: FlaskClient) -> None:
    path = BRIDGE.removeprefix(terms.ID)
    seen = client.get(f"/id/{path}")
    turtle = client.get(f"/doc/{path}", headers={"Accept": "text/turtle"})
    page = client.get(f"/doc/{path}", headers={"Accept": "text/html"})

    assert (303, f"/doc/{path}") == (seen.status_code, seen.headers["Location"])
    assert '"Pont Trefechan"@cy' in turtle.text
    assert '<h1><span lang="cy">Pont Trefechan</span></h1>' in page.text
    assert "River Rheidol" in page.text
    assert 404 == client.get("/doc/bridge/pont-y-borth").status_code


def test_it_describes_itself(client: FlaskClient) -> None:
    void = client.get("/.well-known/void.nt")
    service = client.get("/sparql", headers={"Accept": "text/turtle"})
    start = client.get("/")

    assert "void#Dataset" in void.text
    assert "sd:Service" in service.text
    assert (303, "/.well-known/void") == (start.status_code, start.headers["Location"])


@pytest.mark.parametrize(
    ("data", "conforms"), [(BRIDGES, True), ("<urn:b> a <urn:example:Bridge> .", False)]
)
def test_data_are_validated_by_the_published_shapes(
    client: FlaskClient, data: str, conforms: bool
) -> None:
    address = "/validate?format=json&context=none"
    answer = client.post(address, data=data, content_type="text/turtle")

    assert conforms == json.loads(answer.text)["conforms"]
    assert conforms or "A bridge crosses something." in answer.text


def test_a_triple_is_explained(client: FlaskClient) -> None:
    triple = {
        "subject": f"<{RIVER}>",
        "predicate": "<urn:example:isCrossedBy>",
        "object": f"<{BRIDGE}>",
    }

    assert "inferred" == client.get("/explain", query_string=triple).json["state"]


def test_names_are_matched(client: FlaskClient) -> None:
    queries = json.dumps({"q0": {"query": "Rheidol River"}})
    found = client.get("/reconcile", query_string={"queries": queries}).json

    assert "river/rheidol" == found["q0"]["result"][0]["id"]


def test_whoever_watches_is_answered(client: FlaskClient) -> None:
    assert "ready" == client.get("/health/ready").json["status"]
    assert "peelgraph_asserted_triples" in client.get("/metrics").text


PAGES = [
    *("/sparql", "/sparql?query=ASK%20%7B%7D", "/sparql?query=ASK%20%7B", "/queries", "/validate"),
    *("/explain", "/versions", "/versions/1", "/problems", "/reconcile", "/graph/bridges"),
    *("/doc/bridge/pont-trefechan", "/ontology", "/shapes", "/metrics", "/static/style.css"),
]


@pytest.mark.parametrize("path", PAGES)
def test_no_answer_has_a_word_of_ours(client: FlaskClient, path: str) -> None:
    text = client.get(path, headers={"Accept": "text/html, */*;q=0.1"}).text
    # Its title, how IRIs begin and which prefixes there are is told by the project.
    told = re.sub("data-prefixes='[^']*'", "", unquote(text))
    told = told.replace(terms.BASE, "").replace(terms.PROJECT.title, "")

    assert told
    assert [] == OURS.findall(told)
    assert '<link rel="stylesheet"' not in told
