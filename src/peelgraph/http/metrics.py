"""What is counted of the service, in the form Prometheus reads.

prometheus_client keeps the counts of each process in files of the folder that `FOLDER` names, and
adds them up for whoever scrapes. `FOLDER` is set before the library is imported; without it the
counts are those of this process alone, in memory.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_OUTCOMES = ("answered", "query", "not-acceptable", "deadline", "memory", "rate", "busy", "engine",
             "cancelled", "other")  # fmt: skip
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

# Name, help and value of what no process counts.
Fact = tuple[str, str, float]


class Metrics:
    """The counts of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        given: dict[str, Any] = {"namespace": "peelgraph", "registry": self._registry}
        live = {**given, "multiprocess_mode": "livesum"}
        requests = Counter("requests", "Requests by status.", ["status"], **given)
        evaluations = Counter("evaluations", "Evaluations by outcome.", ["outcome"], **given)
        # Looking a label up takes as long as counting does.
        self.requests = {digit: requests.labels(f"{digit}xx") for digit in "2345"}
        self._evaluations = {outcome: evaluations.labels(outcome) for outcome in _OUTCOMES}
        self._seconds = Histogram(
            "evaluation_seconds", "Waiting and evaluating.", buckets=_BUCKETS_S, **given
        )
        self.cache_hits = Counter("cache_hits", "Responses from the cache.", **given)
        self.cache_bytes = Gauge("cache_bytes", "Size of the cached responses.", **live)
        self.waiting = Gauge("waiting", "Queries that wait for a worker.", **live)
        self.workers = Gauge("workers", "Processes that evaluate.", **live)

    def observe(self, outcome: str, seconds: float) -> None:
        """Count one evaluation."""
        self._evaluations[outcome if outcome in _OUTCOMES else "other"].inc()
        self._seconds.observe(seconds)

    def render(self, facts: Sequence[Fact] = ()) -> bytes:
        """The counts of all processes, and `facts`."""
        scrape = CollectorRegistry()
        scrape.register(MultiProcessCollector(None) if FOLDER in os.environ else self._registry)
        scrape.register(_Facts(facts))
        return generate_latest(scrape)


@dataclass(eq=False)
class _Facts:
    """What no process counts, as prometheus_client collects it."""

    facts: Sequence[Fact]

    def collect(self) -> list[GaugeMetricFamily]:
        """One gauge a fact."""
        return [GaugeMetricFamily(*fact) for fact in self.facts]
