"""The service measured: starting, answers kept and not kept, a light client beside hostile ones.

`make bench`, or `pytest tests/benchmarks/bench_service.py -s`. Throughput needs `wrk`, which takes
a share of the same cores. PEELGRAPH_BENCH_HOME names a home folder that is built already.
"""

import math
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pytest

from peelgraph.catalogue import read_catalogue
from peelgraph.repository import Home
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest
from peelgraph.workers import Edition
from peelgraph.workers.query_process import QueryProcess
from tests.benchmarks.running import DEADLINE, SETTLED, SUBJECT, memory, served, stated
from tests.processes import below
from tests.web.hostile import Ended, ask, attack

MIX = 20


def load(port: int, script: Path, connections: int) -> str:
    """What wrk measures in ten seconds: answers a second, and the median."""
    wrk = shutil.which("wrk")
    if wrk is None:
        pytest.skip("needs wrk")
    command = [wrk, "-t1", f"-c{connections}", "-d10", "--latency", "-s", str(script)]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    half = re.search(r"50%\s+(\S+)", told)
    late = re.search(r"99%\s+(\S+)", told)
    wrong = re.search(r"Non-2xx.*", told)
    assert rate
    assert half
    assert late
    told = f"{float(rate[1]):,.0f} answers/s, p50 {half[1]}, p99 {late[1]}"
    return f"{told}, {wrong[0]}" if wrong else told


def asking(folder: Path, paths: list[str], *, fresh: bool) -> Path:
    """A script for wrk that asks each path in turn, each time as a new question when `fresh`."""
    listed = ", ".join(f'"{path}"' for path in paths)
    number = '.. "%20%23" .. n .. "-" .. salt' if fresh else ""
    script = folder / f"ask-{fresh}.lua"
    script.write_text(
        f"local paths = {{ {listed} }}\nlocal n, salt = 0, {time.time_ns()}\n"
        "request = function()\n  n = n + 1\n"
        f'  return wrk.format("GET", paths[n % #paths + 1] {number})\nend\n'
    )
    return script


def test_starting(home: Path) -> None:
    began = time.monotonic()
    with served(home):
        stated(f"from the command to the first answer: {time.monotonic() - began:.2f} s")


def test_a_new_worker(home: Path) -> None:
    version = Home(home).current()
    edition = Edition(str(version.number), version.store_path, version.triples)
    took = []
    for _ in range(20):
        began = time.perf_counter()
        worker = QueryProcess(Settings())
        worker.open(edition)
        worker.ask(QueryRequest(Query(SUBJECT)), 10, 2**20)
        took.append(1000 * (time.perf_counter() - began))
        worker.kill()
    stated(
        f"a new worker's first answer: median {sorted(took)[10]:.0f} ms, {max(took):.0f} at most"
    )


def test_throughput(home: Path, tmp_path: Path, root: Path) -> None:
    stored = read_catalogue(root / "queries").questions
    plain = [question for question in stored if not question.parameters]
    mix = [f"/queries/{question.name}?format=json" for question in islice(plain, MIX)]
    one = [f"/sparql?query={quote(SUBJECT, safe='')}"]
    with served(home) as (port, pid):
        time.sleep(SETTLED)
        stated(f"at rest: {memory(pid)} MiB in {1 + len(below(pid))} processes")
        kept, fresh = asking(tmp_path, mix, fresh=False), asking(tmp_path, one, fresh=True)
        stated(f"{len(mix)} catalogue queries, kept: {load(port, kept, 16)}")
        stated(f"one subject, never asked before: {load(port, fresh, 16)}")
        stated(f"one subject, one client: {load(port, fresh, 1)}")
        document = asking(
            tmp_path, ["/doc/force/derbyshire.ttl", "/doc/force/kent.nt"], fresh=False
        )
        stated(f"one document, kept: {load(port, document, 16)}")


def test_a_light_client_beside_hostile_ones(home: Path) -> None:
    most = 2048
    over = threading.Event()
    light: list[Ended] = []
    taken: list[int] = []
    with served(home, "--max-memory", f"{most}") as (port, pid):
        time.sleep(SETTLED)

        def look() -> None:
            while not over.wait(0.02):
                light.append(ask(port, "127.0.0.2", "light", f"{SUBJECT} # {len(light)}"))

        def weigh() -> None:
            while not over.wait(0.2):
                taken.append(memory(pid))

        threads = [threading.Thread(target=look), threading.Thread(target=weigh)]
        for thread in threads:
            thread.start()
        ended = attack(port, 200, 8, DEADLINE)
        over.set()
        for thread in threads:
            thread.join()
    times = sorted(one.seconds for one in light)
    late = [one for one in ended if one.seconds > 2 + DEADLINE + 1]
    stated(f"hostile: {Counter((one.status, one.problem) for one in ended).most_common()}")
    stated(f"hostile: the longest took {max(one.seconds for one in ended):.2f} s; late: {late}")
    stated(
        f"light: {len(times)} questions, p50 {1000 * times[len(times) // 2]:.0f} ms, p99 "
        f"{1000 * times[math.ceil(len(times) * 0.99) - 1]:.0f} ms; "
        f"{Counter(one.status for one in light)}"
    )
    stated(f"memory: {max(taken)} MiB at most, of {most} for evaluations")
