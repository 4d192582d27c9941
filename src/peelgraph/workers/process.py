"""One process that may be killed, as its parent sees it: started, sent messages, waited for, ended.

Queries, writes and validations are messages to such processes. However one of them ends, the
parent says why in one place, `_death`.
"""

import logging
import os
import platform
import resource
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from peelgraph.errors import (
    Cancelled,
    EngineUnavailable,
    MemoryExceeded,
    PeelgraphError,
    SettingError,
)
from peelgraph.identity import VARIABLE
from peelgraph.terms import ROOT
from peelgraph.workers.framing import Channel

# What such a process needs of our environment; tokens and the like stay out of it.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HOME", "LANG", "TMPDIR")

# The engine asks for memory so often that glibc's allocator takes a quarter of its time: these are
# faster, best first, and preloaded where the system has one. Who sets PRELOAD, be it to nothing,
# decides alone.
PRELOAD = "LD_PRELOAD"
_ALLOCATORS = ("libjemalloc.so.2", "libmimalloc.so.3", "libmimalloc.so.2")
_LIBRARIES = (
    f"/usr/lib/{platform.machine()}-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib64",
    "/usr/local/lib",
)
PAGE_BYTES = resource.getpagesize()
# MiB of address space for the project's own graph; a larger one takes more.
_LEAST_ROOM = 1200
# Each of glibc's arenas reserves 64 MiB of address space, which the limit counts. jemalloc would
# keep pages for ten seconds after they were freed, and take an arena for each of four times the
# cores: a worker evaluates one question at a time.
_ARENAS = {"MALLOC_ARENA_MAX": "2", "MALLOC_CONF": "narenas:2,dirty_decay_ms:1000"}


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours; the working folder brings no module of its own."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """What such a process is told of our environment."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {**kept, VARIABLE: ROOT}


def allocator() -> dict[str, str]:
    """What such a process is told of how it gets memory."""
    if PRELOAD in os.environ:
        return {**_ARENAS, PRELOAD: os.environ[PRELOAD]}
    found = (Path(folder, name) for name in _ALLOCATORS for folder in _LIBRARIES)
    chosen = next((str(path) for path in found if path.exists()), None)
    return {**_ARENAS, PRELOAD: chosen} if chosen else _ARENAS


