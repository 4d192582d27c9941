"""Writers killed at random moments, or with no room on the disk; what they leave is checked.

    python -m tests.writes.killing HOME kill SECONDS WRITES   until so many writes are acknowledged
    python -m tests.writes.killing HOME full                  with less and less room for each file
    python -m tests.writes.killing HOME retain                while they remove older versions

Prints a line of JSON. Each writer is a fork of this process, which never opens a store itself.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.errors import PeelgraphError
from peelgraph.repository import Home, digest_graph, local_stage
from peelgraph.repository.changes import Order
from peelgraph.repository.gate import GateCache
from peelgraph.repository.retention import Retention, retain
from peelgraph.repository.transaction import write
from tests.under_test import is_joined
from tests.writes.writes_world import KENT, insert

SEED = 5


def check(home: Home, acknowledged: set[int]) -> None:
    """The current version is whole, and holds every write that was acknowledged."""
    version = home.current()
    store = Embedded.read_only(version.store_path)
    digests = {graph: digest_graph([store.read(graph)]) for graph in version.graphs}
    assert {graph: record.digest for graph, record in version.graphs.items()} == digests
    union = {line for graph in version.graphs for line in store.read(graph).splitlines()}
    assert union == {*store.read("").splitlines()}
    assert (version.triples, version.inferred) == (len(union), store.size(terms.INFERRED))
    assert is_joined(version)
    held = store.read(KENT).decode()
    assert [] == [number for number in acknowledged if f"<urn:t#u{number}> " not in held]
    store.close()


def forked(work: Callable[[], None]) -> int:
    """The number of a process that does `work` and ends."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def checked(home: Home, acknowledged: set[int]) -> None:
    _, status = os.waitpid(forked(lambda: check(home, acknowledged)), 0)
    assert 0 == status, f"the home is not whole after {len(acknowledged)} writes"


def kill_until(home: Home, seconds: float, writes: int) -> dict[str, object]:
    chance, cache = random.Random(SEED), GateCache()
    acknowledged: set[int] = set()
    kills, started, end = 0, 0, time.monotonic() + seconds
    while kills < 4 or (time.monotonic() < end and len(acknowledged) < writes):
        reading, writing = os.pipe()
        first = started

        def work(first: int = first, writing: int = writing) -> None:
            for number in range(first, first + 1000):
                write(home, Order(insert(f":u{number} a :Unit")), cache)
                os.write(writing, b"%d\n" % number)

        pid = forked(work)
        os.close(writing)
        with os.fdopen(reading) as told:
            # Every other one is killed in its first write, or before, on however slow a machine.
            if kills % 2:
                acknowledged.add(int(told.readline()))
            time.sleep(chance.uniform(0.0, 0.6))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            acknowledged |= {int(line) for line in told}
        kills, started = kills + 1, started + 1000
        checked(home, acknowledged)
    return {"kills": kills, "acknowledged": len(acknowledged), "current": home.current().number}


def fill(home: Home) -> dict[str, object]:
    refused, done = 0, set()
    room = (0, 1, 64, 512, 2_000, 4_000, 8_000, 16_000, 64_000, 1_000_000)
    for number, most in enumerate(room):
        before = home.current().number

        def work(number: int = number, most: int = most) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            try:
                write(home, Order(insert(f":u{number} a :Unit")))
            except PeelgraphError:
                os._exit(7)

        _, status = os.waitpid(forked(work), 0)
        if status == 0:
            done.add(number)
        else:
            refused += 1
            assert 7 == os.waitstatus_to_exitcode(status), "the failure has no name"
            assert before == home.current().number
        checked(home, done)
    return {"refused": refused, "written": len(done), "current": home.current().number}


def kill_removing(home: Home) -> dict[str, object]:
    """Kill each writer, which keeps two versions, when it has removed so many files of another."""
    acknowledged: set[int] = set()
    few = Retention(1, 0)
    for number in range(3):
        os.waitpid(forked(partial(unit, home, number, Retention())), 0)
        acknowledged.add(number)
    deaths = (0, 1, 2, 5, 20)
    for number, files in enumerate(deaths, 3):

        def removed(folder: Path, files: int = files, **_: object) -> None:
            for path in sorted(path for path in folder.rglob("*") if path.is_file())[:files]:
                path.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

        def work(number: int = number, remove: Callable[..., None] = removed) -> None:
            local_stage.retain = partial(killed, remove, retain)  # type: ignore[attr-defined]
            unit(home, number, few)

        _, status = os.waitpid(forked(work), 0)
        assert -signal.SIGKILL == os.waitstatus_to_exitcode(status), "it removed nothing"
        acknowledged.add(number)
        checked(home, acknowledged)
        assert [1, *home.numbers()[1:]] == [version.number for version in home.list()]
    os.waitpid(forked(lambda: unit(home, 99, few)), 0)
    acknowledged.add(99)
    checked(home, acknowledged)
    told = len(acknowledged) - 3
    return {"kills": len(deaths), "acknowledged": told, "current": home.current().number}


def killed(
    remove: Callable[..., None], retain: Callable[..., list[int]], *given: object
) -> list[int]:
    """Retention whose removal of a folder is another one."""
    shutil.rmtree = remove  # type: ignore[assignment]
    return retain(*given)


def unit(home: Home, number: int, kept: Retention) -> None:
    write(home, Order(insert(f":u{number} a :Unit")), retention=kept)


if __name__ == "__main__":
    place = Home(Path(sys.argv[1]))
    if sys.argv[2] == "full":
        print(json.dumps(fill(place)))
    elif sys.argv[2] == "retain":
        print(json.dumps(kill_removing(place)))
    else:
        print(json.dumps(kill_until(place, float(sys.argv[3]), int(sys.argv[4]))))
