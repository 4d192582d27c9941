"""Starting processes of our own that a deadline or a limit may end, all in the same way."""

import os
import socket
import subprocess
import sys

# What such a process needs of our environment; tokens and the like stay out of it.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HOME", "LANG", "TMPDIR")


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours; the working folder brings no module of its own."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """What such a process is told of our environment."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def start(
    module: str, *, process_group: int | None = None, start_new_session: bool = False
) -> tuple[subprocess.Popen[bytes], int]:
    """A process running `module`, and the socket whose other end it is handed, both by number."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            command(module, str(theirs.fileno())),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Each of glibc's arenas reserves 64 MiB of address space, which the limit counts.
            env={**environment(), "MALLOC_ARENA_MAX": "2"},
            process_group=process_group,
            start_new_session=start_new_session,
        )
    return process, ours.detach()
