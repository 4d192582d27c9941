"""Tables of pages: the rows of one stored query under the heads that its file gives them.

Each column is a variable: `?xName` is the text of `?x`, `?passage` what states the line, `?source`
the address that does; `?inferred` says whether the value of the last column is inferred, and
`?subject`, `?property` and `?object` are the triple to explain.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from peelgraph.http.cells import Cell, cell, why
from peelgraph.http.page_queries import Row
from peelgraph.http.service import StoredQuestion

_SOURCE = "source"
# What one line of a list has several of.
_MANY = ("question", _SOURCE)
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True)
class TableValue:
    """One value of a line; `why` leads to the proof of one that is inferred."""

    cell: Cell
    why: str = ""

    @property
    def is_date(self) -> bool:
        """Whether it is a day, a month or a year."""
        return not self.cell.link and bool(_DATE.fullmatch(self.cell.text))


@dataclass(slots=True)
class TableRow:
    """One line of a table: the values under each head, and the passages that state it."""

    columns: tuple[list[TableValue], ...]
    passages: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its lines."""

    heading: str
    about: str
    heads: tuple[str, ...]
    lines: tuple[TableRow, ...]

    @property
    def has_passages(self) -> bool:
        """Whether any row has a passage."""
        return any(line.passages for line in self.lines)


def table_by_first(query: StoredQuestion, rows: Iterable[Row]) -> Table:
    """The rows with one line for each value of the first column, the others all that go with it."""
    lines: dict[Cell, TableRow] = {}
    names = [name for name, _ in query.columns]
    for row in rows:
        cells = [_table_cell(row, name) for name in names]
        if cells[0] is None:
            continue
        line = lines.setdefault(cells[0], TableRow(tuple([] for _ in cells)))
        proof = ""
        if row["inferred"] == "true":
            proof = why(row["subject"], row["property"], row["object"])
        for name, found, values in zip(names, cells, line.columns, strict=True):
            value = TableValue(found, proof if name == names[-1] else "") if found else None
            if value and value not in values:
                values.append(value)
        passage = _table_cell(row, "passage")
        if passage and passage not in line.passages:
            line.passages.append(passage)
    heads = tuple(head for _, head in query.columns)
    return Table(query.heading, query.note, heads, tuple(lines.values()))


def table_by_line(
    query: StoredQuestion, rows: Iterable[Row], without: Collection[str] = ()
) -> Table:
    """The rows with one line for each, those together that differ in question and source alone.

    A column in which no row has a value is left out, and so are those called `without`.
    """
    columns = [(name, head) for name, head in query.columns if name not in without]
    lines: dict[tuple[Cell | None, ...], list[list[Cell]]] = {}
    for row in rows:
        cells = [_table_cell(row, name) for name, _ in columns]
        key = tuple(
            found for found, (name, _) in zip(cells, columns, strict=True) if name not in _MANY
        )
        line = lines.setdefault(key, [[] for _ in columns])
        for found, values in zip(cells, line, strict=True):
            if found and found.text and found not in values:
                values.append(found)
    filled = [
        number for number in range(len(columns)) if any(line[number] for line in lines.values())
    ]
    return Table(
        query.heading,
        query.note,
        tuple(columns[number][1] for number in filled),
        tuple(
            TableRow(tuple([TableValue(found) for found in line[number]] for number in filled))
            for line in lines.values()
        ),
    )


def _table_cell(row: Row, name: str) -> Cell | None:
    term = row.term(name)
    if term is None:
        # What a query says in words of something that is not there has a name alone.
        named = row[f"{name}Name"]
        return Cell(named) if named else None
    found = cell(term, row[f"{name}Name"])
    if name == _SOURCE and found.link:
        # The whole address would fill the table; the host says who speaks.
        return Cell(urlsplit(found.link).hostname or found.text, found.link, found.link)
    return found
