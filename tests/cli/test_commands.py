"""The commands on good input: what they print, and the code they end with."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from peelgraph.cli import COMMANDS, peelgraph, run
from peelgraph.commands.table import format_table
from tests.cli.cli_world import World
from tests.waiting import wait_until

TABLE = """\
force        label
-----------  ------------
force:gwent  Heddlu Gwent
force:kent   Kent Police
"""
OWN_SHAPES = """\
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
[] a sh:NodeShape ; sh:targetNode <#a> ; sh:property [ sh:path rdf:type ; sh:maxCount 0 ] .
"""


@pytest.fixture
def built(world: World) -> World:
    assert 0 == world.run("build")[0]
    return world


def test_build_publishes_once_and_again_when_a_source_changes(world: World) -> None:
    first, second = world.run("build"), world.run("build")
    world.report.write_text(world.report.read_text() + "\njudgment:two a peel:Judgment .\n")
    third = world.run("build")

    assert first[:2] == (0, first[1])
    assert first[1].startswith("Published version 1: ")
    assert (0, "Nothing has changed: version 1 holds these sources (.peelgraph)\n") == second[:2]
    assert third[1].startswith("Published version 2: ")
    assert "" == first[2] == second[2] == third[2]


def test_a_question_of_the_catalogue_prints_an_aligned_table(built: World) -> None:
    assert (0, TABLE, "") == built.run("query", "forces")


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["forces", "--param", "force=force:kent", "--format", "csv"], "Kent Police\r\n"),
        (["forces", "--format", "tsv"], '"Heddlu Gwent"@cy\n'),
        (["forces", "--format", "json"], '"xml:lang":"cy"'),
        (["forces", "--format", "xml"], "<sparql"),
        (["forces", "--inference", "off", "--format", "csv"], "force,label\r\n"),
        (["forces", "--at", "1", "--format", "csv"], "Heddlu Gwent"),
        (["ask.rq"], "true\n"),
        (["graph.rq"], "force:kent a peel:Body"),
        (["graph.rq", "--format", "ntriples"], "/id/force/kent> <http"),
    ],
)
def test_an_answer_is_written_as_asked(built: World, arguments: list[str], printed: str) -> None:
    prefix = "PREFIX peel: <https://w3id.org/peelgraph/ontology#>"
    Path("ask.rq").write_text(f"{prefix} ASK {{ ?x a peel:Body }}")
    Path("graph.rq").write_text(f"{prefix} CONSTRUCT {{ ?x a peel:Body }} {{ ?x a peel:Body }}")

    code, out, err = built.run("query", *arguments)

    assert (0, "") == (code, err)
    assert printed in out


def test_an_older_name_answers_and_names_the_new_one(built: World) -> None:
    asked = ("--param", "body=force:kent", "--format", "csv")
    code, out, err = built.run("query", "bodies", *asked)

    assert (0, "Kent Police") == (code, out.splitlines()[1].partition(",")[2])
    assert "bodies is called forces now, and its parameter body is called force now" in err


def test_rows_that_may_be_missing_without_inference_are_said(built: World) -> None:
    text = (built.root / "queries/forces.rq").read_text(encoding="utf-8")
    Path("own.rq").write_text(f"#+ inference: needed\n{text}", encoding="utf-8")

    assert "" == built.run("query", "own.rq")[2]
    assert "rows may be missing" in built.run("query", "own.rq", "--inference", "off")[2]


def test_a_query_comes_through_a_pipe(built: World) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "peelgraph", "query", "-", "--format", "csv"],
        input=b"SELECT (1 + 1 AS ?sum) {}",
        capture_output=True,
        check=False,
    )

    assert (0, b"sum\r\n2\r\n", b"") == (ran.returncode, ran.stdout, ran.stderr)


def test_no_rows_are_said_beside_the_table(built: World) -> None:
    code, out, err = built.run("query", "forces", "--param", "force=force:none")

    assert (0, "force  label\n-----  -----\n", "No rows.\n") == (code, out, err)


def test_a_valid_file_conforms_and_a_wrong_one_does_not(built: World) -> None:
    valid = built.run("validate", built.report)
    built.report.write_text(built.report.read_text().replace("grade:good", "grade:fine"))
    wrong = built.run("validate", built.report, "--format", "json")

    assert 0 == valid[0], valid
    assert 1 == wrong[0]
    assert "grade:fine" in json.dumps(json.loads(wrong[1]))


def test_validate_refers_to_the_sources_while_nothing_is_published(world: World) -> None:
    assert 0 == world.run("validate", world.report)[0]
    assert 1 == world.run("validate", world.report, "--context", "none")[0]


@pytest.mark.parametrize("style", ["nq", "trig", "nt", "ttl", "rdf", "jsonld"])
def test_a_dump_is_the_same_from_another_home(built: World, style: str) -> None:
    assert 0 == built.run("build", "--home", "other")[0]
    first = built.run("dump", "--format", style)
    other = built.run("dump", "--format", style, "--home", "other")

    assert first == other
    assert (0, "") == (first[0], first[2])
    assert "Heddlu Gwent" in first[1]


@pytest.mark.parametrize("name", ["http://e/1", "urn:\U00020000", "rdf:li", "rdf:bagID"])
def test_a_dump_that_rdf_xml_cannot_carry_names_formats_that_can(built: World, name: str) -> None:
    iri = name.replace("rdf:", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
    Path("new.nt").write_text(f'<urn:a> <{iri}> "a" .\n', encoding="utf-8")
    built.run("load", "new.nt", "--graph", "new", "--gate", "off")
    code, out, err = built.run("dump", "--format", "rdf")

    assert (2, "") == (code, out)
    assert "has no form" in err
    assert "nq, trig, nt, ttl, jsonld" in err
    assert f"<{iri}>" in built.run("dump", "--format", "nt")[1]


def test_a_dump_keeps_graphs_apart_and_leaves_inference_out_when_asked(built: World) -> None:
    whole = built.run("dump")[1].splitlines()
    asserted = built.run("dump", "--inference", "off")[1].splitlines()

    assert whole == sorted(whole)
    assert all("/graph/inferred> ." in line for line in set(whole) - set(asserted))
    assert len(whole) > len(asserted) > 0


def test_versions_are_listed_with_a_star_at_the_current(built: World) -> None:
    code, out, _ = built.run("versions")

    assert 0 == code
    assert out.splitlines()[2].startswith("*        1  20")


def test_every_option_has_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in COMMANDS:
        command = peelgraph.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        for parameter in command.params:
            if parameter.param_type_name == "option":
                flag = max(parameter.opts, key=len).removeprefix("--")
                assert f"PEELGRAPH_{flag.replace('-', '_').upper()}" == parameter.envvar


def test_the_environment_gives_the_home(built: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEELGRAPH_HOME", "elsewhere")

    assert "elsewhere: no version is published here" in built.run("versions")[2]


def test_a_closed_pipe_ends_a_command_without_a_word(built: World) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "peelgraph", "dump"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as dumping:
        assert dumping.stdout is not None
        assert dumping.stderr is not None
        dumping.stdout.close()
        told = dumping.stderr.read()

    assert (141, b"") == (dumping.returncode, told)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A command that is started can be interrupted, even where whoever started us ignores that.

    Shells do for what they start in the background, and every process below inherits it.
    """
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


