"""Which versions made by single writes stay, which go, and what old records tell."""

import logging
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph.embedded import Embedded, Lease
from peelgraph.errors import NoLongerKept, UnknownName
from peelgraph.repository import Home, Version, retention
from peelgraph.repository import local as homes
from peelgraph.repository.retention import Retention, retain
from peelgraph.repository.version import (
    BUILD,
    EMPTY,
    MOVED,
    RESTORED,
    WRITE,
    from_json,
    to_json,
    write_record,
)


def add(
    home: Home, made: str = WRITE, days: float = 0.0, by: str = "steward", message: str = ""
) -> Version:
    """One version more, so many days old, with the files by which stores are held open."""
    with home.hold(), home.stage() as folder:
        number = home.next_number()
        created = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        version = Version(
            number, home.folder(number), created, graphs={}, digest="x", software="0", triples=1,
            inferred=0, base=number - 1, made=made, by=by, message=message,
        )  # fmt: skip
        for store in ("store", "whole"):
            (folder / store).mkdir()
            (folder / store / "CURRENT").touch()
        write_record(version, folder)
        home.commit(folder, number)
    return version


def retained(home: Home, kept: Retention) -> list[int]:
    """The versions that remain once a writer has looked at them."""
    with home.hold():
        retain(home, kept, home.current())
    return [*home.numbers()]


def filled(path: Path, days: Iterable[float]) -> Home:
    home = Home(path)
    for age in days:
        add(home, days=age)
    return home


@pytest.mark.parametrize(
    ("versions", "days", "expected"),
    [
        (2, 0, [4, 5]),
        (3, 0, [3, 4, 5]),
        (1, 7, [3, 4, 5]),
        (4, 7, [2, 3, 4, 5]),
        (1, 25, [2, 3, 4, 5]),
        (0, 7, [3, 4, 5]),
        (100, 7, [1, 2, 3, 4, 5]),
        (0, 0, [1, 2, 3, 4, 5]),
    ],
)
def test_the_last_ones_and_those_of_the_last_days_stay(
    tmp_path: Path, versions: int, days: int, expected: list[int]
) -> None:
    home = filled(tmp_path, (30, 20, 6, 1, 0))

    assert expected == retained(home, Retention(versions, days))


def test_the_current_version_and_the_one_before_stay(tmp_path: Path) -> None:
    """Requests under way still open the one before; after a rollback neither is among the last."""
    home = filled(tmp_path, [9] * 5)

    assert [4, 5] == retained(home, Retention(1, 0))
    home = filled(tmp_path / "back", [9] * 5)
    # One goes back only to a version that opens.
    for store in ("store", "whole"):
        shutil.rmtree(home.folder(2) / store)
        ox.Store(str(home.folder(2) / store)).flush()
    home.rollback(2)
    assert [1, 2, 5] == retained(home, Retention(1, 0))


@pytest.mark.parametrize("made", [BUILD, RESTORED, MOVED, EMPTY])
def test_what_no_single_write_made_stays(tmp_path: Path, made: str) -> None:
    home = Home(tmp_path)
    for kind in (made, WRITE, WRITE, WRITE):
        add(home, kind, days=30)

    assert [1, 3, 4] == retained(home, Retention(1, 7))
    assert [1, 3, 4] == retained(home, Retention(1, 7))
    assert [1, 3] == home.prune(1)
    assert [4] == home.numbers()


@pytest.mark.parametrize(
    ("told", "is_by_write"),
    [
        ({"base": 3, "by": "steward", "message": "load kent.ttl"}, True),
        ({"base": 3, "by": "steward", "message": ""}, True),
        ({"base": 3, "by": "", "message": "build"}, False),
        ({"base": 3, "by": "", "message": ""}, False),
        ({"base": 0, "by": "", "message": "empty"}, False),
        ({"base": 3, "by": "steward", "message": "restored version 2 of 2026-11-23"}, False),
        ({"base": 3, "by": "", "message": "moved version 2 of 2026-11-23 from x"}, False),
    ],
)
def test_records_of_older_releases_count_as_kept_unless_they_tell_of_a_writer(
    tmp_path: Path, told: dict[str, object], is_by_write: bool
) -> None:
    content = {**to_json(add(Home(tmp_path))), **told}
    del content["made"]

    assert is_by_write == from_json(content, tmp_path).is_by_write


