"""One worker process as its parent sees it: started, asked, killed."""

import logging
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from peelgraph.engine.tasks import Asking, Opening, Task
from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    MemoryExceeded,
    PeelgraphError,
)
from peelgraph.settings import Settings
from peelgraph.store import Answer, Question

# What a worker needs of our environment; tokens and the like stay out of it.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HOME", "LANG", "TMPDIR")
# Reading a million triples into memory takes about 4 s.
_OPENING_TIME = 60.0


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version as the engine needs it; `created` tells two of one number apart."""

    number: str
    path: Path
    triples: int
    created: str = ""


class WorkerProcess:
    """A worker with a connection of its own, so that its end harms no other."""

    def __init__(self, settings: Settings) -> None:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # Each of glibc's arenas reserves 64 MiB of address space, which the limit counts.
        environment["MALLOC_ARENA_MAX"] = "2"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "peelgraph.engine.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        self._settings = settings
        self.edition: Edition | None = None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None and not self._connection.closed

    def open(self, edition: Edition) -> None:
        """Turn the worker to a version; nothing when it has it open."""
        if edition == self.edition:
            return
        copy = edition.triples < self._settings.copy_below
        self._send(Opening(edition.number, edition.path, copy, self._settings.memory))
        self._receive(_OPENING_TIME)
        self.edition = edition

    def ask(self, question: Question, timeout: float, limit: int) -> Answer:
        """The answer; past `timeout` or the memory limit the process is dead when this raises."""
        end = time.monotonic() + timeout
        self._send(Asking(question, limit))
        head = self._receive(timeout)
        if not isinstance(head, Answer):
            raise EngineUnavailable(f"The worker sent {type(head).__name__} for an answer")
        if not self._connection.poll(max(end - time.monotonic(), 1.0)):
            raise self._late(timeout)
        try:
            return replace(head, body=self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise self._dead() from error

    def kill(self) -> None:
        """End the process at once; harmless when it has ended."""
        self._process.kill()
        self._process.wait()
        self._connection.close()
        if self._process.stderr:
            self._process.stderr.close()

    def _send(self, task: Task) -> None:
        try:
            self._connection.send(task)
        except OSError as error:
            raise self._dead() from error

    def _receive(self, timeout: float) -> object:
        try:
            if not self._connection.poll(timeout):
                raise self._late(timeout)
            received: object = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._dead() from error
        if isinstance(received, PeelgraphError):
            raise received
        return received

    def _late(self, timeout: float) -> DeadlinePassed:
        self.kill()
        return DeadlinePassed(
            f"Evaluation took longer than {timeout:g} s, the deadline, and was ended",
            hint="Narrow the pattern, or add a LIMIT; the same query again takes as long.",
        )

    def _dead(self) -> PeelgraphError:
        """Why the process ended, as far as its last words tell."""
        self._process.kill()
        words = self._last_words()
        self.kill()
        if "memory allocation" in words or "MemoryError" in words or "bad_alloc" in words:
            return MemoryExceeded(
                f"Evaluation took more than {self._settings.memory} MiB, the limit, and was ended",
                hint="Narrow the pattern, or sort and group less at once.",
            )
        if words:
            logging.getLogger(__name__).error("worker %d: %s", self.pid, words.strip()[-2000:])
        return EngineUnavailable("The worker that evaluated this ended unexpectedly")

    def _last_words(self) -> str:
        """What the process wrote when it ended; nothing when another thread ended it."""
        try:
            return self._process.communicate()[1].decode(errors="replace")
        except (OSError, ValueError):
            return ""
