"""The general service over the bridges, without pages of a project: each thing that it does."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.other_project.conftest import Bridges
from tests.services import serving

GIVEN = Path(__file__).with_name("given")
GRAPH = "https://bridges.example/graph/menai-2023"

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def url(bridges: Bridges, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service over a copy of the home, open to writes."""
    home = tmp_path_factory.mktemp("written") / "home"
    shutil.copytree(bridges.root / ".peelgraph", home)
    with serving(home, bridges.root, "--open-writes") as address:
        yield address


def send(
    address: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, str]:
    """Status and text of an answer; the names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(address, body, named, method=method)
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def get_json(address: str, **parameters: str) -> Any:
    """What is answered as JSON."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return json.loads(send(address + query, Accept="application/json")[1])


def turtle(name: str) -> bytes:
    return (GIVEN / f"{name}.ttl").read_bytes()


def test_a_query_is_answered(url: str) -> None:
    query = """
        PREFIX bridge: <https://bridges.example/ontology#>
        SELECT (COUNT(*) AS ?inspections) WHERE { ?inspection a bridge:Inspection }
    """
    told = send(f"{url}/sparql?{urlencode({'query': query})}", Accept="text/csv")

    assert (200, ["inspections", "3"]) == (told[0], told[1].split())


def test_it_describes_the_dataset_and_itself(url: str) -> None:
    _, dataset = send(f"{url}/.well-known/void.nt")
    _, service = send(f"{url}/sparql", Accept="text/turtle")

    assert "<https://bridges.example/ontology#Inspection>" in dataset
    assert "sd:Service" in service


def test_each_document_is_judged(url: str) -> None:
    told = [
        json.loads(
            send(f"{url}/validate?format=json", "POST", turtle(name), Content_Type="text/turtle")[1]
        )
        for name in ("right", "wrong")
    ]

    assert [True, False] == [each["conforms"] for each in told]


def test_a_triple_is_explained(url: str) -> None:
    told = get_json(
        f"{url}/explain",
        subject="inspection:menai-2021",
        predicate="bridge:concerns",
        object="structure:menai",
    )

    assert ("inferred", "prp-spo2") == (told["state"], told["proofs"][0]["rule"])


def test_a_name_is_matched(url: str) -> None:
    told = get_json(f"{url}/reconcile", queries='{"q0": {"query": "Menai Bridge"}}')

    assert "structure/menai" == told["q0"]["result"][0]["id"]


def test_whoever_watches_is_answered(url: str) -> None:
    _, metrics = send(f"{url}/metrics")

    assert "ready" == get_json(f"{url}/health/ready")["status"]
    assert "peelgraph_asserted_triples" in metrics


def test_a_graph_is_put_and_changed_unless_it_breaks_a_shape(url: str) -> None:
    address = f"{url}/data?{urlencode({'graph': GRAPH})}"
    put = [
        send(address, "PUT", turtle(name), Content_Type="text/turtle")[0]
        for name in ("right", "wrong")
    ]
    update = f"""
        PREFIX bridge: <https://bridges.example/ontology#>
        PREFIX rating: <https://bridges.example/id/rating/>
        DELETE {{ GRAPH <{GRAPH}> {{ ?inspection bridge:gives ?rating }} }}
        INSERT {{ GRAPH <{GRAPH}> {{ ?inspection bridge:gives rating:fair }} }}
        WHERE {{ GRAPH <{GRAPH}> {{ ?inspection bridge:gives ?rating }} }}
    """.encode()
    kind = "application/sparql-update"
    changed, _ = send(f"{url}/update", "POST", update, Content_Type=kind)
    _, held = send(address, Accept="text/turtle")

    assert ([201, 422], 200) == (put, changed)
    assert "bridge:gives rating:fair" in held
