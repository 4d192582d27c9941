"""`peelgraph backup`: a version as one file to keep elsewhere."""

from pathlib import Path

import click

from peelgraph.commands.options import at_option, chosen, home_option
from peelgraph.repository import Home
from peelgraph.repository.backup import back_up


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@at_option
@home_option
def backup(*, file: Path, at: int | None, home: Path) -> None:
    """Write a version to FILE: a gzipped tar of its record and its N-Quads."""
    version = chosen(Home(home), at)
    back_up(version, file)
    click.echo(f"Version {version.number}, {version.digest[:12]}, is in {file}")
