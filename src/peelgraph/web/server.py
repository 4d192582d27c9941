"""Serving: Granian in front, at an address nobody else holds."""

import errno
import json
import multiprocessing
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from peelgraph.catalogue import read_catalogue
from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError
from peelgraph.settings import Settings
from peelgraph.versions.home import Home

# Read by web.worker, which is not imported here: this process needs neither Flask nor a pool.
HANDED_ON = "PEELGRAPH_SERVING"

_STOPPING = 5
_POLLING = 0.05
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def serve(settings: Settings, queries: Path, announce: Callable[[str], None]) -> None:
    """Nothing, once the service was told to stop; `announce` hears the address when it answers.

    Errors: NothingPublished when the home folder holds no version, SettingError when its store
            cannot be opened or the address cannot be listened at, SourceError for `queries`.
    """
    # A worker would meet the same faults, but could tell them to nobody.
    Embedded.read_only(Home(settings.home).current().store_path)
    read_catalogue(queries)
    settings = replace(settings, port=_free_port(settings.host, settings.port))
    os.environ[HANDED_ON] = json.dumps({**asdict(settings), "queries": queries}, default=str)
    # A fork would copy locks that Granian's threads hold; a spawned worker begins afresh.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "peelgraph.web.worker:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.max_waiting + 8,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOPPING,
        log_level=LogLevels.error,
    )
    watching = threading.Thread(target=_announce, args=(settings, announce), daemon=True)
    server.on_startup(watching.start)
    server.serve()


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
