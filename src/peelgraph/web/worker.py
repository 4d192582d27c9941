"""One worker of Granian: the application, its pool, and the version they read."""

import json
import logging
import multiprocessing
import os
import threading
from multiprocessing.connection import wait
from pathlib import Path

from flask import Flask

from peelgraph.catalogue import read_catalogue
from peelgraph.engine import Edition, Pool
from peelgraph.settings import Settings
from peelgraph.versions.home import Home
from peelgraph.versions.record import Version
from peelgraph.web.app import create_app
from peelgraph.web.server import HANDED_ON


def application() -> Flask:
    """The application as one worker of Granian makes it, from what `serve` handed on."""
    given = json.loads(os.environ[HANDED_ON])
    queries = Path(given.pop("queries"))
    settings = Settings(
        **{
            **given,
            "home": Path(given["home"]),
            "token_file": Path(given["token_file"]) if given["token_file"] else None,
            "allow_service": tuple(given["allow_service"]),
        }
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    _end_with_parent()
    current = CurrentVersion(settings.home)
    pool = Pool(settings, current.edition)
    pool.warm()
    return create_app(pool, settings, current.version, read_catalogue(queries))


class CurrentVersion:
    """The version a home folder points at, read again only once the pointer was swapped."""

    def __init__(self, home: Path) -> None:
        self._home = Home(home)
        self._pointer = home / "current"
        self._read: tuple[tuple[int, int], Version] | None = None

    def version(self) -> Version:
        """The current version; NothingPublished when there is none."""
        try:
            status = self._pointer.stat()
        except OSError:
            return self._home.current()
        mark = (status.st_ino, status.st_mtime_ns)
        if self._read is None or self._read[0] != mark:
            self._read = (mark, self._home.current())
        return self._read[1]

    def edition(self) -> Edition:
        """The current version as the engine needs it."""
        version = self.version()
        return Edition(
            number=str(version.number),
            path=version.store_path,
            # A version's store holds each asserted triple in its graph and in the unnamed one.
            triples=2 * version.triples + version.inferred,
            created=version.created,
        )


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
