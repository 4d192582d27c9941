"""Workbooks (XLSX) as tables of cells: what a sheet shows, and nothing that computes.

A workbook is a zip of XML, which may be small and mean much; every limit is checked before what
it limits is made. Formulas are refused, since what they show is not in the file for certain.
"""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from peelgraph.errors import Position, SourceError
from peelgraph.sources.table_cells import Cell, Grid, Row

MOST_BYTES = 64 * 2**20  # of all parts unpacked; the tables of this project take 0.3 MiB
MOST_PARTS = 1_000  # files in the zip; a workbook of ten sheets has about 25
MOST_ROWS = 100_000
MOST_COLUMNS = 200  # a row that names column XFD alone would be 16,384 cells

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,  # of XML: ElementTree's ParseError is one
    EOFError,
    NotImplementedError,
    RuntimeError,  # an encrypted part
    OSError,
)


def read_workbook(content: bytes, shown: Path) -> dict[str, Grid]:
    """The sheets that hold anything, by their titles.

    Errors: SourceError for what is no workbook, is too large, or holds macros or formulas.
    """
    try:
        _check_parts(content, shown)
        with warnings.catch_warnings():
            # openpyxl warns of what it leaves out: styles, drawings, validation rules.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheets = {sheet.title: _read_sheet(sheet, shown) for sheet in book.worksheets}
    except _BROKEN as error:
        raise SourceError(
            shown,
            f"is no workbook that can be read: {error}",
            hint="save it as an Excel workbook (.xlsx), or as CSV",
        ) from error
    filled = {title: grid for title, grid in sheets.items() if grid.rows}
    if not filled:
        raise SourceError(shown, "holds no cell: a table of nothing states nothing")
    return filled


def _check_parts(content: bytes, shown: Path) -> None:
    """Refuse a zip that would unpack to too much, and parts that run or refer elsewhere."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        members = parts.infolist()
        if len(members) > MOST_PARTS:
            raise SourceError(shown, f"holds {len(members)} parts; at most {MOST_PARTS} are read")
        size = sum(member.file_size for member in members)
        if size > MOST_BYTES:
            raise SourceError(
                shown,
                f"unpacks to {size / 2**20:.0f} MiB; at most {MOST_BYTES // 2**20} are read",
                hint="save only the sheets that hold tables, or use CSV",
            )
        for member in members:
            if member.filename.lower().endswith("vbaproject.bin"):
                raise SourceError(shown, "holds macros", hint="save it as .xlsx, without macros")
            # A part never reads further than the size it states, so this is bounded too.
            if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in parts.read(member):
                raise SourceError(shown, f"{member.filename} declares a document type")


def _read_sheet(sheet: Any, shown: Path) -> Grid:
    """The cells of a sheet; its text has a line for each row of the sheet."""
    # The size a sheet states of itself may be anything.
    sheet.reset_dimensions()
    rows: list[Row] = []
    lines: list[str] = []
    marks: dict[Position, int] = {}
    faults: list[SourceError] = []
    for number, read in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise SourceError(shown, f"{sheet.title} has more than {MOST_ROWS:,} rows")
        if len(read) > MOST_COLUMNS:
            raise SourceError(shown, f"{sheet.title} has more than {MOST_COLUMNS} columns")
        row = tuple(_read_cells(read, number, sheet.title, shown, faults))
        written = [_quote(" ".join(cell.text.splitlines())) for cell in row]
        lines.append(",".join(written))
        at = 0
        for cell, text in zip(row, written, strict=True):
            marks[cell.position] = at
            at += len(text) + 1
        if any(cell.text for cell in row):
            rows.append(row)
    width = len(rows[0]) if rows else 0
    fitted = tuple(_fit(row, width) for row in rows)
    return Grid(fitted, "\n".join(lines), marks, tuple(faults))


def _fit(row: Row, width: int) -> Row:
    """A row as wide as the header: a sheet does not hold what is empty at its end."""
    kept = row[:width] + tuple(cell for cell in row[width:] if cell.text)
    line = row[0].position.line
    empty = (Cell("", Position(line, at), "") for at in range(len(kept) + 1, width + 1))
    return (*kept, *empty)


def _read_cells(
    read: tuple[Any, ...], number: int, title: str, shown: Path, faults: list[SourceError]
) -> Iterator[Cell]:
    """The cells of a row; one that holds no value is a fault."""
    for column, cell in enumerate(read, 1):
        position = Position(number, column)
        name = f"{title}!{get_column_letter(column)}{number}"
        try:
            text = _write(cell, position, name, shown)
        except SourceError as fault:
            faults.append(fault)
            text = "?"
        yield Cell(text, position, name)


def _write(cell: Any, position: Position, name: str, shown: Path) -> str:
    """What a cell shows, as CSV writes it."""
    value = cell.value
    if cell.data_type in {"f", "e"}:
        kind = "a formula" if cell.data_type == "f" else f"the error {value}"
        raise SourceError(
            shown,
            f"{name} holds {kind}",
            position=position,
            hint="put its value in its place (copy, then paste values only)",
        )
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, date | time | str | int):
        return value.isoformat() if isinstance(value, date | time) else str(value)
    raise SourceError(shown, f"{name} holds {type(value).__name__}", position=position)


def _quote(text: str) -> str:
    """A cell as CSV writes it."""
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text
