"""`peelgraph serve`: the published graph as a SPARQL service and as pages."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from peelgraph.commands.options import (
    DEFAULTS,
    home_option,
    inference_option,
    option,
    progress,
    warn,
)
from peelgraph.errors import NothingPublished
from peelgraph.settings import Settings
from peelgraph.sources import find_root
from peelgraph.versions import Home, Version
from peelgraph.web.server import serve as listen

_SOURCES = ("ontology", "shapes", "data")


@click.command()
@option("--host", default=DEFAULTS.host, show_default=True, help="Address to listen at.")
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULTS.port,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@option(
    "--workers",
    type=click.IntRange(1, 64),
    default=DEFAULTS.workers,
    show_default=True,
    help="Processes that answer.",
)
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULTS.timeout,
    show_default=True,
    help="Seconds a query may take.",
)
@option(
    "--memory",
    type=click.IntRange(min=64),
    default=DEFAULTS.memory,
    show_default=True,
    metavar="MB",
    help="Memory a query may take.",
)
@option(
    "--max-body",
    type=click.IntRange(min=1),
    default=DEFAULTS.max_body,
    show_default=True,
    metavar="MB",
    help="Longest body of a request.",
)
@option(
    "--default-graph",
    type=click.Choice(["union", "strict"]),
    default=DEFAULTS.default_graph,
    show_default=True,
    help="What a query without FROM sees: every graph, or the unnamed one alone.",
)
@option(
    "--allow-service",
    multiple=True,
    metavar="IRI",
    help="An endpoint that SERVICE may call; none unless given.",
)
@option(
    "--public-url",
    default=DEFAULTS.public_url,
    metavar="URL",
    help="The address links are made with, where it is not that of host and port.",
)
@inference_option
@home_option
def serve(*, home: Path, inference: str, allow_service: Sequence[str], **given: Any) -> None:
    """Answer SPARQL queries and show the graph as pages.

    Builds the project first when the home folder holds no version yet.
    """
    settings = Settings(
        home=home, inference=inference == "on", allow_service=tuple(allow_service), **given
    )
    root = find_root()
    version = _published(Home(home))
    newer = _newer_sources(version, root)
    if newer:
        warn(
            f"{len(newer)} sources are newer than version {version.number}, {newer[0]} the newest; "
            "publish them with: peelgraph build"
        )
    listen(settings, root / "queries", lambda url: click.echo(f"Version {version.number} at {url}"))


def _published(home: Home) -> Version:
    """The current version, made from the project's sources when there is none."""
    try:
        return home.current()
    except NothingPublished:
        progress("nothing is published yet: building")
        # Imported only here: a service that has a version starts without the validator.
        building = importlib.import_module("peelgraph.commands.building")
        version, _ = building.publish_project(home, progress)
        return home.get(version.number)


def _newer_sources(version: Version, root: Path) -> list[Path]:
    """The sources changed since `version` was made, newest first."""
    made = (version.path / "version.json").stat().st_mtime
    files = [path for name in _SOURCES for path in (root / name).rglob("*") if path.is_file()]
    changed = [(path.stat().st_mtime, path.relative_to(root)) for path in files]
    return [path for when, path in sorted(changed, reverse=True) if when > made]
