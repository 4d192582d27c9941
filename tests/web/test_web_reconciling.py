"""/reconcile: a spreadsheet's names of forces and units, as OpenRefine asks for them."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from rdflib import RDFS

from peelgraph import terms

FORCES = {
    "Derbyshire Police": "force/derbyshire",
    "Derbyshire Constabulary": "force/derbyshire",
    "Avon & Somerset": "force/avon-and-somerset",
    "Devon and Cornwall Constabulary": "force/devon-and-cornwall",
    "Metropolitan Police Service": "force/metropolitan",
    "London, City of": "force/city-of-london",
    "dyfed powys": "force/dyfed-powys",
    "Heddlu Gwent": "force/gwent",
}
SHORT = {
    "BTP": "force/british-transport-police",
    "EMSOU": "unit/emsou",
    "GMP": "force/greater-manchester",
    "HMICFRS": "organisation/hmicfrs",
    "IOPC": "organisation/independent-office-for-police-conduct",
    "Met": "force/metropolitan",
    "MOPAC": "organisation/mayors-office-for-policing-and-crime",
    "the Met": "force/metropolitan",
}
NEAR = ("College of Policing", "Derbishire Police", "Kent County Council", "police", "West York")

SOUTH = "area/south-yorkshire"


def ask(url: str, batch: Mapping[str, Any]) -> dict[str, Any]:
    """What a batch of queries is answered, as OpenRefine posts it."""
    body = urllib.parse.urlencode({"queries": json.dumps(batch)}).encode()
    with urllib.request.urlopen(f"{url}/reconcile", body, timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def test_the_names_of_forces_are_matched_for_sure(served: str) -> None:
    batch = {name: {"query": name, "type": "Force"} for name in FORCES}
    told = ask(served, batch)

    best = {name: told[name]["result"][0] for name in FORCES}
    assert {name: one["id"] for name, one in best.items()} == FORCES
    assert all(one["match"] for one in best.values())


def test_what_is_not_certain_is_offered_and_not_decided(served: str) -> None:
    told = ask(
        served,
        {
            "shortened": {"query": "West Yorks Police", "type": "Force"},
            "mistyped": {"query": "cenral referal unit"},
            "two things": {"query": "Derbyshire"},
            "nothing": {"query": "Gotham City Police Department", "type": "Force"},
        },
    )

    first = told["shortened"]["result"][0]
    assert ("force/west-yorkshire", False) == (first["id"], first["match"])
    assert "unit/derbyshire-central-referral-unit" == told["mistyped"]["result"][0]["id"]
    assert not any(one["match"] for one in told["two things"]["result"])
    assert not any(one["match"] for one in told["nothing"]["result"])


def test_properties_tell_namesakes_apart(served: str) -> None:
    plain = {"query": "Yorkshire", "type": "Force", "limit": 5}
    told = ask(
        served,
        {
            "plain": plain,
            "known": {
                **plain,
                "properties": [{"pid": "covers", "v": {"id": SOUTH}}],
            },
        },
    )

    assert "force/south-yorkshire" == told["known"]["result"][0]["id"]
    assert len(told["plain"]["result"]) > 1


def test_properties_alone_find_what_has_them(served: str) -> None:
    told = ask(
        served,
        {
            "by name": {"type": "Force", "properties": [{"pid": "covers", "v": "South Yorkshire"}]},
            "by id": {"properties": [{"pid": "covers", "v": {"id": SOUTH}}]},
            "by two": {
                "properties": [
                    {"pid": "covers", "v": {"id": SOUTH}},
                    {"pid": "inRegion", "v": "no such region"},
                ]
            },
            "no such property": {"properties": [{"pid": "wears", "v": "red"}]},
        },
    )

    first = {key: [one["id"] for one in told[key]["result"]][:1] for key in told}
    assert {
        "by name": ["force/south-yorkshire"],
        "by id": ["force/south-yorkshire"],
        "by two": ["force/south-yorkshire"],
        "no such property": [],
    } == first
    assert told["by id"]["result"][0]["match"]
    assert not told["by two"]["result"][0]["match"]


def test_results_and_manifest_have_the_members_of_the_specification(served: str) -> None:
    manifest = fetch(f"{served}/reconcile")
    result = ask(served, {"q0": {"query": "EMSOU", "limit": 1}})["q0"]["result"]

    assert "0.2" in manifest["versions"]
    assert (terms.ID, terms.PEEL) == (manifest["identifierSpace"], manifest["schemaSpace"])
    assert "{{id}}" in manifest["view"]["url"]
    assert {"url", "width", "height"} == set(manifest["preview"])
    assert 1 == len(result)
    assert {"id", "name", "description", "type", "score", "match"} == set(result[0])
    assert {"CollaborativeUnit", "Unit"} <= {kind["id"] for kind in result[0]["type"]}


def test_every_service_of_the_manifest_answers(served: str) -> None:
    manifest = fetch(f"{served}/reconcile")
    found = {}
    for what, prefix in (("entity", "derb"), ("type", "for"), ("property", "jud")):
        service = manifest["suggest"][what]
        told = fetch(f"{service['service_url']}{service['service_path']}?prefix={prefix}")
        found[what] = {one["id"] for one in told["result"]}
        assert all({"id", "name"} <= set(one) for one in told["result"])
    flyout = manifest["suggest"]["entity"]
    address = flyout["flyout_service_path"].replace("${id}", "force/kent")
    preview = manifest["preview"]["url"].replace("{{id}}", "force/kent")
    with urllib.request.urlopen(preview, timeout=60) as answer:
        page, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]

    assert "force/derbyshire" in found["entity"]
    assert "Force" in found["type"]
    assert "judges" in found["property"]
    assert "Kent Police" in fetch(served + address)["html"]
    assert "Kent Police" in page
    assert "frame-ancestors *" in policy


@pytest.mark.parametrize("queries", ["{", "[]", "[" * 2000], ids=lambda queries: queries[:9])
def test_a_batch_that_cannot_be_read_is_refused(served: str, queries: str) -> None:
    body = urllib.parse.urlencode({"queries": queries}).encode()

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{served}/reconcile", body, timeout=60)
    assert 400 == refused.value.code
    refused.value.close()


@pytest.mark.parametrize(
    "query",
    [
        *(1, {}, {"query": "x", "limit": 0}, {"query": "x", "type": 5}, {"properties": []}),
        {"query": "x", "properties": [{"v": "no pid"}]},
        {"query": "x", "properties": "covers"},
        {"query": "x", "properties": [{"pid": "covers", "v": "x"}] * 11},
        {"query": "x", "properties": [{"pid": "covers", "v": ["x"] * 5000}]},
        {"query": "x", "type": ["Force"] * 5000},
    ],
    ids=lambda query: json.dumps(query)[:60],
)
def test_a_query_that_cannot_be_read_answers_for_itself_alone(served: str, query: object) -> None:
    told = ask(served, {"bad": query, "good": {"query": "EMSOU"}})

    assert [] == told["bad"]["result"]
    assert told["bad"]["error"]
    assert "unit/emsou" == told["good"]["result"][0]["id"]


def test_a_thing_asked_by_its_own_label_comes_first(served: str) -> None:
    query = f"""
        SELECT ?thing ?label WHERE {{
          ?thing a ?class ; <{RDFS.label}> ?label .
          FILTER (?class IN (<{terms.PEEL}Force>, <{terms.PEEL}Unit>, <{terms.PEEL}GoverningBody>))
        }}"""
    parameters = urllib.parse.urlencode({"query": query, "format": "json"})
    rows = fetch(f"{served}/sparql?{parameters}")["results"]["bindings"]
    things = {row["label"]["value"]: row["thing"]["value"] for row in rows}
    told = ask(served, {name: {"query": name, "limit": 1} for name in things})

    assert len(things) > 100
    best = {name: told[name]["result"][0] for name in things}
    assert things == {name: terms.ID + one["id"] for name, one in best.items()}
    assert [] == [name for name, one in best.items() if not one["match"]]


def test_abbreviations_are_names(served: str) -> None:
    told = ask(served, {name: {"query": name} for name in SHORT})

    best = {name: told[name]["result"][0] for name in SHORT}
    assert {name: one["id"] for name, one in best.items()} == SHORT
    assert all(one["match"] for one in best.values())


def test_what_is_only_near_is_never_sure(served: str) -> None:
    told = ask(served, {name: {"query": name} for name in NEAR})

    assert [] == [one for each in told.values() for one in each["result"] if one["match"]]
