"""A real engine for the tests that need one, Fuseki or, on other runs, Oxigraph's own server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.servers import Server, oxigraph
from tests.under_test import ENGINE, empty_engine


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An engine over an empty store; a test that writes begins by emptying it."""
    if ENGINE == "fuseki":
        chosen = empty_engine()
        yield Server("Fuseki", chosen.query, chosen.update, chosen.graphs, 0)
        return
    with oxigraph(tmp_path_factory.mktemp("oxigraph") / "run") as running:
        yield running


@pytest.fixture
def options(server: Server, tmp_path: Path) -> Path:
    """The file for --store-options."""
    path = tmp_path / "store.toml"
    path.write_text(server.options)
    return path
