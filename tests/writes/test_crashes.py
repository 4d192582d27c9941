"""kill -9 and a full disk at random moments: what is published is whole, and nothing is lost."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from peelgraph.errors import SettingError
from peelgraph.repository import Home

ROOT = Path(__file__).parents[2]


def crash(home: Home, *arguments: str) -> dict[str, int]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.writes.killing", str(home.path), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == ran.returncode, ran.stderr
    told: dict[str, int] = json.loads(ran.stdout)
    return told


@pytest.mark.slow("writers killed at random, for up to 12 seconds")
def test_killed_writers_lose_no_acknowledged_write(home: Home) -> None:
    told = crash(home, "kill", "12", "25")

    assert told["kills"] >= 4
    assert told["acknowledged"] >= 2
    assert told["current"] > told["acknowledged"]


def test_a_full_disk_loses_nothing(home: Home) -> None:
    told = crash(home, "full")

    assert told["refused"] >= 3
    assert told["written"] >= 1
    assert 1 + told["written"] == told["current"]


def test_an_engine_that_finds_the_disk_full_advises_to_make_room(tmp_path: Path) -> None:
    """The engine tells it in words alone, and those name files of its own."""
    place = Home(tmp_path)
    with pytest.raises(SettingError) as few, place.hold():
        raise OSError("IO error: No space left on device: While appending to file: x.sst")
    for number in range(1, 5):
        (place.folder(number)).mkdir()
        (place.folder(number) / "published").touch()
    (tmp_path / "current").write_text("4\n")
    with pytest.raises(SettingError) as many, place.hold(), place.stage():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert "the disk is full" in few.value.message
    assert "sst" not in few.value.message
    assert few.value.hint
    assert few.value.hint.startswith("make room on its disk, or name another")
    assert f"make room: peelgraph prune --keep 2 --home {tmp_path}" == many.value.hint
