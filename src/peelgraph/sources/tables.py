"""The tables of data/tables as sources: every triple keeps its row and column.

A table is a CSV file with CSVW metadata beside it, which documents, checks and maps its columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.errors import Position, SourceError
from peelgraph.sources.model import Source
from peelgraph.sources.positions import Positions
from peelgraph.sources.reading import decode, read_bytes
from peelgraph.sources.table_cells import Cell, Grid, split_rows
from peelgraph.sources.table_checks import Table, Values, check_references, check_table
from peelgraph.sources.table_schema import read_schema
from peelgraph.sources.table_triples import Described, Stating, state_head
from peelgraph.sources.turtle import Place
from peelgraph.terms import VOCABULARIES, mint_graph

METADATA = "-metadata.json"
_TYPE = f"{VOCABULARIES['rdf']}type"


@dataclass(slots=True)
class TablePositions(Positions):
    """The places of a table's triples: each stands at the cell it comes from."""

    cells: tuple[Cell, ...] = field(default=(), repr=False)
    marks: Mapping[Position, int] = field(default_factory=dict, repr=False)

    def at(self, offset: int) -> Position:
        """The position of a cell, by its number."""
        return self.cells[offset].position

    def pointer(self, position: Position) -> str:
        """The cell at a position, as tools of tables name it."""
        return next((cell.name for cell in self.cells if cell.position == position), "")

    def spell_tag(self, tag: str, position: Position) -> str:
        """The tag as it is: a table's cells have their language from its metadata."""
        return tag

    def mark(self, position: Position) -> int:
        """The offset, in its line as shown, of the cell at a position."""
        return self.marks.get(position, position.column - 1)

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        lines = self.triples.decode().splitlines()
        for number, line in enumerate(lines):
            subject, predicate, value = line.removesuffix(" .").split(" ", 2)
            self._keep((subject, predicate, value), Place(number, number, number))


def read_tables(files: Sequence[Path], root: Path, turtle: Sequence[Source]) -> tuple[Source, ...]:
    """One source a CSV file; `turtle` are the other data files, whose descriptions go first.

    Errors: SourceError with the place of each header and cell that does not fit, and the remedy.
    """
    read = {path.name: _read_table(path, path.relative_to(root)) for path in files}
    tables = {name: table for name, (table, _) in read.items()}
    for table in tables.values():
        check_references(table, tables)
    described = _list_described(turtle)
    sources = tuple(
        _state(table, grid, tables, described)
        for table, grid in read.values()
        # Texts are filled from rows of other tables, so each row of these has to be there.
        if all(tables[each.table].is_whole for each in table.schema.references)
    )
    _refuse(tables.values())
    return sources


def read_copy(
    grid: Grid, shown: Path, original: Path, root: Path, turtle: Sequence[Source]
) -> Source:
    """The source of a changed copy of the project's table at `original`; read_grid gives a grid.

    Errors: as read_tables.
    """
    tables = {
        path.name: _read_table(path, path.relative_to(root))[0]
        for path in table_files(original.parent)
        if path != original
    }
    _refuse(tables.values())
    copy = _check(grid, shown, original, original.relative_to(root))
    tables[original.name] = copy
    check_references(copy, tables)
    source = _state(copy, grid, tables, _list_described(turtle))
    _refuse([copy])
    return source


def _refuse(tables: Iterable[Table]) -> None:
    """Raise SourceError with every fault of the tables, unless they have none."""
    faults = [fault for table in tables for fault in table.faults.ordered()]
    if faults:
        raise SourceError.join(faults)


def read_grid(content: bytes, shown: Path) -> Grid:
    """The cells of a CSV file; SourceError where it is none."""
    text = decode(content, shown)
    rows, faults = split_rows(text, shown)
    return Grid(rows, text, faults=faults)


def _read_table(path: Path, shown: Path) -> tuple[Table, Grid]:
    grid = read_grid(read_bytes(path, shown), shown)
    return _check(grid, shown, path, shown), grid


def _check(grid: Grid, shown: Path, original: Path, named: Path) -> Table:
    schema = read_schema(
        original.with_name(original.name + METADATA), named.with_name(named.name + METADATA)
    )
    return check_table(shown, grid, schema)


def _list_described(sources: Sequence[Source]) -> Described:
    values = frozenset(
        (subject[1:-1], predicate[1:-1])
        for source in sources
        for line in source.triples.decode().splitlines()
        for subject, predicate, _ in [line.split(" ", 2)]
    )
    return Described(frozenset(thing for thing, name in values if name == _TYPE), values)


def _state(table: Table, grid: Grid, tables: dict[str, Table], described: Described) -> Source:
    graph = mint_graph(table.schema.path.name.removesuffix(f".csv{METADATA}"))
    stating = Stating(table, _index(table, tables), described)
    # What metadata say of the whole table stands at its beginning.
    lines = dict.fromkeys(state_head(graph, table.schema.head), Cell("", Position(1, 1), ""))
    # A row that is wrong states nothing; in the others an address may be wrong.
    wrong = table.faults.lines()
    for row in range(len(table.rows)):
        if wrong and any(cell.position.line in wrong for cell in table.rows[row]):
            continue
        for line, column in stating.state(row):
            # What several rows state stands where the first does.
            lines.setdefault(line, table.cell(row, column))
    triples = "".join(f"{line}\n" for line in lines).encode()
    cells = tuple(lines.values())
    positions = TablePositions(grid.text, "csv", triples, cells, grid.marks)
    return Source(table.path, graph, triples, positions)


def _index(table: Table, tables: dict[str, Table]) -> dict[str, dict[str, Values]]:
    """For each column that refers to another table, the rows of that table by their key."""
    return {
        reference.column: {
            str(values[reference.target]): values for values in tables[reference.table].values
        }
        for reference in table.schema.references
    }


def table_files(folder: Path) -> list[Path]:
    """The CSV files of `folder`, sorted; metadata without its table is a SourceError."""
    files = sorted(folder.glob("*.csv"))
    names = {path.name for path in files}
    for path in sorted(folder.glob(f"*{METADATA}")):
        if path.name.removesuffix(METADATA) not in names:
            raise SourceError(path.name, "describes a table that is not there")
    return files
