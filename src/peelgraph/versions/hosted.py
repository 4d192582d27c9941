"""The one version that a remote engine holds: its record, its mark, and whose turn to write it is.

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
from peelgraph.sparql import Query, QueryRequest
from peelgraph.versions.log import Event
from peelgraph.versions.record import Damaged, Version, from_json, to_json

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


class Hosted:
    """The versions in an engine, as a home folder has them: the current one, and no other."""

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

    def find(self) -> Record | None:
        """The current version, None when there is none."""
        try:
            return self.record()
        except NothingPublished:
            return None

    def seen(self) -> RemoteStore:
        """The store as the current version shows it."""
        return self.store.seen(self.record().view)

    def mark(self) -> str:
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

    def mark_of(self, _number: int) -> str:
        """No mark: the next version takes the place of this one."""
        return ""

    def cite(self, _version: Version) -> bool:
        """Whether it is kept for good: it is not."""
        return False

    def get(self, number: int) -> Version:
        """Version `number`; UnknownName when it is not the current one."""
        version = self.current()
        if number != version.number:
            raise UnknownName(
                f"version {number} is not kept (kept: {version.number})",
                hint="a remote engine holds the current version only",
            )
        return version

    def next_number(self) -> int:
        """The number of the next version."""
        record = self.find()
        return record.version.number + 1 if record else 1

    def folder(self, _number: int) -> Path:
        """No folder: the engine keeps it."""
        return Path()

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
        self, waiting: Callable[[str], None] | None = None, patience: float = 600.0
    ) -> Iterator[str]:
        """Be the only one who writes here; yields the name of this turn.

        The claim is a triple that is renewed while the turn lasts; one whose writer died is taken
        over. `waiting` is told, once, who is waited for. ServiceBusy after `patience` seconds.
        """
        turn = uuid.uuid4().hex[:12]
        if self._claim(turn, waiting, patience):
            self._sweep()
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(turn, over), daemon=True)
        renewing.start()
        try:
            yield turn
        finally:
            over.set()
            renewing.join()
            # What cannot be given back now runs out by itself.
            with suppress(PeelgraphError):
                self.store.update(_unlocked(turn))

    def check_turn(self, turn: str) -> None:
        """Nothing, while the turn is still ours; EngineUnavailable when it was taken over."""
        if not (self._value(_LOCK) or "").startswith(f"{turn} "):
            raise EngineUnavailable(
                f"{self.where} could not be reached for so long that another writer took over",
                hint="nothing was published: try again",
            )

    def _claim(self, turn: str, waiting: Callable[[str], None] | None, patience: float) -> bool:
        """Take the turn; whether it was taken over from somebody who died."""
        end = time.monotonic() + patience
        told = taken_over = False
        while True:
            held = self._value(_LOCK)
            if held is None or _is_over(held):
                self.store.update(_locked(turn, held))
                taken_over = taken_over or held is not None
                held = self._value(_LOCK)
            if held is not None and held.startswith(f"{turn} "):
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

    def _renew(self, turn: str, over: threading.Event) -> None:
        while not over.wait(_LEASE.total_seconds() / 3):
            with suppress(PeelgraphError):
                self.store.update(_renewed(turn))

    def _value(self, name: str) -> str | None:
        text = f"SELECT ?value WHERE {{ {_triple(name, '?value')} }}"
        rows = json.loads(self.store.query(QueryRequest(Query(text))).body)["results"]["bindings"]
        return str(rows[0]["value"]["value"]) if rows else None


def _triple(name: str, value: str) -> str:
    return f"GRAPH {_GRAPH} {{ {_GRAPH} {name} {value} }}"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _lock(turn: str) -> str:
    until = datetime.now(UTC) + _LEASE
    return _quoted(
        f"{turn} {until.isoformat(timespec='seconds')} {socket.gethostname()}:{os.getpid()}"
    )


def _locked(turn: str, over: str | None) -> str:
    """Take a claim nobody has, or one that ran out and is still the same."""
    mine = _triple(_LOCK, _lock(turn))
    if over is None:
        free = f"FILTER NOT EXISTS {{ {_triple(_LOCK, '?held')} }}"
        return f"INSERT {{ {mine} }} WHERE {{ {free} }}"
    old = _triple(_LOCK, _quoted(over))
    return f"DELETE {{ {old} }} INSERT {{ {mine} }} WHERE {{ {old} }}"


def _renewed(turn: str) -> str:
    old = _triple(_LOCK, "?held")
    mine = f'FILTER (STRSTARTS(?held, "{turn} "))'
    return f"DELETE {{ {old} }} INSERT {{ {_triple(_LOCK, _lock(turn))} }} WHERE {{ {old} {mine} }}"


def _unlocked(turn: str) -> str:
    old = _triple(_LOCK, "?held")
    return f'DELETE {{ {old} }} WHERE {{ {old} FILTER (STRSTARTS(?held, "{turn} ")) }}'


def _is_over(held: str) -> bool:
    """Whether a claim has run out; one that cannot be read has."""
    try:
        return datetime.fromisoformat(held.split(" ")[1]) < datetime.now(UTC)
    except (IndexError, ValueError, TypeError):
        return True
