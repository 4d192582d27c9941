"""The general half serves a project of another domain, in its own words alone.

Subprocesses do so, as each process mints the IRIs of one project.
"""

import json
import re
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from peelgraph.errors import SourceError
from peelgraph.sources import read_project
from tests.other_project.conftest import BRIDGES, Bridges

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
BASE = "https://bridges.example/"
# What only those would say who know the graph of police inspections.
OURS = re.compile(
    r"peel:|psh:|w3id\.org/peelgraph|terms\.(PEEL|PSH)\b|import .*\b(PEEL|PSH)\b"
    r"|\b(forces?(?!=)|polic(e|ing)|constabul\w+|judge?ments?|grade[sd]?|pillars?"
    r"|inspectorates?|HMIC\w*|derbyshire|kent|gwent)\b",
    re.IGNORECASE,
)
QUESTIONS = {
    "bridges-over-river": (),
    "ratings-of-bridges": ("--param", "rating=rating:fair"),
    "spans-of-bridge": ("--param", "bridge=structure:menai"),
}
CHAIN = ("inspection:menai-2021", "bridge:concerns", "structure:menai")
PATHS = (
    *("/", "/id/structure/menai", "/graph/menai-2021", "/ontology", "/shapes", "/versions/1"),
    *("/.well-known/void.ttl", "/sparql", "/queries", "/queries/ratings-of-bridges", "/llms.txt"),
    *("/openapi.json", "/validate", "/explain", "/reconcile", "/problems", "/sitemap-1.xml"),
)
SWAPPED = "the beginning and the end look swapped"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SAID = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{}> {{ ?s ?p ?o }} }}"

pytestmark = pytest.mark.embedded


def whole_graph(bridges: Bridges, name: str, style: str = "ntriples") -> str:
    """What one graph states."""
    (bridges.root / "whole.rq").write_text(SAID.format(BASE + name))
    code, out, told = bridges.run("query", "whole.rq", "--format", style)
    assert (0, "") == (code, told)
    return out


