"""A small project of another domain as a working folder, built by the command line."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services import serving

BRIDGES = Path(__file__).with_name("bridges")


@dataclass(frozen=True, slots=True)
class Bridges:
    """The folder, and the command line run in it, whose exit code, output and errors it returns."""

    root: Path
    run: Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Bridges:
    """The project, built: processes of its own serve it, since each serves one project."""
    root = tmp_path_factory.mktemp("other") / "bridges"
    shutil.copytree(BRIDGES, root)
    own = {name: text for name, text in os.environ.items() if not name.startswith("PEELGRAPH_")}

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "peelgraph", *arguments],
            cwd=root,
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    code, _, told = run("build")
    assert (0, "") == (code, told)
    return Bridges(root, run)


@pytest.fixture(scope="session")
def url(bridges: Bridges) -> Iterator[str]:
    """The address of a service over the project."""
    with serving(bridges.root / ".peelgraph", bridges.root) as address:
        yield address
