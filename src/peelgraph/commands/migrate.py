"""`peelgraph migrate`: the published version moves to a remote engine, or back from one."""

from pathlib import Path

import click

from peelgraph.commands.options import home_option, option, progress, store_options_option
from peelgraph.commands.writing import writer_name
from peelgraph.remote import RemoteStore, read_engine
from peelgraph.versions import Home
from peelgraph.versions.hosted import Hosted
from peelgraph.versions.keeping import PATIENCE
from peelgraph.versions.moving import move_from, move_to

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
    hosted, keeper = Hosted(RemoteStore(engine, PATIENCE)), Home(home)
    if target is not None:
        source = keeper.current()
        progress(f"moving version {source.number} to {target}")
        version, where = move_to(hosted, source), hosted.where
    else:
        source = hosted.current()
        progress(f"moving version {source.number} from {origin}")
        version, where = move_from(hosted, keeper, writer_name()), keeper.where
    click.echo(
        f"Moved version {source.number} to {where} as version {version.number}: "
        f"{version.triples} triples in {len(version.graphs)} graphs, {version.inferred} inferred; "
        f"counts and digest {version.digest[:_SHOWN]} are the same"
    )
