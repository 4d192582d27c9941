"""A process that evaluates queries, as its parent sees it."""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from peelgraph.errors import DeadlinePassed, EngineUnavailable
from peelgraph.settings import Settings
from peelgraph.sparql import QueryRequest, QueryResult
from peelgraph.workers.cancellation import CancelSource
from peelgraph.workers.fork_server import ForkServer
from peelgraph.workers.messages import Evaluate, Open
from peelgraph.workers.process import PAGE_BYTES, Child, SupervisedProcess, Wording, spawn

# Reading a million triples into memory takes about 4 s.
_OPENING_TIME = 60.0
# What takes longer gives way to shorter queries, whoever asked either: nearly all are shorter.
_LONG = 0.05
# Pages that a worker may have more than when its version was opened.
_KEPT = 128 * 2**20 // PAGE_BYTES
# Pages that it may have more than when it opened its first one, or it is replaced before the next.
_GROWN = 24 * 2**20 // PAGE_BYTES

_PROGRAM = "peelgraph.workers.query_worker"
# Loading what a query process needs takes 0.2 s of a core.
_STARTING_TIME = 30.0


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version as the engine needs it; `created` tells two of one number apart."""

    number: str
    path: Path
    triples: int
    created: str = ""


class QueryProcess(SupervisedProcess):
    """A process that has one version open, and perhaps an older one beside it."""

    def __init__(self, settings: Settings, child: tuple[Child, int] | None = None) -> None:
        """`child` is a fork of a warm process; without one, a program of its own is started."""
        super().__init__(*(child or spawn(_PROGRAM)), _wording(settings), _LONG)
        self._settings = settings
        self.edition: Edition | None = None
        self.aside: Edition | None = None
        self._opened = self._first_opened = 0
        self.is_copied = False
        self.is_worn = False
        # Whether it evaluates what will take long, for all that is known.
        self.is_at_length = False

    def reads(self, edition: Edition) -> bool:
        """Whether the worker has this version open."""
        return self.edition is edition or self.edition == edition

    def open(self, edition: Edition, *, copy: bool = False) -> None:
        """Turn the worker to a version; nothing happens when it has it open.

        Reading from disk costs 8 ms whatever the size; only a `copy` in memory takes its time.
        """
        if self.reads(edition) and (self.is_copied or not copy):
            return
        self.edition, self.is_copied = None, False
        self._open(edition, copy=copy)
        self.edition, self.is_copied = edition, copy
        self._opened = self.resident_pages
        self._first_opened = self._first_opened or self._opened

    @property
    def has_grown(self) -> bool:
        """Whether its queries have left more memory with it than another process costs."""
        return self.resident_pages > self._first_opened + _GROWN

    def open_aside(self, edition: Edition) -> None:
        """Open an older version beside the one that is read."""
        if edition == self.aside:
            return
        self.aside = None
        self._open(edition, aside=True)
        self.aside = edition

    def ask(
        self,
        query: QueryRequest,
        timeout: float,
        limit: int,
        *,
        aside: bool = False,
        cancel_source: CancelSource | None = None,
        began: float | None = None,
    ) -> QueryResult:
        """The answer; past `timeout` or the memory limit the process is dead when this raises.

        So it is once nobody waits for the answer, which `cancel_source` reports of a long
        evaluation. `timeout` counts from when the query `began` to wait.

        Errors: WorkerGone when it had ended before.
        """
        now = time.monotonic()
        end = (now if began is None else began) + timeout
        self.send(Evaluate(query, limit, aside))
        is_long = self.is_at_length = not self._is_answered_soon(end - now)
        if is_long:
            self.give_way()
            with cancel_source() if cancel_source else nullcontext() as signal:
                if not self.waits(end - time.monotonic(), signal):
                    raise self._late(timeout)
            self.is_at_length = False
        head = self.receive()
        # What a long evaluation leaves behind goes with the process.
        self.is_worn = is_long and self.resident_pages > self._opened + _KEPT
        if not isinstance(head, tuple):
            raise EngineUnavailable(f"The worker sent {type(head).__name__} for an answer")
        media_type, form, version, warnings, body = head
        if body is None:
            if not self.has_begun and not self.waits(max(end - time.monotonic(), 1.0)):
                raise self._late(timeout)
            body = self.receive_bytes()
        return QueryResult(body, media_type, form, version, warnings)

    def _open(self, edition: Edition, *, copy: bool = False, aside: bool = False) -> None:
        memory = self._settings.query_memory
        self.send(Open(edition.number, edition.path, copy, memory, self._settings, aside))
        if copy:
            self.give_way()
        if not self.waits(_OPENING_TIME):
            raise self._late(_OPENING_TIME)
        self.receive()

    def _is_answered_soon(self, left: float) -> bool:
        """Whether the answer begins before the query counts as long."""
        return self.waits(left) if left < _LONG else self.begins()

    def _late(self, timeout: float) -> DeadlinePassed:
        self.kill()
        return DeadlinePassed(
            f"Waiting and evaluation took longer than {timeout:g} s, the deadline, and were ended",
            hint="Narrow the pattern, or add a LIMIT; the same query again takes as long.",
            limit="timeout",
        )


def start_fork_server(settings: Settings) -> ForkServer:
    """A process whose forks are query processes, each there in a few milliseconds."""
    server = ForkServer(_PROGRAM, _wording(settings))
    server.prepare(None, _STARTING_TIME)
    return server


def _wording(settings: Settings) -> Wording:
    return Wording(
        name="worker",
        memory_exceeded="Evaluation took more than {} MiB, the limit, and was ended",
        memory_hint="Narrow the pattern, or sort and group less at once.",
        ended="The worker that evaluated this ended unexpectedly",
        memory=settings.query_memory,
    )