def test_an_interrupted_query_stops_with_its_worker(built: World, interruptible: None) -> None:
    values = " ".join(str(number) for number in range(60))
    product = " ".join(f"VALUES ?v{at} {{ {values} }}" for at in range(8))
    Path("long.rq").write_text(f"SELECT (COUNT(*) AS ?n) {{ {product} }}")
    with subprocess.Popen(
        [sys.executable, "-m", "peelgraph", "query", "long.rq"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as asking:
        # What interrupts an import can be lost: by then, all that is needed is imported.
        below = Path(f"/proc/{asking.pid}/task/{asking.pid}/children")
        wait_until(lambda: below.read_text().strip() != "" or asking.poll() is not None)
        asking.send_signal(signal.SIGINT)
        _, told = asking.communicate()

    assert 130 == asking.returncode
    assert told.endswith(b"Stopped.\n")
    assert b"Traceback" not in told


def test_a_table_lines_up_wide_and_combining_characters() -> None:
    rows = [["Dw\u0302r", "1"], ["警察", "22"], ["a\nb\x1b[31m", "3"]]
    table = format_table(["name", "n"], rows, [False, True])

    expected = [
        "name       n",
        "--------  --",
        "Dw\u0302r        1",
        "警察      22",
        "a b\ufffd[31m   3",
    ]
    assert expected == table.splitlines()


def test_help_names_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["--help"])
    shown = capfd.readouterr().out

    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_digests_are_as_documented(built: World) -> None:
    """A graph's digest is the SHA-256 of its sorted canonical N-Triples."""
    record = json.loads(Path(".peelgraph/versions/1/version.json").read_text())
    name = "https://w3id.org/peelgraph/graph/gwent-2015"
    quads = [line for line in built.run("dump")[1].splitlines() if line.endswith(f"<{name}> .")]
    triples = "".join(f"{line.removesuffix(f' <{name}> .')} .\n" for line in sorted(quads))

    assert hashlib.sha256(triples.encode()).hexdigest() == record["graphs"][name]["digest"]


def test_fix_corrects_what_is_safe_and_says_what(built: World) -> None:
    text = built.report.read_text()
    built.report.write_text(text.replace("peel:gives", "peel:givs"))
    code, out, err = built.run("validate", built.report, "--fix")

    assert 0 == code, out
    assert "+" in err
    assert "peel:givs" in err
    assert text == built.report.read_text()


def test_fix_leaves_other_syntaxes_and_says_so(built: World) -> None:
    file = built.root / "wrong.jsonld"
    text = json.dumps(
        {"@id": "urn:a", "https://w3id.org/peelgraph/ontology#givs": {"@id": "urn:b"}}
    )
    file.write_text(text)
    code, out, err = built.run("validate", file, "--fix")

    assert 1 == code
    assert "did you mean peel:gives?" in out
    assert "wrong.jsonld is left as it is: --fix corrects Turtle" in err
    assert text == file.read_text()


@pytest.mark.parametrize(("given", "told"), [("-", "standard input"), ("own.ttl", "--shapes")])
def test_fix_is_refused_where_it_cannot_be(given: str, told: str, built: World) -> None:
    more = () if given == "-" else ("--shapes", "own.ttl")
    code, out, err = built.run("validate", given, "--fix", *more)

    assert (2, "") == (code, out)
    assert told in err


def test_a_folder_stands_for_its_files(built: World) -> None:
    (built.root / "empty").mkdir()

    assert 0 == built.run("validate", built.report.parent)[0]
    assert "no file here to judge" in built.run("validate", "empty")[2]


def test_one_file_of_a_report_is_judged_beside_the_others_from_any_folder(
    built: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = built.report.with_name("other.ttl")
    other.write_text(built.report.read_text().replace("judgment:one", "judgment:two"))
    built.report.write_text(built.report.read_text().replace("grade:good", "judgment:two"))
    wanted = built.run("validate", built.report, "--format", "csv")[1]
    folder = built.root / "data" / "reports"
    monkeypatch.setenv("PEELGRAPH_HOME", str(built.root / ".peelgraph"))
    monkeypatch.chdir(folder)

    assert "described-thing" not in wanted
    assert "described-thing" not in built.run("validate", built.report, "--format", "csv")[1]


def test_own_shapes_judge_any_vocabulary(world: World) -> None:
    (world.root / "any.ttl").write_text("<#a> a <#Any> .\n")
    (world.root / "own.ttl").write_text(OWN_SHAPES)
    (world.root / "other.ttl").write_text(OWN_SHAPES.replace("<#a>", "<any.ttl#a>"))

    def judge(shapes: str) -> int:
        return world.run("validate", "any.ttl", "--shapes", shapes, "--context", "none")[0]

    assert 0 == judge("own.ttl"), "a relative IRI is of the file it stands in"
    assert 1 == judge("other.ttl")
