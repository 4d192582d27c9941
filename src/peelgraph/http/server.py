"""Serving: Granian in front, at an address nobody else holds."""

import errno
import json
import logging
import multiprocessing
import os
import resource
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from peelgraph.catalogue import read_catalogue
from peelgraph.embedded import Joined
from peelgraph.errors import SettingError, VersionUnreadable
from peelgraph.http import metrics
from peelgraph.http.listeners import Fronts
from peelgraph.http.logs import start_logging
from peelgraph.repository.factory import repository_of
from peelgraph.repository.local import Home
from peelgraph.settings import Settings, to_json
from peelgraph.workers.process import check_room

# Read by http.wsgi, which is not imported here: this process needs neither Flask nor a pool.
HANDED_ON = "PEELGRAPH_SERVING"
# The service without the pages of a project.
GENERAL = "peelgraph.http.wsgi:application"

_STOPPING = 5
_ANSWERING = 32
# Milliseconds for the headers of a request, which also end a connection that is not used.
_HEADER_TIME = 10_000
# The request line with its address, and all headers; longer queries are posted.
_HEADER_BYTES = 128 * 1024
# Connections that one process holds; each costs about 10 kB.
_CONNECTIONS = 4096
_POLLING = 0.05
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def serve(
    settings: Settings,
    queries: Path,
    announce: Callable[[str], None],
    application: str = GENERAL,
) -> None:
    """Serve until the service is told to stop; `announce` hears the address when it answers.

    `application` names the function that makes the application in each worker, as module:function.

    Errors: NothingPublished when the home folder holds no version, SettingError when its store
            cannot be opened or the address cannot be listened at, SourceError for `queries`.
    """
    _check(settings)
    check_room()
    # A worker would meet the same faults, but could tell them to nobody.
    current = repository_of(settings).current()
    if not settings.store:
        try:
            Joined.open(current.store_path)
        except VersionUnreadable as error:
            error.hint = Home(settings.home).way_back()
            raise
    read_catalogue(queries)
    settings = replace(settings, port=_free_port(settings.host, settings.port))
    _allow_connections()
    with TemporaryDirectory(prefix="peelgraph-") as folder:
        handed = {"settings": to_json(settings), "queries": str(queries), "folder": folder}
        os.environ[HANDED_ON] = json.dumps(handed)
        os.environ[metrics.FOLDER] = folder
        _listen(settings, Path(folder), announce, application)


def _listen(
    settings: Settings, folder: Path, announce: Callable[[str], None], application: str
) -> None:
    # A fork would copy locks that Granian's threads hold; a spawned worker begins afresh.
    multiprocessing.set_start_method("spawn", force=True)
    server = Fronts(
        application,
        folder,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        # Those that wait for a turn to be evaluated, for one to send a body, and those that answer.
        blocking_threads=2 * settings.max_waiting + settings.max_uploads + _ANSWERING,
        # HTTP/2 reaches us through a proxy only, and its streams would slip past these limits.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEADER_TIME, max_buffer_size=_HEADER_BYTES
        ),
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        websockets=False,
        workers_kill_timeout=_STOPPING,
        log_level=LogLevels.error,
    )
    start_logging()
    watching = threading.Thread(target=_announce, args=(settings, announce), daemon=True)
    server.on_startup(watching.start)
    server.serve()
    if server.failure:
        raise SettingError(f"The service cannot start: {server.failure}")


def _check(settings: Settings) -> None:
    """SettingError for what must not be served together."""
    if settings.open_writes and settings.host not in _LOOPBACK:
        raise SettingError(
            f"writes without a token are not offered at {settings.host}",
            hint="listen at 127.0.0.1, or give tokens with --token-file",
        )


def _allow_connections() -> None:
    """As many files as the system lets us open: each connection is one."""
    enough, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError) as error:
        logging.getLogger(__name__).warning("no more than %d files at a time: %s", enough, error)


def _free_port(host: str, port: int) -> int:
    """The port to listen at, which nobody else may hold; any free one for 0.

    Granian shares a port with whoever else shares it, so it would not notice.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OverflowError as error:
        raise SettingError(f"{port} is no port", hint="ports run from 1 to 65535") from error
    except OSError as error:
        raise SettingError(
            f"cannot listen at {host}, port {port}: {error.strerror}", hint=_advice(error, port)
        ) from error


def _advice(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"another program listens there; stop it, or choose another: --port {port + 1}"
    if error.errno == errno.EACCES:
        return "ports below 1024 are the administrator's; choose a higher one with --port"
    return "give an address of this machine with --host"


def _announce(settings: Settings, announce: Callable[[str], None]) -> None:
    """Tell the address as soon as the graph answers there."""
    host = _ANYWHERE.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    pause = threading.Event()
    while True:
        try:
            url = f"http://{host}:{settings.port}/health/ready"
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:  # noqa: PLR2004
                    announce(f"{settings.url}/")
                    return
        except (urllib.error.URLError, OSError):
            pause.wait(_POLLING)
