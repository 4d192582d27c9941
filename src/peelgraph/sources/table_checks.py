"""What is wrong with a table before it says anything: header, cells, keys, references.

All of it is found in one run, and each mistake is one fault: a word that is wrong in twenty rows is
told at the first of them, with the number of the others.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.errors import Position, SourceError
from peelgraph.sources.dates import read_dates
from peelgraph.sources.table_cells import Cell, Grid, Row
from peelgraph.sources.table_schema import ROW, Column, Schema
from peelgraph.spelling import find_nearest, offer

Values = dict[str, list[str] | str | None]
_CHOICES = re.compile(r"[\w-]+(\|[\w-]+)+")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_FORMS = {
    "date": "write year, month and day: YYYY-MM-DD",
    "gYear": "write the four digits of the year",
    "gYearMonth": "write year and month: YYYY-MM",
    "decimal": "write digits, with a point before decimals and no separator between thousands",
}
_LISTED = 8  # more words are no help in a message


@dataclass(slots=True)
class Faults:
    """The faults of one table."""

    path: Path
    _found: dict[tuple[object, ...], tuple[Position | None, str, str | None]] = field(
        default_factory=dict
    )
    _rows: dict[tuple[object, ...], list[int]] = field(default_factory=lambda: defaultdict(list))
    _whole: list[SourceError] = field(default_factory=list)

    def take(self, faults: Iterable[SourceError]) -> None:
        """Take the faults that somebody else found."""
        self._whole += faults

    def add(
        self,
        message: str,
        position: Position | None = None,
        hint: str | None = None,
        *,
        alike: object = None,
    ) -> None:
        """Note a fault; those that are `alike` are one, told at the first."""
        key = (message, position) if alike is None else (alike,)
        self._found.setdefault(key, (position, message, hint))
        if position is not None:
            self._rows[key].append(position.line)

    def lines(self) -> set[int]:
        """The lines that have a fault."""
        found = {line for lines in self._rows.values() for line in lines}
        return found | {fault.position.line for fault in self._whole if fault.position}

    def ordered(self) -> list[SourceError]:
        """All of them, in the order of the file."""
        made = []
        for key, (position, message, hint) in self._found.items():
            others = len(self._rows[key]) - 1
            more = f" (and in {others} more row{'s' * (others != 1)})" if others > 0 else ""
            made.append(SourceError(self.path, message + more, position=position, hint=hint))
        return sorted([*self._whole, *made], key=_place)


def _place(fault: SourceError) -> tuple[int, int]:
    return (fault.position.line, fault.position.column) if fault.position else (0, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as far as its header and cells are as its schema says; null cells are None.

    Cells that could not be read are None too, and stand in `unread` by row and column; `is_whole`
    unless there is a row of which nothing could be read. Only a table without `faults` states
    anything.
    """

    path: Path
    schema: Schema
    columns: Mapping[str, int]
    rows: tuple[Row, ...]
    values: tuple[Values, ...]
    faults: Faults
    unread: frozenset[tuple[int, str]] = frozenset()
    is_whole: bool = True

    def cell(self, row: int, name: str) -> Cell:
        """The cell of a row under the column `name`; its first for a name that has no cell."""
        return self.rows[row][self.columns.get(name, 0)]


def check_table(path: Path, grid: Grid, schema: Schema) -> Table:
    """The rows as a table, with all faults of header, cells and keys."""
    faults = Faults(path)
    columns: dict[str, int] = {}
    if not grid.rows:
        if not grid.faults:
            faults.add("has no header", hint=f"its first line is: {_header(schema)}")
    else:
        columns = _check_header(faults, grid.rows[0], schema)
        if len(grid.rows) == 1 and not grid.faults:
            faults.add("has a header and no row: a table of nothing states nothing")
    if columns or not grid.rows:
        # Under a header of one cell, with other separators, quotation marks say nothing.
        faults.take(grid.faults)
    broken = {fault.position for fault in grid.faults}
    rows: list[Row] = []
    values: list[Values] = []
    unread: set[tuple[int, str]] = set()
    for row in grid.rows[1:] if columns else ():
        if not _is_row(faults, row, grid.rows[0]):
            continue
        read: Values = {ROW: str(row[0].position.line)}
        for column in schema.read:
            at = columns.get(column.name)
            is_read, read[column.name] = at is not None, None
            if at is not None:
                is_read = row[at].position not in broken
                if is_read:
                    is_read, read[column.name] = _read(faults, column, row[at])
            if not is_read:
                unread.add((len(rows), column.name))
        rows.append(row)
        values.append(read)
    table = Table(
        path,
        schema,
        columns,
        tuple(rows),
        tuple(values),
        faults,
        frozenset(unread),
        is_whole=bool(columns) and len(rows) == len(grid.rows) - 1 and not grid.faults,
    )
    _check_keys(table)
    return table


