"""Validations in processes that may be killed: a stranger's shapes may hold a query without end.

The service forks a warm process for each, which has the published shapes compiled; the command
line starts one for the files at hand. Either way one document can change nothing for the next.
"""

import fcntl
import logging
import shutil
import tempfile
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from peelgraph import terms
from peelgraph.checking import Check, Checked
from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    PeelgraphError,
    ServiceBusy,
    ServiceStopping,
    TooManyRequests,
)
from peelgraph.repository.version import Version
from peelgraph.settings import Settings
from peelgraph.workers.fork_server import ForkServer
from peelgraph.workers.messages import Prepare, Validate
from peelgraph.workers.process import SupervisedProcess, Wording, WorkerEnded, WorkerGone, spawn

_POLLING = 0.02
# Two clients of one of these numbers wait for each other, as one client does for itself.
_CLIENTS = 4096


class Slots:
    """`count` slots for validations, in a folder that the processes share."""

    def __init__(self, folder: Path | None, count: int) -> None:
        """Without a folder, the slots are those of this process."""
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="peelgraph-slots-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._slots = [folder / f"validation-{number}.slot" for number in range(count)]
        self._folder = folder

    @contextmanager
    def slot(self, client: str, patience: float) -> Iterator[float]:
        """A slot of the client's, waited for; it tells how long that took.

        Units:  `patience` and the time waited in seconds.
        Errors: TooManyRequests when another request of the client has one, ServiceBusy when those
                of others have all.
        """
        began = time.monotonic()
        own = zlib.crc32(client.encode("utf-8", "surrogatepass")) % _CLIENTS
        with _locked([self._folder / f"client-{own}.slot"], began + patience) as is_first:
            if not is_first:
                raise TooManyRequests(
                    f"Another document of yours was not done within {patience:g} s",
                    hint="Send one after another.",
                    limit="per_client",
                )
            with _locked(self._slots, began + patience) as is_granted:
                if not is_granted:
                    raise ServiceBusy(
                        "Other documents are being validated", hint="Try again in a few seconds."
                    )
                yield time.monotonic() - began


@contextmanager
def _locked(paths: Sequence[Path], end: float) -> Iterator[bool]:
    """Whether one of the files could be locked before `end`; it is until this is left."""
    while True:
        for path in paths:
            with path.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield True
                return
        left = end - time.monotonic()
        if left <= 0:
            yield False
            return
        time.sleep(min(_POLLING, left))


_PROGRAM = "peelgraph.workers.validation_worker"
_TRIES = 3
# Compiling the published shapes takes 2 s of a core, and gives way to all else: it is our own work,
# which the deadline of a request does not bound.
_COMPILING_TIME = 60.0
_LEAST_TIME = 0.1  # seconds, for who waited nearly all its time for a slot


def validate_apart(check: Check, timeout: float, memory: int) -> Checked:
    """The verdict on some documents, from a process started for them.

    Units:  `timeout` in seconds, `memory` in MiB.
    Errors: those of service.perform, DeadlinePassed, MemoryExceeded, EngineUnavailable.
    """
    process = SupervisedProcess(*spawn(_PROGRAM), _wording(memory))
    try:
        return _ask(process, Validate(check, memory), timeout, time.monotonic() + timeout)
    finally:
        process.kill()


