"""peelgraph beside other engines: the same questions of the same data, in one run.

    make bench-engines                    0.05 and 0.5 million triples, about 20 minutes
    make bench-engines SIZES=0.05,0.5,5   and 5 million, which take 25 more
    make bench-engines SIZES=0.05 CLIENTS=1,16

Each engine runs alone, with its own defaults but for a deadline and the port: started, loaded,
asked each question once (the answers are compared), then each question for a second by so many
clients; before each question it is left alone until it is idle. What is measured is written to
results/, a file a size; the report and its plots to docs/benchmarks/, a summary into the README,
from all sizes that were measured with these clients and questions.
"""

import json
import math
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peelgraph.workers.process import PRELOAD, allocator
from tests.benchmarks import engine_servers as servers
from tests.benchmarks.engine_report import write_report, write_summary
from tests.benchmarks.engine_workload import Data, Query, content, grown, queries
from tests.engines.servers import install

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "docs" / "benchmarks"
RESULTS = HERE / "results"
# A question that takes longer is asked once more and not by a crowd.
SLOW = 1.0
# rdflib evaluates in Python, minutes a question: beyond this size only its absence is told.
RDFLIB_MOST = 200_000
_MILLION = 1_000_000
# An engine that uses less of a core than this for so many seconds is idle.
_IDLE, _REST = 0.2, 0.3
# wrk's units of a latency, in milliseconds.
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}

SCRIPT = """\
local n = math.random(0, 15)
request = function()
  n = n + 1
  wrk.headers["X-Forwarded-For"] = "10.0.0." .. (n % 16 + 1)
  return wrk.format()
end
"""

Starter = Callable[[Data, Path], AbstractContextManager[servers.Running]]
ENGINES: dict[str, Starter] = {
    "peelgraph": partial(servers.ours, cache=False),
    "peelgraph, cached": partial(servers.ours, cache=True),
    "Oxigraph": servers.on_oxigraph,
    "Fuseki": servers.on_fuseki,
    "Virtuoso": servers.on_virtuoso,
    "rdflib-endpoint": servers.on_rdflib,
}


def main() -> None:
    """Measure every size and engine, and write the report."""
    sizes = [float(size) for size in os.environ.get("SIZES", "0.05,0.5").split(",")]
    clients = [int(count) for count in os.environ.get("CLIENTS", "1,4,16").split(",")]
    install("wrk", "wrk")
    asked = [{"name": query.name, "kind": query.kind} for query in queries()]
    OUT.mkdir(parents=True, exist_ok=True)
    for size in sizes:
        run = {"when": datetime.now(UTC).isoformat(timespec="minutes"), "machine": _machine()}
        measured = {"clients": clients, "queries": asked, **run, **_size(size, clients)}
        RESULTS.mkdir(exist_ok=True)
        name = f"engines-{size:g}.json"
        (RESULTS / name).write_text(json.dumps(measured) + "\n", encoding="utf-8")
        found = {"clients": clients, "queries": asked, "sizes": _measured(clients, asked)}
        write_report(found, OUT)
        write_summary(found, HERE.parents[1] / "README.md")
        print(f"written: {OUT / 'engines.md'}", flush=True)


