"""The real service running, as benchmarks start it, and what its processes take."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import below

FORCE = "https://w3id.org/peelgraph/id/force/derbyshire"
SUBJECT = f"SELECT ?p ?o {{ <{FORCE}> ?p ?o }} LIMIT 20"
DEADLINE = 2.0
COMMAND = (sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "2")
# Until all workers hold the version in memory, which they do one after another.
SETTLED = 30


@contextmanager
def served(home: Path, *options: str, log: Path = Path(os.devnull)) -> Iterator[tuple[int, int]]:
    """The port of a service with two workers, and the number of its process."""
    command = [*COMMAND, "--home", str(home), *options]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout
        try:
            told = process.stdout.readline()
            yield int(told.rstrip("/\n").rpartition(":")[2]), process.pid
        finally:
            process.terminate()
            process.wait(20)


def memory(pid: int) -> int:
    """MiB that the processes take together; pages that several share count once."""
    total = 0
    for each in (pid, *below(pid)):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
    return total // 1024


def stated(text: str) -> None:
    print(f"  {text}")
