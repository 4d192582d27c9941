"""`peelgraph rollback`: an earlier version becomes the current one again."""

from pathlib import Path

import click

from peelgraph.commands.options import home_option
from peelgraph.versions import Home


@click.command()
@click.argument("version", type=int)
@home_option
def rollback(*, version: int, home: Path) -> None:
    """Let readers see VERSION again, at once; later versions are kept and can be taken up again."""
    found = Home(home).rollback(version)
    click.echo(f"Version {found.number} of {found.created} is current ({home})")
