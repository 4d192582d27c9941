"""A table given to check: read by its own metadata, or by that of the project's table so named."""

from peelgraph.checking.task import Document
from peelgraph.errors import SourceError
from peelgraph.sources import Project, Source
from peelgraph.sources.tables import METADATA, read_copy, table_files


def read_table(document: Document, project: Project | None) -> Source:
    """The statements of a CSV document, each placed at its cell.

    Errors: SourceError when nothing says what its columns mean, or a cell does not fit.
    """
    folder = None if project is None else project.root / "data" / "tables"
    known = [] if folder is None else [path.name for path in table_files(folder)]
    if project is None or folder is None or document.name.name not in known:
        raise SourceError(
            document.name,
            f"no {document.name.name}{METADATA} of the project says what its columns mean",
            hint=f"name it as one of: {', '.join(known)}" if known else None,
        )
    turtle = [source for source in project.data if source.path.suffix == ".ttl"]
    return read_copy(
        document.content, document.name, folder / document.name.name, project.root, turtle
    )
