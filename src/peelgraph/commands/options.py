"""Options that several commands share; each reads its environment variable, PEELGRAPH_<NAME>."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from peelgraph.settings import Settings
from peelgraph.versions import Home, Version

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

DEFAULTS = Settings()


def option(name: str, *parameter: str, **attributes: Any) -> Decorator:
    """A click option that can also be given as PEELGRAPH_<NAME>."""
    variable = f"PEELGRAPH_{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(name, *parameter, envvar=variable, show_envvar=True, **attributes)


home_option = option(
    "--home",
    type=click.Path(path_type=Path),
    default=DEFAULTS.home,
    show_default=True,
    help="Folder that keeps the published versions.",
)

inference_option = option(
    "--inference",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Whether inferred statements are seen beside the asserted ones.",
)

at_option = option("--at", type=int, metavar="VERSION", help="An older version, by its number.")


def chosen(home: Home, number: int | None) -> Version:
    """Version `number`, or the current one."""
    return home.current() if number is None else home.get(number)


def progress(text: str) -> None:
    """Tell a person at a terminal what goes on; a pipe or a log hears nothing."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


def warn(text: str) -> None:
    """Tell what the reader of the result must know, beside the result."""
    click.echo(text, err=True)
