"""The client: the embedded graph and a service give the same, and what fails says why."""

import inspect
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import rdflib

from peelgraph import client
from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    PeelgraphError,
    QueryRefused,
    RequestRefused,
    SettingError,
    UnknownName,
)
from peelgraph.repository import Home

PREFIXES = """PREFIX peel: <https://w3id.org/peelgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
LABEL = f"{PREFIXES}SELECT ?label {{ ?force a peel:Force ; rdfs:label ?label }}"
ENDLESS = f"{PREFIXES}SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"


@pytest.fixture(scope="module")
def embedded(project_home: Home) -> Iterator[client.Graph]:
    with client.connect(home=project_home.path) as graph:
        yield graph


@pytest.fixture(params=["embedded", "service"])
def graph(request: pytest.FixtureRequest, embedded: client.Graph) -> client.Graph:
    """The same graph, embedded and behind a service."""
    if request.param == "embedded":
        return embedded
    return client.connect(f"{request.getfixturevalue('served')}/")


def test_a_query_gives_a_frame_of_the_version_that_answered(graph: client.Graph) -> None:
    frame = graph.query(f"{LABEL} ORDER BY ?label", {"force": client.iri("force:gwent")})

    assert "Gwent Police" in frame["label"].tolist()
    assert "1" == frame.attrs["version"]
    assert ["label"] == list(graph.query(f"{LABEL} LIMIT 0", frame="polars").columns)


def test_a_value_is_bound_as_a_term_and_never_as_text(graph: client.Graph) -> None:
    label = rdflib.Literal('Gwent Police" } #', lang="en")

    assert 0 == len(graph.query(LABEL, {"label": label}))
    assert graph.ask("ASK { FILTER(?x + 1 = 3 && ?y) }", {"x": 2, "y": True})


def test_what_cannot_be_bound_is_told(graph: client.Graph) -> None:
    for nothing in (None, ["force:kent"]):
        with pytest.raises(RequestRefused, match=r"label: .* is no term"):
            graph.query(LABEL, {"label": nothing})  # type: ignore[dict-item]
    with pytest.raises(RequestRefused, match=r"no variable \?forces\n  it has: force, label"):
        graph.query(LABEL, {"forces": client.iri("force:kent")})


def test_a_file_is_asked_as_well(graph: client.Graph, tmp_path: Path) -> None:
    file = tmp_path / "ask.rq"
    file.write_text("SELECT (1 AS ?one) {}", encoding="utf-8")

    assert [1] == graph.query(file)["one"].tolist()


def test_construct_gives_a_graph_with_the_projects_prefixes(graph: client.Graph) -> None:
    found = graph.construct("DESCRIBE ?force", {"force": client.iri("force:gwent")})

    assert (client.iri("force:gwent"), None, None) in found
    assert "force:gwent " in found.serialize(format="turtle")


def test_terms_of_a_graph_and_of_bindings_are_kept_letter_by_letter(graph: client.Graph) -> None:
    code = rdflib.Literal("007", datatype=rdflib.XSD.integer, normalize=False)
    text = "CONSTRUCT { <urn:a> <urn:b> ?code , '1'^^<urn:c> } WHERE { BIND(?code AS ?same) }"
    found = graph.construct(text, {"code": code})

    # Their equality compares values too, and so says nothing here.
    assert ["007", "1"] == sorted(str(value) for value in found.objects())


def test_a_question_of_the_catalogue_is_a_function(graph: client.Graph) -> None:
    asked = graph.questions.judgments_of_force

    assert asked("force:kent").equals(graph.questions["judgments-of-force"](force="force:kent"))
    assert ["force", "frame", "inference", "at"] == list(inspect.signature(asked).parameters)
    assert "force:derbyshire" == inspect.signature(asked).parameters["force"].default
    assert "The force asked about" in (asked.__doc__ or "")
    assert isinstance(graph.questions.description_of_thing("force:kent"), rdflib.Graph)
    assert isinstance(graph.questions.judgments_are_comparable(), bool)


def test_questions_complete_and_are_found(embedded: client.Graph) -> None:
    names = dir(embedded.questions)

    assert set(embedded.questions) < set(names)
    assert "class_" in inspect.signature(embedded.questions.properties_of_class).parameters
    assert len(embedded.questions.properties_of_class(class_="peel:Board"))
    assert len(embedded.questions) > 100
    assert all(callable(getattr(embedded.questions, name)) for name in names)
    assert "boards_chaired_by_role" in embedded.questions.find("chair")
    assert "boards-chaired-by-role" in embedded.questions._ipython_key_completions_()
    with pytest.raises(AttributeError, match="did you mean judgments-of-force"):
        _ = embedded.questions.judgments_of_forc
    with pytest.raises(UnknownName, match="did you mean"):
        _ = embedded.questions["judgments-of-forc"]
    with pytest.raises(TypeError, match="unexpected keyword argument 'farce'"):
        embedded.questions.judgments_of_force(farce="force:kent")
    with pytest.raises(RequestRefused, match="no IRI"):
        embedded.questions.judgments_of_force("Kent")


def test_an_older_name_answers_and_names_the_new_one(embedded: client.Graph) -> None:
    with pytest.warns(FutureWarning, match="who-chairs is called boards-chaired-by-role now"):
        chairs = embedded.questions.who_chairs
    with pytest.warns(FutureWarning, match="earlier is called earlierRound now"):
        changes = embedded.questions.changes_of_forces(earlier="round:peel-2017")
    with pytest.warns(FutureWarning, match="things-not-in-place now"):
        planned = embedded.questions["planned-things"]

    assert chairs("role:chief-constable").equals(
        embedded.questions.boards_chaired_by_role("role:chief-constable")
    )
    assert changes.equals(embedded.questions.changes_of_forces("round:peel-2017"))
    assert {"planned"} == set(planned()["statusName"])
    assert "causes_and_effects" in embedded.questions.find("what-leads-to-what")


def test_an_explanation_leads_to_what_is_asserted(graph: client.Graph) -> None:
    board = "board:derbyshire-safer-communities-board"

    found = graph.explain("role:chief-constable", "peel:chairs", board)

    assert "inferred" == found.state
    assert "\n  is inferred.\n\nProof 1, 3 steps:\n" in repr(found)


def test_what_is_wrong_with_a_query_is_told(graph: client.Graph) -> None:
    with pytest.raises(QueryRefused, match=r"(?i)line 1, column 12"):
        graph.query("SELECT ?x {")
    with pytest.raises(QueryRefused, match=r"Add above: PREFIX peel:"):
        graph.query("SELECT ?force { ?force a peel:Force }")
    with pytest.raises(QueryRefused, match=r"construct\(\)"):
        graph.query("CONSTRUCT WHERE { ?a ?b ?c } LIMIT 1")
    with pytest.raises(QueryRefused, match=r"query\(\)"):
        graph.ask(LABEL)
    with pytest.raises(QueryRefused, match=r"query\(\)"):
        graph.construct(LABEL)


def test_a_function_that_nobody_knows_is_told(graph: client.Graph) -> None:
    with pytest.warns(UserWarning, match="<urn:f> is no function known here"):
        found = graph.query("SELECT (<urn:f>(1) AS ?x) (2 AS ?y) {}")

    assert 2 == found["y"][0]


def test_versions_are_chosen_and_inference_left_out(graph: client.Graph) -> None:
    counted = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    everything = graph.query(counted, at=1)["n"][0]

    assert everything > graph.query(counted, inference=False)["n"][0] > 0
    # Derived alone: nobody states that a role chairs a board.
    assert len(graph.questions.boards_chaired_by_role(at=1))
    with pytest.warns(UserWarning, match="rows may be missing"):
        assert 0 == len(graph.questions.forces_that_improved(inference=False))
    for ask in (partial(graph.query, counted), graph.questions.boards_chaired_by_role):
        with pytest.raises(PeelgraphError, match="version 99 is not kept"):
            ask(at=99)


def test_a_deadline_ends_a_question_and_the_next_is_answered(project_home: Home) -> None:
    with client.connect(home=project_home.path, timeout=1) as graph:
        with pytest.raises(DeadlinePassed):
            graph.query(ENDLESS)

        assert [1] == graph.query("SELECT (1 AS ?one) {}")["one"].tolist()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(SettingError, match="no address"):
        client.connect("localhost:8000")


class Busy(BaseHTTPRequestHandler):
    """Busy twice, then answers."""

    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        busy = type(self).asked < 3
        body = b'{"head": {"vars": ["x"]}, "results": {"bindings": []}}'
        self.send_response(503 if busy else 200)
        self.send_header("Content-Type", "application/sparql-results+json")
        if busy:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.mark.parametrize(("retries", "asked"), [(2, 3), (1, 2)])
def test_a_busy_endpoint_is_asked_again(retries: int, asked: int) -> None:
    handler = type("Handler", (Busy,), {})
    told: list[str] = []
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            graph = client.connect(url, retries=retries, progress=told.append)
            if retries == 2:
                assert ["x"] == list(graph.query("SELECT ?x {}").columns)
                with pytest.raises(SettingError, match="inference is heeded by services of peel"):
                    graph.query("SELECT ?x {}", inference=False)
            else:
                with pytest.raises(EngineUnavailable, match="answered 503"):
                    graph.query("SELECT ?x {}")
        finally:
            server.shutdown()
            thread.join()

    assert asked + (retries == 2) == handler.asked  # type: ignore[attr-defined]
    assert retries == len(told)
    assert "asked again" in told[0]


@pytest.mark.parametrize("path", ["", "/sparql"])
def test_a_service_of_ours_is_told_how_long_anybody_waits(path: str) -> None:
    heard: list[str] = []

    class Ours(Busy):
        asked = 2

        def do_POST(self) -> None:
            read = self.rfile.read
            self.rfile.read = lambda length: heard.append(read(length).decode())  # type: ignore[method-assign, assignment, misc]
            super().do_POST()

        def end_headers(self) -> None:
            self.send_header("Peelgraph-Version", "1")
            super().end_headers()

    with HTTPServer(("127.0.0.1", 0), Ours) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            graph = client.connect(f"http://127.0.0.1:{server.server_port}{path}", timeout=7)
            for _ in range(2):
                graph.query("SELECT ?x {}")
        finally:
            server.shutdown()
            thread.join()

    # Of an address with a path nothing is known before its first answer.
    assert [not path, True] == ["timeout=7" in body for body in heard]


def test_an_endpoint_that_is_away_is_told_at_once() -> None:
    told: list[str] = []
    graph = client.connect("http://127.0.0.1:9", progress=told.append)

    with pytest.raises(PeelgraphError, match="that the service runs"):
        graph.query("SELECT ?x {}")
    assert [] == told
