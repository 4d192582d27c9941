"""Mistakes in a copy of a table, as CSV or as a workbook, are found at their row and column."""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from peelgraph.checking import Document
from peelgraph.checking.service import read_tables
from peelgraph.errors import SourceError
from peelgraph.sources import Project, Source, find_root, read_project
from peelgraph.terms import PSH, mint_graph
from peelgraph.validation import Report, Validator
from tests.mistakes.planting import PLANTS, reference
from tests.sources.workbook import book

TABLED = tomllib.loads(Path(__file__).with_name("plants_in_tables.toml").read_text("utf-8"))
KINDS = [plant["kind"] for plant in TABLED["plant"]]
# The table, what is replaced (once) by what, and the column of the header it stands under.
UNREAD = [
    ("grades", "1,good,grade", "1,Good,grade", "grade"),
    ("statistics", ",2014,1013,", ',2014,"1,013",', "value"),
]


Judge = Callable[[Sequence[Source]], Report]


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(find_root())


@pytest.fixture(scope="module")
def judge(project: Project) -> Judge:
    validator, context = Validator(project.shapes, project.ontology), reference(project)
    return lambda data: validator.validate(data, context, replaced=[each.graph for each in data])


def planted(project: Project, name: str, old: str, new: str, kind: str) -> tuple[Document, int]:
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
def test_a_cell_that_does_not_fit_is_named(
    case: tuple[str, str, str, str], kind: str, project: Project
) -> None:
    name, old, new, column = case
    document, line = planted(project, name, old, new, kind)

    with pytest.raises(SourceError) as caught:
        read_tables(document, project)

    assert line == caught.value.position.line
    assert column in str(caught.value)


def test_each_kind_of_mistake_is_planted_in_a_table_or_cannot_be() -> None:
    of_tables = {plant["kind"] for plant in TABLED["plant"] if plant.get("of_tables")}

    assert {plant["kind"] for plant in PLANTS} == {*KINDS, *TABLED["impossible"]} - of_tables
    assert not {*KINDS} & {*TABLED["impossible"]}
    assert all(TABLED["impossible"].values())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("plant", TABLED["plant"], ids=KINDS)
def test_each_kind_of_mistake_is_found_at_its_cell_and_none_beside(
    plant: dict[str, Any],
    kind: str,
    project: Project,
    judge: Judge,
) -> None:
    name = plant["table"]
    text = (project.root / "data" / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    if "rows" in plant:
        text += "\n".join(plant["rows"]) + "\n"
    else:
        text = text.replace(plant["old"], plant["new"], 1)
    content = text.encode() if kind == "csv" else as_workbook({name: text})
    document = Document(Path(f"{name}.{kind}"), content, kind, mint_graph(name))
    lines = text.split("\n")
    header = lines[0].split(",")
    wanted = {
        (next(n for n, line in enumerate(lines, 1) if line.startswith(start)), column, shape)
        for start, column, shape in plant["found"]
    }

    if ("", 1) == (plant["found"][0][2], len(wanted)):
        ((line, column, _),) = wanted
        with pytest.raises(SourceError) as caught:
            read_tables(document, project)
        assert line == caught.value.position.line
        assert column in caught.value.message
        return
    report = judge(read_tables(document, project))
    found = set()
    for result in report.results:
        line, column = cell_of(result.pointer, kind)
        assert (document.name, line) == (result.file, result.position.line)
        found.add((line, header[column - 1], result.shape.strip("<>").removeprefix(PSH)))
    assert wanted == found
    assert len(wanted) == len(report.results)


def cell_of(pointer: str, kind: str) -> tuple[int, int]:
    """Row and column of a cell's name: cell=2,10 in CSV, statistics!J2 in a workbook."""
    if kind == "csv":
        line, column = pointer.removeprefix("cell=").split(",")
        return int(line), int(column)
    letter, line = re.fullmatch(r"[a-z-]+!([A-Z])(\d+)", pointer).groups()
    return int(line), ord(letter) - 64


def test_a_workbook_of_all_tables_states_what_they_state(project: Project) -> None:
    folder = project.root / "data" / "tables"
    tables = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))}
    document = Document(Path("all.xlsx"), as_workbook(tables), "xlsx", mint_graph("all"))

    sources = read_tables(document, project)

    wanted = {each.graph: each.triples for each in project.data if each.path.suffix == ".csv"}
    assert wanted == {each.graph: each.triples for each in sources}


def test_a_sheet_that_is_no_table_is_refused_with_the_names_of_those_that_are(
    project: Project,
) -> None:
    content = as_workbook({"notes": "a\n1\n", "more": "a\n1\n"})
    document = Document(Path("grades.xlsx"), content, "xlsx", mint_graph("grades"))

    with pytest.raises(SourceError, match=r"no notes\.csv-metadata\.json") as caught:
        read_tables(document, project)

    assert "comparable-questions, forces" in caught.value.hint