def test_a_marked_and_a_cited_version_stay_until_they_are_unmarked(tmp_path: Path) -> None:
    home = filled(tmp_path, [30] * 6)
    home.mark(2, by="steward", message="Adroddiad")

    assert home.cite(home.get(3))
    assert ["marked", "cited", ""] == [home.mark_of(number) for number in (2, 3, 4)]
    assert [2, 3, 5, 6] == retained(home, Retention(1, 0))
    home.unmark(2)
    home.unmark(3)
    assert [5, 6] == retained(home, Retention(1, 0))
    assert ["mark", "unmark", "unmark"] == [event.did for event in home.events()]
    with pytest.raises(NoLongerKept):
        home.mark(2)


def test_readers_fill_no_disk_with_citations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "MOST_CITED", 2)
    home = filled(tmp_path, [30] * 5)
    built = add(home, BUILD)

    assert [True, True, False, False] == [home.cite(home.get(n)) for n in (1, 2, 3, 4)]
    assert [True, True] == [home.cite(home.get(1)), home.cite(built)]
    assert "" == home.mark_of(built.number)


def test_a_folder_that_cannot_be_written_promises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    home = filled(tmp_path, [30])
    monkeypatch.setattr(Path, "touch", read_only)

    assert not home.cite(home.get(1))


@pytest.mark.parametrize("store", ["store", "whole"])
def test_a_version_that_somebody_reads_stays_as_long(tmp_path: Path, store: str) -> None:
    home = filled(tmp_path, [30] * 5)
    lease = Lease(home.folder(2) / store)

    assert [2, 4, 5] == retained(home, Retention(1, 0))
    del lease
    assert [4, 5] == retained(home, Retention(1, 0))


def test_what_is_being_removed_is_not_opened(tmp_path: Path) -> None:
    home = filled(tmp_path, [30] * 2)
    lease = Lease(home.folder(1) / "store", alone=True)

    with pytest.raises(NoLongerKept):
        Embedded.read_only(home.folder(1) / "store")
    assert not home.cite(home.get(1))
    del lease
    shutil.rmtree(home.folder(1))
    with pytest.raises(NoLongerKept):
        Embedded.read_only(home.folder(1) / "store")


def test_a_removed_version_is_told_from_one_that_never_was(tmp_path: Path) -> None:
    home = filled(tmp_path, [30] * 4)
    retained(home, Retention(2, 0))

    with pytest.raises(NoLongerKept, match="version 1 was published once") as gone:
        home.get(1)
    assert "--mark" in (gone.value.hint or "")
    with pytest.raises(UnknownName, match=r"version 9 is not kept \(kept: 3, 4\)") as never:
        home.get(9)
    assert not isinstance(never.value, NoLongerKept)
    assert [410, 404] == [gone.value.status, never.value.status]


def test_one_that_is_being_removed_is_neither_listed_nor_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = filled(tmp_path, [30] * 3)
    numbers = home.numbers()
    (home.folder(1) / "version.json").unlink()
    seen = iter([numbers, numbers[1:], numbers, numbers[1:], numbers, numbers[1:]])
    monkeypatch.setattr(Home, "_published", lambda _: next(seen))

    assert [2, 3] == [version.number for version in home.list()]
    assert [] == home.damaged()
    with pytest.raises(NoLongerKept):
        home.get(1)


def test_a_damaged_version_stays(tmp_path: Path) -> None:
    home = filled(tmp_path, [30] * 4)
    (home.folder(1) / "version.json").write_text("{")

    assert [1, 3, 4] == retained(home, Retention(1, 0))


def test_retention_never_fails_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def hangs(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    home = filled(tmp_path, [30] * 5)
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(shutil, "rmtree", hangs)
        assert [2, 3, 4, 5] == retained(home, Retention(1, 0))

    assert "old versions are not removed" in caplog.text
    assert [4, 5] == retained(home, Retention(1, 0))
    assert {"4", "5"} == {folder.name for folder in (tmp_path / "versions").iterdir()}


def test_one_write_spends_little_time_on_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = filled(tmp_path, [30] * 4)
    monkeypatch.setattr(retention, "_BUDGET", -1.0)

    assert [1, 2, 3, 4] == retained(home, Retention(1, 0))
