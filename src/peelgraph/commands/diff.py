"""`peelgraph diff`: what was added and removed between two versions."""

import sys
from pathlib import Path

import click

from peelgraph.commands.options import home_option, warn
from peelgraph.repository import Home
from peelgraph.repository.diff import compare


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
