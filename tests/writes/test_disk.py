"""What a small write takes of the disk, on the project's own graph: what it changes."""

import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.repository import Home, Version
from peelgraph.repository.changes import Gates, Order, Update
from peelgraph.repository.counts import read_counts, write_counts
from peelgraph.repository.dumps import dumps_of
from peelgraph.repository.rule_cache import read_rules
from peelgraph.repository.transaction import write
from peelgraph.repository.version import write_shared
from peelgraph.repository.void_dcat import count_all

pytestmark = pytest.mark.embedded

GRAPH = "urn:g:notes"
LIMIT = 125_000  # bytes; with the engine's options and logs, and all counts, it was 500,000
NEEDLESS = ("LOG*", "*.log", "OPTIONS-*", "LOCK", "IDENTITY")


@pytest.fixture(scope="module")
def written(project_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A copy of the project's own home after three writes of one triple each."""
    folder = tmp_path_factory.mktemp("disk") / "home"
    shutil.copytree(project_home.path, folder)
    home = Home(folder)
    for number in range(3):
        add(home, f"<urn:t#{number}> <urn:t#label> 'Nodyn {number}'@cy")
    yield home


def add(home: Home, triple: str) -> Version:
    update = Update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {triple} }} }}")
    write(home, Order(update, gates=Gates("off")))
    return home.current()


def own_size(version: Version) -> int:
    """The bytes on disk of the files that no other version shares."""
    statuses = [path.stat() for path in version.path.rglob("*") if path.is_file()]
    return sum(status.st_blocks * 512 for status in statuses if status.st_nlink == 1)


def test_a_write_of_one_triple_takes_little(written: Home) -> None:
    sizes = {version.number: own_size(version) for version in written.list()[-3:]}

    assert {} == {number: size for number, size in sizes.items() if size > LIMIT}


def test_no_version_has_files_that_nobody_reads(written: Home) -> None:
    """That holds of a build, too, whose log was as long as its tables."""
    found = [path for pattern in NEEDLESS for path in written.path.glob(f"versions/*/*/{pattern}")]

    assert [] == found
    for version in written.list():
        for path in (version.store_path, version.whole_path):
            Embedded.read_only(path).close()


def test_rules_that_are_the_same_are_shared(written: Home) -> None:
    files = [version.path / "rules.json.gz" for version in written.list()]

    assert 1 == len({file.stat().st_ino for file in files})
    assert read_rules(files[0].parent) is not None


def test_counts_are_told_from_earlier_ones(written: Home, tmp_path: Path) -> None:
    version = written.current()
    store = Embedded.read_only(version.store_path)
    counted = count_all(store)
    store.close()

    assert counted == read_counts(version.path)
    assert 4096 >= (version.path / "counts.json.gz").stat().st_size
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(version.path / "counts.json.gz", alone)
    assert read_counts(alone) is None
    (alone / "counts-earlier.json.gz").write_bytes(b"{}")
    assert read_counts(alone) is None


def test_counts_that_vanish_or_change_much_are_whole_again(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    first = Counter[tuple[str, ...]](
        {("class", f"<urn:{number}>"): number for number in range(1, 101)}
    )
    second = first.copy()
    del second["class", "<urn:7>"]
    third = second + Counter({("class", "<urn:new>"): 3})
    fourth = Counter({key: number + 1 for key, number in third.items()})
    write_counts(folders[0], first)
    for at, counts in enumerate((second, third, fourth), 1):
        write_counts(folders[at], counts, folders[at - 1])

    assert [first, second, third, fourth] == [read_counts(folder) for folder in folders]
    shared = [(folder / "counts-earlier.json.gz").exists() for folder in folders]
    assert [False, True, True, False] == shared
    shutil.rmtree(folders[0])
    assert third == read_counts(folders[2])


def test_damaged_counts_and_rules_are_not_handed_on(written: Home, tmp_path: Path) -> None:
    shutil.copytree(written.path, tmp_path / "home", copy_function=shutil.copy)
    home = Home(tmp_path / "home")
    for name in ("counts-earlier.json.gz", "rules.json.gz"):
        damaged = home.current().path / name
        content = damaged.read_bytes()
        damaged.unlink()
        damaged.write_bytes(content[:100])
    version = add(home, "<urn:t#a> <urn:t#label> 'a'")
    store = Embedded.read_only(version.store_path)

    assert count_all(store) == read_counts(version.path)
    assert read_rules(version.path) is not None
    store.close()


def test_the_description_does_not_repeat_each_version(written: Home) -> None:
    """A line that goes and comes with each version lies in the way of all that follow."""
    versions = written.list()
    lines = []
    for version in versions:
        store = Embedded.read_only(version.store_path)
        lines.append({*store.read(terms.DESCRIPTION).splitlines()})
        store.close()

    pairs = list(pairwise(lines))
    assert all(len(before - after) < 12 for before, after in pairs)
    # The first one tells of a graph, a property and a vocabulary that are new.
    assert all(len(after - before) < 12 for before, after in pairs[1:])


def test_dumps_of_graphs_that_did_not_change_are_shared(written: Home) -> None:
    last = written.current()
    dumps = dumps_of(last)
    built = written.get(1).path / "dumps"
    shared = [dump for dump in dumps if (last.path / "dumps" / dump.file).stat().st_nlink > 1]

    assert {"", GRAPH} == {dump.graph for dump in dumps} - {dump.graph for dump in shared}
    assert all((built / dump.file).read_bytes() for dump in shared)
    assert list(dumps) == list(dumps_of(last))


def test_a_disk_without_hard_links_takes_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    (tmp_path / "like").write_bytes("Dŵr".encode())
    monkeypatch.setattr(Path, "hardlink_to", refused)
    write_shared(tmp_path / "file", "Dŵr".encode(), tmp_path / "like")
    write_shared(tmp_path / "other", b"other", tmp_path / "none")

    assert "Dŵr" == (tmp_path / "file").read_text(encoding="utf-8")
    assert b"other" == (tmp_path / "other").read_bytes()
