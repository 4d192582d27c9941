"""`peelgraph build`, `load` and `withdraw`: the commands that publish a new version."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from peelgraph import building, terms
from peelgraph.catalogue.graph_names import read_graph_name
from peelgraph.commands.options import (
    engine_option,
    home_option,
    message_option,
    option,
    progress,
    retention_options,
    warn,
    writer_name,
)
from peelgraph.errors import NothingPublished, SourceError
from peelgraph.remote import Engine
from peelgraph.repository import Version
from peelgraph.repository.changes import ENFORCE, GATES, Document, Drop, Gates, Order, Put, Written
from peelgraph.repository.factory import open_repository
from peelgraph.repository.protocol import Repository
from peelgraph.repository.retention import Retention
from peelgraph.repository.transaction import write
from peelgraph.sources import SUFFIXES, read_bytes
from peelgraph.validation import DataRefused, render

_SHOWN = 100  # faults: more than one can correct at a sitting

dry_run_option = option("--dry-run", is_flag=True, help="Give the verdict and write nothing.")


def _gates(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Gates:
    named = [text.rpartition("=") for text in given]
    written = tuple(
        f"{graph and read_graph_name(graph)}{sign}{mode}" for graph, sign, mode in named
    )
    try:
        return Gates.read(written)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def gate_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that says what faults do, for all graphs or for one."""
    return option(
        "--gate",
        multiple=True,
        callback=_gates,
        metavar="|".join(GATES),
        help="What a write that breaks a shape comes to; GRAPH=MODE for one graph.",
    )(command)


def tell_idle(gates: Gates, repository: Repository, *written: str) -> None:
    """Warn of a gate for a graph that there is not: a misspelt one lets nothing pass."""
    if not gates.graphs:
        return
    with suppress(NothingPublished):
        for graph in sorted({*gates.graphs} - {*repository.current().graphs, *written}):
            warn(f"--gate: there is no graph {terms.shorten(graph)}")


def publish_project(
    repository: Repository, say: Callable[[str], None], gates: Gates = ENFORCE
) -> tuple[Version, bool]:
    """The version that holds the project's sources, and whether it is new; errors as below."""
    with _shown():
        return building.publish_project(repository, say, gates)


def carry_out(
    repository: Repository,
    change: Put | Drop,
    *,
    message: str,
    gates: Gates,
    dry_run: bool,
    retention: Retention,
) -> Written:
    """What came of a change; a refusal's report is shown before it is raised."""
    tell_idle(gates, repository, change.graph)
    order = Order(change, by=writer_name(), message=message, gates=gates, dry_run=dry_run)
    with _shown():
        written = write(repository, order, tell=progress, retention=retention)
    if written.faults:
        click.echo(written.faults, err=True, nl=False)
    return written


@contextmanager
def _shown() -> Iterator[None]:
    """Show the report of what is refused before the failure goes on."""
    try:
        yield
    except DataRefused as error:
        click.echo(render(error.report.limited(_SHOWN), "text"), err=True, nl=False)
        raise


def tell(written: Written, repository: Repository) -> None:
    """Say what came of a write."""
    counted = f"{written.added} triples added, {written.removed} removed"
    if not written.changed:
        click.echo(f"Nothing has changed: version {written.number} holds this ({repository.where})")
    elif written.dry_run:
        click.echo(f"It would be published: {counted}. Nothing was written.")
    else:
        click.echo(f"Published version {written.number}: {counted} ({repository.where})")


@click.command()
@gate_option
@engine_option
@home_option
def build(home: Path, engine: Engine | None, gate: Gates) -> None:
    """Validate the sources, infer from them, and publish a new version.

    What was loaded is judged together with them; --gate says what its faults come to. A fault
    stops the build and names its place; the published version stays as it was.
    """
    repository = open_repository(home, engine)
    tell_idle(gate, repository)
    version, is_new = publish_project(repository, progress, gate)
    if is_new:
        click.echo(
            f"Published version {version.number}: {version.triples} triples in "
            f"{len(version.graphs)} graphs, {version.inferred} inferred from them "
            f"({repository.where})"
        )
        if version.faults:
            warn(f"{version.faults} faults stand of what was loaded beside the sources.")
    else:
        click.echo(
            f"Nothing has changed: version {version.number} holds these sources "
            f"({repository.where})"
        )


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
    documents = tuple(_read_document(path) for path in files)
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


def _read_document(path: Path) -> Document:
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


@click.command()
@click.argument("graph")
@dry_run_option
@gate_option
@message_option
@retention_options
@engine_option
@home_option
def withdraw(
    *,
    graph: str,
    dry_run: bool,
    gate: Gates,
    message: str,
    keep_versions: int,
    keep_days: int,
    home: Path,
    engine: Engine | None,
) -> None:
    """Publish a version without GRAPH (kent, graph:kent or an IRI).

    A graph that comes from the project's files goes with its files, at the next build.
    """
    repository, name = open_repository(home, engine), read_graph_name(graph)
    message = message or f"withdraw {name}"
    written = carry_out(
        repository,
        Drop(name),
        message=message,
        gates=gate,
        dry_run=dry_run,
        retention=Retention(keep_versions, keep_days),
    )
    tell(written, repository)
