"""Mistakes in a copy of a table, as CSV or as a workbook, are found at their row and column."""

import csv
import io
import sys
from pathlib import Path

import pytest
from planting import reference

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
from workbook import book

from peelgraph.checking import Document
from peelgraph.checking.tables import read_tables
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


def planted(project, name: str, old: str, new: str, kind: str) -> tuple[Document, int]:
    """A copy of a table with one mistake, and the line of it."""
    text = (project.root / "data" / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    content = text.replace(old, new, 1).encode()
    if kind == "xlsx":
        content = as_workbook({name: content.decode()})
    return Document(Path(f"{name}.{kind}"), content, kind, mint_graph(name)), line


def as_workbook(tables: dict[str, str]) -> bytes:
    """The tables as sheets, whole numbers as numbers."""
    return book(
        {
            name: [
                [int(cell) if cell.isdecimal() else cell or None for cell in row]
                for row in csv.reader(io.StringIO(text))
            ]
            for name, text in tables.items()
        }
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("case", UNREAD, ids=[case[2] for case in UNREAD])
def test_a_cell_that_does_not_fit_is_named(case, kind, project):
    name, old, new, column = case
    document, line = planted(project, name, old, new, kind)

    with pytest.raises(SourceError) as caught:
        read_tables(document, project)

    assert line == caught.value.position.line
    assert column in str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cell_that_breaks_a_shape_is_named(kind, project):
    document, line = planted(project, "statistics", ",45,,pence,", ",45,,minutes,", kind)
    (source,) = read_tables(document, project)
    validator = Validator(project.shapes, project.ontology)

    report = validator.judge([source], reference(project), replaced=[source.graph])

    (result,) = report.results
    header = (project.root / "data/tables/statistics.csv").read_text().split("\n", 1)[0]
    column = header.split(",").index("unit") + 1
    names = {"csv": f"cell={line},{column}", "xlsx": f"statistics!{chr(64 + column)}{line}"}
    assert result.shape.endswith("#Observation-unitOfMeasureAgrees>")
    assert (f"statistics.{kind}", line) == (str(result.file), result.position.line)
    assert names[kind] == result.pointer
    assert result.line[result.mark :].startswith("minutes,")


def test_a_workbook_of_all_tables_states_what_they_state(project):
    folder = project.root / "data" / "tables"
    tables = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))}
    document = Document(Path("all.xlsx"), as_workbook(tables), "xlsx", mint_graph("all"))

    sources = read_tables(document, project)

    wanted = {each.graph: each.triples for each in project.data if each.path.suffix == ".csv"}
    assert wanted == {each.graph: each.triples for each in sources}


def test_a_sheet_that_is_no_table_is_refused_with_the_names_of_those_that_are(project):
    content = as_workbook({"notes": "a\n1\n", "more": "a\n1\n"})
    document = Document(Path("grades.xlsx"), content, "xlsx", mint_graph("grades"))

    with pytest.raises(SourceError, match=r"no notes\.csv-metadata\.json") as caught:
        read_tables(document, project)

    assert "comparable-questions, forces" in caught.value.hint
