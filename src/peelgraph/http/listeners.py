"""The processes that listen: one that dies is replaced, however often, after growing pauses.

Granian itself ends the service when two of them die within seconds, whatever killed them.
"""

import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from granian.server.mp import MPServer
from prometheus_client.multiprocess import mark_process_dead

# Seconds before another one is started: none after the first death, then these, doubled each time.
_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
# Seconds in which a process may tell who waits there that it stops.
_STOPPING_TIME = 5.0
_POLLING = 0.02
# Who lived so many seconds dies for the first time.
_LASTING = 10.0
# One that ends itself so many times in a row before it serves cannot start.
_TRIES = 3
# Tells a process that it will be stopped within seconds.
STOPPING = signal.SIGUSR1
_STARTED, _STOPPED, _FAILURE = "started", "stopped", "failure"


class Fronts(MPServer):
    """Granian's server with a patience of its own; `failure` says why no process can start."""

    def __init__(self, target: str, folder: Path, **options: Any) -> None:
        super().__init__(target, **options)
        self.failure = ""
        self._folder = folder
        self._deaths: Counter[int] = Counter()
        self._vain: Counter[int] = Counter()
        # When each process that died is started again.
        self._due: dict[int, float] = {}

    def _serve_loop(
        self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]
    ) -> None:
        """Replace what dies until the service is told to stop, or no process can start."""
        while not self.failure:
            left = min(self._due.values(), default=None)
            self.main_loop_interrupt.wait(None if left is None else max(0, left - time.monotonic()))
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            while self.interrupt_children:
                self._bury(self.interrupt_children.pop(0))
            for number, due in [*self._due.items()]:
                if due <= time.monotonic():
                    self._replace(number, spawn_target, target_loader)

    def _stop_workers(self) -> None:
        """Let each process tell who waits there that it stops, then stop it."""
        for each in self.wrks:
            with suppress(ProcessLookupError):
                os.kill(each.inner.pid, STOPPING)
        end = time.monotonic() + _STOPPING_TIME
        while time.monotonic() < end and any(
            each.inner.is_alive() and not self._has(each.inner.pid, _STOPPED) for each in self.wrks
        ):
            time.sleep(_POLLING)
        super()._stop_workers()  # type: ignore[no-untyped-call]

    def _bury(self, number: int) -> None:
        """Note the end of a process, and when another one takes its place."""
        process = self.wrks[number]
        mark_process_dead(process.inner.pid, self._folder)
        code = process.inner.exitcode
        is_vain = code is not None and code > 0 and not self._has_started(process.inner.pid)
        self._vain[number] = self._vain[number] + 1 if is_vain else 0
        if time.monotonic() - process.birth > _LASTING:
            self._deaths[number] = 0
        deaths = self._deaths[number]
        self._deaths[number] += 1
        pause = min(_LONGEST_PAUSE, _PAUSE * 2 ** (deaths - 1)) if deaths else 0.0
        self._due[number] = time.monotonic() + pause
        reason = self._reason() if is_vain else ""
        logging.getLogger(__name__).error(
            "process %d of %d ended %s%s; another one takes its place in %g s",
            number + 1,
            self.workers,
            f"by signal {-code}" if code is not None and code < 0 else f"with {code}",
            f": {reason}" if reason else "",
            pause,
        )
        serving = any(
            each.inner.is_alive() and self._has_started(each.inner.pid) for each in self.wrks
        )
        if self._vain[number] >= _TRIES and not serving:
            self.failure = reason or "a process that listens ended before it served"

    def _replace(
        self, number: int, spawn_target: Callable[..., None], target_loader: Callable[..., Any]
    ) -> None:
        process = self._spawn_worker(number, spawn_target, target_loader)
        try:
            process.start()  # type: ignore[no-untyped-call]
        except OSError:
            # The system has no process to give just now.
            logging.getLogger(__name__).exception("process %d cannot be started", number + 1)
            self._due[number] = time.monotonic() + _LONGEST_PAUSE
        else:
            del self._due[number]
            self.wrks[number] = process

    def _has_started(self, process: int | None) -> bool:
        return self._has(process, _STARTED)

    def _has(self, process: int | None, mark: str) -> bool:
        return (self._folder / f"{process}.{mark}").exists()

    def _reason(self) -> str:
        try:
            return (self._folder / _FAILURE).read_text(encoding="utf-8")
        except OSError:
            return ""


def note_start(folder: Path) -> None:
    """Let the process that watches us know that we serve from now on."""
    (folder / f"{os.getpid()}.{_STARTED}").touch()


def note_stop(folder: Path) -> None:
    """Let the process that watches us know that nobody waits here any more."""
    (folder / f"{os.getpid()}.{_STOPPED}").touch()


def note_failure(folder: Path, error: Exception) -> None:
    """Let the process that watches us know why we cannot start."""
    (folder / _FAILURE).write_text(str(error), encoding="utf-8")
