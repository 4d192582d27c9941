"""The repository in a remote engine: its one version's record, its mark, and the writers' lock.

All of it are a few triples in the graph terms.PUBLISHED, so that any number of services read and
write one engine and keep nothing themselves. Older versions are not kept.
"""

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from peelgraph import terms
from peelgraph.errors import (
    EngineUnavailable,
    NothingPublished,
    PeelgraphError,
    ServiceBusy,
    SettingError,
    UnknownName,
)
from peelgraph.remote import RemoteStore, View
from peelgraph.remote.store import view_of
from peelgraph.repository.audit_log import Event
from peelgraph.repository.version import Damaged, Version, from_json, to_json
from peelgraph.sparql import Query, QueryRequest

if TYPE_CHECKING:
    from peelgraph.repository.remote_stage import RemoteStage

_RECORD, _MARK, _LOCK = (f"<{terms.PUBLISHED}#{name}>" for name in ("record", "mark", "lock"))
_GRAPH = f"<{terms.PUBLISHED}>"

# A writer that died is waited for so long; a living one renews its claim three times meanwhile.
_LEASE = timedelta(seconds=90)
_POLLING = 0.25
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Record:
    """A version in an engine; `own_default` says whether that has a default graph of its own."""

    version: Version
    own_default: bool

    @property
    def view(self) -> View:
        """How the version lies there."""
        version = self.version
        graphs = [name for name, facts in version.graphs.items() if facts.triples]
        derived = [name for name, facts in version.derived.items() if facts.triples]
        if version.inferred:
            derived.append(terms.INFERRED)
        return view_of(graphs, derived, own_default=self.own_default)


class RemoteRepository:
    """The repository in an engine: it holds the current version, and no other."""

    def __init__(self, store: RemoteStore) -> None:
        self.store = store
        self.where = store.engine.query

    def current(self) -> Version:
        """The version that readers are given; NothingPublished when there is none."""
        return self.record().version

    def record(self) -> Record:
        """The current version with how it lies in the engine."""
        text = self._value(_RECORD)
        if text is None:
            raise NothingPublished(
                f"{self.where}: no version is published there",
                hint=f"run: peelgraph build --store {self.where}",
            )
        try:
            content = json.loads(text)
            own_default = bool(content.pop("own_default"))
            return Record(from_json(content, Path()), own_default)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SettingError(
                f"{self.where}: the record in <{terms.PUBLISHED}> cannot be read ({error})",
                hint="publish again: peelgraph build, or migrate, with --store",
            ) from error

    def find(self) -> Version | None:
        """The current version, None when there is none."""
        record = self.find_record()
        return record.version if record else None

    def find_record(self) -> Record | None:
        """The current version with how it lies in the engine, None when there is none."""
        try:
            return self.record()
        except NothingPublished:
            return None

    @contextmanager
    def open(self, number: int | None = None) -> Iterator[tuple[Version, RemoteStore]]:
        """Version `number`, or the current one, and the store as it shows it."""
        record = self.record()
        self._check_kept(number, record.version)
        yield record.version, self.store.seen(record.view)

    def seen(self) -> RemoteStore:
        """The store as the current version shows it; an engine needs no closing."""
        return self.store.seen(self.record().view)

    def tag(self) -> str:
        """What changes with each version, and costs little to read; "" without a version."""
        return self._value(_MARK) or ""

    def list(self) -> Sequence[Version]:
        """The current version: no other is kept."""
        return [self.current()]

    def damaged(self) -> Sequence[Damaged]:
        """None: a version whose record cannot be read is not there at all."""
        return ()

    def numbers(self) -> Sequence[int]:
        """The number of the current version."""
        return [self.current().number]

    def events(self) -> Sequence[Event]:
        """None: where one version is kept, there is nothing to go back to, prune or mark."""
        return ()

    def mark(self, number: int, *, by: str = "", message: str = "") -> None:
        """Raise SettingError: the next version takes the place of this one."""
        raise SettingError(
            "an engine keeps the current version alone, and none can be marked",
            hint="keep a copy of it: peelgraph migrate --from, then backup",
        )

    unmark = mark

    def mark_of(self, _number: int) -> str:
        """No mark: the next version takes the place of this one."""
        return ""

    def cite(self, _version: Version) -> bool:
        """Whether it is kept for good: it is not."""
        return False

    def get(self, number: int) -> Version:
        """Version `number`; UnknownName when it is not the current one."""
        version = self.current()
        self._check_kept(number, version)
        return version

    def _check_kept(self, number: int | None, current: Version) -> None:
        if number not in (None, current.number):
            raise UnknownName(
                f"version {number} is not kept (kept: {current.number})",
                hint="a remote engine holds the current version only",
            )

    @contextmanager
    def begin(
        self, waiting: Callable[[str], None] | None = None, max_wait_s: float = 600.0
    ) -> Iterator["RemoteStage"]:
        """Take the lock in the engine and begin the next version; see protocol.Repository."""
        # Readers go without the reasoner, which takes half a second to import.
        from peelgraph.repository.remote_stage import RemoteStage  # noqa: PLC0415

        with self.hold(waiting, max_wait_s) as lock:
            stage = RemoteStage(self, lock, self.find_record())
            try:
                yield stage
            finally:
                with suppress(PeelgraphError):
                    stage.sweep()

    def write_record(self, record: Record) -> str:
        """The update that makes a version, whose graphs are in place, the current one."""
        content = {**to_json(record.version), "own_default": record.own_default}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        mark = f"{record.version.number} {record.version.created} {uuid.uuid4().hex}"
        return " ;\n".join(
            [
                *(f"DELETE WHERE {{ {_triple(name, '?old')} }}" for name in (_RECORD, _MARK)),
                f"INSERT DATA {{ {_triple(_RECORD, _quoted(text))} }}",
                f"INSERT DATA {{ {_triple(_MARK, _quoted(mark))} }}",
            ]
        )

    @contextmanager
    def hold(
        self, waiting: Callable[[str], None] | None = None, max_wait_s: float = 600.0
    ) -> Iterator[str]:
        """Be the only one who writes here; yields the name of this lock.

        The lock is a triple that is renewed while it is held; one whose writer died is taken
        over. `waiting` is called, once, with who holds it. ServiceBusy after `max_wait_s`.
        """
        lock = uuid.uuid4().hex[:12]
        if self._take_lock(lock, waiting, max_wait_s):
            self._sweep()
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(lock, over), daemon=True)
        renewing.start()
        try:
            yield lock
        finally:
            over.set()
            renewing.join()
            # What cannot be released now expires.
            with suppress(PeelgraphError):
                self.store.update(_unlocked(lock))

    def check_lock(self, lock: str) -> None:
        """Raise EngineUnavailable unless the lock is still ours."""
        if not (self._value(_LOCK) or "").startswith(f"{lock} "):
            raise EngineUnavailable(
                f"{self.where} could not be reached for so long that another writer took over",
                hint="nothing was published: try again",
            )

    def _take_lock(
        self, lock: str, waiting: Callable[[str], None] | None, max_wait_s: float
    ) -> bool:
        """Take the lock; return whether it was taken over from a writer that died."""
        end = time.monotonic() + max_wait_s
        told = taken_over = False
        while True:
            held = self._value(_LOCK)
            if held is None or _is_over(held):
                self.store.update(_locked(lock, held))
                taken_over = taken_over or held is not None
                held = self._value(_LOCK)
            if held is not None and held.startswith(f"{lock} "):
                return taken_over
            if time.monotonic() > end:
                raise ServiceBusy(f"{held or 'another writer'} writes to {self.where}")
            if waiting is not None and not told:
                waiting(f"waiting for a writer ({held}), which is publishing to {self.where}")
                told = True
            time.sleep(_POLLING)

    def _sweep(self) -> None:
        """Remove what a dead writer left: to find it, the engine looks at all its graphs."""
        for graph in self.store.graphs():
            if graph.startswith(terms.STAGING):
                self.store.clear(graph)

    def _renew(self, lock: str, over: threading.Event) -> None:
        while not over.wait(_LEASE.total_seconds() / 3):
            with suppress(PeelgraphError):
                self.store.update(_renewed(lock))

    def _value(self, name: str) -> str | None:
        text = f"SELECT ?value WHERE {{ {_triple(name, '?value')} }}"
        rows = json.loads(self.store.query(QueryRequest(Query(text))).body)["results"]["bindings"]
        return str(rows[0]["value"]["value"]) if rows else None


