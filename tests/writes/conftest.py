"""The world that is written to, and the folder of its helpers on the path."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from writes_world import publish_world

from peelgraph.versions import Home
from peelgraph.versions.judging import Judges


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_world(tmp_path_factory.mktemp("world")).path


@pytest.fixture
def home(first_home: Path, tmp_path: Path) -> Home:
    """A home of one version, for one test."""
    shutil.copytree(first_home, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def judges() -> Judges:
    """Validator and rules, made once."""
    return Judges()
