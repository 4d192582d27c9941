"""`peelgraph migrate`: the published version moves to a remote engine, or back from one."""

from pathlib import Path

import click

from peelgraph.commands.options import (
    home_option,
    option,
    progress,
    store_options_option,
    writer_name,
)
from peelgraph.remote import read_engine
from peelgraph.repository import Home
from peelgraph.repository.factory import open_repository
from peelgraph.repository.migrate import migrate_version

_SHOWN = 12  # hex digits of a digest


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
        f"counts and digest {version.digest[:_SHOWN]} are the same"
    )
