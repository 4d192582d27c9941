"""Ten minutes of mixed load with a write every two seconds: what the disk and the memory take.

`pytest tests/benchmarks/bench_mixed_load.py -s`. PEELGRAPH_BENCH_SECONDS says how long.
"""

import json
import os
import shutil
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path

from peelgraph.catalogue import read_catalogue
from peelgraph.repository import Home
from tests.benchmarks.running import FORCE, SETTLED, memory, served, stated

SECONDS = float(os.environ.get("PEELGRAPH_BENCH_SECONDS", "600"))
TOKEN = "0123456789abcdef0123456789abcdef"
KEPT = 20
PAGES = (
    "/",
    "/doc/force/derbyshire",
    "/doc/force/kent.ttl",
    "/compare",
    "/search?q=gang",
    "/network",
)
TURTLE = b"@prefix : <urn:x#> . :a a :B ; :p 1, 2, 3 ."


def disk(home: Path) -> int:
    """KiB that a home takes; a file with several names counts once."""
    files = {}
    # Versions are removed meanwhile: os.walk passes over a folder that is gone.
    for folder, _, names in os.walk(home):
        for name in names:
            with suppress(FileNotFoundError):
                found = Path(folder, name).lstat()
                files[found.st_ino] = found.st_blocks * 512
    return sum(files.values()) // 1024


@dataclass
class Load:
    """Clients that read, query, validate and write until they are told to end."""

    port: int
    reads: list[str]
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, kind: str, path: str, body: bytes | None = None, **headers: str) -> None:
        """Send one request, and count how it was answered."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, named)
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:
                answer.read()
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        with self.lock:
            self.answered[kind, status] += 1

    def read(self) -> None:
        """Read pages and the answers of stored questions."""
        for path in cycle(self.reads):
            if self.over.wait(0.05):
                return
            self.send("read", path)

    def query(self) -> None:
        """Send queries that were never sent before."""
        subject = urllib.parse.quote(f"SELECT * {{ <{FORCE}> ?p ?o }}")
        for number in count():
            if self.over.wait(0.02):
                return
            self.send("query", f"/sparql?query={subject}%20%23{number}")

    def validate(self) -> None:
        """Have a document validated."""
        while not self.over.wait(5):
            self.send("validation", "/validate", TURTLE, Content_Type="text/turtle")

    def write(self) -> None:
        """Add a triple every two seconds."""
        for number in count():
            if self.over.wait(2):
                return
            text = f"INSERT DATA {{ GRAPH <urn:g:mixed> {{ <urn:u{number}> <urn:p> {number} }} }}"
            self.send(
                "write",
                "/update",
                text.encode(),
                Content_Type="application/sparql-update",
                Authorization=f"Bearer {TOKEN}",
            )


def test_mixed_load_with_a_write_every_two_seconds(home: Path, tmp_path: Path, root: Path) -> None:
    place = tmp_path / "home"
    shutil.copytree(home, place)
    tokens = tmp_path / "tokens"
    tokens.write_text(f"bench:{TOKEN}\n")
    tokens.chmod(0o600)
    plain = [one for one in read_catalogue(root / "queries").questions if not one.parameters]
    reads = [f"/queries/{one.name}?format=json" for one in plain] + [*PAGES]
    options = ("--token-file", str(tokens), "--gate", "off", "--keep-days", "0")
    with served(place, *options, "--keep-versions", str(KEPT)) as (port, pid):
        time.sleep(SETTLED)
        load = Load(port, reads)
        threads = [
            threading.Thread(target=work)
            for work in (load.read, load.query, load.validate, load.write)
        ]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        while (passed := time.monotonic() - began) < SECONDS:
            stated(f"{passed:4.0f} s: {weighed(place, pid)}")
            time.sleep(min(30, SECONDS / 10))
        load.over.set()
        for thread in threads:
            thread.join()
        stated(f"at the end: {weighed(place, pid)}")
    numbers = sorted(load.answered.items())
    stated(json.dumps({f"{kind} {status}": number for (kind, status), number in numbers}))

    assert {status for kind, status in load.answered if kind == "write"} == {200}
    assert len(Home(place).numbers()) <= KEPT + 2


def weighed(home: Path, pid: int) -> str:
    """What a home and the processes that serve it take."""
    versions = len(Home(home).numbers())
    return f"{disk(home):,} KiB in {versions} versions, {memory(pid)} MiB of memory"
