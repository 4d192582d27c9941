"""`peelgraph build`: the project's sources become a new version."""

from pathlib import Path

import click

from peelgraph.commands.building import publish_project
from peelgraph.commands.options import home_option, progress
from peelgraph.versions import Home


@click.command()
@home_option
def build(home: Path) -> None:
    """Validate the sources, infer from them, and publish a new version.

    A fault stops the build and names its place; the published version stays as it was.
    """
    version, is_new = publish_project(Home(home), progress)
    if is_new:
        click.echo(
            f"Published version {version.number}: {version.triples} triples in "
            f"{len(version.graphs)} graphs, {version.inferred} inferred from them ({home})"
        )
    else:
        click.echo(f"Nothing has changed: version {version.number} holds these sources ({home})")
