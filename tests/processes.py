"""Processes as the system lists them: who started whom, and the end of one."""

import os
import select
from contextlib import suppress
from pathlib import Path


def below(pid: int) -> list[int]:
    """Every process below `pid`, whichever of its threads has started it."""
    found = []
    with suppress(FileNotFoundError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += (thread / "children").read_text().split()
    return [child for number in found for child in (int(number), *below(int(number)))]


def parent_of(pid: int) -> int:
    """The process that `pid` was started by."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_for_the_end(pid: int) -> None:
    """Return once the process is gone with all its threads; a file descriptor of it tells."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(descriptor) as process:
        assert select.select([process], [], [], 20)[0], f"process {pid} lives on"