def _measured(clients: list[int], asked: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The results of each size that was measured with these clients and queries, smallest first."""
    files = RESULTS.glob("engines-*.json")
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    same = [each for each in found if (each["clients"], each["queries"]) == (clients, asked)]
    return sorted(same, key=lambda each: float(each["millions"]))


def _size(millions: float, clients: list[int]) -> dict[str, Any]:
    results: dict[str, Any] = {}
    answers: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory(prefix="peelgraph-bench-") as scratch:
        data = grown(round(millions * _MILLION), Path(scratch))
        print(
            f"\n== {millions} M: {data.size} triples, {data.inferred.count(10)} inferred",
            flush=True,
        )
        for name, start in ENGINES.items():
            if name == "rdflib-endpoint" and data.size > RDFLIB_MOST:
                continue
            folder = Path(scratch) / name.replace(", ", "-")
            folder.mkdir()
            with start(data, folder / "run") as running:
                results[name], answers[name] = _engine(name, running, clients)
        triples = {"all": data.size, "inferred": data.inferred.count(b"\n")}
    reference = answers["Oxigraph"]
    for name, given in answers.items():
        for query, answer in given.items():
            results[name]["queries"][query]["agrees"] = answer == reference[query]
            if answer != reference[query]:
                print(f"   {name} differs on {query}: {_difference(answer, reference[query])}")
    return {"millions": millions, "triples": triples, "engines": results}


def _engine(
    name: str, running: servers.Running, clients: list[int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    told: dict[str, Any] = {"load": running.loaded, "queries": {}}
    answers: dict[str, Any] = {}
    for query in queries():
        _rest(running.pid)
        first, body = servers.ask(running.url(query), query.accept)
        answers[query.name] = content(body, query) if isinstance(body, bytes) else body
        again, _ = (first, b"") if first > SLOW else servers.ask(running.url(query), query.accept)
        told["queries"][query.name] = {
            "first": first,
            "failure": body if isinstance(body, str) else "",
            "rows": sum(answers[query.name].values()) if isinstance(body, bytes) else None,
            "load": {
                str(count): _load(running, query, count, min(first, again)) for count in clients
            },
        }
    told["memory"] = _memory(running.pid)
    means = ", ".join(
        f"{count}: {_mean([q['load'][str(count)]['rate'] for q in told['queries'].values()]):.1f}/s"
        for count in clients
    )
    print(
        f"{name:<18} load {running.loaded:6.1f} s  {told['memory']:6.0f} MiB  {means}", flush=True
    )
    return told, answers


def _rest(pid: int) -> None:
    """Return once an engine is idle: what a crowd no longer waits for is no fault of the next."""
    end, before = time.monotonic() + servers.DEADLINE, _busy(pid)
    while time.monotonic() < end:
        time.sleep(_REST)
        now = _busy(pid)
        if now - before < _IDLE * _REST:
            return
        before = now


def _busy(pid: int) -> float:
    """Seconds of a core that a process and all below it have used."""
    total = 0
    for each in _below(pid):
        with suppress(OSError):
            told = Path(f"/proc/{each}/stat").read_text(encoding="ascii").rpartition(")")[2]
            total += sum(map(int, told.split()[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def _load(running: servers.Running, query: Query, clients: int, alone: float) -> dict[str, Any]:
    """Answers a second, and the latency in milliseconds, for so many clients at once."""
    slow = {"rate": 1 / alone, "p50": alone * 1000, "p99": alone * 1000, "measured": False}
    if alone > SLOW:
        return slow
    with TemporaryDirectory() as folder:
        script = Path(folder) / "clients.lua"
        script.write_text(SCRIPT)
        command = ["wrk", "-t", "1", "-c", str(clients), "-d", "1s", "--timeout", "30s"]
        command += ["--latency", "-s", str(script), "-H", f"Accept: {query.accept}"]
        ran = subprocess.run(
            [*command, running.url(query)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", ran)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", ran)
    done = re.search(r"(\d+) requests in", ran)
    latency = {
        percent: float(value) * _UNITS[unit]
        for percent, value, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s|m)\b", ran)
    }
    good = int(done[1]) - int(failed[1] if failed else 0) if done else 0
    if not rate or not done or good < 1:
        return slow
    return {
        "rate": float(rate[1]) * good / int(done[1]),
        "p50": latency.get("50", 0.0),
        "p99": latency.get("99", 0.0),
        "measured": True,
        "refused": int(failed[1]) if failed else 0,
    }


def _difference(one: Any, other: Any) -> str:
    if isinstance(one, str) or isinstance(other, str):
        return f"{one if isinstance(one, str) else other}"[:120]
    more, less = one - other, other - one
    return f"{sum(more.values())} rows more, {sum(less.values())} fewer, as {[*more, *less][:2]}"[
        :300
    ]


def _mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def _memory(pid: int) -> float:
    """MiB of a process and all below it; pages that several share count once."""
    total = 0.0
    for each in _below(pid):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        share = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        total += int(share[1]) / 1024 if share else 0.0
    return total


def _below(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [pid, *(inner for child in children for inner in _below(int(child)))]


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _machine() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    preloaded = allocator().get(PRELOAD)
    origin = " of the system" if sys.base_prefix == "/usr" else ""
    return (
        f"{os.cpu_count()} cores, {pages:.0f} GiB of memory, {_system()}, "
        f"Python {platform.python_version()}{origin}, "
        f"{Path(preloaded).name if preloaded else 'no allocator'} preloaded by our workers; "
        "the clients (wrk) run on the same cores"
    )


if __name__ == "__main__":
    main()
