"""`peelgraph serve`: the published graph as a SPARQL service and as pages."""

import stat
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from click.core import ParameterSource

from peelgraph import terms
from peelgraph.commands.options import (
    DEFAULTS,
    home_option,
    inference_option,
    option,
    progress,
    retention_options,
    setting_option,
    store_option,
    store_options_option,
    warn,
)
from peelgraph.errors import NothingPublished, SettingError
from peelgraph.http.access import is_loopback, read_tokens
from peelgraph.http.server import GENERAL
from peelgraph.http.server import serve as listen
from peelgraph.repository import Home, Version
from peelgraph.repository.factory import repository_of
from peelgraph.settings import Settings, table
from peelgraph.sources import find_root

# Limits that few change: each is an option by its row of the table alone, from 1 on.
_LIMITS = ("max_bodies", "max_query", "max_result", "max_depth", "max_parts", "at_once",
           "per_client", "max_waiting", "max_uploads", "max_wait", "copy_below")  # fmt: skip
_SOURCES = ("ontology", "shapes", "data")


def _limits(command: Callable[..., Any]) -> Callable[..., Any]:
    """`command` with an option for each of the limits."""
    rows = {name: (unit, reason) for name, _, unit, reason in table()}
    for name in reversed(_LIMITS):
        default = getattr(DEFAULTS, name)
        # What is deeper or longer than the default ends the process that parses it.
        most = default if name in ("max_depth", "max_parts") else None
        kind = click.FloatRange(min=0) if isinstance(default, float) else click.IntRange(1, most)
        unit, reason = rows[name]
        about = f"{reason[0].upper()}{reason[1:]}."
        command = setting_option(name.replace("_", "-"), kind, about, unit)(command)
    return command


@click.command()
@setting_option("host", None, "Address to listen at.")
@setting_option("port", click.IntRange(0, 65535), "Port to listen at; 0 takes a free one.")
@setting_option("workers", click.IntRange(1, 64), "Processes that answer.")
@setting_option("timeout", click.FloatRange(min=0, min_open=True), "Seconds a query may take.")
@setting_option("memory", click.IntRange(min=64), "Memory a query may take.", "MB")
@setting_option("max-body", click.IntRange(min=1), "Longest body of a request.", "MB")
@setting_option(
    "default-graph",
    click.Choice(["union", "strict"]),
    "What a query without FROM sees: every graph, or the unnamed one alone.",
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
@setting_option(
    "max-memory",
    click.IntRange(min=256),
    "Memory that all queries, writes and validations together may take.",
    "MB",
)
@setting_option(
    "max-rate",
    click.FloatRange(min=0),
    "Requests a second from one client to each process; 0 is any number.",
)
@setting_option("cache", click.IntRange(min=0), "Memory for answers that are kept.", "MB")
@setting_option(
    "trusted-proxy", click.IntRange(0, 10), "Proxies in front that add to X-Forwarded-For."
)
@setting_option(
    "log",
    click.Choice(["failures", "requests"]),
    "Which requests are logged: those that fail or are slow, or all.",
)
@setting_option(
    "gate",
    click.Choice(["enforce", "warn", "report", "off"]),
    "What a write that breaks a shape comes to.",
)
@option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of the tokens that may write; without it nobody may.",
)
@option(
    "--open-writes",
    is_flag=True,
    help="Let whoever reaches us write, without a token; on loopback only.",
)
@option(
    "--empty",
    is_flag=True,
    help="Begin with an empty graph, which is gone at the end unless --home is given.",
)
@_limits
@retention_options
@inference_option
@store_option
@store_options_option
@home_option
@click.pass_context
def serve(
    context: click.Context,
    /,
    *,
    home: Path,
    inference: str,
    allow_service: Sequence[str],
    empty: bool,
    **given: Any,
) -> None:
    """Answer SPARQL queries and show the graph as pages.

    Builds the project first when the home folder holds no version yet.
    """
    with ExitStack() as stack:
        if empty and context.get_parameter_source("home") is ParameterSource.DEFAULT:
            home = Path(stack.enter_context(TemporaryDirectory(prefix="peelgraph-home-")))
        settings = Settings(
            home=home,
            inference=inference == "on",
            allow_service=tuple(allow_service),
            empty=empty,
            **given,
        )
        _check_writers(settings)
        if settings.store:
            version = _hosted(settings)
        elif empty:
            version = _begun_empty(Home(home), strict=settings.default_graph == "strict")
        else:
            version = _built(Home(home))
        listen(
            settings,
            find_root() / "queries",
            lambda url: click.echo(f"Version {version.number} at {url}"),
            # Imported by the processes that answer, not here: this one needs no Flask.
            terms.PROJECT.application or GENERAL,
        )


def _check_writers(settings: Settings) -> None:
    """Refuse to start with tokens that cannot be read, or open to the writes of strangers."""
    if settings.open_writes and not is_loopback(settings.host):
        raise SettingError(
            f"--open-writes lets anybody write who reaches {settings.host}",
            hint="listen at 127.0.0.1, or give tokens with --token-file",
        )
    if settings.token_file is not None:
        read_tokens(settings.token_file)
        if settings.token_file.stat().st_mode & stat.S_IROTH:
            warn(
                f"{settings.token_file}: everybody on this machine can read the tokens; "
                f"take that away with: chmod o-r {settings.token_file}"
            )


def _hosted(settings: Settings) -> Version:
    """The version in an engine; what only the embedded store can do is refused."""
    for is_asked, name in (
        (settings.empty, "--empty"),
        (settings.default_graph == "strict", "--default-graph strict"),
        (bool(settings.allow_service), "--allow-service"),
    ):
        if is_asked:
            raise SettingError(
                f"{name} is for the embedded store", hint="leave it, or --store, out"
            )
    return repository_of(settings).current()


def _begun_empty(home: Home, *, strict: bool) -> Version:
    """The current version, an empty one when there is none."""
    try:
        version = home.current()
    except NothingPublished:
        from peelgraph.repository.rebuild import publish_empty  # noqa: PLC0415 - the reasoner

        return publish_empty(home, strict=strict)
    if version.triples:
        warn(f"version {version.number} in {home.path} goes on: it is not empty")
    return version


def _built(home: Home) -> Version:
    """The current version, with a word where sources are newer than it."""
    version = _published(home)
    newer = _newer_sources(version, find_root())
    if newer:
        warn(
            f"{len(newer)} sources are newer than version {version.number}, {newer[0]} the newest; "
            "publish them with: peelgraph build"
        )
    return version


def _published(home: Home) -> Version:
    """The current version, made from the project's sources when there is none."""
    try:
        return home.current()
    except NothingPublished:
        progress("nothing is published yet: building")
        # A service that has a version starts without the validator.
        from peelgraph.commands.publish import publish_project  # noqa: PLC0415

        version, _ = publish_project(home, progress)
        return home.get(version.number)


def _newer_sources(version: Version, root: Path) -> list[Path]:
    """The sources changed since `version` was made, newest first."""
    made = (version.path / "version.json").stat().st_mtime
    files = [path for name in _SOURCES for path in (root / name).rglob("*") if path.is_file()]
    changed = [(path.stat().st_mtime, path.relative_to(root)) for path in files]
    return [path for when, path in sorted(changed, reverse=True) if when > made]
