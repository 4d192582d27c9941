"""The commands that write, as one types them in a project's folder."""

import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from peelgraph.cli import run
from peelgraph.embedded import Embedded
from peelgraph.repository import Home
from peelgraph.terms import GRAPH

Run = Callable[..., tuple[int, str, str]]

KENT = '@prefix : <urn:t#> .\n:kent a :Force ;\n    :name "Heddlu Caint"@cy .\n'
FAULTY = KENT.replace("@cy", "@cy , 'two'")


@pytest.fixture
def command(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """The command line over the test's home, in a folder with two files."""
    monkeypatch.setenv("PEELGRAPH_HOME", str(home.path))
    monkeypatch.setenv("LOGNAME", "steward")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kent.ttl").write_text(KENT, encoding="utf-8")
    (tmp_path / "kent.nq").touch()
    (tmp_path / "faulty.ttl").write_text(FAULTY, encoding="utf-8")

    def do(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        printed = capfd.readouterr()
        return code, printed.out, printed.err

    return do


def test_a_file_is_loaded_told_and_withdrawn(command: Run, home: Home) -> None:
    loaded = command("load", "kent.ttl", "--graph", "urn:g:kent")
    version = home.current()
    patch = command("diff", 1, 2)[1]
    again = command("load", "kent.ttl", "--graph", "urn:g:kent")
    gone = command("withdraw", "urn:g:kent", "--message", "wrong force")

    assert (0, "Published version 2: 2 triples added, 0 removed") == (
        loaded[0],
        loaded[1].partition(" (")[0],
    )
    assert ("steward", "load kent.ttl") == (version.by, version.message)
    assert '+ <urn:t#kent> <urn:t#name> "Heddlu Caint"@cy <urn:g:kent> .\n' in patch
    assert "Nothing has changed: version 2" in again[1]
    assert (0, "wrong force") == (gone[0], home.current().message)
    assert home.get(1).digest == home.current().digest


def test_a_faulty_file_is_named_at_its_line_and_not_loaded(command: Run, home: Home) -> None:
    code, _, told = command("load", "faulty.ttl", "--graph", "urn:g:kent")
    dry = command("load", "faulty.ttl", "--graph", "urn:g:kent", "--dry-run")
    good = command("load", "kent.ttl", "--graph", "urn:g:kent", "--dry-run")

    assert (1, 1, 0) == (code, dry[0], good[0])
    assert "faulty.ttl:3:" in told
    assert "2 triples added" in good[1]
    assert 1 == home.current().number


def test_a_gate_lets_faults_pass_and_tells_them(command: Run, home: Home) -> None:
    warned = command("load", "faulty.ttl", "--graph", "urn:g:kent", "--gate", "urn:g:kent=warn")

    assert (0, 1) == (warned[0], home.current().faults)
    assert "A force has one name" in warned[2]
    assert 2 == command("load", "faulty.ttl", "--graph", "urn:g:kent", "--gate", "maybe")[0]


@pytest.mark.parametrize("name", ["kent", "graph:kent", f"{GRAPH}kent", f"<{GRAPH}kent>"])
def test_a_gate_names_its_graph_in_each_way(command: Run, home: Home, name: str) -> None:
    warned = command("load", "faulty.ttl", "--graph", name, "--gate", f"{name}=warn")
    other = command("load", "faulty.ttl", "--graph", "new", "--gate", f"{name}=warn")

    assert (0, 1) == (warned[0], home.current().faults)
    assert "there is no graph" not in warned[2]
    assert 1 == other[0]


@pytest.mark.parametrize("arguments", [("load", "kent.ttl", "--graph", "urn:g:k"), ("build",)])
def test_a_gate_for_a_graph_that_is_not_there_is_told(
    command: Run, arguments: tuple[str, ...]
) -> None:
    told = command(*arguments, "--gate", "knet=warn", "--gate", "enforce")[2]
    refused = command(*arguments, "--gate", "a graph=warn")

    assert "--gate: there is no graph graph:knet" in told
    assert 2 == refused[0]
    assert "is no IRI" in refused[2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("load", "kent.ttl", "--graph", "Kent"), "Kent"),
        (("load", "none.ttl", "--graph", "urn:g:k"), "no such file"),
        (("load", "kent", "--graph", "urn:g:k"), "no such file"),
        (("load", "kent.nq", "--graph", "urn:g:k"), "names graphs itself"),
        (("load", "kent.ttl", "--graph", "graph:gwent"), "data/reference/gwent.ttl"),
        (("withdraw", "graph:gwent"), "data/reference/gwent.ttl"),
        (("withdraw", "urn:g:none"), "no graph"),
        (("diff", 1, 9), "version 9 is not kept"),
        (("rollback", 9), "version 9 is not kept"),
        (("restore", "none.tar"), "no such file"),
        (("restore", "kent.ttl"), "no backup"),
        (("backup", "kent.ttl"), "exists already"),
        (("backup", "none/file"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    command: Run, home: Home, arguments: tuple[object, ...], told: str
) -> None:
    code, _, error = command(*arguments)

    assert 2 == code
    assert told in error
    assert 1 == home.current().number


def test_versions_are_taken_up_again_and_removed(command: Run, home: Home) -> None:
    command("load", "kent.ttl", "--graph", "urn:g:kent")
    back = command("rollback", 1, "--message", "a mistake")
    pruned = command("prune", "--keep", 1)

    assert "Version 1 of" in back[1]
    assert "Removed versions: none" in pruned[1]
    assert [1, 2] == home.numbers()
    command("rollback", 2)
    assert "Removed versions: 1" in command("prune", "--keep", 1)[1]
    told = command("versions")[1]
    assert re.search(r"rollback from 2 to 1( by \S+)? a mistake\n", told)
    assert re.search(r"prune of 1\b", told)


def test_a_backup_comes_back_with_its_digest(command: Run, home: Home, tmp_path: Path) -> None:
    (tmp_path / "blank.ttl").write_text("[] a <urn:t#Unit> .")
    command("load", "kent.ttl", "blank.ttl", "--graph", "urn:g:kent")
    version = home.current()
    saved = command("backup", "saved.tar.gz")
    elsewhere = Home(tmp_path / "elsewhere")
    code, _, _ = command("restore", "saved.tar.gz", "--home", elsewhere.path)
    restored = elsewhere.current()

    assert (0, 0) == (saved[0], code)
    assert (version.digest, version.graphs) == (restored.digest, restored.graphs)
    assert (version.triples, version.inferred) == (restored.triples, restored.inferred)
    assert version.triples == Embedded.read_only(restored.store_path).size("")
    command("withdraw", "urn:g:kent")
    command("restore", "saved.tar.gz")
    assert (4, version.digest, 3) == (
        home.current().number,
        home.current().digest,
        home.current().added,
    )


def test_a_damaged_backup_is_refused(command: Run, home: Home, tmp_path: Path) -> None:
    command("backup", "saved.tar.gz")
    with tarfile.open("saved.tar.gz") as archive, tarfile.open("damaged.tar.gz", "w:gz") as damaged:
        for member in archive.getmembers():
            part = archive.extractfile(member)
            assert part is not None
            content = part.read().replace(b"Heddlu Gwent", b"Heddlu Kent")
            member.size = len(content)
            damaged.addfile(member, io.BytesIO(content))
    code, _, told = command("restore", "damaged.tar.gz")

    assert (2, 1) == (code, home.current().number)
    assert "its digest does not fit: https://w3id.org/peelgraph/graph/gwent" in told
