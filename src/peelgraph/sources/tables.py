"""The tables of data/tables as sources: every triple keeps its row and column.

A table is a CSV file with CSVW metadata beside it, which documents, checks and maps its columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.errors import SourceError
from peelgraph.sources.model import Source
from peelgraph.sources.positions import Positions
from peelgraph.sources.reading import decode, read_bytes
from peelgraph.sources.table_cells import split_rows
from peelgraph.sources.table_checks import Table, Values, check_references, check_table
from peelgraph.sources.table_schema import read_schema
from peelgraph.sources.table_triples import Stating, state_head
from peelgraph.sources.turtle import Place
from peelgraph.terms import VOCABULARIES, mint_graph

METADATA = "-metadata.json"
_TYPE = f" <{VOCABULARIES['rdf']}type> "
_MARK = b"\xef\xbb\xbf"  # spreadsheet programs begin UTF-8 with it


@dataclass(slots=True)
class TablePositions(Positions):
    """The places of a table's triples: each stands at the cell it comes from."""

    starts: tuple[int, ...] = field(default=(), repr=False)

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        lines = self.triples.decode().splitlines()
        for line, start in zip(lines, self.starts, strict=True):
            subject, predicate, value = line.removesuffix(" .").split(" ", 2)
            self._keep((subject, predicate, value), Place(start, start, start))


def read_tables(files: Sequence[Path], root: Path, turtle: Sequence[Source]) -> tuple[Source, ...]:
    """One source a CSV file; `turtle` are the other data files, whose descriptions go first.

    Errors: SourceError with the place of the header or cell that does not fit, and the remedy.
    """
    tables = {path.name: _read_table(path, path.relative_to(root)) for path in files}
    for table in tables.values():
        check_references(table, tables)
    described = _list_described(turtle)
    return tuple(_state(table, tables, described) for table in tables.values())


def read_copy(
    content: bytes, shown: Path, original: Path, root: Path, turtle: Sequence[Source]
) -> Source:
    """The source of a changed copy of the project's table at `original`.

    Errors: as read_tables.
    """
    tables = {
        path.name: _read_table(path, path.relative_to(root))
        for path in table_files(original.parent)
        if path != original
    }
    copy = _read_content(content, shown, original, original.relative_to(root))
    tables[original.name] = copy
    check_references(copy, tables)
    return _state(copy, tables, _list_described(turtle))


def _read_table(path: Path, shown: Path) -> Table:
    return _read_content(read_bytes(path, shown), shown, path, shown)


def _read_content(content: bytes, shown: Path, original: Path, named: Path) -> Table:
    schema = read_schema(
        original.with_name(original.name + METADATA), named.with_name(named.name + METADATA)
    )
    text = decode(content.removeprefix(_MARK), shown)
    return check_table(shown, text, split_rows(text, shown), schema)


def _list_described(sources: Sequence[Source]) -> frozenset[str]:
    """The IRIs of everything that has a type in one of the sources."""
    return frozenset(
        line.partition(" ")[0][1:-1]
        for source in sources
        for line in source.triples.decode().splitlines()
        if _TYPE in line
    )


def _state(table: Table, tables: dict[str, Table], described: frozenset[str]) -> Source:
    graph = mint_graph(table.path.stem)
    stating = Stating(table, _index(table, tables), described)
    lines: dict[str, int] = dict.fromkeys(state_head(graph, table.schema.head), 0)
    for row in range(len(table.rows)):
        for line, column in stating.state(row):
            # What several rows state stands where the first does.
            lines.setdefault(line, table.cell(row, column).start)
    triples = "".join(f"{line}\n" for line in lines).encode()
    starts = tuple(lines.values())
    return Source(table.path, graph, triples, TablePositions(table.text, "csv", triples, starts))


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
