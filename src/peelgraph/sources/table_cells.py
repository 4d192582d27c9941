"""A CSV text as rows of cells, each with the place where it begins."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.errors import Position, SourceError
from peelgraph.sparql.lexer import position as position_of

# Possessive, and looking ahead, as the tokens of Turtle are.
_CELL = re.compile(r'"(?P<quoted>(?:[^"]++|(?="")"")*+)"|(?P<plain>[^",\r\n]*)')
_BREAK = re.compile(r"\r\n?|\n")
_END = re.compile(rf",|{_BREAK.pattern}|\Z")


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell and where it stands: line and column, and as tools of tables name it.

    `name` is a fragment of RFC 7111 (cell=row,column) in a CSV file, sheet!C5 in a workbook.
    """

    text: str
    position: Position
    name: str


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a table, and its text, of which messages show a line.

    `marks` are the offsets in its line of cells that do not begin at their column, as in a sheet;
    `faults` say which cells could not be read.
    """

    rows: tuple[Row, ...]
    text: str
    marks: Mapping[Position, int] = field(default_factory=dict)
    faults: tuple[SourceError, ...] = ()


def split_rows(text: str, path: Path) -> tuple[tuple[Row, ...], tuple[SourceError, ...]]:
    """The rows of a CSV text (RFC 4180: commas, cells in double quotes); blank lines are none.

    A row in which a quotation mark stands alone is a fault instead; reading goes on behind it.
    """
    rows: list[Row] = []
    faults: list[SourceError] = []
    cells: list[Cell] = []
    at = start = 0  # of the cell, and of its line
    line = 1
    while at < len(text) or cells:
        found = _CELL.match(text, at)
        assert found is not None  # noqa: S101 - an empty cell always fits
        end = _END.match(text, found.end())
        if end is None:
            faults.append(_misquoted(text, found.end(), path))
            # Where the cell should end nobody knows, so the row is taken to end with its line.
            broken = _BREAK.search(text, found.end())
            at = broken.end() if broken else len(text)
            for each in _BREAK.finditer(text, found.start(), at):
                line, start = line + 1, each.end()
            cells = []
            continue
        quoted = found["quoted"]
        content = found["plain"] if quoted is None else quoted.replace('""', '"')
        position = Position(line, at - start + 1)
        cells.append(Cell(content, position, f"cell={len(rows) + 1},{len(cells) + 1}"))
        for each in _BREAK.finditer(text, at, end.end()):
            line, start = line + 1, each.end()
        at = end.end()
        if end.group() != ",":
            if len(cells) > 1 or cells[0].text:
                rows.append(tuple(cells))
            cells = []
    return tuple(rows), tuple(faults)


def _misquoted(text: str, offset: int, path: Path) -> SourceError:
    return SourceError(
        path,
        "a quotation mark that opens or closes no cell",
        position=position_of(text, offset),
        hint='put the whole cell in quotation marks and double those inside: "the ""2015"" round"',
    )
