"""Clients of others at the service: SPARQLWrapper, rdflib by IRI and by SERVICE; and the crawl."""

from typing import Any

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS
from SPARQLWrapper import CSV, JSON, N3, POST, RDFXML, XML, SPARQLWrapper

from peelgraph import terms
from peelgraph.repository import canonical_lines
from tests.linked import crawl

# rdflib's own parsers and SPARQLWrapper still use what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset")

FORCE = URIRef(f"{terms.ID}force/derbyshire")
SD = "http://www.w3.org/ns/sparql-service-description#"
PREFIX = f"PREFIX peel: <{terms.PEEL}> PREFIX rdfs: <{RDFS}>"


def test_sparqlwrapper_reads_every_form(served: str) -> None:
    client = SPARQLWrapper(f"{served}/sparql")
    client.setQuery(f"{PREFIX} SELECT ?force {{ ?force a peel:Force }}")
    for style, count in ((JSON, 43), (XML, 43)):
        client.setReturnFormat(style)
        found = client.queryAndConvert()
        rows = (
            found["results"]["bindings"] if style == JSON else found.getElementsByTagName("result")
        )
        assert count == len(rows)
    client.setReturnFormat(CSV)
    assert 44 == len(client.queryAndConvert().splitlines())
    client.setMethod(POST)
    client.setQuery(f"{PREFIX} CONSTRUCT {{ ?f a peel:Force }} {{ ?f a peel:Force }}")
    for style in (RDFXML, N3):
        client.setReturnFormat(style)
        written: Any = client.queryAndConvert()
        graph = written if isinstance(written, Graph) else Graph().parse(data=written, format="n3")
        assert 43 == len(graph)
    client.setReturnFormat(JSON)
    client.setQuery(f"{PREFIX} ASK {{ <{FORCE}> a peel:Force }}")
    assert client.queryAndConvert()["boolean"] is True


@pytest.mark.parametrize(
    "path",
    ["/id/force/derbyshire", "/ontology", "/shapes", "/graph/regions", "/versions/1"],
)
def test_rdflib_reads_the_same_graph_in_every_syntax(served: str, path: str) -> None:
    def read(syntax: str | None) -> list[bytes]:
        graph = Graph().parse(served + path, format=syntax)
        return canonical_lines([graph.serialize(format="nt").encode()])

    unasked = read(None)
    assert len(unasked) > 10
    assert [] == [name for name in ("turtle", "nt", "xml", "json-ld") if read(name) != unasked]


def test_a_thing_is_read_from_its_iri_alone(served: str) -> None:
    graph = Graph().parse(f"{served}/id/force/derbyshire")
    region = graph.value(FORCE, URIRef(f"{terms.PEEL}inRegion"))

    assert (FORCE, RDF.type, URIRef(f"{terms.PEEL}Force")) in graph
    assert "East Midlands" in {str(name) for name in graph.objects(region, RDFS.label)}


def test_another_engine_federates_by_the_service_description(served: str) -> None:
    described = Graph().parse(f"{served}/sparql", format="turtle")
    service = described.value(predicate=RDF.type, object=URIRef(f"{SD}Service"))
    endpoint = described.value(service, URIRef(f"{SD}endpoint"))
    local = Graph().parse(f"{served}/id/force/derbyshire", format="turtle")

    # rdflib knows the region from the document; the other forces there only from the endpoint.
    rows = local.query(
        f"""{PREFIX}
        SELECT DISTINCT ?name WHERE {{
          <{FORCE}> peel:inRegion ?region .
          SERVICE <{endpoint}> {{ ?o a peel:Force ; peel:inRegion ?region ; rdfs:label ?name . }}
        }}"""
    )
    assert 5 == len({str(row[0]) for row in rows})


@pytest.mark.slow("a crawl; CI follows more links than this")
def test_no_link_is_broken_and_every_iri_answers_in_every_syntax(served: str) -> None:
    # A few of each kind; .ci/run looks at all of them.
    report = crawl.crawl(served, sample=1)
    print(report)

    assert [] == report.faults
    assert report.counts["own IRIs"] > 60
    assert report.counts["pages and files"] > 60


def test_the_crawl_notices_what_is_wrong(served: str) -> None:
    with crawl.connected(served) as client:
        faults, _ = crawl.list_faults(client, f"{terms.ID}force/nowhere", {""})
        missing, _ = crawl.list_faults(client, terms.ONTOLOGY, {"NoSuchTerm"})

    assert len(faults) >= 5
    assert [f"{served}/ontology: says nothing of #NoSuchTerm"] == missing