def check_references(table: Table, others: Mapping[str, Table]) -> None:
    """Note each cell that refers to another table and is no cell there, with the nearest.

    Errors: SourceError where the other table is not there at all.
    """
    for reference in table.schema.references:
        other = others.get(reference.table)
        if other is None:
            raise SourceError(table.schema.path, f"refers to {reference.table}, which is not there")
        if not other.is_whole:
            continue
        known = dict.fromkeys(str(values[reference.target]) for values in other.values)
        for number, values in enumerate(table.values):
            value = values[reference.column]
            if value is not None and value not in known:
                table.faults.add(
                    f"{reference.column} {value!r} is not in {other.path}",
                    table.cell(number, reference.column).position,
                    suggest(str(value), known),
                    alike=("reference", reference, str(value)),
                )


def suggest(value: str, known: Iterable[str]) -> str:
    """The known words nearest to `value`; where none is near, all of them if they are few."""
    words = sorted(set(known))
    near = find_nearest(value, words)
    if near or len(words) > _LISTED:
        return offer(near)
    return f"one of: {', '.join(words)}"


def _header(schema: Schema) -> str:
    return ",".join(column.name for column in schema.read)


def _check_header(faults: Faults, header: Row, schema: Schema) -> dict[str, int]:
    """The number of each column; one that is misspelt counts as the column that is meant."""
    names = [column.name for column in schema.read]
    if len(header) == 1 and re.search(r"[;\t]", header[0].text):
        found = f"the column {header[0].text!r} is not in {schema.path.name}"
        faults.add(found, header[0].position, "separate the cells by commas")
        return {}
    columns: dict[str, int] = {}
    written = {cell.text for cell in header}
    twice: list[Cell] = []
    for number, cell in enumerate(header):
        name = cell.text
        if name not in names:
            free = [other for other in names if other not in written]
            found = f"the column {name!r} is not in {schema.path.name}"
            near = find_nearest(name, free)
            hint = offer(near) or (suggest(name, free) if free else "remove it")
            faults.add(found, cell.position, hint)
            if len(near) != 1:
                continue
            name = near[0]
        if name in columns:
            twice.append(cell)
            continue
        columns[name] = number
    missing = [name for name in names if name not in columns]
    for cell in twice:
        meant = f"the column {missing.pop(0)!r} is missing: is it this one?" if missing else None
        faults.add(f"the column {cell.text!r} stands twice", cell.position, meant)
    hint = f"the header is: {_header(schema)}"
    for name in missing:
        faults.add(f"the column {name!r} is missing", header[-1].position, hint)
    return columns


def _is_row(faults: Faults, row: Row, header: Row) -> bool:
    """Whether a row has the cells that its header asks for."""
    if len(row) != len(header):
        faults.add(
            f"{len(row)} cells under {len(header)} columns",
            row[min(len(row), len(header)) - 1].position,
            "put a cell that holds a comma in double quotation marks",
        )
        return False
    if [cell.text for cell in row] == [cell.text for cell in header]:
        faults.add("the header stands here once more", row[0].position, "remove this row")
        return False
    return True


def _read(faults: Faults, column: Column, cell: Cell) -> tuple[bool, list[str] | str | None]:
    """Whether the cell fits its column, and what it says: text in the form of its datatype."""
    try:
        value = column.described.read(cell.text)
        if column.dates and value and [one.lexical for one in read_dates(value)] != [value]:
            raise ValueError(value)
    except ValueError:
        wrong = f"cannot be {cell.text!r}" if cell.text else "needs a value"
        hint = _remedy(column, cell.text)
        alike = ("cell", column.name, cell.text)
        faults.add(f"{column.name} {wrong}", cell.position, hint, alike=alike)
        return False, None
    if column.separator:
        return True, cell.text.split(column.separator) if cell.text else None
    if isinstance(value, bool):
        return True, "true" if value else "false"
    return True, None if value is None else cell.text


def _remedy(column: Column, text: str) -> str:
    datatype = column.described.datatype
    pattern = str(datatype.format or "") if datatype else ""
    if _CHOICES.fullmatch(pattern):
        return suggest(text, [*pattern.split("|"), *(n for n in column.described.null if n)])
    base = datatype.base if datatype else ""
    meant = [one for one in read_dates(text) if column.dates or one.datatype == base]
    if meant and (not pattern or all(re.fullmatch(pattern, each.lexical) for each in meant)):
        told = [
            f"{each.lexical} ({each.words})" if len(meant) > 1 else each.lexical for each in meant
        ]
        return f"write {' or '.join(told)}"
    if base == "decimal" and _THOUSANDS.fullmatch(text):
        return f"write {text.replace(',', '')}"
    if column.dates:
        return "write a day, a month or a year: YYYY-MM-DD, YYYY-MM or YYYY"
    if base in _FORMS:
        return _FORMS[base]
    return f"it must match {pattern}" if pattern else "see the column in the table's metadata"


def _check_keys(table: Table) -> None:
    lines: dict[tuple[object, ...], int] = {}
    names = table.schema.key
    for number, values in enumerate(table.values):
        if any((number, name) in table.unread for name in names):
            continue
        key = tuple(str(values[name]) for name in names)
        line = table.rows[number][0].position.line
        if key in lines:
            table.faults.add(
                f"{', '.join(names)} {' '.join(map(str, key))!r} stands twice",
                table.cell(number, names[0]).position,
                f"the first is on line {lines[key]}: keep one",
                alike=("key", *key),
            )
        lines.setdefault(key, line)
