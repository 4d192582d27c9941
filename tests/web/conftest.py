"""The smallest published version that the web can answer from, and the real application over it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient

from peelgraph import terms
from peelgraph.catalogue import Catalogue, read_catalogue
from peelgraph.embedded import Embedded
from peelgraph.errors import UnknownName
from peelgraph.repository.version import GraphRecord, write_record
from peelgraph.repository.version import Version as Recorded
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.workers import Edition, Pool

WORLD = Path(__file__).parents[1] / "protocol" / "world.nq"
QUERIES = Path(__file__).parents[1] / "protocol" / "queries"


Found = TypeVar("Found")


@dataclass(frozen=True)
class Graph:
    triples: int
    digest: str = ""


@dataclass
class Version:
    """What the web asks of a version."""

    number: int
    path: Path
    created: str
    triples: int
    inferred: int
    graphs: dict[str, Graph]
    derived: dict[str, Graph] = field(default_factory=dict)
    unnamed: Graph | None = None


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
        path=path.parent,
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
def application(
    published: tuple[Path, Version], settings: Settings, catalogue: Catalogue
) -> Iterator[Flask]:
    """The application over a pool of its own; version 6 is older, and nearly empty."""
    path, version = published
    before = replace(version, number=6, triples=1, inferred=0, graphs={})
    lean = path.with_name("older")
    store = Embedded.open(lean)
    store.insert(b"<http://a> <http://p> <http://b> .", "")
    store.flush()
    store.close()
    kept = {6: Edition("6", lean, 1)}
    pool = Pool(settings, lambda: Edition("7", path, 20), older=lambda at: _kept(kept, at))
    pool.warm()
    yield create_app(
        pool, settings, lambda: version, catalogue, older=lambda at: _kept({6: before}, at)
    )
    pool.close()


@pytest.fixture(scope="session")
def client(application: Flask) -> FlaskClient:
    return application.test_client()


def _kept(versions: dict[int, Found], number: int) -> Found:
    if number not in versions:
        raise UnknownName(f"version {number} is not kept")
    return versions[number]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, published: tuple[Path, Version]) -> Path:
    """A home folder whose current version is the tests' world."""
    store, version = published
    home = tmp_path_factory.mktemp("home")
    folder = home / "versions" / "7"
    folder.mkdir(parents=True)
    (folder / "store").symlink_to(store)
    graphs = {name: GraphRecord(facts.triples, "") for name, facts in version.graphs.items()}
    record = Recorded(
        7, folder, version.created, "", version.triples, version.inferred, graphs, "", "0"
    )
    write_record(record, folder)
    (folder / "published").touch()
    (home / "current").write_text("7\n")
    return home
