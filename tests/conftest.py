"""What the tests of several folders share: the project itself, built once."""

import fcntl
import os
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
