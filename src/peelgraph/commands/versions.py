"""`peelgraph versions`: what is published, and what was."""

from pathlib import Path

import click

from peelgraph.commands.options import engine_option, home_option, option, warn
from peelgraph.commands.table import format_table
from peelgraph.commands.writing import message_option, writer_name
from peelgraph.errors import SettingError
from peelgraph.remote import Engine
from peelgraph.versions import Home
from peelgraph.versions.keeping import keeper_of

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
    keeper = keeper_of(home, engine)
    if isinstance(keeper, Home):
        if mark is not None:
            keeper.mark(mark, by=writer_name(), message=message)
        if unmark is not None:
            keeper.unmark(unmark, by=writer_name(), message=message)
    elif mark is not None or unmark is not None:
        raise SettingError(
            "an engine keeps the current version alone, and none can be marked",
            hint="keep a copy of it: peelgraph migrate --from, then backup",
        )
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
            keeper.mark_of(version.number),
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
