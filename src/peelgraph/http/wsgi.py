"""One worker of Granian: the application, its pool, and the version they read."""

import json
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path

from peelgraph.catalogue import read_catalogue
from peelgraph.errors import NothingPublished, PeelgraphError, SettingError
from peelgraph.http.app import GENERAL, create_app
from peelgraph.http.listeners import STOPPING, note_failure, note_start, note_stop
from peelgraph.http.logs import start_logging
from peelgraph.http.metrics import Metrics
from peelgraph.http.middleware import Front
from peelgraph.http.server import HANDED_ON
from peelgraph.http.service import Extension
from peelgraph.repository.factory import engine_of
from peelgraph.repository.local import Home
from peelgraph.repository.version import Version
from peelgraph.settings import Settings, from_json
from peelgraph.workers import Edition, Pool
from peelgraph.workers.cancellation import CancelKeys
from peelgraph.workers.remote_pool import CurrentHosted, RemotePool
from peelgraph.workers.validations import Validations
from peelgraph.workers.writer import Writer

# What is evaluated while the service stops has so many seconds; then who waits is told.
_LAST_SECONDS, _POLLING = 2.5, 0.05
# Seconds that a thread which computes keeps others waiting, 5 ms by default: beside one that reads
# bodies of 15 MB, a short query took a third longer at its 99th percentile.
_SWITCHING = 0.001
# Compiling the shapes takes 2 s of a core, which until then are the workers', to open the version;
# the first document that comes before has them compiled at once.
_COMPILING_AFTER = 5.0  # seconds


def application(extension: Extension = GENERAL) -> Front:
    """The application as one worker of Granian makes it, from what `serve` handed on."""
    given = json.loads(os.environ[HANDED_ON])
    folder = Path(given["folder"])
    start_logging()
    _end_with_parent(folder)
    try:
        front = _front(from_json(given["settings"]), Path(given["queries"]), folder, extension)
    except (PeelgraphError, OSError) as error:
        note_failure(folder, error)
        raise
    note_start(folder)
    return front


def _front(settings: Settings, queries: Path, folder: Path, extension: Extension) -> Front:
    metrics = Metrics()

    def on_finished(outcome: str, seconds: float) -> None:
        metrics.observe(outcome, seconds)
        metrics.waiting.set(reader.queued)
        metrics.workers.set(reader.count)

    engine = engine_of(settings)
    current: CurrentVersion | CurrentHosted
    reader: Pool | RemotePool
    if engine is not None:
        current = CurrentHosted(settings, engine)
        reader = RemotePool(settings, current, on_finished=on_finished)
    else:
        current = CurrentVersion(settings.home)
        older = current.older_edition
        reader = Pool(settings, current.edition, older=older, on_finished=on_finished)
        reader.warm()
    writer = Writer(settings, current.forget)
    sys.setswitchinterval(_SWITCHING)
    validations = Validations(settings, folder)

    def stop() -> None:
        end = time.monotonic() + _LAST_SECONDS
        while (reader.is_busy or validations.is_busy) and time.monotonic() < end:
            time.sleep(_POLLING)
        validations.stop()
        reader.close()
        note_stop(folder)

    # What is asked now may still be answered; what takes longer hears why it is not.
    signal.signal(
        STOPPING, lambda _number, _frame: threading.Thread(target=stop, daemon=True).start()
    )
    app = create_app(
        reader,
        settings,
        current.version,
        read_catalogue(queries),
        older=current.older,
        metrics=metrics,
        writer=writer,
        cancel_keys=CancelKeys(folder),
        validations=validations,
        extension=extension,
    )

    def warm() -> None:
        with suppress(PeelgraphError):
            validations.warm(current.version() if engine is None else None)

    later = threading.Timer(_COMPILING_AFTER, warm)
    later.daemon = True
    later.start()
    return Front(app, settings, current.mark, metrics)


class CurrentVersion:
    """The version a home folder points at, read again only once the pointer was swapped.

    A thread that asked for the mark, as each does when a request begins, goes on with that version:
    a request is answered from one, and to look at a file lets every other thread go first.
    """

    def __init__(self, home: Path) -> None:
        self._home = Home(home)
        self._pointer = home / "current"
        self._read: tuple[tuple[int, int], Version, Edition] | None = None
        self._begun = threading.local()

    def mark(self) -> tuple[int, int]:
        """What changes whenever another version becomes current."""
        mark = self._begun.mark = self._look()
        return mark

    def forget(self) -> None:
        """Look again: this request has published."""
        self._begun.mark = None

    def _look(self) -> tuple[int, int]:
        try:
            status = os.stat(self._pointer)  # noqa: PTH116 - a third of the time of Path's
        except OSError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def version(self) -> Version:
        """The current version; NothingPublished when there is none."""
        return self._current()[1]

    def edition(self) -> Edition:
        """The current version as the engine needs it."""
        return self._current()[2]

    def _current(self) -> tuple[tuple[int, int], Version, Edition]:
        mark, read = getattr(self._begun, "mark", None) or self._look(), self._read
        if read is None or read[0] != mark or not any(mark):
            try:
                version = self._home.current()
            except (SettingError, NothingPublished) as error:
                if read is None:
                    raise
                # What is open can still be read, though nobody else finds it any more.
                logging.getLogger(__name__).error(
                    "still reading version %d: %s", read[1].number, error
                )
                read = self._read = (mark, *read[1:])
                return read
            read = self._read = (mark, version, _edition(version))
        return read

    def older(self, number: int) -> Version:
        """Version `number`; UnknownName when it is not kept."""
        return self._home.get(number)

    def older_edition(self, number: int) -> Edition:
        """Version `number` as the engine needs it."""
        return _edition(self.older(number))


def _edition(version: Version) -> Edition:
    return Edition(
        number=str(version.number),
        path=version.store_path,
        triples=version.triples + version.inferred,
        created=version.created,
    )


def _end_with_parent(folder: Path) -> None:
    """End this process when the one that started it is gone, with the folder it made for us."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
