"""A running service whose processes are killed one after another while a client writes.

Kinds: main (`peelgraph serve` itself), front (listens), worker (evaluates queries), and writer. As
under systemd, the service is started again whenever it ends.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.repository import Home
from tests.writes.writes_world import KENT

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"
# Part of the command line by which each kind is known.
KINDS = {
    "writer": b"peelgraph.workers.write_worker",
    "worker": b"peelgraph.workers.query_worker",
    "front": b"multiprocessing.spawn",
    "main": b"\0serve\0",
}
# Seconds: one request, one write however often it is asked for, the end of an orphan.
REQUEST, WRITE, ORPHAN = 20.0, 60.0, 20.0
# What a client may be told while a process that it needs is replaced.
BROKEN_OFF = (502, 503)


class Supervised:
    """A service that is started again, on the same home and port, whenever it ends."""

    def __init__(self, home: Path, folder: Path, *options: str) -> None:
        self._folder = folder / "tmp"
        self._folder.mkdir()
        tokens = folder / "tokens"
        tokens.write_text(f"killed:{TOKEN}\n")
        tokens.chmod(0o600)
        self._log = folder / "log"
        command = [sys.executable, "-m", "peelgraph", "serve", "--home", str(home)]
        self._command = [*command, "--token-file", str(tokens), *options]
        self._stopping = threading.Event()
        self.starts = 0
        self._main = self._start("0")
        assert self._main.stdout is not None
        self.url = self._main.stdout.readline().decode().split()[-1].rstrip("/")
        self._supervisor = threading.Thread(target=self._supervise)
        self._supervisor.start()

    def _start(self, port: str) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self._log.open("ab") as log:
            # Every process of the service is known by its folder for temporary files.
            return subprocess.Popen(
                [*self._command, "--port", port],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(self._folder)},
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def _supervise(self) -> None:
        port = str(urllib.parse.urlsplit(self.url).port)
        while True:
            self._main.wait()
            assert self._main.stdout is not None
            self._main.stdout.close()
            if self._stopping.is_set():
                return
            self._main = self._start(port)

    def processes(self) -> dict[int, str]:
        """Every process of the service, and of what kind it is; "" for none of the four."""
        found, mark = {}, f"TMPDIR={self._folder}\0".encode()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                    command = (entry / "cmdline").read_bytes()
                    kinds = (kind for kind, part in KINDS.items() if part in command)
                    found[int(entry.name)] = next(kinds, "")
        return found

    def stop(self) -> int:
        """Stop the service as its operator does; the code that it ends with."""
        self._stopping.set()
        self._main.send_signal(signal.SIGTERM)
        self._supervisor.join(30)
        return self._main.wait(1)

    def kill_all(self) -> None:
        """End whatever is there still."""
        self._stopping.set()
        while left := self.processes():
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._supervisor.join()

    @property
    def log(self) -> str:
        """What the service wrote to its log."""
        return self._log.read_text()


@dataclass(slots=True)
class Outcome:
    """What came of writing while processes were killed."""

    acknowledged: set[int] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    # How often each status, or kind of failure, was told to the client.
    broken_off: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    # Until the last of the processes that a killed main leaves behind has ended.
    orphaned: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        took = sorted(self.seconds)
        return (
            f"{len(self.acknowledged)} writes acknowledged over {self.kills.total()} kills "
            f"{dict(self.kills)}; a write took {took[len(took) // 2]:.2f} s in the median and "
            f"{took[-1]:.2f} s at most; orphans ended within {max(self.orphaned):.2f} s; "
            f"broken off: {dict(self.broken_off)}"
        )


def write_while_killing(
    service: Supervised,
    kinds: list[str],
    pause: Callable[[random.Random], float],
    seed: int,
    least: int = 1,
) -> Outcome:
    """Write units, `least` or more, while a process of each of `kinds` is killed in turn.

    Every other kill waits until a write was acknowledged since the one before.

    Errors: AssertionError when a write, or a query that looks for it, gets a wrong answer or none.
    """
    outcome, done, failures = Outcome(), threading.Event(), []

    def kill() -> None:
        try:
            chance = random.Random(seed)
            for turn, kind in enumerate(kinds):
                before = len(outcome.acknowledged)
                done.wait(pause(chance))
                while turn % 2 and len(outcome.acknowledged) == before and not done.is_set():
                    time.sleep(0.02)
                if done.is_set():
                    return
                _kill(service, kind, chance, outcome)
        except AssertionError as error:
            failures.append(error)
        finally:
            done.set()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        number = 0
        # The last one begins once nothing is killed any more.
        is_last = False
        while not is_last:
            number += 1
            is_last = done.is_set() and number >= least
            _write(service.url, number, outcome)
    finally:
        done.set()
        killer.join()
    assert not failures, failures
    return outcome


def _kill(service: Supervised, kind: str, chance: random.Random, outcome: Outcome) -> None:
    end = time.monotonic() + WRITE
    while not (found := [pid for pid, each in service.processes().items() if each == kind]):
        assert time.monotonic() < end, f"there is no {kind}"
        time.sleep(0.02)
    chosen = chance.choice(sorted(found))
    family = [pid for pid in service.processes() if pid != chosen] if kind == "main" else []
    left = []
    for pid in family:
        with suppress(ProcessLookupError):
            left.append(os.pidfd_open(pid))
    try:
        os.kill(chosen, signal.SIGKILL)
    except ProcessLookupError:
        return
    outcome.kills[kind] += 1
    began = time.monotonic()
    for descriptor in left:
        with os.fdopen(descriptor) as process:
            rest = max(0.0, began + ORPHAN - time.monotonic())
            assert select.select([process], [], [], rest)[0], "a process outlives main"
    if kind == "main":
        outcome.orphaned.append(time.monotonic() - began)


def _write(url: str, number: int, outcome: Outcome) -> None:
    """Ask for unit `number` until it is acknowledged, then look for it until there is an answer."""
    text = f"PREFIX : <urn:t#> INSERT DATA {{ GRAPH <{KENT}> {{ :u{number} a :Unit }} }}"
    began = time.monotonic()
    told = _asked(
        urllib.request.Request(
            f"{url}/update",
            text.encode(),
            {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {TOKEN}"},
        ),
        outcome,
    )
    assert told["version"], told
    outcome.acknowledged.add(number)
    outcome.seconds.append(time.monotonic() - began)
    ask = urllib.parse.urlencode({"query": f"ASK {{ <urn:t#u{number}> a <urn:t#Unit> }}"})
    accept = {"Accept": "application/sparql-results+json"}
    answer = _asked(urllib.request.Request(f"{url}/sparql?{ask}", headers=accept), outcome)
    assert answer["boolean"], f"write {number} was acknowledged and is not found"


def _asked(request: urllib.request.Request, outcome: Outcome) -> dict[str, object]:
    """The answer to a request, which is sent again as long as a kill breaks it off."""
    end = time.monotonic() + WRITE
    while True:
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=REQUEST) as answer:
                told: dict[str, object] = json.load(answer)
                return told
        except urllib.error.HTTPError as error:
            with error:
                assert error.code in BROKEN_OFF, (error.code, error.read())
                assert "application/problem+json" == error.headers["Content-Type"]
            outcome.broken_off[str(error.code)] += 1
        except OSError as error:
            assert not isinstance(error, TimeoutError), f"no answer within {REQUEST:g} s"
            outcome.broken_off[type(getattr(error, "reason", error)).__name__] += 1
        except ValueError:
            # An answer that was cut off.
            outcome.broken_off["cut off"] += 1
        assert time.monotonic() < end, f"{request.selector} fails for {WRITE:g} s"
        time.sleep(max(0.0, 0.05 - (time.monotonic() - began)))


def left_over(home: Home) -> list[str]:
    """The folders of versions that were never published, or are half-made."""
    kept = {str(number) for number in home.numbers()}
    return [each.name for each in (home.path / "versions").iterdir() if each.name not in kept]
