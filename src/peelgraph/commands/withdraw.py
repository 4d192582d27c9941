"""`peelgraph withdraw`: a graph that was loaded goes, with all that followed from it."""

from pathlib import Path

import click

from peelgraph.catalogue.graph_names import read_graph_name
from peelgraph.commands.options import engine_option, home_option, message_option, retention_options
from peelgraph.commands.writing import carry_out, dry_run_option, gate_option, tell
from peelgraph.remote import Engine
from peelgraph.repository.changes import Drop, Gates
from peelgraph.repository.factory import open_repository
from peelgraph.repository.retention import Retention


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
