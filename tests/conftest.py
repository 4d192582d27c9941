"""What the tests of several folders share: the project itself, built once."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peelgraph.commands.building import publish_project
from peelgraph.versions import Home

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def project_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that holds the project's own sources; all processes of one test run share it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    home = Home(base / "project-home")
    with (base / "project-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        publish_project(home, lambda _: None)
    return home


@contextmanager
def serving(home: Path, folder: Path) -> Iterator[str]:
    """The address of a service over `home`, ended as Ctrl-C ends it."""
    with subprocess.Popen(
        [sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "1"],
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


@pytest.fixture(scope="session")
def served(project_home: Home) -> Iterator[str]:
    """The address of a service over the project's own graph."""
    with serving(project_home.path, ROOT) as url:
        yield url
