"""A pool of worker processes: bounded in number, in waiting, in memory and in time."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable

from peelgraph.errors import (
    EngineUnavailable,
    NoLongerKept,
    PeelgraphError,
    ServiceBusy,
    ServiceStopping,
    TooManyRequests,
    UnknownName,
)
from peelgraph.settings import Settings
from peelgraph.sparql import QueryRequest, QueryResult
from peelgraph.sparql.policy import check_length
from peelgraph.store import Reader
from peelgraph.workers.cancellation import CancelSource
from peelgraph.workers.fair_queue import FairQueue
from peelgraph.workers.fork_server import ForkServer
from peelgraph.workers.process import Child, WorkerGone
from peelgraph.workers.query_process import Edition, QueryProcess, start_fork_server

__all__ = ["Edition", "OnFinished", "Pool"]

# Called after each evaluation with how it ended (a kind of problem, or "answered") and its seconds.
OnFinished = Callable[[str, float], None]

# A copy in memory takes 320 bytes a triple, measured over a million, and so many seconds of a core:
# it is made when nobody asks much, of a version that the next one does not follow at once.
_TRIPLE_BYTES, _COPYING_S = 320, 7e-6
_SETTLING = 0.25
_QUIET = 3.0
_LASTING = 5.0
# How long a question waits for a copy: most are answered sooner, and a long one holds nobody up.
MAX_WAIT_FOR_COPY_S = 0.05
# Workers beyond those that evaluate, ready for when some are killed; another is there in 0.1 s.
_SPARES = 2
_STARTING = 1.0
_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool(Reader):
    """Answers queries in worker processes; what one query does to its worker ends there.

    `size` queries are evaluated at a time. `current` gives the version to answer from; it is
    called for every query, so that a new version is read as soon as it is published. `older`
    gives an older one.
    """

    def __init__(
        self,
        settings: Settings,
        current: Callable[[], Edition],
        size: int | None = None,
        *,
        older: Callable[[int], Edition] | None = None,
        on_finished: OnFinished | None = None,
    ) -> None:
        self._settings = settings
        self._size = size or settings.at_once
        self._current = current
        self._older = older
        self._on_finished = on_finished
        self._queue = FairQueue(settings, self._size)
        self._changed = threading.Condition()
        self._forking = threading.Lock()
        self._server: ForkServer | None = None
        self._idle: deque[QueryProcess] = deque()
        self._all: set[QueryProcess] = set()
        self._closing = threading.Event()
        self._last_death = 0.0
        # The version of which no copy can be made.
        self._uncopied: Edition | None = None

    def warm(self) -> None:
        """Start the workers and the spares; return once one can answer, the rest follow soon."""
        first = self._start()
        first.open(self._current())
        self._give_back(first)
        for _ in range(self._size + _SPARES - 1):
            threading.Thread(target=self._restart, daemon=True).start()
        threading.Thread(target=self._settle, daemon=True).start()

    def query(
        self,
        question: QueryRequest,
        timeout: float | None = None,
        limit: int | None = None,
        *,
        client: str = "",
        at: int | None = None,
        cancel_source: CancelSource | None = None,
    ) -> QueryResult:
        """The answer to `question`, from the version current when it was asked, or version `at`.

        Units:  `timeout` in seconds, waiting included, `limit` in bytes; they lower the service's
                own and never raise them. `client` is whoever shares one client's slots.
                `cancel_source` reports, once a query counts as long, that nobody waits for it.
        Errors: QueryRefused, DeadlinePassed, MemoryExceeded, Cancelled, ServiceBusy,
                TooManyRequests, EngineUnavailable, UnknownName for a version that is not kept
        """
        check_length(question.query.text, self._settings)
        timeout_s = min(self._settings.timeout, timeout or self._settings.timeout)
        longest = self._settings.max_result * 2**20
        aside = None if at is None else self._at(at)
        start = time.monotonic()
        outcome = "answered"
        try:
            with self._queue.slot(client) as queue_deadline:
                edition = self._current()
                latest = max(queue_deadline, time.monotonic() + _STARTING)
                while True:
                    worker = self._take(edition, latest, client)
                    try:
                        if aside is None:
                            worker.open(edition)
                        else:
                            worker.open_aside(aside)
                        return worker.ask(
                            question,
                            timeout_s,
                            min(longest, limit or longest),
                            aside=aside is not None,
                            cancel_source=cancel_source,
                            began=start,
                        )
                    except WorkerGone:
                        continue
                    except NoLongerKept:
                        # While this waited, others were published and the first of them removed.
                        if aside is not None or edition == (edition := self._current()):
                            raise
                    except EngineUnavailable as error:
                        if self._closing.is_set():
                            raise ServiceStopping from error
                        raise
                    finally:
                        self._give_back(worker)
        except PeelgraphError as error:
            outcome = error.kind
            raise
        finally:
            if self._on_finished is not None:
                self._on_finished(outcome, time.monotonic() - start)

    @property
    def is_busy(self) -> bool:
        """Whether any question is evaluated, or waits."""
        return self._queue.is_busy

    @property
    def queued(self) -> int:
        """How many questions wait for a slot."""
        return self._queue.queued

    @property
    def copies(self) -> int:
        """How many workers hold their version in memory."""
        with self._changed:
            return sum(worker.is_copied for worker in self._all)

    @property
    def count(self) -> int:
        """How many workers there are."""
        return len(self._all)

    def workers(self) -> list[int]:
        """The numbers of the processes."""
        with self._changed:
            return [worker.pid for worker in self._all]

    def close(self) -> None:
        """End every worker; questions asked later are refused."""
        with self._changed:
            self._closing.set()
            idle, busy = set(self._idle), self._all - set(self._idle)
            self._all.clear()
            self._idle.clear()
            self._changed.notify_all()
        self._queue.close()
        for worker in idle:
            worker.kill()
        for worker in busy:
            worker.end()
        with self._forking:
            if self._server is not None:
                self._server.kill()

    def _at(self, number: int) -> Edition | None:
        """Where an older version lies; None for the current one."""
        if str(number) == self._current().number:
            return None
        if self._older is None:
            raise UnknownName(f"version {number} is not kept here")
        return self._older(number)

    def _take(self, edition: Edition, wait_deadline: float, client: str) -> QueryProcess:
        """Return an idle worker, preferring one that already has this version open.

        The last one that stands by is for a client whose only question this is. While the workers
        with copies keep all cores busy, a question waits for one: read from disk, it would hold
        them up.
        """
        with self._changed:
            copy_deadline = time.monotonic() + MAX_WAIT_FOR_COPY_S
            while not self._closing.is_set():
                others = self._queue.running(client) > 1
                worker = self._best(edition, least=2 if others else 1)
                now = time.monotonic()
                if worker and (
                    worker.is_copied or now >= copy_deadline or not self._copies_suffice(edition)
                ):
                    self._idle.remove(worker)
                    return worker
                left = (copy_deadline if worker else wait_deadline) - now
                if left <= 0 and others:
                    raise TooManyRequests(
                        "Your other questions keep the workers busy",
                        hint="Send fewer questions at a time, or ask again in a moment.",
                        limit="per_client",
                    )
                if left <= 0:
                    raise ServiceBusy(
                        f"No worker was free within {self._settings.max_wait:g} s",
                        hint="Try again in a moment.",
                        limit="max_wait",
                    )
                self._changed.wait(left)
        raise ServiceStopping

    def _best(self, edition: Edition, least: int) -> QueryProcess | None:
        """The worker to take, when at least so many stand by."""
        if len(self._idle) < least:
            return None
        latest = self._idle[0]
        if latest.is_copied and latest.reads(edition):
            return latest
        return max(self._idle, key=lambda worker: (worker.reads(edition), worker.is_copied))

    def _copies_suffice(self, edition: Edition) -> bool:
        """Whether copies of this version that are soon free are as many as the cores.

        All processes together, of which others are taken to be like this one.
        """
        copies = sum(
            worker.is_copied and not worker.is_at_length and worker.reads(edition)
            for worker in self._all
        )
        return copies * self._settings.workers >= _CORES

    def _give_back(self, worker: QueryProcess) -> None:
        with self._changed:
            if self._closing.is_set():
                worker.kill()
            elif not worker.is_ended and not worker.is_worn:
                # The one used last is taken first: its memory is in the caches of the processor.
                self._idle.appendleft(worker)
                # Not each of those that wait takes any worker.
                self._changed.notify_all()
            else:
                self._replace(worker)

    def _replace(self, worker: QueryProcess) -> None:
        """Start another in its place, without holding up whoever noticed."""
        self._last_death = time.monotonic()
        self._renew(worker)

    def _renew(self, worker: QueryProcess) -> None:
        worker.kill()
        self._all.discard(worker)
        threading.Thread(target=self._restart, daemon=True).start()

    def _restart(self) -> None:
        while not self._closing.is_set():
            try:
                worker = self._start()
            except ServiceStopping:
                return None
            except (OSError, EngineUnavailable):
                # The system has no process to give just now; without another try the pool shrinks.
                logging.getLogger(__name__).exception("a worker cannot be started")
                self._closing.wait(1)
            else:
                return self._prepare(worker)
        return None

    def _prepare(self, worker: QueryProcess, *, copy: bool = False) -> None:
        try:
            worker.open(self._current(), copy=copy)
        except PeelgraphError as error:
            # Whoever takes it next opens the version again and reports why it cannot.
            worker.edition = None
            if copy and not self._closing.is_set():
                logging.getLogger(__name__).error("no copy in memory is made: %s", error)
                self._uncopied = self._current()
        self._give_back(worker)

    def _start(self) -> QueryProcess:
        worker = QueryProcess(self._settings, self._fork())
        with self._changed:
            if not self._closing.is_set():
                self._all.add(worker)
                return worker
        worker.kill()
        raise ServiceStopping

    def _fork(self) -> tuple[Child, int]:
        """A fork of the warm process, which is started anew when it has ended."""
        with self._forking:
            while not self._closing.is_set():
                if self._server is None:
                    self._server = start_fork_server(self._settings)
                try:
                    return self._server.fork()
                except WorkerGone:
                    self._server.kill()
                    self._server = None
        raise ServiceStopping

    def _settle(self) -> None:
        """While little happens, turn idle workers to the current version, and copy a small one."""
        last, lasting, worker = None, 0.0, None
        while not self._closing.wait(0 if worker and worker.edition else _SETTLING):
            try:
                edition = self._current()
            except PeelgraphError:
                continue
            if edition != last:
                # What was there when we started has lasted.
                waiting = 0 if last is None else max(_LASTING, 5 * _COPYING_S * edition.triples)
                last, lasting = edition, time.monotonic() + waiting
            copy = time.monotonic() >= lasting and self._copies_more(edition)
            worker = self._unsettled(edition, copy=copy)
            if worker is None:
                continue
            if worker.edition != edition and worker.has_grown:
                with self._changed:
                    self._renew(worker)
            else:
                self._prepare(worker, copy=copy)

    def _unsettled(self, edition: Edition, *, copy: bool) -> QueryProcess | None:
        """An idle worker that another can stand in for, and that is not as it might be."""
        with self._changed:
            quiet = time.monotonic() - self._last_death > _QUIET and not self._queue.queued
            if self._closing.is_set() or not quiet or len(self._idle) < min(2, self._size):
                return None
            for worker in self._idle:
                if worker.edition != edition or (copy and not worker.is_copied):
                    self._idle.remove(worker)
                    return worker
        return None

    def _copies_more(self, edition: Edition) -> bool:
        """Whether one copy more leaves most of the memory to evaluations."""
        settings = self._settings
        copies = settings.workers * (self.copies + 1) * edition.triples * _TRIPLE_BYTES
        if edition == self._uncopied:
            return False
        return edition.triples < settings.copy_below and copies < settings.max_memory * 2**20 // 8
