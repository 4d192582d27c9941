"""A workbook is read cell by cell; what computes, runs or grows without measure is refused."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from peelgraph.errors import Position, SourceError
from peelgraph.sources import workbooks
from peelgraph.sources.workbooks import read_workbook
from tests.sources.workbook import book

SHOWN = Path("book.xlsx")
ROWS: list[list[Any]] = [["name", "value"], [], ["Tŷ, Heddlu", 3.0], ["a", None], [None, 0.1]]


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text) if name == part else text)
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return out.getvalue()


def test_cells_are_placed_by_row_and_column_and_named_by_sheet() -> None:
    grid = read_workbook(book({"One": ROWS, "Empty": []}), SHOWN)["One"]

    assert [["name", "value"], ["Tŷ, Heddlu", "3"], ["a", ""], ["", "0.1"]] == [
        [cell.text for cell in row] for row in grid.rows
    ]
    cell = grid.rows[1][1]
    assert (Position(3, 2), "One!B3") == (cell.position, cell.name)
    line = grid.text.splitlines()[2]
    assert '"Tŷ, Heddlu",3' == line
    assert "3" == line[grid.marks[cell.position] :]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (2015, "2015"),
        (1013.25, "1013.25"),
        (datetime.date(2015, 6, 30), "2015-06-30"),
        (datetime.datetime(2015, 6, 30, 12, 5), "2015-06-30T12:05:00"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_values_are_written_as_in_csv(value: object, text: str) -> None:
    grid = read_workbook(book({"One": [["a"], [value]]}), SHOWN)["One"]

    assert text == grid.rows[1][0].text


SHEET = "xl/worksheets/sheet1.xml"
REFUSED = [
    ("nothing", book({"One": []}), "holds no cell"),
    ("no zip", b"name,value\n", "is no workbook"),
    ("cut", book({"One": ROWS})[:-500], "is no workbook"),
    (
        "macros",
        rewritten(book({"One": ROWS}), "xl/vbaProject.bin", lambda _: b"x"),
        "holds macros",
    ),
    (
        "entities",
        rewritten(
            book({"One": ROWS}),
            SHEET,
            lambda text: b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + text,
        ),
        "declares a document type",
    ),
    (
        "a bomb",
        rewritten(book({"One": ROWS}), "xl/media/zeros", lambda _: bytes(workbooks.MOST_BYTES)),
        "unpacks to 64 MiB",
    ),
    (
        "a far row",
        rewritten(book({"One": ROWS}), SHEET, lambda text: re.sub(b'r="5"', b'r="1048576"', text)),
        "more than 100,000 rows",
    ),
    (
        "a far column",
        rewritten(book({"One": ROWS}), SHEET, lambda text: text.replace(b'"B5"', b'"XFD5"')),
        "more than 200 columns",
    ),
    (
        "a column of no sheet",
        rewritten(book({"One": ROWS}), SHEET, lambda text: text.replace(b'"B5"', b'"ZZZZZZ5"')),
        "is no workbook",
    ),
    (
        "XML that is none",
        rewritten(book({"One": ROWS}), SHEET, lambda text: text[: len(text) // 2]),
        "is no workbook",
    ),
]


@pytest.mark.parametrize(
    ("content", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_computes_runs_or_grows_is_refused(content: bytes, message: str) -> None:
    assert len(content) < 2**20

    with pytest.raises(SourceError, match=re.escape(message)):
        read_workbook(content, SHOWN)


def test_each_cell_that_computes_is_a_fault() -> None:
    grid = read_workbook(book({"One": [["a", "b"], ["=1+1", "x"], ["y", "#N/A"]]}), SHOWN)["One"]

    assert [(2, 1), (3, 2)] == [(f.position.line, f.position.column) for f in grid.faults]
    assert "One!A2 holds a formula" in grid.faults[0].message
    assert "One!B3 holds the error #N/A" in grid.faults[1].message


def test_the_size_that_a_sheet_states_is_not_believed() -> None:
    content = rewritten(
        book({"One": ROWS}), SHEET, lambda text: re.sub(rb'ref="[^"]*"', b'ref="A1:XFD9"', text)
    )

    assert 4 == len(read_workbook(content, SHOWN)["One"].rows)


def test_too_many_parts_are_refused() -> None:
    out = io.BytesIO(book({"One": ROWS}))
    with zipfile.ZipFile(out, "a") as parts:
        for number in range(workbooks.MOST_PARTS):
            parts.writestr(f"xl/media/{number}", b"")

    with pytest.raises(SourceError, match="parts; at most"):
        read_workbook(out.getvalue(), SHOWN)