def _triple(name: str, value: str) -> str:
    return f"GRAPH {_GRAPH} {{ {_GRAPH} {name} {value} }}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _lock(lock: str) -> str:
    until = datetime.now(UTC) + _LEASE
    return _quoted(
        f"{lock} {until.isoformat(timespec='seconds')} {socket.gethostname()}:{os.getpid()}"
    )


def _locked(lock: str, over: str | None) -> str:
    """Take a claim nobody has, or one that ran out and is still the same."""
    mine = _triple(_LOCK, _lock(lock))
    if over is None:
        free = f"FILTER NOT EXISTS {{ {_triple(_LOCK, '?held')} }}"
        return f"INSERT {{ {mine} }} WHERE {{ {free} }}"
    old = _triple(_LOCK, _quoted(over))
    return f"DELETE {{ {old} }} INSERT {{ {mine} }} WHERE {{ {old} }}"


def _renewed(lock: str) -> str:
    old = _triple(_LOCK, "?held")
    mine = f'FILTER (STRSTARTS(?held, "{lock} "))'
    return f"DELETE {{ {old} }} INSERT {{ {_triple(_LOCK, _lock(lock))} }} WHERE {{ {old} {mine} }}"


def _unlocked(lock: str) -> str:
    old = _triple(_LOCK, "?held")
    return f'DELETE {{ {old} }} WHERE {{ {old} FILTER (STRSTARTS(?held, "{lock} ")) }}'


def _is_over(held: str) -> bool:
    """Whether a claim has run out; one that cannot be read has."""
    try:
        return datetime.fromisoformat(held.split(" ")[1]) < datetime.now(UTC)
    except (IndexError, ValueError, TypeError):
        return True
