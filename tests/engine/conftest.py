"""A small version on disk, and a pool with narrow limits that reads it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from peelgraph.embedded import Embedded
from peelgraph.settings import Settings
from peelgraph.workers import Edition, Pool

THINGS = 1500

Publish = Callable[[Path, int], Path]


@pytest.fixture(scope="session")
def publish() -> Publish:
    """A function that writes a version's store of so many triples."""
    return write_store


def write_store(folder: Path, things: int) -> Path:
    store = Embedded.open(folder)
    lines = [f'<http://a/{i}> <http://p> "x{i}" .\n' for i in range(things)]
    store.insert("".join(lines).encode(), "")
    store.flush()
    store.close()
    return folder


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return Edition("1", write_store(tmp_path_factory.mktemp("engine") / "store", THINGS), THINGS)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(timeout=30, memory=192, max_result=1, workers=1, at_once=1)


@pytest.fixture(scope="session")
def pool(settings: Settings, edition: Edition) -> Iterator[Pool]:
    pool = Pool(settings, lambda: edition)
    pool.warm()
    yield pool
    pool.close()
