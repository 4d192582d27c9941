"""`peelgraph prune`: old versions make room."""

from pathlib import Path

import click

from peelgraph.commands.options import home_option, message_option, option, writer_name
from peelgraph.repository import Home


@click.command()
@option(
    "--keep",
    type=click.IntRange(min=1),
    required=True,
    help="How many of the newest versions stay.",
)
@message_option
@home_option
def prune(*, keep: int, message: str, home: Path) -> None:
    """Remove all but the newest versions; the current one always stays."""
    removed = Home(home).prune(keep, by=writer_name(), message=message)
    told = ", ".join(str(number) for number in removed) or "none"
    click.echo(f"Removed versions: {told} ({home})")
