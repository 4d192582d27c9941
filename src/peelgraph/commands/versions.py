"""`peelgraph versions`: what is published, and what was."""

from pathlib import Path

import click

from peelgraph.commands.options import (
    engine_option,
    home_option,
    message_option,
    option,
    warn,
    writer_name,
)
from peelgraph.commands.table import format_table
from peelgraph.errors import SettingError
from peelgraph.remote import Engine
from peelgraph.repository.factory import open_repository

_HEADS = (
    *("", "version", "created", "triples", "inferred", "graphs", "digest"),
    *("added", "removed", "kept", "by", "message"),
)
_RIGHT = (False, True, False, True, True, True, False, True, True)
_SHOWN = 12  # hex digits: enough to tell versions apart


@click.command()
@option("--mark", type=int, metavar="VERSION", help="Keep this one until it is unmarked or pruned.")
@option("--unmark", type=int, metavar="VERSION", help="Keep this one no longer than others.")
@message_option
@engine_option
@home_option
def versions(
    *, mark: int | None, unmark: int | None, message: str, home: Path, engine: Engine | None
) -> None:
    """List the published versions, a star marks the current one; then what happened to them.

    `kept` says why a version made by a single write stays: marked by hand, or cited by a reader.
    """
    repository = open_repository(home, engine)
    if mark is not None:
        repository.mark(mark, by=writer_name(), message=message)
    if unmark is not None:
        repository.unmark(unmark, by=writer_name(), message=message)
    try:
        current = repository.current().number
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
            repository.mark_of(version.number),
            version.by,
            version.message,
        )
        for version in repository.list()
    ]
    click.echo(format_table(_HEADS, rows, _RIGHT), nl=False)
    for damaged in repository.damaged():
        warn(
            f"version {damaged.number} is damaged: {damaged.reason}\n"
            "  restore a backup of it, or remove it with: peelgraph prune"
        )
    for event in repository.events():
        click.echo(event)
