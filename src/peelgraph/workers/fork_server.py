"""A warm process that forks itself for each request: isolated from others, and ready at once.

What it has imported and compiled is shared with its forks, page by page until one of them writes
there. It has one thread, as a fork of several can hang, and so opens no store on disk itself.
"""

import gc
import os
import pickle
import select
import signal
import socket
import subprocess
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, NoReturn, TypeVar

from peelgraph.errors import DeadlinePassed, EngineUnavailable, PeelgraphError
from peelgraph.workers.framing import Channel
from peelgraph.workers.process import SupervisedProcess, Wording, WorkerEnded, WorkerGone, spawn
from peelgraph.workers.worker_loop import Handle, serve

_T = TypeVar("_T")

# The argument of a worker's program that makes it a server of forks.
FORKS = "forks"
_REQUEST = b"f"
# Seconds: it forks in a few milliseconds, and what takes longer than this is stuck.
_FORKING = 10.0
_ENDING = 1.0


class Fork:
    """A fork as SupervisedProcess knows a process; the warm one is its parent, and reaps it."""

    def __init__(self, pid: int, stderr: IO[bytes]) -> None:
        self.pid = pid
        self.stderr = stderr
        self._end: int | None = None
        # One that has ended already is no more.
        with suppress(ProcessLookupError):
            self._end = os.pidfd_open(pid)
            weakref.finalize(self, os.close, self._end)

    def poll(self) -> int | None:
        """None while it runs."""
        return None if self._end is not None and not self._ends(0) else 0

    def kill(self) -> None:
        """End it."""
        if self._end is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._end, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self._end is not None:
            self._ends(timeout)
        return 0

    def _ends(self, timeout: float | None) -> bool:
        waiting = select.poll()
        waiting.register(self._end or 0, select.POLLIN)
        return bool(waiting.poll(None if timeout is None else timeout * 1000))


class ForkServer(SupervisedProcess):
    """The warm process as its parent sees it."""

    def __init__(self, module: str, wording: Wording) -> None:
        process, descriptor = spawn(module, FORKS)
        super().__init__(process, descriptor, wording)
        self._forking = threading.Lock()

    @property
    def is_alive(self) -> bool:
        """Whether it still forks; once it is ready it sends nothing unasked but its end."""
        with self._forking:
            return not (self.is_ended or self.waits(0))

    def prepare(self, message: object, timeout_s: float) -> None:
        """Send what its forks share; return once that is ready, with the process dead if it fails.

        Errors: those that it reports; DeadlinePassed; as `receive`.
        """
        try:
            self.send(message)
            if not self.waits(timeout_s):
                raise DeadlinePassed(f"Compiling took longer than {timeout_s:g} s, and was ended")
            self.receive()
        except PeelgraphError:
            self.kill()
            raise

    def end(self) -> None:
        """End it with its forks, which it kills itself once its channel ends."""
        self._channel.shut()
        try:
            self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            # It still prepares.
            super().end()

    def fork(self) -> tuple[Fork, int]:
        """A fork that stands by for a message, and the number of our end of its socket.

        Errors: WorkerGone when the warm process has ended, EngineUnavailable when the system has
                no process to give.
        """
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        try:
            with self._forking:
                self._channel.send_descriptors(_REQUEST, [theirs.fileno(), writing])
                if not self.waits(_FORKING):
                    self.kill()
                pid = self.receive()
        except (OSError, PeelgraphError) as error:
            ours.close()
            os.close(reading)
            if isinstance(error, (OSError, WorkerEnded)):
                raise WorkerGone(self._wording.ended) from error
            raise
        finally:
            theirs.close()
            os.close(writing)
        return Fork(int(str(pid)), os.fdopen(reading, "rb")), ours.detach()


def serve_forks(channel: Channel, prepare: Callable[[Any], Handle]) -> NoReturn:
    """Prepare by the first message, then fork for each request; end with the channel.

    A fork handles messages as `serve` does, and is killed once its own connection ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        handle = prepare(channel.receive_value())
    except (EOFError, OSError):
        os._exit(0)
    except PeelgraphError as error:
        channel.send_value(error)
        os._exit(0)
    # What stays for good is no garbage: looking for it would copy the pages of each fork.
    gc.collect()
    gc.freeze()
    channel.send_value(None)
    _Forks(channel, handle).serve()


class _Forks:
    """The forks that run: the number of each and its connection, by a descriptor of its end."""

    def __init__(self, channel: Channel, handle: Handle) -> None:
        self._channel = channel
        self._handle = handle
        self._forks: dict[int, tuple[int, int]] = {}
        self._waiting = select.poll()
        self._waiting.register(channel.fileno(), select.POLLIN)

    def serve(self) -> NoReturn:
        while True:
            for descriptor, _ in self._waiting.poll():
                if descriptor == self._channel.fileno():
                    self._fork()
                elif descriptor in self._forks:
                    self._bury(descriptor)
                else:
                    self._kill(descriptor)

    def _fork(self) -> None:
        request, descriptors = self._channel.receive_descriptors(len(_REQUEST), 2)
        if not request:
            # Whoever waits for them is gone.
            for pid, _ in self._forks.values():
                os.kill(pid, signal.SIGKILL)
            for pid, _ in self._forks.values():
                os.waitpid(pid, 0)
            os._exit(0)
        connection, stderr = descriptors
        try:
            pid = os.fork()
        except OSError as error:
            os.close(connection)
            os.close(stderr)
            self._channel.send_value(EngineUnavailable(f"No process could be started: {error}"))
            return
        if not pid:
            self._begin(connection, stderr)
        os.close(stderr)
        self._channel.send_value(pid)
        end = os.pidfd_open(pid)
        self._forks[end] = (pid, connection)
        self._waiting.register(end, select.POLLIN)
        # Asked for no event, it reports the end of the connection alone.
        self._waiting.register(connection, 0)

    def _begin(self, connection: int, stderr: int) -> NoReturn:
        """Serve the request in the fork, without what belongs to the others."""
        self._channel.close()
        for end, (_, other) in self._forks.items():
            os.close(end)
            os.close(other)
        os.dup2(stderr, 2)
        os.close(stderr)
        serve(Channel(connection), self._handle)

    def _kill(self, connection: int) -> None:
        """Kill the fork whose connection ended; its end is noticed next."""
        for pid, other in self._forks.values():
            if other == connection:
                self._waiting.unregister(connection)
                os.kill(pid, signal.SIGKILL)

    def _bury(self, end: int) -> None:
        """Let go of a fork that has ended, which ends its connection."""
        pid, connection = self._forks.pop(end)
        os.waitpid(pid, 0)
        self._waiting.unregister(end)
        with suppress(KeyError):  # it ended first
            self._waiting.unregister(connection)
        os.close(end)
        os.close(connection)


def run_in_fork(function: Callable[[], _T]) -> _T:
    """What `function` returns in a fork that ends with it; a PeelgraphError of it is raised."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        # Else it would wait for itself to read, once its parent is gone.
        os.close(reading)
        try:
            _write_result(function, writing)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        returned = pipe.read()
    os.waitpid(pid, 0)
    # The fork is our own program, and trusted as it is.
    received: _T | PeelgraphError = pickle.loads(returned)  # noqa: S301
    if isinstance(received, PeelgraphError):
        raise received
    return received


def _write_result(function: Callable[[], object], writing: int) -> None:
    try:
        result = function()
    except PeelgraphError as error:
        result = error
    # A reader that is gone reads nothing.
    with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
        pickle.dump(result, pipe)
