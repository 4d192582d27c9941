"""Counts that all processes of the service keep together, in the form Prometheus reads.

Each process writes a file of its own and no other; whoever is asked adds them up.
"""

import mmap
import os
import struct
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

STATUSES = ("2xx", "3xx", "4xx", "5xx")
OUTCOMES = ("answered", "query", "not-acceptable", "deadline", "memory", "rate", "busy", "engine",
            "cancelled", "other")  # fmt: skip
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

_LABELS = (*map(str, _BOUNDS), "+Inf")

# Name, kind, help, and the values of its one label.
_TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("peelgraph_requests_total", "counter", "Requests by status.", "status", STATUSES),
    ("peelgraph_cache_hits_total", "counter", "Answers given from the cache.", "", ("",)),
    ("peelgraph_evaluations_total", "counter", "Evaluations by how they ended.", "outcome",
     OUTCOMES),
    ("peelgraph_evaluation_seconds_bucket", "histogram", "Waiting and evaluating.", "le",
     _LABELS),
    ("peelgraph_evaluation_seconds_sum", "", "", "", ("",)),
    ("peelgraph_evaluation_seconds_count", "", "", "", ("",)),
    ("peelgraph_waiting", "gauge", "Questions that wait for a worker.", "", ("",)),
    ("peelgraph_workers", "gauge", "Processes that evaluate.", "", ("",)),
    ("peelgraph_cache_bytes", "gauge", "Bytes of answers kept.", "", ("",)),
)  # fmt: skip
_GAUGES = frozenset(name for name, kind, *_ in _TABLE if kind == "gauge")


class Counters:
    """The counts of this process, in a file that the others read; "" keeps them in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._places = {key: at for at, key in enumerate(_keys())}
        self._lock = threading.Lock()
        size = 8 * len(self._places)
        if folder is None:
            self._memory: mmap.mmap | bytearray = bytearray(size)
        else:
            with (folder / f"{os.getpid()}.counts").open("w+b") as file:
                file.truncate(size)
                self._memory = mmap.mmap(file.fileno(), size)
        self._numbers = memoryview(self._memory).cast("d")

    def add(self, name: str, label: str = "", by: float = 1.0) -> None:
        """Count `by` more."""
        at = self._places[name, label]
        with self._lock:
            self._numbers[at] += by

    def set(self, name: str, value: float) -> None:
        """Give a gauge its value."""
        self._numbers[self._places[name, ""]] = value

    def heed(self, outcome: str, seconds: float) -> None:
        """Count one evaluation."""
        ending = outcome if outcome in OUTCOMES else "other"
        at = self._places["peelgraph_evaluations_total", ending]
        bucket = self._places["peelgraph_evaluation_seconds_bucket", _LABELS[0]]
        bucket += bisect_left(_BOUNDS, seconds)
        total = self._places["peelgraph_evaluation_seconds_sum", ""]
        count = self._places["peelgraph_evaluation_seconds_count", ""]
        numbers = self._numbers
        with self._lock:
            numbers[at] += 1
            numbers[bucket] += 1
            numbers[total] += seconds
            numbers[count] += 1

    def render(self, facts: Iterable[tuple[str, str, float]] = ()) -> str:
        """The counts of all processes, and facts (name, help, value) that no process counts."""
        totals = self._totals()
        lines: list[str] = []
        for name, kind, told, label, values in _TABLE:
            if kind:
                family = name.removesuffix("_bucket")
                lines += [f"# HELP {family} {told}", f"# TYPE {family} {kind}"]
            for value in values:
                at = f'{{{label}="{value}"}}' if label else ""
                lines.append(f"{name}{at} {totals[name, value]:g}")
        for name, told, number in facts:
            lines += [f"# HELP {name} {told}", f"# TYPE {name} gauge", f"{name} {number:.15g}"]
        return "\n".join(lines) + "\n"

    def _totals(self) -> dict[tuple[str, str], float]:
        totals = dict.fromkeys(self._places, 0.0)
        for lives, numbers in self._files():
            for key, number in zip(self._places, numbers, strict=True):
                # What a process counted stays true when it is gone; what it had does not.
                if lives or key[0] not in _GAUGES:
                    totals[key] += number
        # A file counts each duration once; Prometheus reads how many were no longer than a bound.
        below = 0.0
        for bound in _LABELS:
            below += totals["peelgraph_evaluation_seconds_bucket", bound]
            totals["peelgraph_evaluation_seconds_bucket", bound] = below
        return totals

    def _files(self) -> Iterator[tuple[bool, tuple[float, ...]]]:
        form = f"{len(self._places)}d"
        if self._folder is None:
            yield True, struct.unpack(form, bytes(self._memory))
            return
        for path in self._folder.glob("*.counts"):
            with suppress(OSError, struct.error):
                yield Path(f"/proc/{path.stem}").exists(), struct.unpack(form, path.read_bytes())


def _keys() -> Iterator[tuple[str, str]]:
    for name, _, _, _, values in _TABLE:
        for value in values:
            yield name, value
