"""A project's file says who it is, or what is wrong with it and what to write."""

import subprocess
import sys
from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.errors import SourceError
from peelgraph.identity import FILE, FOLDERS, read_identity

BRIDGES = Path(__file__).parents[1] / "other_project/bridges"
# A change of the file, then the line and what is told.
WRONG = {
    "no TOML": ('name = "bridges"', "name = bridges", 3, "is no TOML: Invalid value"),
    "missing": ('base = "https://bridges.example/"\n', "", None, "base is missing"),
    "unknown": ('keywords = ["bridge', 'keyword = ["bridge', 15, "did you mean keywords?"),
    "a number": ('name = "bridges"', "name = 3", 3, "name is a text, not 3"),
    "numbers": ('["2021", "2022"]', "[2021, 2022]", 16, "years is a list of texts, not"),
    "no slash": ("bridges.example/", "bridges.example", 7, "write https://bridges.example/"),
    "no IRI": ('"https://bridges.example/"', '"bridges/"', 7, "'bridges/' is no IRI"),
    "no prefix": ('"river", ', '"River", ', 10, "'River' is no prefix"),
    "twice": ('"river", ', '"bridge", ', 10, "the prefix bridge has a namespace already"),
    "taken": ('"bridge-shape"', '"sh"', 9, "the prefix sh has a namespace already"),
    "no name": ("structure:menai", "tower:menai", 18, "'tower:menai' names nothing"),
    "no name in a table": ('"bridge:begun"', '"begun"', 26, "'begun' names nothing"),
}


def test_a_project_says_who_it_is() -> None:
    found = read_identity(str(BRIDGES), terms.STANDARD)

    assert ("bridges", "https://bridges.example/", "bridge") == (
        found.name,
        found.base,
        found.ontology_prefix,
    )
    assert ("2021", "2022") == found.years
    assert "" == found.place


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    right, wrong, line, told = WRONG[name]
    text = (BRIDGES / FILE).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(SourceError) as raised:
        read_identity(str(tmp_path), terms.STANDARD)
    assert told in str(raised.value)
    assert line == (raised.value.position.line if raised.value.position else None)


def test_a_project_without_its_file_is_told_which_to_write(tmp_path: Path) -> None:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "peelgraph", "build"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 2 == done.returncode
    assert done.stderr.startswith(f"Error: {FILE}: no such file in {tmp_path}: ")
    assert 'write it: name = "bridges", ' in done.stderr
