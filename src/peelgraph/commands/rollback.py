"""`peelgraph rollback`: an earlier version becomes the current one again."""

from pathlib import Path

import click

from peelgraph.commands.options import home_option, message_option, writer_name
from peelgraph.repository import Home


@click.command()
@click.argument("version", type=int)
@message_option
@home_option
def rollback(*, version: int, message: str, home: Path) -> None:
    """Let readers see VERSION again, at once; later versions are kept and can be taken up again."""
    found = Home(home).rollback(version, by=writer_name(), message=message)
    click.echo(f"Version {found.number} of {found.created} is current ({home})")
