"""`peelgraph load`: files of your own into a graph of their own, published as one version."""

from collections.abc import Sequence
from pathlib import Path

import click

from peelgraph.catalogue.graph_names import read_graph_name
from peelgraph.commands.options import (
    engine_option,
    home_option,
    message_option,
    option,
    retention_options,
)
from peelgraph.commands.writing import carry_out, dry_run_option, gate_option, tell
from peelgraph.errors import SourceError
from peelgraph.remote import Engine
from peelgraph.repository.changes import Document, Gates, Put
from peelgraph.repository.factory import open_repository
from peelgraph.repository.retention import Retention
from peelgraph.sources import SUFFIXES, read_bytes
from peelgraph.validation import DataRefused

_HELD = "the graph holds something already: --replace puts the files in its place"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--graph", required=True, metavar="GRAPH", help="The named graph they belong to.")
@option("--replace", is_flag=True, help="Put them in the place of what the graph holds.")
@dry_run_option
@gate_option
@message_option
@retention_options
@engine_option
@home_option
def load(
    *,
    files: Sequence[Path],
    graph: str,
    replace: bool,
    dry_run: bool,
    gate: Gates,
    message: str,
    keep_versions: int,
    keep_days: int,
    home: Path,
    engine: Engine | None,
) -> None:
    """Validate FILES in the context of what is published, infer, publish: whole or not at all.

    Exit codes: 0 published, 1 the data does not conform, 2 something could not be read.
    """
    documents = tuple(_document(path) for path in files)
    change = Put(read_graph_name(graph), documents, replaces=replace)
    repository = open_repository(home, engine)
    message = message or "load " + ", ".join(path.name for path in files)
    try:
        written = carry_out(
            repository,
            change,
            message=message,
            gates=gate,
            dry_run=dry_run,
            retention=Retention(keep_versions, keep_days),
        )
    except DataRefused as error:
        if not replace and change.graph in repository.current().graphs:
            error.hint = f"{error.hint}\n  {_HELD}"
        raise
    tell(written, repository)


def _document(path: Path) -> Document:
    syntax = SUFFIXES.get(path.suffix.lower())
    content = read_bytes(path)
    if syntax is None:
        raise SourceError(
            path,
            f"the suffix {path.suffix!r} does not tell the syntax",
            hint=f"name the file with one of: {', '.join(SUFFIXES)}",
        )
    if syntax in ("nq", "trig"):
        raise SourceError(
            path,
            "names graphs itself, and would be read as one",
            hint="write each graph as a file of triples and load it under its name",
        )
    return Document(content, syntax, str(path))
