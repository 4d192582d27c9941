"""What writing costs and survives, over HTTP against the real service; prints its figures.

python -m pytest tests/benchmarks/bench_writing.py -p no:xdist -o python_files='bench_*.py' -s
"""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from peelgraph.repository import Home
from tests.processes import below
from tests.writes.killed_service import KINDS, Supervised, left_over, write_while_killing
from tests.writes.killing import SEED, checked
from tests.writes.writes_world import KENT, publish_world

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"
WRITERS, EACH, KILLED = 8, 25, 200
WRITES, KILLS = 100, 64


@contextmanager
def serving(home: Home, tokens: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--home", str(home.path)]
    service = subprocess.Popen(
        [*command, "--token-file", str(tokens)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert service.stdout is not None
    try:
        yield service.stdout.readline().split()[-1].rstrip("/"), service
    finally:
        kill_all(service.pid)
        service.wait()
        service.stdout.close()


def kill_all(root: int) -> None:
    """kill -9 a process with all that it started, itself first, so that nothing is started anew."""
    family = [root, *below(root)]
    for pid in family:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def is_over(service: subprocess.Popen[str]) -> bool:
    """Whether a service ends within a second."""
    try:
        service.wait(1)
    except subprocess.TimeoutExpired:
        return False
    return True


def insert(url: str, number: int) -> int:
    """The version that holds unit `number`."""
    text = f"PREFIX : <urn:t#> INSERT DATA {{ GRAPH <{KENT}> {{ :u{number} a :Unit }} }}"
    asked = urllib.request.Request(
        f"{url}/update",
        data=text.encode(),
        headers={
            "Content-Type": "application/sparql-update",
            "Authorization": f"Bearer {TOKEN}",
        },
    )
    with urllib.request.urlopen(asked, timeout=120) as answer:
        return int(json.loads(answer.read())["version"])


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(f"bench:{TOKEN}\n")
    return path


def published_world(folder: Path) -> Home:
    publish_world(folder)
    return Home(folder)


def test_eight_writers_lose_no_update(tmp_path: Path, tokens: Path) -> None:
    home = published_world(tmp_path / "home")
    took: list[float] = []
    versions: list[int] = []

    def work(writer: int) -> None:
        for number in range(EACH):
            began = time.perf_counter()
            versions.append(insert(url, writer * EACH + number))
            took.append(time.perf_counter() - began)

    with serving(home, tokens) as (url, _):
        insert(url, 9999)
        began = time.perf_counter()
        threads = [threading.Thread(target=work, args=(writer,)) for writer in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        whole = time.perf_counter() - began
    checked(home, {*range(WRITERS * EACH), 9999})

    print(
        f"\n{WRITERS} writers x {EACH}: {len(took)} writes in {whole:.1f} s, "
        f"{len(took) / whole:.1f} a second, median {statistics.median(took):.2f} s"
    )
    assert WRITERS * EACH == len(set(versions)) == home.current().number - 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 12 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"needs the right to mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_loses_no_acknowledged_write(small_disk: Path, tokens: Path) -> None:
    home = published_world(small_disk / "home")
    filler = small_disk / "filler"
    chance = random.Random(SEED)
    acknowledged: set[int] = set()
    told: Counter[int] = Counter()
    kills = number = 0
    while number < KILLED:
        with serving(home, tokens) as (url, service):
            # Room for a few writes, for half of one, or for none.
            filler.write_bytes(b"")
            rest = os.statvfs(small_disk)
            room = chance.choice((0, 50_000, 300_000, 1_000_000, 3_000_000))
            with suppress(OSError):
                filler.write_bytes(bytes(max(0, rest.f_bavail * rest.f_frsize - room)))
            moment = threading.Timer(chance.uniform(2, 8), kill_all, [service.pid])
            moment.start()
            while number < KILLED and service.poll() is None:
                number += 1
                try:
                    insert(url, number)
                except urllib.error.HTTPError as error:
                    # The writing process may be killed a moment before the one that tells of it.
                    if error.code == 502 and is_over(service):
                        break
                    told[error.code] += 1
                except (urllib.error.URLError, OSError):
                    break
                else:
                    acknowledged.add(number)
            moment.cancel()
            kills += 1
        checked(home, acknowledged)
    kept = len(home.numbers())
    home.prune(2)
    with serving(home, tokens) as (url, _):
        insert(url, 9999)
    checked(home, {*acknowledged, 9999})

    print(
        f"\n{number} writes to a full disk, {kills} times kill -9 of every process: "
        f"{len(acknowledged)} acknowledged, all there; refused with {dict(told)}; "
        f"once {kept - 2} of {kept} versions are pruned, "
        f"version {home.current().number} takes the next"
    )
    assert told[507] > 1
    assert set(told) == {507}
    assert acknowledged


def test_killing_every_process_loses_no_acknowledged_write(tmp_path: Path, tokens: Path) -> None:
    home = published_world(tmp_path / "home")
    chance = random.Random(SEED)
    acknowledged: set[int] = set()
    kills = number = 0
    while number < KILLED:
        with serving(home, tokens) as (url, service):
            moment = threading.Timer(chance.uniform(1.5, 6), kill_all, [service.pid])
            moment.start()
            while number < KILLED and service.poll() is None:
                number += 1
                try:
                    insert(url, number)
                except (urllib.error.URLError, OSError):
                    break
                acknowledged.add(number)
            moment.cancel()
            kills += 1
        checked(home, acknowledged)

    print(
        f"\n{number} writes, {kills} times kill -9 of every process: {len(acknowledged)} "
        f"acknowledged, all there; version {home.current().number} is whole"
    )
    assert kills > 1


def test_killing_each_process_in_quick_succession_loses_no_acknowledged_write(
    tmp_path: Path,
) -> None:
    home = published_world(tmp_path / "home")
    chance = random.Random(SEED)
    kinds = [*KINDS] * (KILLS // len(KINDS))
    chance.shuffle(kinds)
    service = Supervised(home.path, tmp_path, "--workers", "2")
    try:
        outcome = write_while_killing(
            service, kinds, lambda chance: chance.triangular(0.2, 7, 0.2), SEED, WRITES
        )
        code = service.stop()
        time.sleep(1)
        left = service.processes()
    finally:
        service.kill_all()
    checked(home, outcome.acknowledged)

    print(f"\n{outcome}; version {home.current().number} is whole")
    assert KILLS == outcome.kills.total()
    assert WRITES <= len(outcome.acknowledged)
    assert (0, {}, []) == (code, left, left_over(home))
    assert 1 + outcome.kills["main"] == service.starts, service.log
