"""Writes in a process that may be killed: one after another, each whole or not at all."""

import threading
import time
from collections.abc import Callable

from peelgraph.errors import DeadlinePassed, EngineUnavailable, PeelgraphError, ServiceBusy
from peelgraph.repository.changes import Order, Written
from peelgraph.repository.factory import engine_of
from peelgraph.repository.local import Home
from peelgraph.repository.retention import Retention
from peelgraph.settings import Settings
from peelgraph.workers.messages import COMMITTING, STARTED, Write
from peelgraph.workers.process import SupervisedProcess, Wording, WorkerEnded, WorkerGone, spawn

# Publishing is a few renames; only a disk that hangs takes longer, and killing would not help it.
_COMMIT = 60.0


class Writer:
    """Carries orders out one after another, in a process that may be killed."""

    def __init__(self, settings: Settings, on_written: Callable[[], None] | None = None) -> None:
        """`on_written` is called after each order that was carried out."""
        self._settings = settings
        self._on_written = on_written
        self._engine = engine_of(settings)
        self._slot = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._process: SupervisedProcess | None = None

    def write(self, order: Order, timeout: float | None = None) -> Written:
        """What came of `order`; past the deadline nothing has come of it.

        Units:  `timeout` in seconds, from when the order has its slot; it only lowers the
                service's own.
        Errors: those of repository.transaction.write, with WriteRefused for DataRefused;
                StorageFull, DeadlinePassed, MemoryExceeded, ServiceBusy, EngineUnavailable.
        """
        timeout_s = min(self._settings.timeout, timeout or self._settings.timeout)
        lock_deadline = time.monotonic() + self._settings.timeout
        self._queue()
        try:
            if not self._slot.acquire(timeout=self._settings.timeout):
                raise _busy("Other writes took longer than the deadline")
        finally:
            self._leave()
        try:
            return self._write(order, lock_deadline, timeout_s)
        except WorkerGone:
            # It ended for lack of work just when it was sent the order; a new one has not.
            return self._write(order, lock_deadline, timeout_s)
        finally:
            self._slot.release()

    def close(self) -> None:
        """End the process at once; what it has not published is not published."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            if self._engine is None:
                Home(self._settings.home).forget_stage(process.pid)

    def _queue(self) -> None:
        with self._counting:
            if self._waiting >= self._settings.max_waiting:
                raise _busy(f"{self._waiting} writes wait already, the limit")
            self._waiting += 1

    def _leave(self) -> None:
        with self._counting:
            self._waiting -= 1

    def _write(self, order: Order, lock_deadline: float, timeout_s: float) -> Written:
        settings, process = self._settings, self._started()
        left = max(lock_deadline - time.monotonic(), 1.0)
        retention = Retention(settings.keep_versions, settings.keep_days)
        message = Write(
            settings.home.absolute(), order, settings.write_memory, self._engine, left, retention
        )
        stage, seconds = "", {STARTED: timeout_s, COMMITTING: _COMMIT}
        try:
            process.send(message)
            while True:
                if not process.waits(left):
                    process.kill()
                    raise _late(stage, timeout_s)
                reply = process.receive()
                if not isinstance(reply, str):
                    break
                stage, left = reply, seconds[reply]
        except WorkerEnded as error:
            if stage or error.words:
                raise
            raise WorkerGone(error.message) from error
        finally:
            if process.is_ended:
                self.close()
        if not isinstance(reply, Written):
            raise EngineUnavailable(f"The writing process sent {type(reply).__name__}")
        if self._on_written is not None:
            self._on_written()
        return reply

    def _started(self) -> SupervisedProcess:
        if self._process is not None and not self._process.is_alive:
            self.close()
        if self._process is None:
            wording = Wording(
                name="writing process",
                memory_exceeded="The write took more than {} MiB, the limit, and was ended",
                memory_hint="Write less at once.",
                ended="The process that wrote ended unexpectedly",
                memory=self._settings.write_memory,
                limit=None,
            )
            self._process = SupervisedProcess(*spawn("peelgraph.workers.write_worker"), wording)
        return self._process


def _busy(message: str) -> ServiceBusy:
    return ServiceBusy(message, hint="Try again in a moment.")


def _late(stage: str, timeout_s: float) -> PeelgraphError:
    """Why a write was ended that had come to `stage`."""
    if not stage:
        return _busy("Another process writes to the same home folder")
    if stage == COMMITTING:
        return EngineUnavailable(
            "The disk does not answer: whether the write was published is not known",
            hint="Look at /versions before you try again.",
        )
    return DeadlinePassed(
        f"The write took longer than {timeout_s:g} s, the deadline, since its turn came, "
        "and was ended; nothing was published",
        hint="Write less at once, or narrow the pattern.",
    )
