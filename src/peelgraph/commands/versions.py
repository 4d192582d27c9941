"""`peelgraph versions`: what is published, and what was."""

from pathlib import Path

import click

from peelgraph.commands.options import engine_option, home_option
from peelgraph.commands.table import format_table
from peelgraph.remote import Engine
from peelgraph.versions.keeping import keeper_of

_HEADS = ("", "version", "created", "triples", "inferred", "graphs", "digest", "message")
_RIGHT = (False, True, False, True, True, True)
_SHOWN = 12  # hex digits: enough to tell versions apart


@click.command()
@engine_option
@home_option
def versions(home: Path, engine: Engine | None) -> None:
    """List the published versions; a star marks the current one."""
    keeper = keeper_of(home, engine)
    current = keeper.current().number
    rows = [
        (
            "*" if version.number == current else "",
            str(version.number),
            version.created,
            str(version.triples),
            str(version.inferred),
            str(len(version.graphs)),
            version.digest[:_SHOWN],
            version.message,
        )
        for version in keeper.list()
    ]
    click.echo(format_table(_HEADS, rows, _RIGHT), nl=False)
