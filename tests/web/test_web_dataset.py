"""The dataset as it tells of itself, against what it holds; its files; the map of its documents."""

import gzip
import hashlib
import json
import re
import shutil
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, Graph, Namespace, URIRef
from rdflib.namespace import VOID

from peelgraph import terms
from peelgraph.cli import run
from peelgraph.embedded import Embedded
from peelgraph.http.service_description import FUNCTIONS
from peelgraph.repository import Home
from peelgraph.repository.dumps import dumps_of, held, make_dumps
from peelgraph.repository.void_dcat import CATALOGUE, DATASET
from peelgraph.sparql import Query, QueryRequest
from tests.services import serving

SH = Namespace("http://www.w3.org/ns/shacl#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SCHEMA = Namespace("https://schema.org/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
EXT = Namespace("http://ldf.fi/void-ext#")


def fetch(url: str, accept: str = "*/*") -> tuple[bytes, Message]:
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers


@pytest.fixture(scope="module")
def store(project_home: Home) -> Embedded:
    return Embedded.read_only(project_home.current().store_path)


@pytest.fixture(scope="module")
def described(served: str) -> Graph:
    return Graph().parse(data=fetch(f"{served}/.well-known/void.nt")[0], format="nt")


def number(store: Embedded, text: str) -> int:
    rows = json.loads(store.query(QueryRequest(Query(text))).body)["results"]["bindings"]
    return int(rows[0]["n"]["value"])


def test_the_partitions_count_what_a_query_counts(described: Graph, store: Embedded) -> None:
    dataset = URIRef(DATASET)
    classes = list(described.objects(dataset, VOID.classPartition))
    properties = list(described.objects(dataset, VOID.propertyPartition))
    whole = {
        VOID.triples: "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        VOID.distinctSubjects: "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        VOID.distinctObjects: "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
        VOID.properties: "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        VOID.classes: "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c FILTER(ISIRI(?c)) }",
    }
    sampled = (
        f"{terms.PEEL}Judgment",
        f"{terms.PEEL}Force",
        "http://www.w3.org/ns/org#Organization",
    )

    for fact, text in whole.items():
        assert (fact, number(store, text)) == (fact, int(described.value(dataset, fact)))
    assert len(classes) == int(described.value(dataset, VOID.classes))
    assert len(properties) == int(described.value(dataset, VOID.properties))
    for name in sampled:
        part = described.value(predicate=VOID["class"], object=URIRef(name))
        counted = number(store, f"SELECT (COUNT(*) AS ?n) {{ ?s a <{name}> }}")
        assert (name, counted) == (name, int(described.value(part, VOID.entities)))
        for inner in described.objects(part, VOID.propertyPartition):
            of = described.value(inner, VOID.property)
            text = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{name}> ; <{of}> ?o }}"
            assert (of, number(store, text)) == (of, int(described.value(inner, VOID.triples)))
            for typed in described.objects(inner, EXT.datatypePartition):
                datatype = described.value(typed, EXT.datatype)
                text = f"{text[:-1]} FILTER(DATATYPE(?o) = <{datatype}>) }}"
                expected = int(described.value(typed, VOID.triples))
                assert (of, datatype, expected) == (of, datatype, number(store, text))


def test_the_catalogue_leads_to_files_with_these_sums(described: Graph, served: str) -> None:
    version = described.value(URIRef(DATASET), DCAT.hasCurrentVersion)
    files = list(described.objects(version, DCAT.distribution))
    linked = {
        str(described.value(linkset, VOID.objectsTarget))
        for linkset in described.subjects(RDF.type, VOID.Linkset)
    }

    assert DATASET == str(described.value(URIRef(CATALOGUE), DCAT.dataset))
    assert len(files) > 4
    for file in files:
        body, headers = fetch(str(described.value(file, DCAT.downloadURL)))
        checksum = described.value(file, SPDX.checksum)

        assert str(file).startswith(served)
        assert len(body) == int(described.value(file, DCAT.byteSize))
        assert hashlib.sha256(body).hexdigest() == str(
            described.value(checksum, SPDX.checksumValue)
        )
        assert "application/gzip" == headers["Content-Type"]
    assert {"http://statistics.data.gov.uk/", "http://www.wikidata.org/"} <= linked


