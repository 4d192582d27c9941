"""Remote endpoints: what is sent, what is understood, and how each failure is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    PeelgraphError,
    QueryRefused,
    SettingError,
)
from peelgraph.remote import RemoteStore, read_engine
from peelgraph.remote.endpoint import Remote
from peelgraph.sparql import Dataset, Query, QueryRequest

ROWS = b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}'
JSON = "application/sparql-results+json"


@contextmanager
def endpoint(
    status: int, media_type: str, body: bytes, wait: Callable[[], object] = bool
) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """A server that gives one answer; its address, and the requests it got."""
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append({**parse_qs(content), "accept": [self.headers["Accept"]]})
            wait()
            try:
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except BrokenPipeError:
                return

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_question_is_sent_with_its_formats_and_its_dataset() -> None:
    with endpoint(200, f"{JSON}; charset=utf-8", ROWS) as (url, asked):
        answer = Remote(url, 5).query(
            QueryRequest(Query("SELECT ?x {}"), dataset=Dataset(default=("urn:g", "urn:h")))
        )

    assert (ROWS, JSON, "select") == (answer.body, answer.media_type, answer.form)
    assert {"query", "default-graph-uri", "accept"} == asked[0].keys()
    assert ["SELECT ?x {}"] == asked[0]["query"]
    assert ["urn:g", "urn:h"] == asked[0]["default-graph-uri"]
    assert [f"{JSON}, application/n-triples;q=0.9"] == asked[0]["accept"]


@pytest.mark.parametrize(
    ("media_type", "body", "form"),
    [
        (JSON, b'{"head": {}, "boolean": true}', "ask"),
        (JSON, b'{"head": {"vars": ["boolean"]}, "results": {"bindings": []}}', "select"),
        ("application/n-triples", b"<a:a> <a:a> <a:a> .\n", "graph"),
    ],
)
def test_the_form_is_told_from_the_answer(media_type: str, body: bytes, form: str) -> None:
    with endpoint(200, media_type, body) as (url, _):
        assert form == Remote(url, 5).query(QueryRequest(Query("ASK {}"))).form


def test_what_an_engine_holds_is_compared_by_value() -> None:
    """TDB2 gives 45.0 back of 45; another engine may keep each spelling."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    spelt = {"decimal": ("45", "45.0"), "boolean": ("1", "true"), "duration": ("PT90M", "PT1H30M")}
    lines = {
        kind: [f'<urn:a> <urn:p> "{value}"^^<{xsd}{kind}> .'.encode() for value in values]
        for kind, values in spelt.items()
    }
    body = b"".join(given_back + b"\n" for _, given_back in lines.values())
    asked = [line for both in lines.values() for line in both]
    with endpoint(200, "application/n-triples", body) as (url, _):
        store = RemoteStore(read_engine(url), 5)
        held = store.held(b"\n".join([*asked, b'<urn:a> <urn:p> "45" .']), "")

    assert {*asked} == held


def test_rdf_xml_has_names_where_an_engine_labels_by_number() -> None:
    body = b"_:1 <urn:p> _:2a .\n_:2a <urn:p> _:b1 .\n"
    question = QueryRequest(Query("CONSTRUCT WHERE { ?s ?p ?o }"), graph="application/rdf+xml")
    with endpoint(200, "application/n-triples", body) as (url, _):
        read = list(
            ox.parse(RemoteStore(read_engine(url), 5).query(question).body, ox.RdfFormat.RDF_XML)
        )

    assert 3 == len({node for quad in read for node in (quad.subject, quad.object)})


@pytest.mark.parametrize(
    ("status", "media_type", "body", "error", "told"),
    [
        (200, "text/html", b"<h1>Log in</h1>", EngineUnavailable, "is it a SPARQL endpoint?"),
        (400, "application/problem+json", b'{"detail": "line 3"}', QueryRefused, "query: line 3"),
        (400, "text/plain", b"Virtuoso 37000\n Error", QueryRefused, "Virtuoso 37000 Error"),
        (404, "text/html", b"", EngineUnavailable, "answered 404"),
        (500, "text/plain", b"out of it", EngineUnavailable, "answered 500: out of it"),
        (503, "text/plain", b"busy", EngineUnavailable, "answered 503: busy"),
    ],
)
def test_a_failing_endpoint_is_told_apart(
    status: int, media_type: str, body: bytes, error: type[PeelgraphError], told: str
) -> None:
    with endpoint(status, media_type, body) as (url, _), pytest.raises(error) as caught:
        Remote(url, 5).query(QueryRequest(Query("SELECT ?x {}")))

    assert told in str(caught.value)
    assert url in str(caught.value)


def test_an_endpoint_that_takes_too_long_and_one_that_is_away() -> None:
    over = threading.Event()
    with endpoint(200, JSON, ROWS, over.wait) as (url, _):
        with pytest.raises(DeadlinePassed, match=r"within 0\.5 s"):
            Remote(url, 0.5).query(QueryRequest(Query("SELECT ?x {}")))
        over.set()
    with pytest.raises(EngineUnavailable, match=r"does not answer: .*refused"):
        Remote(url, 5).query(QueryRequest(Query("SELECT ?x {}")))


@pytest.mark.parametrize("url", ["example.org/sparql", "file:///etc/passwd", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingError, match="no address of an endpoint"):
        Remote(url, 5)
