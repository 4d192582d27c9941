"""A home that holds the small world that tests here share."""

from pathlib import Path

import pytest

from peelgraph.embedded import Embedded
from peelgraph.repository.version import GraphRecord, Version, write_record
from peelgraph.terms import mint_graph
from tests.validation.world import GOOD, ONTOLOGY, SHAPES, source


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published version of ontology, shapes and one judgment."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "versions" / "1"
    folder.mkdir(parents=True)
    store = Embedded.open(folder / "store")
    sizes = {}
    for name, text in (("ontology", ONTOLOGY), ("shapes", SHAPES), ("judgments", GOOD)):
        triples = source(text).triples
        store.insert(triples, mint_graph(name))
        store.insert(triples, "")
        sizes[mint_graph(name)] = GraphRecord(triples.count(b"\n"), "")
    store.flush()
    store.close()
    total = sum(record.triples for record in sizes.values())
    write_record(Version(1, folder, "2026-11-23T12:00:00Z", "", total, 0, sizes, "", "0"), folder)
    (folder / "published").touch()
    (home / "current").write_text("1\n")
    return home
