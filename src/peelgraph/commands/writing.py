"""What the commands that write share: whose change it is, and how a refusal is shown."""

import getpass
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from peelgraph import terms
from peelgraph.catalogue.graph_names import read_graph_name
from peelgraph.commands.options import option, progress, warn
from peelgraph.errors import NothingPublished
from peelgraph.validation import DataRefused, render
from peelgraph.versions.changes import GATES, Drop, Gates, Order, Put, Written
from peelgraph.versions.hosted import Hosted
from peelgraph.versions.hosting import write_to
from peelgraph.versions.keeping import Keeper
from peelgraph.versions.retention import Retention
from peelgraph.versions.writing import write

_SHOWN = 100  # faults: more than one can correct at a sitting

message_option = option("--message", default="", help="Why, for the change log.")
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


def tell_idle(gates: Gates, keeper: Keeper, *written: str) -> None:
    """Warn of a gate for a graph that there is not: a misspelt one lets nothing pass."""
    if not gates.graphs:
        return
    with suppress(NothingPublished):
        for graph in sorted({*gates.graphs} - {*keeper.current().graphs, *written}):
            warn(f"--gate: there is no graph {terms.shorten(graph)}")


def carry_out(
    keeper: Keeper,
    change: Put | Drop,
    *,
    message: str,
    gates: Gates,
    dry_run: bool,
    retention: Retention,
) -> Written:
    """What came of a change; a refusal's report is shown before it is raised."""
    tell_idle(gates, keeper, change.graph)
    order = Order(change, by=writer_name(), message=message, gates=gates, dry_run=dry_run)
    try:
        if isinstance(keeper, Hosted):
            written = write_to(keeper, order, tell=progress)
        else:
            written = write(keeper, order, tell=progress, retention=retention)
    except DataRefused as error:
        click.echo(render(error.report.limited(_SHOWN), "text"), err=True, nl=False)
        raise
    if written.faults:
        click.echo(written.faults, err=True, nl=False)
    return written


def writer_name() -> str:
    """The name of whoever runs this, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def tell(written: Written, keeper: Keeper) -> None:
    """Say what came of a write."""
    counted = f"{written.added} triples added, {written.removed} removed"
    if not written.changed:
        click.echo(f"Nothing has changed: version {written.number} holds this ({keeper.where})")
    elif written.dry_run:
        click.echo(f"It would be published: {counted}. Nothing was written.")
    else:
        click.echo(f"Published version {written.number}: {counted} ({keeper.where})")
