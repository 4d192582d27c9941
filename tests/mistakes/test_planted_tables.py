"""Mistakes in a copy of a table are found at their row and column."""

from pathlib import Path

import pytest
from planting import reference

from peelgraph.checking import Document
from peelgraph.checking.tables import read_table
from peelgraph.errors import SourceError
from peelgraph.sources import find_root, read_project
from peelgraph.terms import mint_graph
from peelgraph.validation import Validator

# The table, what is replaced (once) by what, and the column of the header it stands under.
UNREAD = [
    ("grades", "avon-and-somerset,2014", "avon-and-sommerset,2014", "force"),
    ("grades", "1,good,grade", "1,goood,grade", "grade"),
    ("statistics", ",2014,1013,", ',2014,"1,013",', "value"),
    ("questions", "2014-efficiency-overall,2014,", "2014-efficiency-overall,1914,", "round"),
]


@pytest.fixture(scope="module")
def project():
    return read_project(find_root())


def planted(project, name: str, old: str, new: str) -> tuple[Document, int]:
    """A copy of a table with one mistake, and the line of it."""
    text = (project.root / "data" / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    content = text.replace(old, new, 1).encode()
    return Document(Path(f"{name}.csv"), content, "csv", mint_graph(name)), line


@pytest.mark.parametrize(("name", "old", "new", "column"), UNREAD)
def test_a_cell_that_does_not_fit_is_named(name, old, new, column, project):
    document, line = planted(project, name, old, new)

    with pytest.raises(SourceError) as caught:
        read_table(document, project)

    assert line == caught.value.position.line
    assert column in str(caught.value)


def test_a_cell_that_breaks_a_shape_is_named(project):
    document, line = planted(project, "statistics", ",45,,pence,", ",45,,minutes,")
    source = read_table(document, project)
    validator = Validator(project.shapes, project.ontology)

    report = validator.judge([source], reference(project), replaced=[source.graph])

    (result,) = report.results
    assert result.shape.endswith("#Observation-unitOfMeasureAgrees>")
    assert (Path("statistics.csv"), line) == (result.file, result.position.line)
    assert result.line[result.position.column - 1 :].startswith("minutes,")
