"""kill -9 and a full disk at random moments: what is published is whole, and nothing is lost."""

import json
import subprocess
import sys
from pathlib import Path

from peelgraph.versions import Home

SCRIPT = Path(__file__).parent / "killing.py"


def crash(home: Home, *arguments: str) -> dict[str, int]:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), str(home.path), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == ran.returncode, ran.stderr
    told: dict[str, int] = json.loads(ran.stdout)
    return told


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
