"""Where an engine answers, and how one is let in: the address, the options, the credentials."""

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from peelgraph.errors import SettingError

_ENVIRONMENT = "PEELGRAPH_STORE_"
# What may come from the environment: what an address must not show, and what goes with it.
_SECRETS = ("user", "password", "token", "auth")
_OPTIONS = (*_SECRETS, "update", "graphs", "timeout")
_WAYS = ("basic", "digest", "bearer")
# A parameter for the deadline, and how many of its units make a second.
_TIMEOUT = re.compile(r"([A-Za-z][A-Za-z_-]*)/(s|ms)")


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: its three addresses and the credentials, which no message ever shows.

    `auth` is basic, digest, bearer or "". `timeout` is the parameter in which the engine takes a
    deadline, with its unit, as `timeout/ms`; "" where it is told from the engine's answers.
    """

    query: str
    update: str
    graphs: str
    auth: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    timeout: str = ""


def read_engine(url: str, options: Path | None = None) -> Engine:
    """The engine whose query endpoint is `url`; options come from a TOML file, secrets also from
    the environment (PEELGRAPH_STORE_USER, _PASSWORD, _TOKEN, _AUTH).

    Errors: SettingError for what is no address, or options that cannot be used.
    """
    _check_address(url)
    given = {**(_read(options) if options else {}), **_from_environment()}
    auth = given.pop("auth", "bearer" if given.get("token") else "basic" if given else "")
    if not any(given.get(name) for name in ("user", "token")):
        auth = ""
    if auth and auth not in _WAYS:
        raise SettingError(f"auth is one of {', '.join(_WAYS)}, not {auth!r}")
    if auth and not given.get("token" if auth == "bearer" else "user"):
        raise SettingError(
            f"auth = {auth} needs {'a token' if auth == 'bearer' else 'a user and a password'}",
            hint="set PEELGRAPH_STORE_TOKEN, or PEELGRAPH_STORE_USER and PEELGRAPH_STORE_PASSWORD",
        )
    if not _TIMEOUT.fullmatch(given.get("timeout", "timeout/s")):
        raise SettingError(f"timeout is written as NAME/s or NAME/ms, not {given['timeout']!r}")
    update = given.pop("update", "") or _beside(url, "update")
    graphs = given.pop("graphs", "") or _beside(url, "data")
    for address in (update, graphs):
        _check_address(address)
    return Engine(url, update, graphs, auth=auth, **given)


def _read(path: Path) -> dict[str, str]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(
            f"{path}: cannot be read as options of a store ({error})",
            hint='write TOML, a line an option: user = "name"',
        ) from error
    for name, value in given.items():
        if name not in _OPTIONS or not isinstance(value, str):
            raise SettingError(
                f"{path}: {name} is no option, or no text", hint=f"options: {', '.join(_OPTIONS)}"
            )
    return given


def _from_environment() -> dict[str, str]:
    named = {name: os.environ.get(f"{_ENVIRONMENT}{name.upper()}", "") for name in _SECRETS}
    return {name: value for name, value in named.items() if value}


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        has_secret = parts.username is not None
        _ = parts.port
    except ValueError:
        is_address = has_secret = False
    if has_secret:
        raise SettingError(
            "the address of the store holds a user or a password, which process lists show",
            hint="set PEELGRAPH_STORE_USER and PEELGRAPH_STORE_PASSWORD instead",
        )
    if not is_address:
        raise SettingError(
            f"{url!r} is no address of an endpoint", hint="write it as https://host/sparql"
        )


def _beside(url: str, name: str) -> str:
    """The address beside another, as Fuseki and peelgraph itself have them."""
    parts = urlsplit(url)
    folder, _, _ = parts.path.rpartition("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{name}", "", ""))