def get(url: str, media_type: str) -> str:
    """What the service answers."""
    request = urllib.request.Request(url, headers={"Accept": media_type})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def general_files() -> list[Path]:
    """The files of the modules that know no project: the layers from HTTP on."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    named = [name.strip() for row in layers for name in row.split("|")]
    paths: list[Path] = []
    for name in named[named.index("peelgraph.http") :]:
        path = ROOT / "src" / name.replace(".", "/")
        paths += path.rglob("*") if path.is_dir() else [path.with_suffix(".py")]
    return sorted(path for path in paths if path.is_file() and path.suffix != ".pyc")


def test_the_general_half_has_no_word_of_ours() -> None:
    files = general_files()
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if OURS.search(line)
    ]

    assert len(files) > 150
    assert [] == found


def test_a_right_file_conforms_and_each_mistake_of_a_wrong_one_is_told(bridges: Bridges) -> None:
    right = bridges.run("validate", str(HERE / "given/right.ttl"))
    code, out, _ = bridges.run("validate", str(HERE / "given/wrong.ttl"), "--format", "json")
    told = json.loads(out)

    assert (0, "") == (right[0], right[2])
    assert right[1].startswith("conforms: no fault in 1 file")
    assert (1, False) == (code, told["conforms"])
    assert [[], [], ["Inspection-examines"], ["Inspection-gives"]] == [
        [each["shape"].removeprefix(f"{BASE}shapes#") for each in cause["follows"]]
        for cause in told["results"]
    ]
    assert [
        ("Graph-license", 9, "add dcterms:license"),
        ("Inspection-finished", 14, f"{SWAPPED}: write each in the other's place"),
        ("declared-property", 15, "did you mean bridge:examines?"),
        ("described-thing", 16, "did you mean rating:sound?"),
    ] == [
        (each["shape"].removeprefix(f"{BASE}shapes#"), each["line"], each["hint"])
        for each in told["results"]
    ]


def test_what_is_safe_is_corrected_and_the_rest_offered(bridges: Bridges) -> None:
    file = bridges.root / "wrong.ttl"
    file.write_text((HERE / "given/wrong.ttl").read_text(encoding="utf-8"), encoding="utf-8")
    code, _, told = bridges.run("validate", "wrong.ttl", "--fix")
    offered, applied = told.split("Applied:")

    assert 1 == code
    assert "+    bridge:examines span:menai-main ;" in applied
    assert f"+    dcterms:license <{LICENCE}> ;" in offered
    assert '+    bridge:begun "2023-04-03"^^xsd:date ;' in offered


def test_the_chain_and_the_inverse_are_inferred(bridges: Bridges) -> None:
    inferred = whole_graph(bridges, "graph/inferred").splitlines()

    for subject, name, value in (
        ("inspection/menai-2021", "concerns", "structure/menai"),
        ("structure/menai", "hasSpan", "span/menai-main"),
    ):
        triple = f"<{BASE}id/{subject}> <{BASE}ontology#{name}> <{BASE}id/{value}> ."
        assert triple in inferred


def test_an_inferred_triple_is_explained_down_to_its_paragraph(bridges: Bridges) -> None:
    code, out, _ = bridges.run("explain", *CHAIN, "--format", "json")
    (proof,) = json.loads(out)["proofs"]

    assert (0, "prp-spo2") == (code, proof["rule"])
    assert "bridge:examines o bridge:spanOf SubPropertyOf bridge:concerns" == proof["axiom"]
    assert [(f"{BASE}graph/menai-2021", f"{BASE}id/paragraph/menai-2021-3")] * 2 == [
        (*premise["graphs"], *premise["passages"]) for premise in proof["premises"]
    ]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_stored_question_has_its_rows(bridges: Bridges, name: str) -> None:
    code, out, told = bridges.run("query", name, *QUESTIONS[name], "--format", "tsv")

    assert (0, "") == (code, told)
    assert (HERE / "expected" / f"{name}.tsv").read_text(encoding="utf-8") == out


def test_the_description_says_who_the_project_is(bridges: Bridges) -> None:
    told = whole_graph(bridges, ".well-known/void", "turtle")
    examples = whole_graph(bridges, ".well-known/sparql-examples")

    for said in (
        'dcterms:title "Bridges and their inspections"@en',
        "dcterms:publisher <https://bridges.example/office>",
        "void:exampleResource structure:menai",
        'void:uriSpace "https://bridges.example/id/"',
        f"dcterms:license <{LICENCE}>",
        'dcat:keyword "bridge"@en , "condition"@en',
        "@prefix bridge: <https://bridges.example/ontology#>",
    ):
        assert said in told
    assert "dcterms:spatial" not in told
    assert f"<{BASE}.well-known/sparql-examples/spans-of-bridge>" in examples
    assert '<http://www.w3.org/ns/shacl#prefix> "geo"' in examples


def test_a_bridge_is_dereferenced_in_its_own_words(url: str) -> None:
    turtle = get(f"{url}/id/structure/menai", "text/turtle")
    page = get(f"{url}/id/structure/menai", "text/html")

    assert "@prefix bridge: <https://bridges.example/ontology#> ." in turtle
    assert "bridge:crosses river:menai-strait" in turtle
    assert "bridge:hasSpan span:menai-main" in turtle
    assert '<span lang="cy">Pont y Borth</span>' in page


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_is_in_the_words_of_another_project(url: str, path: str) -> None:
    told = get(url + path, "text/html, */*;q=0.1")

    assert told
    assert [] == [found[0] for found in OURS.finditer(told)]


def test_nothing_it_says_is_in_the_words_of_another_project(bridges: Bridges) -> None:
    wrong = str(HERE / "given/wrong.ttl")
    (bridges.root / "broken.ttl").write_text("<urn:a> bridge:gives x:y")
    commands = [
        *(["dump", "--format", style] for style in ("nq", "jsonld")),
        *(["validate", wrong, "--format", style] for style in ("text", "turtle", "html", "sarif")),
        *(["explain", *CHAIN, "--format", style] for style in ("text", "turtle")),
        *(["query", name, *QUESTIONS[name]] for name in QUESTIONS),
        ["query", "ratings-of-bridges", "--param", "rating=a b"],
        ["validate", "broken.ttl"],
        ["build"],
        ["versions"],
    ]
    told = ["".join(bridges.run(*command)[1:]) for command in commands]
    told += [whole_graph(bridges, f".well-known/{name}") for name in ("void", "sparql-examples")]
    told += [path.name for path in bridges.root.glob(".peelgraph/**/*")]

    assert all(told)
    assert [] == [found[0] for text in told for found in OURS.finditer(text)]


# What a session asks that has left the folder which it was started in: what is inferred, and who
# names a graph is answered from the graph of inferred triples, by its name.
ELSEWHERE = """
import os, pathlib
from peelgraph.repository import Home
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest
from peelgraph.workers.query_process import Edition, QueryProcess

version = Home(pathlib.Path(".peelgraph").resolve()).current()
os.chdir("/")
worker = QueryProcess(Settings())
worker.open(Edition("1", version.store_path, version.triples))
text = "ASK { ?bridge <https://bridges.example/ontology#hasSpan> ?span GRAPH ?g { ?span ?p ?o } }"
print(worker.ask(QueryRequest(query=Query(text)), 30, 2**20).body.decode())
worker.kill()
"""


def test_a_worker_mints_the_iris_of_the_process_that_started_it(bridges: Bridges) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", ELSEWHERE],
        cwd=bridges.root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout)["boolean"]


def test_a_process_reads_no_project_but_the_one_it_serves() -> None:
    with pytest.raises(SourceError, match=r"another project.*serves \(https://w3id.org/peelgraph/"):
        read_project(BRIDGES)
