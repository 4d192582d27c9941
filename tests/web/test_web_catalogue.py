"""Stored questions as REST: values, rows in pages, citations, and OpenAPI that says all of it."""

import json
import re
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit

from flask.testing import FlaskClient
from openapi_spec_validator import validate

NAME = "/queries/labels-of-things"


FORCE = "https://w3id.org/peelgraph/ontology%23Force"
OLD = {
    "/queries/names-by-subject": NAME,
    "/queries/names-by-subject.rq": f"{NAME}.rq",
    f"/queries/names-by-subject.csv?subject={FORCE}&limit=1": f"{NAME}.csv?thing={FORCE}&limit=1",
    f"/queries/names-by-subject/citation?thing={FORCE}": f"{NAME}/citation?thing={FORCE}",
    "/queries/names-by-subject/values/thing": f"{NAME}/values/thing",
    f"{NAME}?it={FORCE}&at=7": f"{NAME}?thing={FORCE}&at=7",
}


def links(client: FlaskClient, path: str) -> dict[str, str]:
    found = client.get(path).headers.getlist("Link")
    matched = [re.fullmatch(r'<([^>]*)>; rel="([\w-]+)"', link) for link in found]
    return {match[2]: match[1] for match in matched if match}


def test_rows_come_in_pages_that_lead_to_each_other(client: FlaskClient) -> None:
    whole = client.get(f"{NAME}.csv").text.splitlines()
    rows = whole[1:]
    path, paged = f"{NAME}.csv?limit=2", []
    while path:
        paged += client.get(path).text.splitlines()[1:]
        path = links(client, path).get("next", "")

    assert 3 == len(rows)
    assert rows == paged
    assert f"{NAME}.csv?limit=2&offset=0" == links(client, f"{NAME}.csv?limit=2&offset=2")["prev"]


def test_a_run_names_the_address_that_lasts(client: FlaskClient) -> None:
    thing = "https%3A%2F%2Fw3id.org%2Fpeelgraph%2Fontology%23Force"
    lasting = links(client, f"{NAME}.csv?thing=https://w3id.org/peelgraph/ontology%23Force")
    address = urlsplit(lasting["cite-as"])

    assert f"https://graph.example{NAME}?thing={thing}&at=7" == lasting["cite-as"]
    answer = client.get(f"{address.path}?{address.query}", headers={"Accept": "text/csv"})
    assert ["thing,label", "https://w3id.org/peelgraph/ontology#Force,force"] == (
        answer.text.splitlines()
    )


def test_a_citation_is_text_or_bibtex(client: FlaskClient) -> None:
    text = client.get(f"{NAME}/citation")
    bibtex = client.get(f"{NAME}/citation?format=bibtex")

    assert "text/plain" == text.mimetype
    assert "version 7 of 2026-11-23" in text.text
    assert f"https://graph.example{NAME}?at=7" in text.text
    assert "application/x-bibtex" == bibtex.mimetype
    assert bibtex.text.startswith("@misc{peelgraph-labels-of-things-7,")
    assert bibtex.text.count("{") == bibtex.text.count("}")
    assert 400 == client.get(f"{NAME}/citation?format=ris").status_code
    assert 400 == client.get(f"{NAME}/citation?other=1").status_code


def test_rows_that_cannot_be_paged_are_refused(client: FlaskClient) -> None:
    for wrong in ("limit=-1", "limit=x", "offset=9999999999", "limit=1&limit=2"):
        assert (wrong, 400) == (wrong, client.get(f"{NAME}.csv?{wrong}").status_code)


def test_the_description_of_the_service_is_valid(client: FlaskClient) -> None:
    told = client.get("/openapi.json").get_json()
    validate(told)
    asked = told["paths"][NAME]["get"]

    assert "3.1.0" == told["openapi"]
    assert ["thing", "inference", "at", "limit", "offset", "format"] == [
        parameter["name"] for parameter in asked["parameters"]
    ]
    assert "text/csv" in asked["responses"]["200"]["content"]


def test_an_older_name_leads_to_the_name_of_today(client: FlaskClient) -> None:
    for old, new in OLD.items():
        answer = client.get(old)

        assert (old, 308) == (old, answer.status_code)
        assert unquote(new) == unquote(answer.headers["Location"])
        assert answer.headers["Deprecation"].startswith("@")
        assert f'<{answer.headers["Location"]}>; rel="successor-version"' in answer.headers["Link"]
        assert "the old name will go" in answer.headers["Peelgraph-Warning"]
        assert 200 == client.get(answer.headers["Location"]).status_code
    assert 303 == client.get("/.well-known/sparql-examples/names-by-subject").status_code


def test_a_question_is_answered_without_what_is_inferred(client: FlaskClient) -> None:
    path = "/queries/organisations.csv"
    found, asserted = client.get(path), client.get(f"{path}?inference=off")
    page = client.get("/queries/organisations?inference=off", headers={"Accept": "text/html"})

    assert found.text.splitlines()[1:]
    assert [] == asserted.text.splitlines()[1:]
    assert "Peelgraph-Warning" not in found.headers
    assert "rows may be missing" in asserted.headers["Peelgraph-Warning"]
    assert "rows may be missing" in page.text
    assert "inference=off&at=7" in links(client, f"{path}?inference=off")["cite-as"]
    assert "Peelgraph-Warning" not in client.get(f"{NAME}.csv?inference=off").headers
    assert 400 == client.get(f"{path}?inference=no").status_code


def test_the_values_of_a_parameter_come_from_the_graph(served: str) -> None:
    # The world of these tests is too small: the project's own graph has every kind of thing.
    told = fetch_json(f"{served}/queries/units-of-force/values/force")
    every = fetch_json(f"{served}/openapi.json")
    validate(every)

    # The 43 territorial forces, and the British Transport Police.
    assert 44 == sum(one["value"].startswith("force:") for one in told["values"])
    assert ("force:kent", "Kent Police") in {(v["value"], v["label"]) for v in told["values"]}


def fetch_json(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
        return told
