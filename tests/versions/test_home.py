"""The home folder: what is kept, what is current, and what a crash leaves."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from peelgraph.embedded import Embedded
from peelgraph.errors import NothingPublished, SettingError, UnknownName
from peelgraph.repository import Home, Version
from peelgraph.repository.audit_log import note
from peelgraph.repository.version import write_record


def add(home: Home, message: str = "") -> Version:
    with home.hold(), home.stage() as folder:
        number = home.next_number()
        version = Version(number, home.folder(number), "2026-11-23", message, 1, 0, {}, "x", "0")
        store = Embedded.open(folder / "store")
        store.flush()
        store.close()
        write_record(version, folder)
        home.commit(folder, number)
    return version


def test_versions_are_listed_and_the_last_is_current(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    first, second = add(home, "Cyhoeddi"), add(home)

    assert [first, second] == home.list()
    assert second == home.current()
    assert first == home.get(1)


def test_an_empty_home_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="run: peelgraph build"):
        Home(tmp_path / "none").current()
    assert [] == Home(tmp_path / "none").list()


def test_an_unknown_version_tells_those_kept(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home)

    with pytest.raises(UnknownName, match=r"version 7 is not kept .*kept: 1"):
        home.get(7)


def test_rolling_back_keeps_the_later_version_and_its_number(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home)
    add(home)
    home.rollback(1)

    assert 1 == home.current().number
    assert 3 == add(home).number
    assert [1, 2, 3] == [version.number for version in home.list()]


def test_pruning_spares_the_newest_and_the_current(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for _ in range(4):
        add(home)
    home.rollback(2)

    assert [1, 3] == home.prune(1)
    assert [2, 4] == [version.number for version in home.list()]
    with pytest.raises(SettingError):
        home.prune(0)


def test_rollbacks_and_prunings_are_noted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for _ in range(3):
        add(home)
    home.rollback(3)
    home.rollback(2, by="steward", message="Heddlu Dŵr")
    pointer = (tmp_path / "current").stat().st_ino
    home.prune(1, by="keeper")
    with (tmp_path / "log.jsonl").open("ab") as file:
        file.write(b'{"when": "cut sho')
    add(home)
    home.prune(1)
    back, gone, again = home.events()

    assert ("rollback", (2,), 3) == (back.did, back.versions, back.was)
    assert ("steward", "Heddlu Dŵr") == (back.by, back.message)
    assert ("prune", (1,), "keeper") == (gone.did, gone.versions, gone.by)
    assert ("prune", (2, 3)) == (again.did, again.versions)
    assert f"{back.when} rollback from 3 to 2 by steward Heddlu Dŵr" == str(back)
    assert pointer != (tmp_path / "current").stat().st_ino, "readers forget what they keep"


def test_a_full_disk_is_pruned_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    for _ in range(4):
        add(home)

    def noted(*told: object, **more: object) -> None:
        if [1, 2, 3, 4] == home.numbers():
            raise OSError(errno.ENOSPC, "No space left on device")
        note(*told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("peelgraph.repository.local.note", noted)

    assert [1, 2] == home.prune(2)
    assert [3, 4] == home.numbers()
    assert [(1, 2)] == [event.versions for event in home.events()]


def test_a_rollback_that_cannot_be_noted_does_not_happen(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home)
    add(home)
    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(SettingError):
        home.rollback(1)

    assert 2 == home.current().number


@pytest.mark.parametrize("point", ["write_record", "Path.rename", "Path.replace", "Path.touch"])
def test_a_process_killed_half_way_leaves_a_valid_home(tmp_path: Path, point: str) -> None:
    home = Home(tmp_path)
    add(home)
    script = f"""
import os, runpy, signal, sys
from pathlib import Path
names = runpy.run_path({__file__!r})
home = names["Home"](Path({str(tmp_path)!r}))
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
add = names["add"]
if {point!r} == "write_record":
    add.__globals__["write_record"] = die
else:
    real = Path.touch
    sweeping = lambda path, *a, **k: real(path) if path.parent.name == "1" else die()
    setattr(Path, {point!r}.removeprefix("Path."), sweeping)
add(home)
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)

    assert -9 == killed.returncode, killed.stderr
    swapped = point == "Path.touch"
    assert (2 if swapped else 1) == home.current().number
    assert (3 if swapped else 2) == add(home).number
    assert not list(tmp_path.glob("versions/.staging-*"))
    assert list(range(1, 4 if swapped else 3)) == [version.number for version in home.list()]


def test_a_second_process_waits_and_is_told_for_whom(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from peelgraph.repository import Home
with Home(Path({str(tmp_path)!r})).hold():
    print("held", flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert b"held\n" == other.stdout.readline()
        told: list[str] = []

        def release(text: str) -> None:
            told.append(text)
            other.communicate(b"\n")

        with Home(tmp_path).hold(release):
            pass

    assert [f"waiting for process {other.pid}, which is publishing into the same folder"] == told


def test_a_home_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(
        SettingError, match=r"file/home cannot be written: Not a directory\n.*--home"
    ):
        add(Home(tmp_path / "file" / "home"))


@pytest.mark.parametrize("broken", ["", "one", "9"])
def test_a_broken_pointer_is_named(tmp_path: Path, broken: str) -> None:
    home = Home(tmp_path)
    add(home)
    (tmp_path / "current").write_text(broken)

    with pytest.raises(SettingError, match=r"current|version\.json"):
        home.current()


def test_a_full_disk_fails_a_rollback_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    add(home)
    add(home)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(SettingError, match="the disk is full"):
        home.rollback(1)

    assert 2 == home.current().number


def test_a_failed_stage_leaves_no_trace(tmp_path: Path) -> None:
    home = Home(tmp_path)
    add(home)
    with pytest.raises(SettingError, match="the disk is full"), home.hold(), home.stage() as folder:
        (folder / "half").touch()
        raise OSError(28, "No space left on device")

    assert ["1"] == [entry.name for entry in (tmp_path / "versions").iterdir()]
