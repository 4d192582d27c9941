"""Each way into `validate` gives the same verdict, and hostile shapes come to an end."""

import io
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from peelgraph.checking import STYLES, Check, Document
from peelgraph.errors import DeadlinePassed, MemoryExceeded
from peelgraph.validation import FORMATS
from peelgraph.workers.validations import validate_apart
from tests.cli.cli_world import REFERENCE, REPORT, SHAPES, World
from tests.waiting import wait_until

HOSTILE = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetNode "{value}" ; sh:pattern "{pattern}" .
"""


@pytest.fixture
def built(world: World) -> World:
    assert 0 == world.run("build")[0]
    return world


def document(name: str, text: str) -> Document:
    return Document(Path(name), text.encode(), "ttl", "urn:graph")


def test_standard_input_is_judged_as_a_file_is(
    built: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = REPORT.replace("grade:good", "grade:goood")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(wrong.encode())))
    code, out, _ = built.run("validate", "-", "--format", "json", "--graph", "gwent-2015")

    assert 1 == code
    assert {"<stdin>"} == {result["file"] for result in json.loads(out)["results"]}


def test_a_version_of_a_published_file_does_not_clash_with_it(built: World) -> None:
    built.report.write_text(REPORT.replace("2016-02-18", "2016-02-19"))

    assert 0 == built.run("validate", built.report)[0]


def test_shapes_of_ones_own_are_run_apart_with_the_same_verdict(built: World) -> None:
    Path("own.ttl").write_text(SHAPES)
    wrong = REPORT.replace("grade:good", "grade:goood")
    Path("data.ttl").write_text(wrong)
    apart = built.run("validate", "data.ttl", "--shapes", "own.ttl", "--format", "json")
    here = built.run("validate", "data.ttl", "--format", "json")

    assert (1, 1) == (apart[0], here[0])
    assert json.loads(here[1])["results"] == json.loads(apart[1])["results"]


@pytest.mark.parametrize("published", [True, False])
def test_a_contradiction_is_told_at_its_line_before_and_by_a_load(
    world: World, published: bool
) -> None:
    ontology = world.root / "ontology" / "ontology.ttl"
    disjoint = "peel:Judgment a owl:Class ; owl:disjointWith peel:Body ."
    text = ontology.read_text()
    ontology.write_text(text.replace("peel:Judgment a owl:Class .", disjoint))
    assert disjoint in ontology.read_text()
    if published:
        assert 0 == world.run("build")[0]
    Path("new.ttl").write_text(
        "@prefix force: <https://w3id.org/peelgraph/id/force/> .\n"
        "@prefix peel: <https://w3id.org/peelgraph/ontology#> .\n"
        "force:kent a peel:Judgment .\n"
    )
    told = "new.ttl:3:14: violation: The data would contradict itself: “Kent Police” (force:kent)"
    code, out, _ = world.run("validate", "new.ttl")

    assert 1 == code
    assert told in out
    assert "psh:consistent" in out
    if published:
        code, _, err = world.run("load", "new.ttl", "--graph", "urn:new", "--gate", "off")
        assert 1 == code
        assert told in err


def endless() -> Check:
    """A check that goes on for years."""
    counts = " ".join(f"{{ BIND(0 AS ?v{n}) }} UNION {{ BIND(1 AS ?v{n}) }}" for n in range(40))
    query = f"sh:sparql [ sh:select 'SELECT $this {{ {counts} FILTER(?v0 > ?v39 + 1) }}' ] ;"
    shapes = HOSTILE.format(value="a", pattern="a").replace("sh:pattern", f"{query} sh:pattern")
    data = document("d.ttl", "<urn:a> <urn:b> 1 .")
    return Check((data,), (document("s.ttl", shapes),), context=False)


def test_a_query_without_end_ends_at_the_deadline() -> None:
    with pytest.raises(DeadlinePassed, match="longer than 3 seconds"):
        validate_apart(endless(), 3, 512)


def test_a_check_ends_with_whoever_asked_for_it() -> None:
    """Killed itself, the process that asked can end nobody."""
    program = (
        "import pickle, sys; from peelgraph.workers.validations import validate_apart; "
        "validate_apart(pickle.load(sys.stdin.buffer), 600, 512)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as asking:
        assert asking.stdin
        pickle.dump(endless(), asking.stdin)
        asking.stdin.close()
        children = Path(f"/proc/{asking.pid}/task/{asking.pid}/children")
        wait_until(lambda: bool(children.read_text()))
        checking = Path("/proc", children.read_text().split()[0])
        asking.kill()
    wait_until(lambda: not checking.exists())


def test_a_pattern_that_would_backtrack_takes_no_longer_than_another() -> None:
    shapes = HOSTILE.format(value="a" * 4000 + "!", pattern="^(a+)+$")
    check = Check((document("d.ttl", "<urn:a> <urn:b> 1 ."),), (document("s.ttl", shapes),))

    assert not validate_apart(replace(check, context=False), 30, 512).conforms


def test_memory_is_bounded() -> None:
    text = f'<urn:a> <urn:b> "{"x" * 150_000_000}" .'
    shapes = HOSTILE.format(value="a", pattern="a")

    with pytest.raises(MemoryExceeded):
        validate_apart(
            Check((document("d.ttl", text),), (document("s.ttl", shapes),), context=False), 60, 1
        )


def test_a_module_in_the_working_folder_is_not_run(world: World) -> None:
    (world.root / "pickle.py").write_text("raise SystemExit('not ours')\n")
    (world.root / "own.ttl").write_text(HOSTILE.format(value="a", pattern="a"))
    (world.root / "any.ttl").write_text("<urn:a> a <urn:b> .\n")
    code, _, err = world.run("validate", "any.ttl", "--shapes", "own.ttl", "--context", "none")

    assert (0, "") == (code, err)


def test_every_form_of_a_report_is_offered() -> None:
    assert list(STYLES) == list(FORMATS)


@pytest.mark.parametrize(
    "name", ["forces", "graph:forces", "<https://w3id.org/peelgraph/graph/forces>"]
)
def test_a_graph_is_replaced_however_it_is_named(built: World, tmp_path: Path, name: str) -> None:
    """The grade that the new version lacks is not found in the version that it replaces."""
    document = tmp_path / "forces-of-today.ttl"
    document.write_text(
        REFERENCE.replace("grade:good a peel:Grade .", "")
        + REPORT.replace("judgment:one", "judgment:two")
    )
    code, out, err = built.run("validate", document, "--graph", name)

    assert (1, "") == (code, err)
    assert "There is no such thing as grade:good" in out
    assert "1 violation, and 1 that follows," in out


@pytest.mark.parametrize("command", ["validate", "load", "withdraw"])
def test_what_names_no_graph_is_refused(built: World, command: str) -> None:
    arguments = ["--graph", "a graph"] if command != "withdraw" else []
    code, _, err = built.run(command, built.report if arguments else "a graph", *arguments)

    assert 2 == code
    assert "is no IRI" in err


def test_a_graph_that_is_not_published_is_told_with_those_near_it(built: World) -> None:
    code, _, err = built.run("validate", built.report, "--graph", "gwent-2051")
    unlike = built.run("validate", built.report, "--graph", "urn:x:new")[2]

    assert 0 == code
    assert "graph:gwent-2051 is not published" in err
    assert "did you mean graph:gwent-2015" in err
    assert "there are: " in unlike


def test_a_loaded_graph_goes_by_each_of_its_names(built: World) -> None:
    for name in ("mine", "graph:mine", "https://w3id.org/peelgraph/graph/mine"):
        Path("mine.ttl").write_text(REFERENCE)
        loaded = built.run("load", "mine.ttl", "--graph", "mine", "--gate", "off")
        gone = built.run("withdraw", name, "--gate", "off")

        assert (0, 0) == (loaded[0], gone[0])


@pytest.mark.parametrize("style", STYLES)
def test_where_nothing_is_judged_the_exit_code_says_so(world: World, style: str) -> None:
    Path("lost.ttl").write_text(SHAPES.replace("    sh:targetClass peel:Judgment ;\n", ""))
    given = ("validate", world.report, "--context", "none", "--format", style)
    nothing = world.run(*given, "--shapes", "lost.ttl")
    something = world.run(*given)

    assert (2, "") == (nothing[0], nothing[2])
    assert "psh:Judgment has no target" in nothing[1]
    assert 1 == something[0]
    assert "has no target" not in something[1]


def test_the_command_leaves_to_its_worker_what_takes_long_to_import() -> None:
    heavy = "('rdflib', 'pyshacl', 'peelgraph.reasoning', 'peelgraph.validation')"
    told = (
        f"import sys, peelgraph.commands.validate; print([m for m in {heavy} if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert "[]\n" == ran.stdout
