"""`peelgraph validate`: what is wrong with some files, and what to write instead."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from peelgraph import terms
from peelgraph.commands.options import home_option, option, warn
from peelgraph.embedded import Embedded
from peelgraph.errors import NothingPublished, SourceError
from peelgraph.sources import (
    SUFFIXES,
    Project,
    Source,
    find_root,
    name_graph,
    read_file,
    read_project,
)
from peelgraph.store import Store
from peelgraph.validation import FORMATS, Report, render, repair
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
@option("--fix", is_flag=True, help="Correct what is safe in Turtle files, and say which.")
@home_option
def validate(
    *,
    files: Sequence[Path],
    shapes: Sequence[Path],
    context: str,
    style: str,
    fix: bool,
    home: Path,
) -> int:
    """Judge FILES, and the files in folders, by the shapes; publish nothing.

    With shapes of your own and --context none, any data is judged, whatever its vocabulary.
    Exit codes: 0 they conform, 1 they do not, 2 something could not be read.
    """
    root = find_root()
    project = read_project(root)
    is_general = bool(shapes) and context == "none"
    data = [_read(path, root, based=is_general) for path in _expand(files)]
    judges = [_read_shapes(path) for path in shapes] or project.shapes
    around = _published(home, project) if context == "published" else None
    ontology = () if is_general else project.ontology
    report = judge(data, judges, ontology, around)
    if fix and _fix(report):
        data = [_read(path, root, based=is_general) for path in _expand(files)]
        report = judge(data, judges, ontology, around)
    click.echo(render(report, style, colour=style == "text" and sys.stdout.isatty()), nl=False)
    return 0 if report.conforms else 1


def _expand(files: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, whose suffix tells a syntax."""
    for path in files:
        if not path.is_dir():
            yield path
            continue
        found = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES)
        if not found:
            offered = ", ".join(SUFFIXES)
            raise SourceError(path, "no file here to judge", hint=f"suffixes read: {offered}")
        yield from found


def _read(path: Path, root: Path, *, based: bool) -> Source:
    """A file of the project under its own graph's name, any other under one after its name."""
    try:
        graph = name_graph(path.resolve().relative_to(root))
    except (ValueError, SourceError):
        graph = terms.mint_graph(terms.slug(path.stem) or "unnamed")
    return read_file(path, graph, base=path.resolve().as_uri() if based else None)


def _read_shapes(path: Path) -> Source:
    return read_file(path, terms.SHAPES, base=path.resolve().as_uri())


def _fix(report: Report) -> bool:
    """Write the safe corrections into the files, each with its diff; whether there were any."""
    changed = False
    named = {result.file for result in report.results if result.file is not None}
    for path in sorted(path for path in named if path.suffix.lower() in {".ttl", ".trig"}):
        mended = repair(path, path.read_text(encoding="utf-8"), report)
        if mended.corrections:
            warn(mended.diff.rstrip("\n"))
            staged = path.with_name(f".{path.name}.fixed")
            staged.write_text(mended.text, encoding="utf-8")
            staged.replace(path)
            changed = True
    return changed


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
