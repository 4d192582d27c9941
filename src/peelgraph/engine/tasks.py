"""What a worker process is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from peelgraph.settings import Settings
from peelgraph.sparql import Dataset, Query, QueryRequest

# Bytes of an answer that travel with its head; a longer one is not copied once more.
SHORT = 1_000_000


@dataclass(frozen=True, slots=True)
class Opening:
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
class Asking:
    """Answer this question, in at most `limit` bytes, from the version open `aside` or not."""

    question: QueryRequest
    limit: int
    aside: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        """Plain values cross to the worker in a fifth of the time that dataclasses take."""
        q = self.question
        dataset = (q.dataset.default, q.dataset.named)
        asked = (q.query.text, q.results, q.graph, q.base, q.bindings, q.inference)
        return _asking, (asked, dataset, self.limit, self.aside)


Task = Opening | Asking
_Graphs = tuple[str, ...] | None


def _asking(
    asked: tuple[str, str, str, str | None, tuple[tuple[str, str], ...], bool],
    dataset: tuple[_Graphs, _Graphs],
    limit: int,
    aside: bool,
) -> Asking:
    text, results, graph, base, bindings, inference = asked
    question = QueryRequest(
        Query(text), results, graph, Dataset(*dataset), base, bindings, inference
    )
    return Asking(question, limit, aside)
