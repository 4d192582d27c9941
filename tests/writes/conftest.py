"""The world that is written to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from peelgraph.repository import Home
from peelgraph.repository.gate import GateCache
from peelgraph.repository.protocol import Repository
from peelgraph.repository.rebuild import publish_empty
from peelgraph.settings import Settings
from tests.under_test import ENGINE, is_joined
from tests.writes.writes_web import TOKEN, URL, application
from tests.writes.writes_world import publish_world


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    publish_world(folder)
    return folder


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Repository]:
    """A home of one version, or an engine that holds it, for one test."""
    if ENGINE != "embedded":
        yield publish_world(tmp_path)
        return
    shutil.copytree(request.getfixturevalue("first_home"), tmp_path / "home")
    home = Home(tmp_path / "home")
    yield home
    assert [] == [version.number for version in home.list() if not is_joined(version)]


@pytest.fixture(scope="session")
def cache() -> GateCache:
    """Validator and rules, made once."""
    return GateCache()


@pytest.fixture(scope="module")
def shared_home(first_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of one version, for the tests of one module."""
    folder = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(first_home, folder)
    return Home(folder)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of one token, that of `steward`."""
    path = tmp_path_factory.mktemp("tokens") / "tokens"
    path.write_text(f"# writers\nsteward:{TOKEN}\n")
    return path


@pytest.fixture(scope="module")
def client(shared_home: Home, tokens: Path) -> Iterator[FlaskClient]:
    """The application over it, for whom the token of `steward` opens writing."""
    yield from application(
        Settings(home=shared_home.path, token_file=tokens, public_url=URL, max_body=1)
    )


@pytest.fixture
def lenient(home: Home, tokens: Path) -> Iterator[FlaskClient]:
    """The application over a home of one test, where faults are told and refuse nothing."""
    yield from application(Settings(home=home.path, token_file=tokens, public_url=URL, gate="warn"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The application as a plain SPARQL store."""
    home = Home(tmp_path_factory.mktemp("plain"))
    publish_empty(home, strict=True)
    settings = Settings(
        home=home.path,
        open_writes=True,
        gate="off",
        default_graph="strict",
        inference=False,
        public_url=URL,
    )
    yield from application(settings)


@pytest.fixture(scope="module")
def shared_web(first_home: Path) -> Iterator[FlaskClient]:
    """The application without a token."""
    yield from application(Settings(home=first_home, public_url=URL))
