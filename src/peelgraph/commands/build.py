"""`peelgraph build`: the project's sources become a new version."""

from pathlib import Path

import click

from peelgraph.commands.options import engine_option, home_option, progress, warn
from peelgraph.commands.writing import gate_option, publish_project, tell_idle
from peelgraph.remote import Engine
from peelgraph.repository.changes import Gates
from peelgraph.repository.factory import open_repository


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
