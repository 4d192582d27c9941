"""Copies of a version hold the same graphs, by digest: the project's own, and every datatype."""

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from peelgraph.cli import run
from peelgraph.embedded import Embedded
from peelgraph.repository import Home, Version, digest_graph
from peelgraph.repository.diff import compare
from peelgraph.repository.rebuild import publish_empty
from peelgraph.repository.version import write_record
from tests.xsd import NON_CANONICAL, triples

Run = Callable[..., str]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Run:
    """The command line; it fails the test that is not ended with 0."""

    def do(*arguments: object) -> str:
        code = run([str(argument) for argument in arguments])
        printed = capfd.readouterr()
        assert (0, "") == (code, printed.err if code else "")
        return printed.out

    return do


@pytest.fixture
def typed_home(command: Run, tmp_path: Path) -> Home:
    """A home whose graph urn:g:xsd holds a literal of every datatype, as a source spells it."""
    (tmp_path / "xsd.ttl").write_text(triples(), encoding="utf-8")
    home = Home(tmp_path / "typed")
    publish_empty(home, strict=False)
    command(
        "load", tmp_path / "xsd.ttl", "--graph", "urn:g:xsd", "--gate", "off", "--home", home.path
    )
    return home


def graph_digests(version: Version) -> dict[str, str]:
    return {name: record.digest for name, record in version.graphs.items()}


def test_every_digest_is_of_what_the_store_gives_back(project_home: Home) -> None:
    version = project_home.current()
    store = Embedded.read_only(version.store_path)

    found = {name: digest_graph([store.read(name)]) for name in version.graphs}

    assert graph_digests(version) == found


def test_a_backup_of_the_project_comes_back_whole(
    command: Run, project_home: Home, tmp_path: Path
) -> None:
    version, other = project_home.current(), Home(tmp_path / "other")
    command("backup", tmp_path / "saved", "--home", project_home.path)
    command("restore", tmp_path / "saved", "--home", other.path)
    restored = other.current()
    dumped = [command("dump", "--home", home.path) for home in (project_home, other)]

    assert (version.digest, graph_digests(version)) == (restored.digest, graph_digests(restored))
    assert (version.triples, version.inferred) == (restored.triples, restored.inferred)
    assert dumped[0] == dumped[1]


def test_every_datatype_comes_back_from_backup_dump_and_rollback(
    command: Run, typed_home: Home, tmp_path: Path
) -> None:
    version, other, loaded = (
        typed_home.current(),
        Home(tmp_path / "other"),
        Home(tmp_path / "loaded"),
    )
    command("backup", tmp_path / "saved", "--home", typed_home.path)
    command("restore", tmp_path / "saved", "--home", other.path)
    (tmp_path / "dumped.nt").write_text(
        command("dump", "--format", "nt", "--home", typed_home.path), encoding="utf-8"
    )
    publish_empty(loaded, strict=False)
    command(
        "load",
        tmp_path / "dumped.nt",
        "--graph",
        "urn:g:xsd",
        "--gate",
        "off",
        "--home",
        loaded.path,
    )

    assert len(NON_CANONICAL) + 3 == version.triples
    assert {version.digest} == {other.current().digest, loaded.current().digest}
    assert ((), ()) == changed(version, replace(other.current(), base=0))
    # The same values in other spellings are no change.
    again = command(
        "load", tmp_path / "xsd.ttl", "--graph", "urn:g:xsd", "--gate", "off", "--home", other.path
    )
    assert "Nothing has changed" in again
    command("withdraw", "urn:g:xsd", "--home", typed_home.path)
    command("rollback", version.number, "--home", typed_home.path)
    assert version.digest == typed_home.current().digest


@pytest.mark.parametrize("name", NON_CANONICAL)
def test_a_source_and_what_is_stored_of_it_have_one_digest(name: str) -> None:
    line = next(line for line in triples().splitlines() if f"#{name}> <" in line).encode()
    store = Embedded.memory()
    store.insert(line, "")

    assert digest_graph([line]) == digest_graph([store.read("")])


def test_values_that_differ_have_other_digests() -> None:
    line = '<urn:a> <urn:b> "%s"^^<http://www.w3.org/2001/XMLSchema#decimal> .'

    digests = {digest_graph([(line % text).encode()]) for text in ("45", "45.0", "45.01", "4.5")}

    assert 3 == len(digests)


def of_an_older_release(version: Version) -> Version:
    """The record of `version` as releases wrote it that digested what the sources spell."""
    graphs = {
        name: replace(record, digest=f"{number:064x}")
        for number, (name, record) in enumerate(version.graphs.items())
    }
    return replace(version, graphs=graphs, digest="f" * 64, digests_by_value=False)


def test_a_home_of_an_older_release_is_kept_and_restored(
    command: Run, typed_home: Home, tmp_path: Path
) -> None:
    version = typed_home.current()
    old = of_an_older_release(version)
    write_record(old, version.path)
    record = version.path / "version.json"
    content = json.loads(record.read_text(encoding="utf-8"))
    del content["digests_by_value"]
    record.write_text(json.dumps(content), encoding="utf-8")
    other = Home(tmp_path / "other")
    command("backup", tmp_path / "saved", "--home", typed_home.path)
    command("restore", tmp_path / "saved", "--home", other.path)

    assert (False, old.digest) == (
        typed_home.current().digests_by_value,
        typed_home.current().digest,
    )
    assert (True, version.digest) == (other.current().digests_by_value, other.current().digest)


@pytest.mark.parametrize(("found", "is_taken"), [("42", True), ("", False)])
def test_a_backup_of_an_older_release_is_compared_by_its_counts(
    command: Run, typed_home: Home, tmp_path: Path, found: str, is_taken: bool
) -> None:
    command("backup", tmp_path / "saved", "--home", typed_home.path)
    parts = contents(tmp_path / "saved")
    version = typed_home.current()
    record = json.loads(parts["version.json"])
    for name, graph in of_an_older_release(version).graphs.items():
        record["graphs"][name]["digest"] = graph.digest
    del record["digests_by_value"]
    lines = parts["data.nq"].splitlines(keepends=True)
    kept = lines if found else lines[1:]
    pack(
        tmp_path / "older", {"version.json": json.dumps(record).encode(), "data.nq": b"".join(kept)}
    )
    other = Home(tmp_path / "other")
    code = run(["restore", str(tmp_path / "older"), "--home", str(other.path)])

    assert (0 if is_taken else 2) == code
    assert [version.digest] * is_taken == [each.digest for each in other.list()]


def changed(old: Version, new: Version) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    found = compare(old, new)
    return found.added, found.removed


def contents(path: Path) -> dict[str, bytes]:
    """The files in a backup."""
    with tarfile.open(path) as archive:
        found = {name: archive.extractfile(name) for name in archive.getnames()}
        return {name: part.read() for name, part in found.items() if part is not None}


def pack(path: Path, parts: dict[str, bytes]) -> None:
    """Write a backup of these files."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
