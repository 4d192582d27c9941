"""The smallest published version that the web can answer from, and the real application over it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from peelgraph import terms
from peelgraph.catalogue import Catalogue, read_catalogue
from peelgraph.embedded import Embedded
from peelgraph.engine import Edition, Pool
from peelgraph.settings import Settings
from peelgraph.web.app import create_app

WORLD = Path(__file__).parents[1] / "protocol" / "world.nq"
QUERIES = Path(__file__).parents[1] / "protocol" / "queries"


@dataclass(frozen=True)
class Graph:
    triples: int


@dataclass
class Version:
    """What the web asks of a version."""

    number: int
    created: str
    triples: int
    inferred: int
    graphs: dict[str, Graph]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Version]:
    """A store's folder with the union of its graphs in the unnamed one, and its version."""
    path = tmp_path_factory.mktemp("version") / "store"
    store = Embedded.open(path)
    store.insert_quads(WORLD.read_bytes())
    asserted = [name for name in store.graphs() if name != terms.INFERRED]
    for name in asserted:
        store.insert(store.read(name), "")
    version = Version(
        number=7,
        created="2026-11-23T12:00:00Z",
        triples=store.size(""),
        inferred=store.size(terms.INFERRED),
        graphs={name: Graph(store.size(name)) for name in asserted},
    )
    store.flush()
    store.close()
    return path, version


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(
        timeout=20, max_body=1, max_query=64, workers=1, public_url="https://graph.example"
    )


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return read_catalogue(QUERIES)


@pytest.fixture(scope="session")
def client(
    published: tuple[Path, Version], settings: Settings, catalogue: Catalogue
) -> Iterator[FlaskClient]:
    path, version = published
    pool = Pool(settings, lambda: Edition("7", path, 20))
    pool.warm()
    app = create_app(pool, settings, lambda: version, catalogue)
    yield app.test_client()
    pool.close()
