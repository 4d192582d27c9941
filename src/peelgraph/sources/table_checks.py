"""What is wrong with a table before it says anything: header, cells, keys, references."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from peelgraph.errors import SourceError
from peelgraph.sources.table_cells import Cell, Row
from peelgraph.sources.table_schema import ROW, Column, Schema

Values = dict[str, list[str] | str | None]
_CHOICES = re.compile(r"[\w-]+(\|[\w-]+)+")
_EXAMPLES = {
    "date": "write a day as 2015-06-30",
    "gYear": "write a year as 2015",
    "gYearMonth": "write a month as 2015-06",
    "decimal": "write a number as 1234.5, without separators between thousands",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header and cells are as its schema says; null cells are None."""

    path: Path
    schema: Schema
    columns: Mapping[str, int]
    rows: tuple[Row, ...]
    values: tuple[Values, ...]

    def cell(self, row: int, name: str) -> Cell:
        """The cell of a row under the column `name`; its first for a name that has no cell."""
        return self.rows[row][self.columns.get(name, 0)]


def check_table(path: Path, rows: tuple[Row, ...], schema: Schema) -> Table:
    """The rows as a table.

    Errors: SourceError at the first cell of the header or the rows that does not fit.
    """
    if not rows:
        raise SourceError(path, "has no header", hint=f"its first line is: {_header(schema)}")
    columns = _check_header(path, rows[0], schema)
    if len(rows) == 1:
        raise SourceError(path, "has a header and no row: a table of nothing states nothing")
    values = []
    for row in rows[1:]:
        if len(row) != len(rows[0]):
            raise SourceError(
                path,
                f"{len(row)} cells under {len(rows[0])} columns",
                position=row[min(len(row), len(rows[0])) - 1].position,
                hint="put a cell that holds a comma in double quotation marks",
            )
        read: Values = {ROW: str(row[0].position.line)}
        for column in schema.read:
            read[column.name] = _read(path, column, row[columns[column.name]])
        values.append(read)
    table = Table(path, schema, columns, rows[1:], tuple(values))
    _check_keys(table)
    return table


def check_references(table: Table, others: Mapping[str, Table]) -> None:
    """Each cell that refers to another table is a cell there; SourceError names the nearest."""
    for reference in table.schema.references:
        other = others.get(reference.table)
        if other is None:
            raise SourceError(table.schema.path, f"refers to {reference.table}, which is not there")
        known = [str(values[reference.target]) for values in other.values]
        for number, values in enumerate(table.values):
            value = values[reference.column]
            if value is not None and value not in known:
                raise SourceError(
                    table.path,
                    f"{reference.column} {value!r} is not in {other.path}",
                    position=table.cell(number, reference.column).position,
                    hint=suggest(str(value), known),
                )


def suggest(value: str, known: Iterable[str]) -> str:
    """The known word nearest to `value`; without one, some of them."""
    words = sorted(set(known))
    near = difflib.get_close_matches(value.lower(), words, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"one of: {', '.join(words[:8])}{', ...' if len(words) > 8 else ''}"  # noqa: PLR2004


def _header(schema: Schema) -> str:
    return ",".join(column.name for column in schema.read)


def _check_header(path: Path, header: Row, schema: Schema) -> dict[str, int]:
    names = [column.name for column in schema.read]
    columns: dict[str, int] = {}
    for number, cell in enumerate(header):
        where = cell.position
        if cell.text in columns:
            raise SourceError(path, f"the column {cell.text!r} stands twice", position=where)
        if cell.text not in names:
            hint = suggest(cell.text, names)
            if ";" in cell.text or "\t" in cell.text:
                hint = "separate the cells by commas"
            found = f"the column {cell.text!r} is not in {schema.path.name}"
            raise SourceError(path, found, position=where, hint=hint)
        columns[cell.text] = number
    missing = [name for name in names if name not in columns]
    if missing:
        raise SourceError(
            path,
            f"the column {missing[0]!r} is missing",
            position=header[-1].position,
            hint=f"the header is: {_header(schema)}",
        )
    return columns


def _read(path: Path, column: Column, cell: Cell) -> list[str] | str | None:
    """The cell as its column reads it: text in the form of its datatype, or null."""
    try:
        value = column.described.read(cell.text)
    except ValueError as error:
        missing = not cell.text
        wrong = "needs a value" if missing else f"cannot be {cell.text!r}"
        raise SourceError(
            path,
            f"{column.name} {wrong}",
            position=cell.position,
            hint=_remedy(column, cell.text),
        ) from error
    if column.separator:
        return cell.text.split(column.separator) if cell.text else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else cell.text


def _remedy(column: Column, text: str) -> str:
    datatype = column.described.datatype
    pattern = str(datatype.format or "") if datatype else ""
    if _CHOICES.fullmatch(pattern):
        return suggest(text, [*pattern.split("|"), *(n for n in column.described.null if n)])
    if datatype and datatype.base in _EXAMPLES:
        return _EXAMPLES[datatype.base]
    return f"it must match {pattern}" if pattern else "see the column in the table's metadata"


def _check_keys(table: Table) -> None:
    lines: dict[tuple[object, ...], int] = {}
    for number, values in enumerate(table.values):
        key = tuple(str(values[name]) for name in table.schema.key)
        line = table.rows[number][0].position.line
        if key in lines:
            raise SourceError(
                table.path,
                f"{', '.join(table.schema.key)} {' '.join(map(str, key))!r} stands twice",
                position=table.cell(number, table.schema.key[0]).position,
                hint=f"the first is on line {lines[key]}: keep one",
            )
        lines[key] = line
