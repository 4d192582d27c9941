"""A pool of worker processes: bounded in number, in waiting and in time."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from peelgraph.engine.guard import guard
from peelgraph.engine.process import Edition, WorkerProcess
from peelgraph.errors import EngineUnavailable, PeelgraphError, ServiceBusy
from peelgraph.settings import Settings
from peelgraph.store import Answer, Question, Reader

__all__ = ["Edition", "Pool"]


class Pool(Reader):
    """Answers questions in worker processes; what one question does to its worker ends there.

    `size` questions are evaluated at a time. `current` tells the version to answer from; it is
    asked for every question, so that a new version is read as soon as it is published.
    """

    def __init__(
        self, settings: Settings, current: Callable[[], Edition], size: int | None = None
    ) -> None:
        self._settings = settings
        self._size = size or settings.workers
        self._current = current
        self._changed = threading.Condition()
        self._idle: deque[WorkerProcess] = deque()
        self._all: set[WorkerProcess] = set()
        self._waiting = 0
        self._running = 0
        self._open = True

    def warm(self) -> None:
        """Start the workers and a spare; return once one can answer, for the rest follow soon."""
        first = self._start()
        first.open(self._current())
        self._give_back(first)
        for _ in range(self._size):
            threading.Thread(target=self._restart, daemon=True).start()

    def query(
        self, question: Question, timeout: float | None = None, limit: int | None = None
    ) -> Answer:
        """The answer to `question`, from the version current when it was asked.

        Units:  `timeout` in seconds, `limit` in bytes; they lower the service's own and never
                raise them.
        Errors: QueryRefused, DeadlinePassed, MemoryExceeded, ServiceBusy, EngineUnavailable
        """
        guard(question.text, self._settings)
        deadline = min(self._settings.timeout, timeout or self._settings.timeout)
        longest = self._settings.max_result * 2**20
        edition = self._current()
        worker = self._take()
        try:
            worker.open(edition)
            return worker.ask(question, deadline, min(longest, limit or longest))
        finally:
            self._release(worker)

    def workers(self) -> list[int]:
        """The numbers of the processes."""
        with self._changed:
            return [worker.pid for worker in self._all]

    def close(self) -> None:
        """End every worker; questions asked later are refused."""
        with self._changed:
            self._open = False
            ending = list(self._all)
            self._all.clear()
            self._idle.clear()
            self._changed.notify_all()
        for worker in ending:
            worker.kill()

    def _take(self) -> WorkerProcess:
        """An idle worker, waited for no longer than the limit."""
        patience = time.monotonic() + self._settings.max_wait
        with self._changed:
            if self._waiting >= self._settings.max_waiting:
                raise ServiceBusy(f"{self._waiting} queries wait already, the limit")
            self._waiting += 1
            try:
                while self._open:
                    worker = self._free()
                    if worker:
                        self._running += 1
                        return worker
                    left = patience - time.monotonic()
                    if left <= 0:
                        raise ServiceBusy(
                            f"No worker was free within {self._settings.max_wait:g} s",
                            hint="Try again in a moment.",
                        )
                    self._changed.wait(left)
            finally:
                self._waiting -= 1
        raise EngineUnavailable("The service is stopping")

    def _free(self) -> WorkerProcess | None:
        """A living idle worker; one more than may run stands by for when one is killed."""
        while self._idle and self._running < self._size:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._replace(worker)
        return None

    def _release(self, worker: WorkerProcess) -> None:
        with self._changed:
            self._running -= 1
            self._give_back(worker)

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._changed:
            if not self._open:
                worker.kill()
            elif worker.is_alive:
                self._idle.append(worker)
                self._changed.notify()
            else:
                self._replace(worker)

    def _replace(self, worker: WorkerProcess) -> None:
        """Start another in its place, without holding up whoever noticed."""
        worker.kill()
        self._all.discard(worker)
        threading.Thread(target=self._restart, daemon=True).start()

    def _restart(self) -> None:
        while self._open:
            try:
                worker = self._start()
            except EngineUnavailable:
                return None
            except OSError:
                # The system has no process to give just now; without another try the pool shrinks.
                logging.getLogger(__name__).exception("a worker cannot be started")
                time.sleep(1)
            else:
                return self._prepare(worker)
        return None

    def _prepare(self, worker: WorkerProcess) -> None:
        try:
            worker.open(self._current())
        except PeelgraphError:
            # Whoever takes it next opens the version again and reports why it cannot.
            worker.edition = None
        self._give_back(worker)

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._settings)
        with self._changed:
            if self._open:
                self._all.add(worker)
                return worker
        worker.kill()
        raise EngineUnavailable("The service is stopping")
