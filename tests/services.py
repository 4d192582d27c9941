"""A service of its own, started and ended as its operator does it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(home: Path, folder: Path, *options: str) -> Iterator[str]:
    """The address of a service over `home`, ended as Ctrl-C ends it."""
    with subprocess.Popen(
        [sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "1", *options],
        env={**os.environ, "PEELGRAPH_HOME": str(home)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as service:
        assert service.stdout is not None
        told = service.stdout.readline()
        try:
            yield told.split()[-1].rstrip("/")
        finally:
            service.send_signal(signal.SIGINT)
            service.communicate(timeout=30)
