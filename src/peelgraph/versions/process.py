"""The writing process as the service sees it: started when needed, told, waited for, killed."""

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from peelgraph.confined import start
from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    MemoryExceeded,
    PeelgraphError,
    ServiceBusy,
)
from peelgraph.remote import Engine
from peelgraph.settings import Settings
from peelgraph.versions.changes import Order, Written
from peelgraph.versions.home import Home
from peelgraph.versions.keeping import engine_of
from peelgraph.versions.retention import Retention

# What a process says at its end that finds no memory, for data or for a thread's stack.
_OUT_OF_MEMORY = ("memory allocation", "MemoryError", "bad_alloc", "system_error")
# Publishing is a few renames; only a disk that hangs takes longer, and killing would not help it.
_COMMIT = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """An order for the home in a folder, or for an engine in its place; `memory` in MiB.

    `retention` says which older versions stay once it is published, `patience` are the seconds to
    wait for another writer of the engine.
    """

    home: Path
    order: Order
    memory: int
    engine: Engine | None = None
    patience: float = 0.0
    retention: Retention | None = None


class _EndedError(Exception):
    """The process ended before it began to write."""


class Writer:
    """Carries orders out one after another, in a process that may be killed."""

    def __init__(self, settings: Settings, heed: Callable[[], None] | None = None) -> None:
        """`heed` is called after each order that was carried out."""
        self._settings = settings
        self._heed = heed
        self._engine = engine_of(settings)
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def write(self, order: Order, timeout: float | None = None) -> Written:
        """What came of `order`; past the deadline nothing has come of it.

        Units:  `timeout` in seconds, from when this order's turn has come; it only lowers the
                service's own.
        Errors: those of versions.writing.write, with WriteRefused for DataRefused; StorageFull,
                DeadlinePassed, MemoryExceeded, ServiceBusy, EngineUnavailable.
        """
        deadline = min(self._settings.timeout, timeout or self._settings.timeout)
        patience = time.monotonic() + self._settings.timeout
        self._queue()
        try:
            if not self._turn.acquire(timeout=self._settings.timeout):
                raise _busy("Other writes took longer than the deadline")
        finally:
            self._leave()
        try:
            return self._write(order, patience, deadline)
        except _EndedError:
            # It ended for lack of work just when it was told; a new one has not.
            return self._write(order, patience, deadline)
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process at once; what it has not published is not published."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is not None:
            process.kill()
            process.wait()
            if self._engine is None:
                Home(self._settings.home).forget_stage(process.pid)
            if process.stderr:
                process.stderr.close()
        if connection is not None:
            connection.close()

    def _queue(self) -> None:
        with self._counting:
            if self._waiting >= self._settings.max_waiting:
                raise _busy(f"{self._waiting} writes wait already, the limit")
            self._waiting += 1

    def _leave(self) -> None:
        with self._counting:
            self._waiting -= 1

    def _write(self, order: Order, patience: float, deadline: float) -> Written:
        connection = self._started()
        try:
            home, memory = self._settings.home.absolute(), self._settings.write_memory
            patience_left = max(patience - time.monotonic(), 1.0)
            retention = Retention(self._settings.keep_versions, self._settings.keep_days)
            task = Task(home, order, memory, self._engine, patience_left, retention)
            connection.send(task)
        except OSError as error:
            self.close()
            raise _EndedError from error
        told: object = None
        stages = {"started": deadline, "committing": _COMMIT}
        left = max(patience - time.monotonic(), 1.0)
        while told is None or told in stages:
            told = self._receive(connection, left, str(told or ""), deadline)
            left = stages.get(told, 0.0) if isinstance(told, str) else 0.0
        if isinstance(told, PeelgraphError):
            raise told
        if not isinstance(told, Written):
            raise EngineUnavailable(f"The writing process sent {type(told).__name__}")
        if self._heed is not None:
            self._heed()
        return told

    def _receive(self, connection: Connection, left: float, stage: str, deadline: float) -> object:
        try:
            if connection.poll(left):
                return connection.recv()
        except (EOFError, OSError) as error:
            raise self._dead(stage) from error
        self.close()
        if not stage:
            raise _busy("Another process writes to the same home folder")
        if stage == "committing":
            raise EngineUnavailable(
                "The disk does not answer: whether the write was published is not known",
                hint="Look at /versions before you try again.",
            )
        raise DeadlinePassed(
            f"The write took longer than {deadline:g} s, the deadline, since its turn came, "
            "and was ended; nothing was published",
            hint="Write less at once, or narrow the pattern.",
        )

    def _started(self) -> Connection:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._connection is None:
            self._process, descriptor = start("peelgraph.versions.writer", start_new_session=True)
            self._connection = Connection(descriptor)
        return self._connection

    def _dead(self, stage: str) -> Exception:
        """Why the process ended, as far as its last words tell."""
        words = ""
        if self._process is not None:
            self._process.kill()
            words = self._process.communicate()[1].decode(errors="replace")
        self.close()
        if any(sign in words for sign in _OUT_OF_MEMORY):
            return MemoryExceeded(
                f"The write took more than {self._settings.write_memory} MiB, the limit, "
                "and was ended",
                hint="Write less at once.",
            )
        if words:
            logging.getLogger(__name__).error("writing process: %s", words.strip()[-2000:])
        if not stage and not words:
            return _EndedError()
        return EngineUnavailable("The process that wrote ended unexpectedly")


def _busy(message: str) -> ServiceBusy:
    return ServiceBusy(message, hint="Try again in a moment.")
