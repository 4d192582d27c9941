"""`peelgraph mcp`, asked by the SDK's own client over its standard input and output."""

import sys
import urllib.request
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from peelgraph.repository import Home

FAULTY = (Path(__file__).parent / "cases/inspection/invalid.two-grades.ttl").read_text()
CHAIRS = {
    "subject": "role:chief-constable",
    "predicate": "peel:chairs",
    "object": "board:derbyshire-safer-communities-board",
}
COUNT = "SELECT (COUNT(*) AS ?forces) { ?force a peel:Force }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def said(project_home: Home) -> dict[str, Any]:
    """What the server says to each call of one conversation."""
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "search": ("search", {"words": "safer communities"}),
        "search a name": ("search", {"words": "Derbyshire", "most": 1}),
        "search in any case": ("search", {"words": "WHICH Boards"}),
        "search for no words": ("search", {"words": " "}),
        "search nothing": ("search", {"words": "Zeppelin"}),
        "describe": ("describe", {"thing": "force:gwent"}),
        "describe nobody": ("describe", {"thing": "force:atlantis"}),
        "count": ("query", {"query": COUNT}),
        "ask": ("query", {"query": "ASK { force:kent a peel:Force }"}),
        "stored": (
            "query",
            {"query": "judgments-of-force", "parameters": {"force": "force:kent"}, "most": 2},
        ),
        "older name": (
            "query",
            {"query": "changes-of-forces", "parameters": {"later": "round:peel-2017"}, "most": 1},
        ),
        "malformed": ("query", {"query": "SELECT ?x {"}),
        "malformed, prefixes known": ("query", {"query": "SELECT ?f { ?f a peel:Force"}),
        "no rows": ("query", {"query": COUNT, "most": -1}),
        "elsewhere": (
            "query",
            {"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"},
        ),
        "endless": ("query", {"query": ENDLESS}),
        "again": ("query", {"query": COUNT}),
        "explain": ("explain", CHAIRS),
        "validate": ("validate", {"turtle": FAULTY}),
        "no turtle": ("validate", {"turtle": "force:kent a"}),
        "much that is no turtle": ("validate", {"turtle": "x" * 9000}),
    }
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "peelgraph", "mcp", "--home", str(project_home.path), "--timeout", "5"],
    )

    async def talk() -> dict[str, Any]:
        async with Client(server) as client:
            results: dict[str, Any] = {"tools": await client.list_tools()}
            for name, (tool, arguments) in calls.items():
                results[name] = await client.call_tool(tool, arguments)
            results["guide"] = await client.read_resource("peelgraph://llms.txt")
            return results

    return anyio.run(talk)


def text(result: Any) -> str:
    return str(result.content[0].text)


def test_the_tools_say_what_they_do(said: dict[str, Any]) -> None:
    tools = {tool.name: tool for tool in said["tools"].tools}

    assert {"search", "describe", "query", "explain", "validate"} == set(tools)
    assert all(tool.description for tool in tools.values())
    assert {"query", "parameters", "most"} == set(tools["query"].input_schema["properties"])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("search", "<https://w3id.org/peelgraph/id/board/derbyshire-safer-communities-board>"),
        ("search", "question\tsummary\tparameters"),
        ("search a name", '\t"Derbyshire '),
        ("search in any case", "boards-chaired-by-role\t"),
        ("search nothing", "?thing\t?thingName\t?kind\n\nquestion"),
        ("describe", "force:gwent a "),
        ("describe", 'rdfs:label "Tarian"@en'),
        ("count", "?forces\n43"),
        ("ask", "true"),
        ("stored", "more: ask for them with most"),
        ("older name", "(its parameter later is called laterRound now; the old name will go)"),
        ("again", "?forces\n43"),
        ("explain", "its subject is attested in passage:"),
        ("validate", "A judgment gives exactly one grade"),
        ("validate", "data.ttl:24:5"),
    ],
)
def test_a_tool_answers(said: dict[str, Any], call: str, told: str) -> None:
    assert not said[call].is_error, text(said[call])
    assert told in text(said[call])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("describe nobody", "find its IRI with search"),
        ("search for no words", "words to search for are needed"),
        ("malformed", "Line 1, column 12"),
        ("malformed, prefixes known", "Line 1, column 28"),
        ("no rows", "most is -1"),
        ("elsewhere", "SERVICE is not served"),
        ("endless", "5 s"),
        ("no turtle", "data.ttl:1:"),
    ],
)
def test_what_fails_is_told_so_that_it_can_be_mended(
    said: dict[str, Any], call: str, told: str
) -> None:
    assert said[call].is_error
    assert told in text(said[call])


def test_a_host_is_told_that_nothing_is_changed(said: dict[str, Any]) -> None:
    hints = [tool.annotations for tool in said["tools"].tools]

    assert all(hint.read_only_hint and hint.open_world_hint is False for hint in hints)


def test_a_mistake_is_told_without_all_that_was_sent(said: dict[str, Any]) -> None:
    told = text(said["much that is no turtle"])

    assert "data.ttl:1:1" in told
    assert len(told) < 2500


def test_rows_left_out_are_counted(said: dict[str, Any]) -> None:
    assert 4 == len(text(said["stored"]).splitlines())


def test_the_guide_is_the_one_that_the_service_gives(said: dict[str, Any], served: str) -> None:
    with urllib.request.urlopen(f"{served}/llms.txt") as answer:
        guide = answer.read().decode().replace(served, "https://w3id.org/peelgraph")

    assert guide == said["guide"].contents[0].text
    assert guide.startswith("# peelgraph\n\n> ")
    assert "peel:Force, 43 of them" in guide
    assert "/queries/judgments-of-force)" in guide
