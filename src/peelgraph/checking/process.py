"""A check in a process of its own, which ends at its deadline whatever it is doing.

Shapes of a stranger's may hold a query that joins everything with everything, which cannot be
stopped from within.
"""

import pickle
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from peelgraph.checking.task import Check, Checked
from peelgraph.confined import allocator, command, environment
from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    MemoryExceeded,
    PeelgraphError,
    ServiceStopping,
)

_OUT_OF_MEMORY = (
    *(b"memory allocation", b"MemoryError", b"bad_alloc", b"system_error"),
    *(b"failed to map segment", b"can't start new thread", b"Cannot allocate memory"),
)


class RunningChecks:
    """The checks that are running, which end when the service does."""

    def __init__(self) -> None:
        self.is_stopped = False
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether any is running."""
        return bool(self._processes)

    @contextmanager
    def of(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Count a process among them; one that starts too late is ended."""
        with self._lock:
            self._processes.add(process)
            if self.is_stopped:
                process.kill()
        try:
            yield
        finally:
            with self._lock:
                self._processes.discard(process)

    def stop(self) -> None:
        """End them all, and those that start later."""
        with self._lock:
            self.is_stopped = True
            for process in self._processes:
                process.kill()


def check_apart(
    check: Check, timeout: float, memory: int, running: RunningChecks | None = None
) -> Checked:
    """The verdict on some documents; none once what is `running` was stopped.

    Units:  `timeout` in seconds, `memory` in MiB.
    Errors: those of performing.perform, DeadlinePassed, MemoryExceeded, EngineUnavailable,
            ServiceStopping.
    """
    told, complaint = _run(pickle.dumps((memory, check)), timeout, running or RunningChecks())
    if not told:
        if any(words in complaint for words in _OUT_OF_MEMORY):
            raise too_large(memory)
        raise EngineUnavailable("The checking process ended without an answer")
    # The bytes come from our own process, which read the documents as data only.
    answer = pickle.loads(told)  # noqa: S301
    if isinstance(answer, PeelgraphError):
        raise answer
    if not isinstance(answer, Checked):
        raise EngineUnavailable(f"The checking process sent {type(answer).__name__}")
    return answer


def too_large(memory: int) -> MemoryExceeded:
    """The failure of a check that needs more than `memory` MiB."""
    return MemoryExceeded(
        f"Checking took more than {memory} MiB",
        hint="Check less at a time, or allow more: --memory",
        limit="memory",
    )


def _run(task: bytes, timeout: float, running: RunningChecks) -> tuple[bytes, bytes]:
    with subprocess.Popen(
        command("peelgraph.checking.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Arenas for each thread would count as memory that the check takes.
        env={**environment(), **allocator()},
    ) as process:
        try:
            with running.of(process):
                told = process.communicate(task, timeout)
        except subprocess.TimeoutExpired as error:
            raise DeadlinePassed(
                f"Checking took longer than {timeout:g} seconds",
                hint="Check less at a time, simplify the shapes' patterns and queries, "
                "or allow more: --timeout",
                limit="timeout",
            ) from error
        finally:
            process.kill()
    if running.is_stopped and not told[0]:
        raise ServiceStopping
    return told
