"""The project is found, and each source gets the graph of its place."""

import shutil
from pathlib import Path

import pytest

from peelgraph.errors import SourceError
from peelgraph.sources import find_root, name_graph, read_project

TRIPLE = "<http://e/s> <http://e/p> <http://e/o> .\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in (
        "ontology/alignment/org.ttl",
        "shapes/finding.ttl",
        "data/reports/derbyshire/units.ttl",
        "data/reference/forces.ttl",
    ):
        file = tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text(TRIPLE)
    (tmp_path / "queries").mkdir()
    shutil.copy(find_root() / "ontology/project.toml", tmp_path / "ontology")
    return tmp_path


def test_each_source_has_the_graph_of_its_place(root: Path) -> None:
    project = read_project(root)

    graphs = {str(source.path): source.graph for source in (*project.data, *project.ontology)}
    base = "https://w3id.org/peelgraph/graph/"
    expected = {
        "data/reference/forces.ttl": base + "forces",
        "data/reports/derbyshire/units.ttl": base + "derbyshire",
        "ontology/alignment/org.ttl": base + "ontology",
    }
    assert expected == graphs


def test_root_is_found_from_a_folder_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "data" / "reports")

    assert root == find_root()


@pytest.mark.parametrize("missing", ["shapes/finding.ttl", "data/reference/forces.ttl"])
def test_a_folder_without_files_is_an_error(root: Path, missing: str) -> None:
    (root / missing).unlink()
    for file in root.rglob("data/**/*.ttl"):
        file.unlink()

    with pytest.raises(SourceError, match="a check over nothing proves nothing"):
        read_project(root)


@pytest.mark.parametrize(
    "path", ["data/loose.ttl", "data/reports/loose.ttl", "data/reference/Upper Case.ttl"]
)
def test_a_place_without_a_graph_is_an_error(path: str) -> None:
    with pytest.raises(SourceError):
        name_graph(Path(path))


def test_two_places_may_not_claim_one_graph(root: Path) -> None:
    (root / "data/reference/derbyshire.ttl").write_text(TRIPLE)

    with pytest.raises(SourceError, match="claims the graph of"):
        read_project(root)
