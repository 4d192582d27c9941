"""Bad input: each ends with a clear message at its place, the right code and no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.cli_world import World


def spoil(world: World, old: str, new: str) -> None:
    text = world.report.read_text(encoding="utf-8")
    assert old in text
    world.report.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    "fault",
    [
        (" ;\n", " ,;\n", 2, "report.ttl:6:", ""),
        ('"2016-02-18"^^xsd:date', '"2016-02-18"', 1, "report.ttl:8:", "day of a judgment"),
        ('"2016-02-18"', '"18 February"', 1, "report.ttl:8:", "18 February"),
        ("grade:good", "grade:goood", 1, "report.ttl:7:", "did you mean grade:good?"),
        ("peel:gives", "peel:givse", 1, "report.ttl:7:", "peel:gives"),
        ("peel:Judgment", "peel:Judgement", 1, "report.ttl:6:", "peel:Judgment"),
        (" ;\n", " ~ ;\n", 2, "report.ttl:6:30:", "belongs to RDF 1.2"),
        ("@prefix grade", 'VERSION "1.2"\n@prefix grade', 2, "report.ttl:1:1:", "RDF 1.2"),
    ],
    ids=["syntax", "datatype", "lexical form", "grade", "property", "class", "reifier", "version"],
)
@pytest.mark.parametrize("command", ["build", "validate"])
def test_a_fault_in_a_file_is_named_at_its_line(
    world: World, command: str, fault: tuple[str, str, int, str, str]
) -> None:
    old, new, code, place, told = fault
    spoil(world, old, new)
    got, out, err = world.run(command, *([world.report] if command == "validate" else []))

    assert code == got
    assert place in out + err
    assert told in out + err
    assert not Path(".peelgraph/current").exists()


def test_a_fault_leaves_the_version_before(world: World) -> None:
    world.run("build")
    spoil(world, "grade:good", "grade:goood")

    assert 1 == world.run("build")[0]
    assert "Heddlu Gwent" in world.run("query", "forces")[1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "states nothing"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"caf\xe9", "not UTF-8"),
        (None, "folder"),
    ],
    ids=["empty", "utf-16", "latin-1", "folder"],
)
@pytest.mark.parametrize("command", ["build", "validate"])
def test_a_file_that_cannot_be_read_is_named(
    world: World, command: str, content: bytes | None, told: str
) -> None:
    world.report.unlink()
    if content is None:
        world.report.mkdir()
    else:
        world.report.write_bytes(content)
    code, _, err = world.run(command, *([world.report] if command == "validate" else []))

    assert 2 == code
    assert "report.ttl" in err
    assert told in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["query", "forcse"], "did you mean forces?"),
        (["query", "none/here.rq"], "none/here.rq: no such file"),
        (["query", "SELECT * { ?s ?p ?o }"], "through a pipe"),
        (["query", "forces", "--param", "force"], "as NAME=VALUE"),
        (["query", "forces", "--param", "unit=x"], "has no parameter unit\n  it has: force"),
        (["query", "forces", "--param", "force=a b"], "force: 'a b' is no iri"),
        (["query", "forces", "--format", "turtle"], "rows, which has no form as turtle"),
        (["query", "forces", "--format", "excel"], "'excel' is not one of"),
        (["query", "forces", "--at", "9"], "version 9 is not kept"),
        (["query", "deep.rq"], "nested deeper than 200"),
        (["query", "bad.rq"], "ine 2, column 15"),
        (["query", "call.rq"], "SERVICE is not served"),
        (["query", "forces", "--endpoint", "nowhere"], "no address of an endpoint"),
        (["query", "forces", "--endpoint", "http://127.0.0.1:9/"], "does not answer"),
        (["query", "forces", "--endpoint", "http://127.0.0.1:9/", "--at", "1"], "local versions"),
        (["validate", "missing.ttl"], "missing.ttl: no such file"),
        (["validate", "notes.txt"], "'.txt' does not tell the syntax"),
        (["validate"], "Missing argument 'FILES...'"),
        (["dump", "--at", "x"], "not a valid integer"),
        (["bild"], "No such command 'bild'"),
        (["versions", "--home", "none"], "no version is published here\n  run: peelgraph build"),
    ],
)
def test_a_wrong_argument_is_explained(world: World, arguments: list[str], told: str) -> None:
    Path("deep.rq").write_text("SELECT * " + "{" * 4000 + "}" * 4000)
    Path("bad.rq").write_text("SELECT ?x\nWHERE { ?x ?y }")
    Path("call.rq").write_text("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    Path("notes.txt").write_text("x")
    world.run("build")
    code, out, err = world.run(*arguments)

    assert (2, "") == (code, out)
    assert told in err


@pytest.mark.parametrize("home", ["file/home", "file", "folder"])
def test_a_home_that_cannot_be_written_says_what_to_do(world: World, home: str) -> None:
    Path("file").write_text("")
    Path("folder").mkdir()
    Path("folder/versions").write_text("in the way")
    code, out, err = world.run("build", "--home", home)

    assert (2, "") == (code, out)
    assert f"the home folder {home} cannot be written: " in err
    assert "--home" in err


def test_a_project_without_queries_or_data_is_refused(world: World) -> None:
    Path("queries/forces.rq").unlink()

    assert "no .rq file here" in world.run("build")[2]


def test_no_failure_shows_a_traceback_to_the_shell(world: World) -> None:
    spoil(world, " ;\n", " ,;\n")
    ran = subprocess.run(
        [sys.executable, "-m", "peelgraph", "build"], capture_output=True, text=True, check=False
    )

    assert 2 == ran.returncode
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith("Error: data/reports/gwent-2015/report.ttl:6:")