def spawn(module: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """A process that runs `module`, and the socket whose other end it is given, both by number.

    `arguments` follow the number of its socket.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            command(module, str(theirs.fileno()), *arguments),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**environment(), **allocator()},
            # Out of reach of Ctrl-C, but in our session: there its priority counts.
            process_group=0,
        )
    return process, ours.detach()


def end_with(descriptor: int) -> None:
    """End this process once the other side of a socket or pipe is closed, whatever it is doing."""
    waiting = select.poll()
    # Asked for no event, it reports the other side's end alone.
    waiting.register(descriptor, 0)
    waiting.poll()
    os._exit(0)


def check_room() -> None:
    """SettingError where a limit of the system leaves us less than loading a small graph takes.

    Past the limit, the engine ends the process with words about its own inside.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < _LEAST_ROOM * 2**20:
        raise SettingError(
            f"a limit of the system leaves each process {limit // 2**20} MiB of address space; "
            f"at least {_LEAST_ROOM} are needed",
            hint="raise it in this shell: ulimit -v unlimited",
        )


def limit_memory(limit: int = resource.RLIM_INFINITY) -> None:
    """Let this process take `limit` bytes of address space, or as many as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        limit = most if limit == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def limit_growth(memory: int) -> None:
    """Let this process take `memory` MiB of address space more than it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit_memory(pages * PAGE_BYTES + memory * 2**20)


# What a process says at its end that finds no memory, for data, a library or a thread's stack.
OUT_OF_MEMORY = (
    *("memory allocation", "MemoryError", "bad_alloc", "system_error"),
    *("failed to map segment", "can't start new thread", "Cannot allocate memory"),
)
GIVE_WAY = 10  # steps of niceness more than this process has
_NICEST = 19
_LOGGED = 2000  # characters of the last words, from their end


class Child(Protocol):
    """A process that we started: a program of its own, or a fork of a warm one."""

    @property
    def pid(self) -> int: ...
    @property
    def stderr(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Signal(Protocol):
    """What reports that nobody waits for an answer any more."""

    def register(self, waiting: select.poll) -> None: ...
    def is_over(self, noticed: Collection[int]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """How the failures of one kind of process read; `memory` is the limit in MiB."""

    name: str
    memory_exceeded: str
    memory_hint: str
    ended: str
    memory: int
    limit: str | None = "memory"


class WorkerGone(EngineUnavailable):
    """The process had ended before it was sent anything: another one can do the same."""


class WorkerEnded(EngineUnavailable):
    """The process ended before it replied; `words` are its last ones, "" when it was killed."""

    words = ""


class SupervisedProcess:
    """A process with a channel of its own, so that its end harms no other."""

    def __init__(
        self, process: Child, descriptor: int, wording: Wording, wait_s: float = 0.0
    ) -> None:
        """`descriptor` is our end of its socket; `wait_s` as in Channel."""
        self._process = process
        self._channel = Channel(descriptor, wait_s)
        self._wording = wording
        self._closing = threading.Lock()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can still be sent messages."""
        return not self.is_ended and self._process.poll() is None

    @property
    def is_ended(self) -> bool:
        """Whether we have ended it; this costs nothing, unlike `is_alive`."""
        return self._channel.is_closed

    @property
    def has_begun(self) -> bool:
        """Whether part of the next message has come."""
        return self._channel.has_begun

    @property
    def resident_pages(self) -> int:
        """How many pages of memory the process has; 0 once it has ended."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except OSError:
            return 0

    def send(self, message: object) -> None:
        """Send a message; WorkerGone when the process had ended."""
        try:
            self._channel.send_value(message)
        except OSError as error:
            self._death()  # logs its last words
            raise WorkerGone(f"The {self._wording.name} ended while it stood by") from error

    def begins(self) -> bool:
        """Whether a message begins within the channel's `wait_s`; errors as `receive`."""
        try:
            return self._channel.begins()
        except (EOFError, OSError) as error:
            raise self._death() from error

    def waits(self, timeout_s: float, signal: Signal | None = None) -> bool:
        """Whether a message comes within `timeout_s`, or the process ends.

        Errors: Cancelled, with the process dead, once `signal` reports that nobody waits.
        """
        if self._channel.has_begun:
            # It came with the message before, and the socket has nothing more to report.
            return True
        end = time.monotonic() + timeout_s
        noticed: list[int] = []
        while True:
            if signal is not None and signal.is_over(noticed):
                self.kill()
                raise Cancelled("The question was taken back, and its evaluation ended")
            left = max(end - time.monotonic(), 0)
            try:
                waiting = select.poll()
                worker = self._channel.fileno()
                waiting.register(worker, select.POLLIN)
                if signal is not None:
                    signal.register(waiting)
                noticed = [number for number, _ in waiting.poll(left * 1000)]
            except (OSError, ValueError) as error:
                raise self._death() from error
            if worker in noticed or not noticed:
                return bool(noticed)

    def receive_bytes(self) -> bytes:
        """The next message as it was sent; errors as `receive`."""
        try:
            return self._channel.receive()
        except (EOFError, OSError) as error:
            raise self._death() from error

    def receive(self) -> object:
        """The value of the next message; a failure that the worker reports is raised.

        Errors: MemoryExceeded or WorkerEnded when the process ended.
        """
        try:
            value = self._channel.receive_value()
        except (EOFError, OSError) as error:
            raise self._death() from error
        if isinstance(value, PeelgraphError):
            raise value
        return value

    def give_way(self) -> None:
        """Let others go first, but for the thread that will start another in place of this one."""
        niceness = min(os.getpriority(os.PRIO_PROCESS, 0) + GIVE_WAY, _NICEST)
        try:
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                if thread.name != str(self.pid):
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), niceness)
        except (FileNotFoundError, ProcessLookupError):
            return  # It has ended meanwhile.
        except OSError as error:
            logging.getLogger(__name__).warning(
                "a long query cannot give way (niceness %d): %s", niceness, error
            )

    def end(self) -> None:
        """End the process at once; a thread that waits for its message is woken."""
        self._channel.shut()
        self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        """End the process at once and close our end; harmless when that is done."""
        self.end()
        with self._closing:
            self._channel.close()
            if self._process.stderr:
                self._process.stderr.close()

    def _death(self) -> PeelgraphError:
        """Why the process ended, as far as its last words say; it is dead when this returns."""
        self._channel.shut()
        self._process.kill()
        words = self._last_words()
        self.kill()
        if any(each in words for each in OUT_OF_MEMORY):
            wording = self._wording
            return MemoryExceeded(
                wording.memory_exceeded.format(wording.memory),
                hint=wording.memory_hint,
                limit=wording.limit,
            )
        if words:
            logging.getLogger(__name__).error(
                "%s %d: %s", self._wording.name, self.pid, words.strip()[-_LOGGED:]
            )
        ended = WorkerEnded(self._wording.ended)
        ended.words = words
        return ended

    def _last_words(self) -> str:
        """What the process wrote when it ended; nothing when another thread ended it."""
        stderr = self._process.stderr
        try:
            return stderr.read().decode(errors="replace") if stderr else ""
        except (OSError, ValueError):
            return ""
