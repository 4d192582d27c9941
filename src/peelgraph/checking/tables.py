"""Tables given to check: each is read by the metadata of the project's table of its name."""

from collections.abc import Iterator
from pathlib import Path

from peelgraph import terms
from peelgraph.checking.task import Document
from peelgraph.errors import SourceError
from peelgraph.sources import Project, Source
from peelgraph.sources.table_cells import Grid
from peelgraph.sources.tables import METADATA, read_copy, read_grid, table_files
from peelgraph.sources.workbooks import read_workbook


def read_tables(document: Document, project: Project) -> tuple[Source, ...]:
    """The statements of a CSV document, or of each sheet of a workbook, placed at their cells.

    A table is known by its file's name, by the graph it is given for, or by its sheet's title.

    Errors: SourceError when nothing says what the columns mean, or a cell does not fit.
    """
    folder = project.root / "data" / "tables"
    known = {path.stem: path for path in table_files(folder)}
    named = [document.name.stem, document.graph.removeprefix(terms.GRAPH)]
    turtle = [source for source in project.data if source.path.suffix == ".ttl"]
    sources = []
    for names, grid in _grids(document, named):
        original = next((known[name] for name in names if name in known), None)
        if original is None:
            raise SourceError(
                document.name,
                f"no {names[0]}.csv{METADATA} of the project says what its columns mean",
                hint=f"name the file or the sheet as one of: {', '.join(sorted(known))}",
            )
        sources.append(read_copy(grid, document.name, original, project.root, turtle))
    return tuple(sources)


def _grids(document: Document, named: list[str]) -> Iterator[tuple[list[str], Grid]]:
    """Each table of a document, with the names it may be known by."""
    if document.syntax == "csv":
        yield named, read_grid(document.content, document.name)
        return
    sheets = read_workbook(document.content, document.name)
    for title, grid in sheets.items():
        # A workbook of one sheet is the table it is named after, whatever the sheet is called.
        yield [Path(title).stem, *(named if len(sheets) == 1 else [])], grid