class Validations:
    """The validations of one process of the service: at most one a client, over all processes."""

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        """All processes of the service share `folder`; without it there is one."""
        self._settings = settings
        self._memory = settings.validation_memory
        self._slots = Slots(folder, settings.workers)
        self._changed = threading.Condition()
        self._server: ForkServer | None = None
        # What the server has compiled, or is to compile; it is replaced once the key differs.
        self._wanted: Prepare | None = None
        self._is_preparing = False
        self._kill_compiling: Callable[[], object] = lambda: None
        self._running: dict[SupervisedProcess, ForkServer] = {}
        self._is_stopped = False

    @property
    def is_busy(self) -> bool:
        """Whether any is running."""
        return bool(self._running)

    def warm(self, version: Version | None) -> None:
        """Start the warm process, or replace one that has compiled other shapes; return at once.

        Until it is ready, the one before serves, whose forks compile what they need. Without a
        version in a home folder, they always do.
        """
        prepare = Prepare(self._memory, _key(version), version.store_path if version else None)
        with self._changed:
            is_there = self._is_preparing or self._is_warm
            if self._is_stopped or (is_there and prepare.key == (self._wanted or prepare).key):
                return
            self._wanted = prepare
            if not self._is_preparing:
                self._is_preparing = True
                threading.Thread(target=self._prepare, daemon=True).start()

    def validate(self, check: Check, version: Version | None, client: str = "") -> Checked:
        """The verdict on some documents; `version` is the one whose folder `check` names, if any.

        Errors: those of service.perform, DeadlinePassed, MemoryExceeded, EngineUnavailable;
                TooManyRequests, ServiceBusy while others are validated; ServiceStopping.
        """
        timeout = self._settings.timeout
        with self._slots.slot(client, self._settings.max_wait) as waited:
            end = time.monotonic() + max(timeout - waited, _LEAST_TIME)
            message = Validate(check, self._memory, _key(version))
            for _ in range(_TRIES):
                self.warm(version)
                try:
                    with self._fork(end) as process:
                        return _ask(process, message, timeout, end)
                except WorkerGone:
                    continue
                except WorkerEnded as error:
                    if self._is_stopped:
                        raise ServiceStopping from error
                    # What the warm process had not begun when it was killed is begun anew.
                    if error.words or self._is_warm:
                        raise
        raise EngineUnavailable(_wording(self._memory).ended)

    def stop(self) -> None:
        """End them all, and those that start later."""
        with self._changed:
            self._is_stopped = True
            servers = {*self._running.values()} | ({self._server} if self._server else set())
            for process in self._running:
                process.end()
            self._server = None
            self._kill_compiling()
            self._changed.notify_all()
        for server in servers:
            server.kill()

    @property
    def _is_warm(self) -> bool:
        """Whether there is a warm process; one that has ended is forgotten."""
        with self._changed:
            if self._server is not None and not self._server.is_alive:
                self._server.kill()
                self._server = None
            return self._server is not None

    @contextmanager
    def _fork(self, end: float) -> Iterator[SupervisedProcess]:
        """A fork of the warm process, waited for until that is ready; killed when this is left."""
        with self._changed:
            while self._is_preparing and self._server is None:
                if not self._changed.wait(end - time.monotonic()):
                    raise _late(self._settings.timeout)
            server = self._server
            if self._is_stopped:
                raise ServiceStopping
            if server is None:
                raise EngineUnavailable("No process could be started to validate in")
            try:
                process = SupervisedProcess(*server.fork(), _wording(self._memory))
            except WorkerGone:
                self._server = None
                server.kill()
                raise
            self._running[process] = server
        try:
            yield process
        finally:
            process.kill()
            with self._changed:
                del self._running[process]
                is_used = server is self._server or server in self._running.values()
            if not is_used:
                server.kill()

    def _prepare(self) -> None:
        """Start a server that has compiled what is wanted, until nothing else is."""
        while True:
            with self._changed:
                wanted = self._wanted
            server = self._started(wanted) if wanted else None
            with self._changed:
                is_current = self._wanted == wanted and not self._is_stopped
                before, self._server = self._server, None if self._is_stopped else server
                self._is_preparing = not (is_current or self._is_stopped)
                unused = [before, server] if self._is_stopped else [before]
                unused = [each for each in unused if each not in self._running.values()]
                self._changed.notify_all()
                is_over = not self._is_preparing
            for each in unused:
                if each is not None:
                    each.kill()
            if is_over:
                return

    def _started(self, wanted: Prepare) -> ForkServer | None:
        """A server that has compiled what is wanted, or nothing where that fails."""
        # The second one leaves it to its forks, each of which has a deadline of its own.
        for prepare in (wanted, Prepare(self._memory)):
            kill = None
            try:
                server = ForkServer(_PROGRAM, _wording(self._memory))
                kill = weakref.finalize(self, server.kill)
                with self._changed:
                    self._kill_compiling = kill
                    if self._is_stopped:
                        kill()
                server.prepare(prepare, _COMPILING_TIME)
            except (PeelgraphError, OSError) as error:
                if kill is not None and not kill.alive:
                    # The service ends.
                    return None
                logging.getLogger(__name__).error("no shapes are compiled ahead: %s", error)
            else:
                return server
        return None


def _key(version: Version | None) -> str:
    """The digests of a version's ontology and shapes."""
    return version.key_of(terms.ONTOLOGY_GRAPH, terms.SHAPES_GRAPH) if version else ""


def _ask(process: SupervisedProcess, message: Validate, timeout: float, end: float) -> Checked:
    process.send(message)
    if not process.waits(end - time.monotonic()):
        process.kill()
        raise _late(timeout)
    reply = process.receive()
    if not isinstance(reply, Checked):
        raise EngineUnavailable(f"The validating process sent {type(reply).__name__}")
    return reply


def _late(timeout: float) -> DeadlinePassed:
    return DeadlinePassed(
        f"Checking took longer than {timeout:g} seconds",
        hint="Check less at a time, simplify the shapes' patterns and queries, "
        "or allow more: --timeout",
        limit="timeout",
    )


def _wording(memory: int) -> Wording:
    return Wording(
        name="validating process",
        memory_exceeded="Checking took more than {} MiB",
        memory_hint="Check less at a time, or allow more: --memory",
        ended="The checking process ended without an answer",
        memory=memory,
    )
