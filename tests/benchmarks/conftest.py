"""The graph that is measured."""

import os
from pathlib import Path

import pytest

from peelgraph.repository import Home


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest) -> Path:
    """A home folder that holds the project's graph."""
    given = os.environ.get("PEELGRAPH_BENCH_HOME")
    if given:
        return Path(given)
    built: Home = request.getfixturevalue("project_home")
    return built.path
