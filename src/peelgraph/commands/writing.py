"""What the commands that write share: their gates, and how a refusal is shown before it fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from peelgraph import building, terms
from peelgraph.catalogue.graph_names import read_graph_name
from peelgraph.commands.options import option, progress, warn, writer_name
from peelgraph.errors import NothingPublished
from peelgraph.repository import Version
from peelgraph.repository.changes import ENFORCE, GATES, Drop, Gates, Order, Put, Written
from peelgraph.repository.protocol import Repository
from peelgraph.repository.retention import Retention
from peelgraph.repository.transaction import write
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
