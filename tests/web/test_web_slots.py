"""Slots for validations: bounded in number for all processes, one for each client."""

import subprocess
import sys
from pathlib import Path

import pytest

from peelgraph.errors import ServiceBusy, TooManyRequests
from peelgraph.workers.validations import Slots

HOLD = """
import sys
from pathlib import Path
from peelgraph.workers.validations import Slots
with Slots(Path(sys.argv[1]), 2).slot(sys.argv[2], 1):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_client_has_one_slot_and_others_have_theirs(tmp_path: Path) -> None:
    one, other = Slots(tmp_path, 2), Slots(tmp_path, 2)
    with one.slot("127.0.0.1", 0), other.slot("127.0.0.2", 0) as waited:
        with pytest.raises(TooManyRequests), one.slot("127.0.0.1", 0.05):
            pass
        with pytest.raises(TooManyRequests), other.slot("127.0.0.1", 0.05):
            pass
        with pytest.raises(ServiceBusy, match="Other documents"), one.slot("127.0.0.3", 0.05):
            pass
    with one.slot("127.0.0.1", 0), one.slot("127.0.0.3", 0):
        pass

    assert 0 <= waited < 10


def test_a_process_that_is_killed_gives_its_slot_back(tmp_path: Path) -> None:
    slots = Slots(tmp_path, 1)
    command = [sys.executable, "-c", HOLD, str(tmp_path), "127.0.0.1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert "held\n" == process.stdout.readline()
        with pytest.raises(TooManyRequests), slots.slot("127.0.0.1", 0):
            pass
        with pytest.raises(ServiceBusy), slots.slot("127.0.0.2", 0):
            pass
        process.kill()
    with slots.slot("127.0.0.1", 0):
        pass


def test_without_a_folder_the_slots_are_those_of_the_process() -> None:
    with Slots(None, 1).slot("a", 0), Slots(None, 1).slot("a", 0):
        pass
