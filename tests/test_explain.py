"""Why a triple of the published graph holds: the command and the page, on the real data."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from peelgraph import terms
from peelgraph.catalogue import read_catalogue
from peelgraph.cli import run
from peelgraph.repository import Home
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.sources import find_root
from peelgraph.sparql import QueryRequest
from peelgraph.store import Store

INFERRED = ("unit:emsou", "peel:supports", "force:derbyshire")
ASSERTED = ("unit:emsou", "rdfs:label", '"East Midlands Special Operations Unit"@en')
LACKING = ("unit:emsou", "peel:supports", "force:kent")


@pytest.fixture(scope="module")
def pages(project_home: Home, project_store: Store) -> FlaskClient:
    version = project_home.current()

    class Reader:
        def query(self, question: QueryRequest, *limits: object, **more: object) -> object:
            return project_store.query(question)

    catalogue = read_catalogue(find_root() / "queries")
    app = create_app(Reader(), Settings(), lambda: version, catalogue)  # type: ignore[arg-type]
    return app.test_client()


def ask(pages: FlaskClient, triple: tuple[str, str, str], **more: str) -> dict[str, Any]:
    query = dict(zip(("subject", "predicate", "object"), triple, strict=True)) | more
    answer = pages.get("/explain", query_string=query, headers={"Accept": "application/json"})
    found: dict[str, Any] = json.loads(answer.data)
    return found


@pytest.mark.parametrize(
    ("triple", "state"), [(INFERRED, "inferred"), (ASSERTED, "asserted"), (LACKING, "not holding")]
)
def test_a_triple_is_inferred_asserted_or_neither(
    pages: FlaskClient, triple: tuple[str, str, str], state: str
) -> None:
    assert state == ask(pages, triple)["state"]


def test_a_proof_ends_in_asserted_triples_with_their_passages(pages: FlaskClient) -> None:
    (proof,) = ask(pages, INFERRED)["proofs"]
    leaves = []
    open_ = [proof]
    while open_:
        part = open_.pop()
        open_ += part.get("premises", [])
        leaves += [part] if part["state"] == "asserted" else []

    assert "prp-spo2" in proof["rule"]
    assert leaves
    assert all(leaf["graphs"] and leaf["passages"] for leaf in leaves)


@pytest.mark.parametrize(
    ("triple", "graph", "passage"),
    [
        (("unit:emsou", "rdf:type", "peel:RegionalOrganisedCrimeUnit"), "rocus", "rocus-emsou"),
        (
            (
                "report:derbyshire-2015-effectiveness",
                "dcterms:issued",
                '"2016-02"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>',
            ),
            "publications",
            "publications-report-derbyshire-2015-effectiveness",
        ),
        (("unit:emsou", "peel:abbreviation", '"EMSOU"'), "rocus", "rocus-emsou"),
    ],
    ids=["class", "month", "abbreviation"],
)
def test_what_another_source_says_is_cited_from_it_alone(
    pages: FlaskClient, triple: tuple[str, str, str], graph: str, passage: str
) -> None:
    (proof,) = ask(pages, triple)["proofs"]

    assert [terms.mint_graph(graph)] == proof["graphs"]
    assert [f"{terms.ID}passage/{passage}"] == proof["passages"]


def test_other_proofs_come_on_demand(pages: FlaskClient) -> None:
    assert 1 < len(ask(pages, INFERRED, proofs="5")["proofs"])


def test_what_lacks_is_named(pages: FlaskClient) -> None:
    lacks = [pattern for each in ask(pages, LACKING)["missing"] for pattern in each["lacks"]]

    assert any(pattern[2] == f"<{terms.ID}force/kent>" for pattern in lacks)


def test_a_misspelt_term_is_told_with_what_is_spelt_like_it(pages: FlaskClient) -> None:
    triple = ("force:derbyshir", "rdf:type", "peel:Forces")
    unknown = ask(pages, triple)["unknown"]
    page = pages.get("/explain?subject={}&predicate={}&object={}&format=html".format(*triple)).text

    assert [f"<{terms.ID}force/derbyshir>", f"<{terms.PEEL}Forces>"] == [
        each["term"] for each in unknown
    ]
    assert "/doc/force/derbyshire" in page
    assert "Nothing is known of" in page


@pytest.mark.parametrize("form", ["ttl", "html"])
def test_it_comes_as_turtle_and_as_a_page(pages: FlaskClient, form: str) -> None:
    query = dict(zip(("subject", "predicate", "object"), INFERRED, strict=True)) | {"format": form}
    answer = pages.get("/explain", query_string=query)

    assert 200 == answer.status_code
    if form == "ttl":
        assert any("prov#" in t.predicate.value for t in parse(answer.data, RdfFormat.TURTLE))
    else:
        assert b"Inferred by <code>prp-spo2" in answer.data
        assert b"<details open>" in answer.data
        assert b"/doc/passage/" in answer.data


@pytest.mark.parametrize(
    "query",
    [
        {"subject": "unit:emsou"},
        {"subject": "emsou", "predicate": "peel:supports", "object": "force:kent"},
        {"subject": "_:b", "predicate": "peel:supports", "object": "force:kent"},
        {"subject": "unit:emsou", "predicate": "peel:supports", "object": '"open'},
        {"subject": "unit:emsou", "predicate": "a:b", "object": "c:d", "proofs": "100"},
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_malformed_triple_is_refused(
    pages: FlaskClient, query: dict[str, str], accept: str
) -> None:
    answer = pages.get("/explain", query_string=query, headers={"Accept": accept})

    assert 400 == answer.status_code


def test_the_form_stands_alone(pages: FlaskClient) -> None:
    answer = pages.get("/explain", headers={"Accept": "text/html"})

    assert 200 == answer.status_code
    assert b"Why does it hold?" in answer.data


@pytest.mark.embedded
def test_the_command_prints_the_proof(
    project_home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run(["explain", *INFERRED, "--home", str(project_home.path)])
    printed = capfd.readouterr().out

    assert 0 == code
    assert printed.startswith("unit:emsou peel:supports force:derbyshire\n  is inferred.\n")
    assert "asserted in graph:derbyshire-2015-effectiveness" in printed


@pytest.mark.embedded
def test_a_class_is_asked_for_as_turtle_says_it(
    project_home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run(["explain", "unit:emsou", "a", "peel:Unit", "--home", str(project_home.path)])

    assert 0 == code
    assert capfd.readouterr().out.startswith("unit:emsou a peel:Unit\n  is inferred.\n")


@pytest.mark.embedded
def test_the_command_refuses_what_is_no_term(
    project_home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run(["explain", "emsou", "peel:supports", "x", "--home", str(project_home.path)])

    assert 2 == code
    assert "no IRI" in capfd.readouterr().err
