"""`peelgraph versions`, `diff`, `rollback`, `prune`, `backup`, `restore` and `migrate`: published
versions listed, compared, removed, copied and moved.

`transfer` is imported when it is called: it brings the reasoner, which the others do without.
"""

import sys
from pathlib import Path

import click

from peelgraph.commands.options import (
    at_option,
    chosen,
    engine_option,
    home_option,
    message_option,
    option,
    progress,
    store_options_option,
    warn,
    writer_name,
)
from peelgraph.commands.table import format_table
from peelgraph.errors import SettingError
from peelgraph.remote import Engine, read_engine
from peelgraph.repository import Home
from peelgraph.repository.diff import compare
from peelgraph.repository.factory import open_repository

_HEADS = (
    *("", "version", "created", "triples", "inferred", "graphs", "digest"),
    *("added", "removed", "kept", "by", "message"),
)
_RIGHT = (False, True, False, True, True, True, False, True, True)
_DIGITS = 12  # hex digits: enough to tell versions apart


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
            version.digest[:_DIGITS],
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


@click.command()
@click.argument("old", type=int, metavar="A")
@click.argument("new", type=int, metavar="B")
@home_option
def diff(*, old: int, new: int, home: Path) -> None:
    """Write what changed from version A to B: N-Quads, `- ` before what went, `+ ` what came.

    Inferred statements are left out; blank nodes have their RDFC-1.0 labels.
    """
    keeper = Home(home)
    difference = compare(keeper.get(old), keeper.get(new))
    out = sys.stdout.buffer
    out.writelines(line + b"\n" for line in difference.patch)
    out.flush()
    if sys.stdout.isatty():
        warn(f"{len(difference.added)} added, {len(difference.removed)} removed")


@click.command()
@click.argument("version", type=int)
@message_option
@home_option
def rollback(*, version: int, message: str, home: Path) -> None:
    """Let readers see VERSION again, at once; later versions are kept and can be taken up again."""
    found = Home(home).rollback(version, by=writer_name(), message=message)
    click.echo(f"Version {found.number} of {found.created} is current ({home})")


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


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@at_option
@home_option
def backup(*, file: Path, at: int | None, home: Path) -> None:
    """Write a version to FILE: a gzipped tar of its record and its N-Quads."""
    from peelgraph.repository.transfer import back_up  # noqa: PLC0415

    version = chosen(Home(home), at)
    back_up(version, file)
    click.echo(f"Version {version.number}, {version.digest[:_DIGITS]}, is in {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@home_option
def restore(*, file: Path, home: Path) -> None:
    """Publish what FILE holds, once every graph's digest is found to fit."""
    from peelgraph.repository.transfer import restore as publish_backup  # noqa: PLC0415

    version = publish_backup(Home(home), file, writer_name())
    click.echo(
        f"Published version {version.number}: {version.triples} triples, "
        f"{version.digest[:_DIGITS]} ({home})"
    )


@click.command()
@option("--to", "target", metavar="URL", help="The engine that takes the home's current version.")
@option("--from", "origin", metavar="URL", help="The engine whose version the home takes.")
@store_options_option
@home_option
def migrate(
    *, target: str | None, origin: str | None, store_options: Path | None, home: Path
) -> None:
    """Move every graph, and verify each by its count and its digest.

    What the other side held before is replaced, once all of it is there and found to be the same.
    """
    from peelgraph.repository.transfer import migrate_version  # noqa: PLC0415

    if (target is None) == (origin is None):
        raise click.UsageError("give either --to URL or --from URL")
    engine = read_engine(target or origin or "", store_options)
    remote, local = open_repository(home, engine), Home(home)
    if target is not None:
        moved = local.current()
        progress(f"moving version {moved.number} to {target}")
        version, where = migrate_version(local, remote), remote.where
    else:
        moved = remote.current()
        progress(f"moving version {moved.number} from {origin}")
        version = migrate_version(remote, local, by=writer_name(), origin=remote.where)
        where = local.where
    click.echo(
        f"Moved version {moved.number} to {where} as version {version.number}: "
        f"{version.triples} triples in {len(version.graphs)} graphs, {version.inferred} inferred; "
        f"counts and digest {version.digest[:_DIGITS]} are the same"
    )
