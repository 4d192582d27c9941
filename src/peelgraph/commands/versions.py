"""`peelgraph versions`: what is published, and what was."""

from pathlib import Path

import click

from peelgraph.commands.options import engine_option, home_option, warn
from peelgraph.commands.table import format_table
from peelgraph.errors import SettingError
from peelgraph.remote import Engine
from peelgraph.versions.keeping import keeper_of

_HEADS = (
    *("", "version", "created", "triples", "inferred", "graphs", "digest"),
    *("added", "removed", "by", "message"),
)
_RIGHT = (False, True, False, True, True, True, False, True, True)
_SHOWN = 12  # hex digits: enough to tell versions apart


@click.command()
@engine_option
@home_option
def versions(home: Path, engine: Engine | None) -> None:
    """List the published versions, a star marks the current one; then rollbacks and prunings."""
    keeper = keeper_of(home, engine)
    try:
        current = keeper.current().number
    except SettingError as error:
        warn(str(error))
        current = 0
    rows = [
        (
            "*" if version.number == current else "",
            str(version.number),
            version.created,
            str(version.triples),
            str(version.inferred),
            str(len(version.graphs)),
            version.digest[:_SHOWN],
            str(version.added) if version.added >= 0 else "",
            str(version.removed) if version.removed >= 0 else "",
            version.by,
            version.message,
        )
        for version in keeper.list()
    ]
    click.echo(format_table(_HEADS, rows, _RIGHT), nl=False)
    for damaged in keeper.damaged():
        warn(
            f"version {damaged.number} is damaged: {damaged.reason}\n"
            "  restore a backup of it, or remove it with: peelgraph prune"
        )
    for event in keeper.events():
        click.echo(event)
