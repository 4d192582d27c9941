"""The same tests on the embedded store, on Fuseki and on Virtuoso: `make test-engines`.

Starts the engines on loopback, runs the tests on one after another, and prints how many ran on
each. The exit code is that of the tests.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.engines.servers import Server, fuseki, new_dataset, virtuoso

ROOT = Path(__file__).parents[2]
# Engines see each write to the disk, which for tests may be one in memory.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
# Datasets beside the project's own that tests take turns with.
RING = 6
# What a store answers and explains, whichever it is ...
READING = ["tests/test_queries.py", "tests/test_explain.py", "tests/cli/test_remote.py"]
# ... and what it infers, takes and serves.
WRITING = [
    "tests/reasoning",
    "tests/writes/test_writing.py",
    "tests/engines",
]


@dataclass
class Outcome:
    """What came of the tests on one engine."""

    engine: str
    code: int
    ran: int
    left_out: int
    known: int


def main() -> int:
    """Run what the arguments name (every engine unless they do); 0 when all tests passed."""
    chosen = sys.argv[1:] or ["embedded", "fuseki", "virtuoso"]
    outcomes = []
    with TemporaryDirectory(prefix="peelgraph-engines-", dir=MEMORY) as folder:
        if "embedded" in chosen:
            outcomes.append(_test("embedded", []))
        if "fuseki" in chosen:
            with fuseki(Path(folder) / "fuseki") as server:
                ring = [new_dataset(server, f"scratch-{number}") for number in range(RING)]
                outcomes.append(_test("fuseki", [server, *ring]))
        if "virtuoso" in chosen:
            with virtuoso(Path(folder) / "virtuoso", 400) as server:
                outcomes.append(_test("virtuoso", [server]))
    print("\nengine     passed  left out  known to differ")
    for each in outcomes:
        note = "" if each.code == 0 else "   FAILED"
        print(f"{each.engine:<10} {each.ran:>6}  {each.left_out:>8}  {each.known:>15}{note}")
    print("Left out is what an engine cannot be asked for: docs/engines.md says what and why.")
    return max(outcome.code for outcome in outcomes)


def _test(engine: str, servers: list[Server]) -> Outcome:
    print(f"\n== the tests on {engine} ==", flush=True)
    given = [
        {
            "query": server.query,
            "update": server.update,
            "graphs": server.graphs,
            "user": server.user,
            "password": server.password,
            "auth": "digest" if server.user else "",
        }
        for server in servers
    ]
    environment = {**os.environ, "PEELGRAPH_TEST_ENGINE": engine}
    environment["PEELGRAPH_TEST_SERVER"] = json.dumps(given)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *READING]
    command += [] if engine == "virtuoso" else WRITING
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line if re.search(r"\d+ passed", line) else last
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|deselected|xfailed)", last)
    }
    ran = counts.get("passed", 0)
    # Tests that did not run prove nothing.
    code = process.returncode or (0 if ran else 1)
    return Outcome(engine, code, ran, counts.get("deselected", 0), counts.get("xfailed", 0))


if __name__ == "__main__":
    sys.exit(main())
