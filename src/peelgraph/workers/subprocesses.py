"""Starting processes of our own that a deadline or a limit may end, all in the same way."""

import os
import platform
import resource
import select
import socket
import subprocess
import sys
from pathlib import Path

from peelgraph.errors import SettingError
from peelgraph.identity import VARIABLE
from peelgraph.terms import ROOT

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
