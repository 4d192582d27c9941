"""`peelgraph validate`: what is wrong with some files, and what to write instead."""

from collections.abc import Sequence
from pathlib import Path

import click

from peelgraph import terms
from peelgraph.commands.options import home_option, option, warn
from peelgraph.embedded import Embedded
from peelgraph.errors import NothingPublished, SourceError
from peelgraph.sources import (
    Project,
    Source,
    find_root,
    name_graph,
    read_file,
    read_project,
)
from peelgraph.store import Store
from peelgraph.validation import FORMATS, render
from peelgraph.validation import validate as judge
from peelgraph.versions import Home


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "--shapes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Shapes to judge by, in place of the project's own.",
)
@option(
    "--context",
    type=click.Choice(["published", "none"]),
    default="published",
    show_default=True,
    help="What the files may refer to: the published version, or nothing but each other.",
)
@option(
    "--format",
    "style",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How the report is written.",
)
@home_option
def validate(
    files: Sequence[Path], shapes: Sequence[Path], context: str, style: str, home: Path
) -> int:
    """Judge FILES by the shapes; publish nothing.

    Exit codes: 0 they conform, 1 they do not, 2 something could not be read.
    """
    root = find_root()
    data = [_read(path, root) for path in files]
    project = read_project(root)
    judges = [read_file(path, terms.SHAPES) for path in shapes] or project.shapes
    around = _published(home, project) if context == "published" else None
    report = judge(data, judges, project.ontology, around)
    click.echo(render(report, style), nl=False)
    return 0 if report.conforms else 1


def _read(path: Path, root: Path) -> Source:
    """A file of the project under its own graph's name, any other under one after its name."""
    try:
        graph = name_graph(path.resolve().relative_to(root))
    except (ValueError, SourceError):
        graph = terms.mint_graph(terms.slug(path.stem) or "unnamed")
    return read_file(path, graph)


def _published(home: Path, project: Project) -> Store:
    """The published version; the project's own sources while there is none."""
    try:
        return Embedded.read_only(Home(home).current().store_path)
    except NothingPublished:
        warn("Nothing is published yet: judged in the context of the project's own sources.")
    store = Embedded.memory()
    for source in (*project.ontology, *project.shapes, *project.data):
        store.insert(source.triples, source.graph)
        store.insert(source.triples, "")
    return store
