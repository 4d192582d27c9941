"""What a worker is asked to do: queries, writes and validations as messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from peelgraph.settings import Settings
from peelgraph.sparql import Dataset, Query, QueryRequest

if TYPE_CHECKING:
    from peelgraph.checking import Check
    from peelgraph.remote import Engine
    from peelgraph.repository.changes import Order
    from peelgraph.repository.retention import Retention

# Bytes of an answer that travel with its head; a longer one is not copied once more.
SHORT = 1_000_000
# What a write reports while it goes on: it has the lock; its version is being put in place.
STARTED, COMMITTING = "started", "committing"


@dataclass(frozen=True, slots=True)
class Open:
    """Open this version; with `copy`, hold it in memory; `aside` keeps the other one open, too.

    Units: `memory` in MiB, what one evaluation may take.
    """

    number: str
    path: Path
    copy: bool
    memory: int
    settings: Settings
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Answer this query, in at most `limit` bytes, from the version open `aside` or not."""

    request: QueryRequest
    limit: int
    aside: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        """Plain values cross to the worker in a fifth of the time that dataclasses take."""
        r = self.request
        dataset = (r.dataset.default, r.dataset.named)
        asked = (r.query.text, r.results, r.graph, r.base, r.bindings, r.inference)
        return _evaluate, (asked, dataset, self.limit, self.aside)


@dataclass(frozen=True, slots=True)
class Write:
    """Carry out an order in the home folder, or in an engine in its place.

    `retention` says which older versions stay once it is published.

    Units: `memory` in MiB, `lock_wait_s` how long to wait for another writer of the engine.
    """

    home: Path
    order: Order
    memory: int
    engine: Engine | None = None
    lock_wait_s: float = 0.0
    retention: Retention | None = None


@dataclass(frozen=True, slots=True)
class Validate:
    """Validate some documents; `key` is that of the published shapes and ontology that count.

    Units: `memory` in MiB.
    """

    check: Check
    memory: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Compile the shapes and the ontology of the version in the folder `store`; `key` is theirs.

    Without a folder, libraries alone are loaded. Units: `memory` in MiB.
    """

    memory: int
    key: str = ""
    store: Path | None = None


_Graphs = tuple[str, ...] | None


def _evaluate(
    asked: tuple[str, str, str, str | None, tuple[tuple[str, str], ...], bool],
    dataset: tuple[_Graphs, _Graphs],
    limit: int,
    aside: bool,
) -> Evaluate:
    text, results, graph, base, bindings, inference = asked
    request = QueryRequest(
        Query(text), results, graph, Dataset(*dataset), base, bindings, inference
    )
    return Evaluate(request, limit, aside)
