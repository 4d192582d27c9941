"""`peelgraph restore`: a backup becomes the next version."""

from pathlib import Path

import click

from peelgraph.commands.options import home_option, writer_name
from peelgraph.repository import Home
from peelgraph.repository.backup import restore as take_back


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@home_option
def restore(*, file: Path, home: Path) -> None:
    """Publish what FILE holds, once every graph's digest is found to fit."""
    version = take_back(Home(home), file, writer_name())
    click.echo(
        f"Published version {version.number}: {version.triples} triples, "
        f"{version.digest[:12]} ({home})"
    )
