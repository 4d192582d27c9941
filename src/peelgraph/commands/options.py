"""Options that several commands share; each reads its environment variable, PEELGRAPH_<NAME>."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from peelgraph.remote import read_engine
from peelgraph.repository import Version
from peelgraph.repository.protocol import Repository
from peelgraph.settings import Settings

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

DEFAULTS = Settings()

# Two centuries of days, and more versions than anybody lists.
_MOST_KEPT = 100_000


def option(name: str, *parameter: str, **attributes: Any) -> Decorator:
    """A click option that can also be given as PEELGRAPH_<NAME>."""
    variable = f"PEELGRAPH_{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(name, *parameter, envvar=variable, show_envvar=True, **attributes)


def setting_option(
    name: str, kind: click.ParamType[Any] | None, about: str, metavar: str | None = None
) -> Decorator:
    """An option that has the default of the setting of its name."""
    default = getattr(DEFAULTS, name.replace("-", "_"))
    return option(
        f"--{name}", type=kind, default=default, show_default=True, metavar=metavar, help=about
    )


home_option = setting_option(
    "home", click.Path(path_type=Path), "Folder that keeps the published versions."
)


def engine_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name an engine in place of the home folder; the command gets `engine`."""

    @wraps(command)
    def run(*arguments: Any, store: str, store_options: Path | None, **given: Any) -> Any:
        engine = read_engine(store, store_options) if store else None
        return command(*arguments, engine=engine, **given)

    return store_option(store_options_option(run))


store_option = option(
    "--store",
    default=DEFAULTS.store,
    metavar="URL",
    help="A SPARQL engine that holds the graph, in place of the home folder.",
)

store_options_option = option(
    "--store-options",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file with the engine's other addresses and credentials (docs/engines.md).",
)

inference_option = option(
    "--inference",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Whether inferred statements are seen beside the asserted ones.",
)


message_option = option("--message", default="", help="Why, for the change log.")


def retention_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which versions made by single writes are kept."""
    versions = setting_option(
        "keep-versions",
        click.IntRange(0, _MOST_KEPT),
        "Of versions made by single writes, the last so many are kept; 0 and --keep-days 0 "
        "keep all.",
        "NUMBER",
    )
    days = setting_option(
        "keep-days", click.IntRange(0, _MOST_KEPT), "Those of so many days are kept, too.", "DAYS"
    )
    return versions(days(command))


at_option = option("--at", type=int, metavar="VERSION", help="An older version, by its number.")


def chosen(repository: Repository, number: int | None) -> Version:
    """Version `number`, or the current one."""
    return repository.current() if number is None else repository.get(number)


def progress(text: str) -> None:
    """Tell a person at a terminal what goes on; a pipe or a log hears nothing."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


def warn(text: str) -> None:
    """Tell what the reader of the result must know, beside the result."""
    click.echo(text, err=True)


def writer_name() -> str:
    """The name of whoever runs this, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
