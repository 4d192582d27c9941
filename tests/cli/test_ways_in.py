"""The same documents through each way in: the same verdict, results and places."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml

from peelgraph.catalogue import Catalogue
from peelgraph.embedded import Embedded
from peelgraph.http.validating import SYNTAXES
from peelgraph.repository import Home
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.sources import parse_graphs, read_project
from peelgraph.terms import mint_graph
from peelgraph.validation import render, validate
from tests.cli.cli_world import REPORT, World, grades_table
from tests.sources.workbook import book

CHECKOUT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WRONG = REPORT.replace("grade:good", "grade:goood").replace("2016-02-18", "18 February")
GRAPH = mint_graph("gwent-2015")
WRITTEN = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
ROWS = [["judgment", "grade"], ["one", "good"], ["two", "goood"]]


def content_of(syntax: str) -> bytes:
    if syntax == "ttl":
        return WRONG.encode()
    if syntax == "xlsx":
        return book({"grades": ROWS})
    if syntax == "csv":
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(ROWS)
        return out.getvalue().encode()
    quads = [
        ox.Quad(q.subject, q.predicate, q.object) for q in ox.parse(WRONG, ox.RdfFormat.TURTLE)
    ]
    return ox.serialize(quads, format=WRITTEN[syntax]) or b""


@pytest.fixture
def built(world: World) -> World:
    assert 0 == world.run("build")[0]
    # Tables are known by their metadata; the version need not hold them.
    folder = world.root / "data" / "tables"
    folder.mkdir()
    (folder / "grades.csv").write_text("judgment,grade\none,good\n")
    (folder / "grades.csv-metadata.json").write_text(json.dumps(grades_table()))
    return world


def told(text: str) -> list[tuple[object, ...]]:
    document = json.loads(text)
    names = ("id", "severity", "line", "column", "pointer", "message", "hint", "label")
    assert not document["conforms"]
    return [tuple(result[name] for name in names) for result in document["results"]]


@pytest.mark.parametrize("syntax", ["ttl", *WRITTEN, "csv", "xlsx"])
def test_every_way_in_gives_the_same_results(
    syntax: str, built: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = content_of(syntax)
    name = "grades" if syntax in {"csv", "xlsx"} else "gwent-2015"
    graph, file = mint_graph(name), built.root / f"{name}.{syntax}"
    file.write_bytes(content)
    common = ("--format", "json", "--graph", name)
    settings = Settings(home=built.root / ".peelgraph", timeout=60, public_url="https://a.example")
    version = Home(settings.home).current()
    client = create_app(None, settings, lambda: version, Catalogue(())).test_client()  # type: ignore[arg-type]
    media_type = next(kind for kind, known in SYNTAXES.items() if known == syntax)
    upload = {"file": (io.BytesIO(content), file.name), "graph": graph}

    ways = {"file": built.run("validate", file, *common)[1]}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    ways["stdin"] = built.run("validate", "-", "--syntax", syntax, *common)[1]
    address = f"/validate?format=json&graph={graph}"
    ways["body"] = client.post(address, data=content, content_type=media_type).text
    ways["multipart"] = client.post("/validate?format=json", data=upload).text
    if syntax != "xlsx":
        form = {"text": content.decode(), "syntax": syntax, "graph": graph, "format": "json"}
        ways["form"] = client.post("/validate", data=form).text
    if syntax not in {"csv", "xlsx"}:
        project = read_project(built.root)
        report = validate(
            parse_graphs(content, syntax, graph, file),
            project.shapes,
            project.ontology,
            Embedded.read_only(version.store_path),
            replaced={graph},
        )
        ways["python"] = render(report, "json")

    first = told(ways["file"])
    assert first
    assert dict.fromkeys(ways, first) == {way: told(text) for way, text in ways.items()}


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Steward", "-c", "user.email=steward@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A data repository that holds one wrong file and one that nobody judges."""
    folder = tmp_path / "repository"
    (folder / "data").mkdir(parents=True)
    git(folder, "init", "--quiet")
    wrong = CHECKOUT / "tests" / "cases" / "inspection" / "invalid.two-grades.ttl"
    (folder / "data" / "two-grades.ttl").write_bytes(wrong.read_bytes())
    (folder / "notes.md").write_text("# Notes\n")
    return folder


def test_the_pre_commit_hook_stops_a_wrong_file_and_lets_a_right_one_pass(repository: Path) -> None:
    (hook,) = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    # As published, but run from here: pre-commit would install peelgraph from its repository.
    local = {**hook, "entry": f"{BIN / hook['entry']}", "language": "system"}
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "pre-commit", "run", "--all-files"],
            cwd=repository,
            env={**os.environ, "PRE_COMMIT_HOME": str(repository.parent / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )

    git(repository, "add", ".")
    wrong = run()
    file = repository / "data" / "two-grades.ttl"
    right = file.read_text().replace("    peel:gives grade:outstanding ;\n", "")
    file.write_text(right)
    git(repository, "add", ".")
    passed = run()

    assert 1 == wrong.returncode
    assert "data/two-grades.ttl:24:5: violation: A judgment gives exactly one" in wrong.stdout
    assert "notes.md" not in wrong.stdout
    assert 0 == passed.returncode, passed.stdout


def test_the_manifest_of_hooks_is_one_that_pre_commit_takes() -> None:
    hooks = CHECKOUT / ".pre-commit-hooks.yaml"
    command = [str(BIN / "pre-commit"), "validate-manifest", str(hooks)]

    assert 0 == subprocess.run(command, check=False).returncode


def test_the_workflow_reports_a_wrong_file_and_fails(repository: Path) -> None:
    path = CHECKOUT / "docs" / "deploy" / "github-workflow-validate.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]
    (upload,) = (step for step in job["steps"] if "upload-sarif" in step.get("uses", ""))
    (install, judge) = runs

    # As GitHub's runner does: a script of its own, which ends at the first failure.
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", judge]
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(repository)}
    done = subprocess.run(shell, cwd=repository, env=environment, check=False)

    assert "pip install peelgraph" == install
    assert 1 == done.returncode
    written = repository / upload["with"]["sarif_file"]
    (found,) = json.loads(written.read_text())["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert "data/two-grades.ttl" == place["artifactLocation"]["uri"]
    assert 24 == place["region"]["startLine"]


def test_a_query_file_and_a_pipe_may_begin_with_a_byte_order_mark(built: World) -> None:
    text = "\ufeffSELECT (1 AS ?one) {}"
    (built.root / "one.rq").write_text(text, encoding="utf-8")
    piped = subprocess.run(
        [BIN / "peelgraph", "query", "-", "--format", "csv"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )

    code, out, _ = built.run("query", "one.rq", "--format", "csv")
    assert (0, ["one", "1"]) == (code, out.split())
    assert (0, b"one\r\n1\r\n") == (piped.returncode, piped.stdout)
