"""Publishing the project as a command does: what the shapes refuse is shown before it fails."""

from collections.abc import Callable

import click

from peelgraph import building
from peelgraph.validation import DataRefused, render
from peelgraph.versions import Version
from peelgraph.versions.changes import ENFORCE, Gates
from peelgraph.versions.keeping import Keeper

_SHOWN = 100  # faults: more than one can correct at a sitting


def publish_project(
    home: Keeper, say: Callable[[str], None], gates: Gates = ENFORCE
) -> tuple[Version, bool]:
    """The version that holds the project's sources, and whether it is new; errors as below."""
    try:
        return building.publish_project(home, say, gates)
    except DataRefused as error:
        click.echo(render(error.report.limited(_SHOWN), "text"), err=True, nl=False)
        raise
