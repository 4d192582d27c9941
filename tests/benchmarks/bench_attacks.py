"""All attacks at once beside a light client: what the light one waits, and what memory it takes.

`pytest tests/benchmarks/bench_attacks.py -s`. All share the machine with the service: those
who attack run at the lowest priority and the light client, where that is allowed, at the highest,
as if they had machines of their own.
"""

import json
import math
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.benchmarks.running import DEADLINE, SETTLED, SUBJECT, memory, served, stated
from tests.web.hostile import ask

SECONDS = float(os.environ.get("PEELGRAPH_BENCH_SECONDS", "60"))
MOST = 2048
# Beyond what the processes take at rest: bodies that are held, and answers that are kept.
BODIES, ANSWERS = 256, 128
WAIT = 2.0
# Seconds: weighing holds up the processes that are weighed.
WEIGHING = 10.0
LIGHT = "127.0.0.2"


@dataclass
class Measured:
    """What was seen while the attack went on; times in seconds, memory in MiB."""

    light: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    taken: list[int] = field(default_factory=list)


@pytest.mark.parametrize("addresses", [1, 3])
def test_all_attacks_at_once_beside_a_light_client(
    home: Path, root: Path, tmp_path: Path, addresses: int
) -> None:
    over = threading.Event()
    seen = Measured()
    options = ("--max-memory", str(MOST), "--timeout", f"{DEADLINE:g}", "--log", "requests")
    log = tmp_path / "log"
    with served(home, *options, log=log) as (port, pid):
        time.sleep(SETTLED)
        rest = memory(pid)

        def look() -> None:
            with suppress(PermissionError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -20)
            while not over.wait(0.02):
                ended = ask(port, LIGHT, "light", f"{SUBJECT} # {len(seen.light)}")
                seen.light.append(ended.seconds)
                seen.statuses[ended.status] += 1

        def weigh() -> None:
            while not over.wait(WEIGHING):
                seen.taken.append(memory(pid))

        threads = [threading.Thread(target=look), threading.Thread(target=weigh)]
        for thread in threads:
            thread.start()
        strangers = [sys.executable, "-m", "tests.web.strangers", port, SECONDS, addresses]
        told = subprocess.run(
            ["nice", "-n", "19", *map(str, strangers)],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        over.set()
        for thread in threads:
            thread.join()
        after = memory(pid)
    stated(f"from {addresses} addresses:")
    ended = [json.loads(line) for line in told.splitlines()]
    for kind in dict.fromkeys(one["kind"] for one in ended):
        own = [one for one in ended if one["kind"] == kind]
        stated(
            f"{kind}: {len(own)}, the longest {max(one['seconds'] for one in own):.2f} s, "
            f"{Counter((one['status'], one['problem']) for one in own).most_common(5)}"
        )
    # As the service measured it: those who attack are kept from their own answers by the rest.
    logged = [json.loads(line) for line in log.read_text().splitlines() if "seconds" in line]
    late = [one for one in logged if one["seconds"] > WAIT + DEADLINE + 1]
    times = sorted(seen.light)
    stated(f"late by more than a second: {len(late)} of {len(logged)} {late[:5]}")
    inside = sorted(one["seconds"] for one in logged if one["client"] == LIGHT)
    late_inside = inside[math.ceil(len(inside) * 0.99) - 1]
    stated(
        f"light, inside the service: p99 {1000 * late_inside:.0f} ms, "
        f"at most {1000 * inside[-1]:.0f} ms"
    )
    stated(
        f"light: {len(times)} questions, p50 {1000 * times[len(times) // 2]:.0f} ms, p99 "
        f"{1000 * times[math.ceil(len(times) * 0.99) - 1]:.0f} ms, at most "
        f"{1000 * times[-1]:.0f} ms; {dict(seen.statuses)}"
    )
    stated(
        f"memory: {rest} MiB at rest, {max(seen.taken)} at most, {after} afterwards; promised "
        f"{rest} + {MOST} + {BODIES} + {ANSWERS} = {rest + MOST + BODIES + ANSWERS}"
    )

    assert {200} == set(seen.statuses)
    assert [one for one in ended if one["status"] == 200 and one["kind"] == "no token"] == []
