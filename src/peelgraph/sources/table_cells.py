"""A CSV text as rows of cells, each with the place where it begins."""

import re
from dataclasses import dataclass
from pathlib import Path

from peelgraph.errors import Position, SourceError

_CELL = re.compile(r'"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^",\r\n]*)')
_END = re.compile(r",|\r?\n|\Z")


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell, and the offset in the file at which it begins."""

    text: str
    start: int


Row = tuple[Cell, ...]


def split_rows(text: str, path: Path) -> tuple[Row, ...]:
    """The rows of a CSV text (RFC 4180: commas, cells in double quotes); blank lines are none.

    Errors: SourceError where a quotation mark stands alone.
    """
    rows: list[Row] = []
    cells: list[Cell] = []
    at = 0
    while at < len(text) or cells:
        found = _CELL.match(text, at)
        assert found is not None  # noqa: S101 - an empty cell always fits
        end = _END.match(text, found.end())
        if end is None:
            raise _misquoted(text, found.end(), path)
        quoted = found["quoted"]
        content = found["plain"] if quoted is None else quoted.replace('""', '"')
        cells.append(Cell(content, at))
        at = end.end()
        if end.group() != ",":
            if len(cells) > 1 or cells[0].text:
                rows.append(tuple(cells))
            cells = []
    return tuple(rows)


def place(text: str, offset: int) -> Position:
    """Line and column of an offset, both from 1."""
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - before.rfind("\n"))


def line_of(text: str, row: Row) -> int:
    """The line on which a row begins."""
    return place(text, row[0].start).line


def _misquoted(text: str, offset: int, path: Path) -> SourceError:
    return SourceError(
        path,
        "a quotation mark that opens or closes no cell",
        position=place(text, offset),
        hint='put the whole cell in quotation marks and double those inside: "the ""2015"" round"',
    )