def test_the_files_hold_all_and_are_the_same_again(
    project_home: Home, store: Embedded, tmp_path: Path
) -> None:
    version = project_home.current()
    again = make_dumps(store, held(version), tmp_path / "again")
    quads, trig = (
        {
            (q.subject, q.predicate, q.object, q.graph_name)
            for q in ox.parse(
                gzip.decompress((version.path / "dumps" / f"peelgraph.{ending}.gz").read_bytes()),
                syntax,
            )
        }
        for ending, syntax in (("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG))
    )
    expected = sum(record.triples for record in version.graphs.values()) + version.inferred

    assert list(dumps_of(version)) == list(again)
    assert expected == len(quads)
    assert quads == trig


def test_the_home_page_says_the_same_for_search_engines(served: str) -> None:
    page = fetch(f"{served}/", "text/html")[0].decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    told = json.loads(found[1])

    assert DATASET == told["@id"]
    assert 50 <= len(told["description"]) <= 5000
    assert terms.LICENCE == told["license"]
    assert [64, 64] == [len(file["sha256"]) for file in told["distribution"]]


def test_the_examples_have_the_form_that_tools_read(served: str, root: Path) -> None:
    graph = Graph().parse(data=fetch(f"{served}/.well-known/sparql-examples.ttl")[0], format="ttl")
    examples = set(graph.subjects(RDF.type, SH.SPARQLExecutable))
    empty = ox.Store()

    assert len(list((root / "queries").rglob("*.rq"))) == len(examples)
    for example in examples:
        texts = [
            text
            for form in (SH.select, SH.ask, SH.construct, SH.describe)
            for text in graph.objects(example, form)
        ]
        assert 1 == len(texts)
        empty.query(str(texts[0]))
        assert graph.value(example, RDFS.comment).language == "en"
        assert URIRef(f"{served}/sparql") in set(graph.objects(example, SCHEMA.target))
        assert len(list(graph.objects(graph.value(example, SH.prefixes), SH.declare))) > 50


def test_every_function_that_the_service_declares_can_be_called() -> None:
    point = '"POINT(0 0)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    values = {
        "date": "2016-02-18",
        "time": "10:00:00",
        "duration": "P1Y",
        "dayTimeDuration": "P1D",
        "yearMonthDuration": "P1Y",
        "gYear": "2016",
        "gYearMonth": "2016-02",
    }
    for function in FUNCTIONS:
        local = function.rpartition("#")[2]
        arguments = f'"{values[local]}"' if local in values else f"{point}, {point}"
        solutions = ox.Store().query(f"SELECT (<{function}>({arguments}) AS ?x) {{}}")
        assert isinstance(solutions, ox.QuerySolutions)
        assert next(solutions)["x"] is not None, function


def test_the_map_of_the_site_lists_every_thing(served: str, store: Embedded) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    robots = fetch(f"{served}/robots.txt")[0].decode()
    index = ElementTree.fromstring(fetch(f"{served}/sitemap.xml")[0])
    parts = [loc.text or "" for loc in index.iter(space)]
    urls = [
        loc.text or ""
        for part in parts
        for loc in ElementTree.fromstring(fetch(part)[0]).iter(space)
    ]
    text = (
        f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), '{terms.ID}')) }}"
    )

    assert f"Sitemap: {served}/sitemap.xml" in robots
    assert number(store, text) == sum("/doc/" in url for url in urls)
    assert len(urls) == len(set(urls))


def test_versions_and_problems_are_described_too(served: str) -> None:
    version = Graph().parse(data=fetch(f"{served}/versions/1.rdf")[0], format="xml")
    problem = Graph().parse(data=fetch(f"{served}/problems/deadline", "text/turtle")[0])

    assert (URIRef(f"{served}/versions/1"), DCAT.isVersionOf, URIRef(DATASET)) in version
    assert "503" in {str(value) for value in problem.objects()}


def test_what_is_not_there_is_told_with_what_is_near(served: str) -> None:
    near = {
        "/id/force/derbyshyre": "/doc/force/derbyshire",
        "/ontology/Judgement": "/ontology#Judgment",
        "/shapes/Judgment-give": "/shapes#Judgment-gives",
        "/graph/region": "Near it: /graph/regions",
        "/queries/unit-of-force": "units-of-force",
        "/problems/deadlin": "deadline",
    }
    for path, hint in near.items():
        with pytest.raises(urllib.error.HTTPError) as missing:
            fetch(served + path, "application/json")
        told = json.load(missing.value)
        assert (path, 404) == (path, missing.value.code)
        assert hint in told["hint"]


def test_a_page_of_what_is_not_there_leads_to_what_is_near(served: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as missing:
        fetch(f"{served}/doc/force/derbyshyre", "text/html")
    page = missing.value.read().decode()
    missing.value.close()

    assert 'Near it: <a href="/doc/force/derbyshire">/doc/force/derbyshire</a>.' in page
    assert "&lt;https://w3id.org/peelgraph/id/force/derbyshyre&gt;" in page


def test_each_document_names_the_licence_of_what_it_holds(served: str) -> None:
    for path, licence in (
        ("/doc/force/kent", terms.LICENCE),
        ("/graph/regions", terms.LICENCE),
        ("/ontology", terms.SOFTWARE_LICENCE),
        ("/shapes.html", terms.SOFTWARE_LICENCE),
    ):
        links = fetch(served + path, "text/turtle, */*;q=0.1")[1].get_all("Link")
        assert [f'<{licence}>; rel="license"'] == [link for link in links if "license" in link]


def test_a_version_that_was_written_has_its_files_too(
    project_home: Home, root: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(project_home.path, tmp_path / "home"))
    told = ["load", f"{root}/tests/cases/statistic/valid.observation.ttl"]
    assert 0 == run([*told, "--graph", "graph:tried", "--home", str(home)])
    with serving(home, root) as url:
        described = Graph().parse(data=fetch(f"{url}/.well-known/void.nt")[0], format="nt")
        version = URIRef(f"{url}/versions/2")
        files = {str(file) for file in described.objects(version, DCAT.distribution)}

        assert version == described.value(URIRef(DATASET), DCAT.hasCurrentVersion)
        assert f"{url}/dumps/2/graph-tried.nq.gz" in files
        assert b"graph/tried" in gzip.decompress(fetch(f"{url}/dumps/2/peelgraph.nq.gz")[0])
