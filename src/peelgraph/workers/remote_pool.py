"""A remote engine as the service asks it: bounded in number, in waiting and in time, as a pool."""

import logging
import threading
import time
from copy import copy
from dataclasses import replace

from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    NothingPublished,
    PeelgraphError,
    QueryRefused,
    UnknownName,
)
from peelgraph.rdf12 import check_answer
from peelgraph.remote import Engine, RemoteStore
from peelgraph.repository.remote import RemoteRepository
from peelgraph.repository.version import Version
from peelgraph.settings import Settings
from peelgraph.sparql import QueryRequest, QueryResult
from peelgraph.sparql.policy import check_length, check_policy
from peelgraph.store import Reader
from peelgraph.workers.cancellation import CancelSource
from peelgraph.workers.fair_queue import FairQueue
from peelgraph.workers.pool import OnFinished

# Seconds for which the version read last counts as the current one.
_FRESH = 1.0
# Seconds that looking may take, while everybody waits.
_LOOKING = 5.0
# Seconds for a question that waited nearly all its time for its slot.
_LEAST_TIME = 0.1
# A question that waits for an engine costs us a thread and no core.
_AT_ONCE, _PER_CLIENT = 8, 4


class RemotePool(Reader):
    """Passes questions on to an engine, each with the dataset of the version that is current."""

    def __init__(
        self,
        settings: Settings,
        current: "CurrentHosted",
        *,
        on_finished: OnFinished | None = None,
    ) -> None:
        self._settings = settings
        self._current = current
        self._on_finished = on_finished
        most, share = settings.at_once * _AT_ONCE, settings.per_client * _PER_CLIENT
        self._queue = FairQueue(settings, most, share)

    def query(
        self,
        question: QueryRequest,
        timeout: float | None = None,
        limit: int | None = None,
        *,
        client: str = "",
        at: int | None = None,
        cancel_source: CancelSource | None = None,
    ) -> QueryResult:
        """The answer to `question` from the current version, as Pool.query gives it.

        Errors: QueryRefused, DeadlinePassed, ServiceBusy, TooManyRequests, EngineUnavailable,
                UnknownName for a version that is not the current one.
        """
        check_length(question.query.text, self._settings)
        longest = self._settings.max_result * 2**20
        start = time.monotonic()
        outcome = "answered"
        try:
            with self._queue.slot(client):
                check_policy(question.query, self._settings)
                version, store = self._current.read()
                if at not in (None, version.number):
                    raise UnknownName(f"version {at} is not kept: the engine holds the current one")
                most = min(self._settings.timeout, timeout or self._settings.timeout)
                seconds = max(most - (time.monotonic() - start), _LEAST_TIME)
                answer = store.query(question, min(longest, limit or longest), seconds)
                if not self._settings.is_plain:
                    check_answer(answer)
                return replace(answer, version=str(version.number))
        except PeelgraphError as error:
            outcome = error.kind
            raise self._current.discreet(error) from error
        finally:
            if self._on_finished is not None:
                self._on_finished(outcome, time.monotonic() - start)

    def close(self) -> None:
        """Refuse the questions that wait, and later ones."""
        self._queue.close()

    @property
    def is_busy(self) -> bool:
        """Whether any question is evaluated, or waits."""
        return self._queue.is_busy

    @property
    def queued(self) -> int:
        """How many questions wait for a slot."""
        return self._queue.queued

    @property
    def count(self) -> int:
        """No process of ours evaluates anything."""
        return 0


class CurrentHosted:
    """The version that an engine holds, looked at again once a second."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._hosted = RemoteRepository(RemoteStore(engine, min(settings.timeout, _LOOKING)))
        self._store = RemoteStore(engine, settings.timeout)
        self._addresses = (engine.query, engine.update, engine.graphs)
        self._lock = threading.Lock()
        self._until = 0.0
        self._mark = ""
        self._read: tuple[Version, RemoteStore] | None = None
        self._failure: PeelgraphError | None = None

    def discreet(self, error: PeelgraphError) -> PeelgraphError:
        """The same failure without the engine's address, which is no reader's business."""
        told = error.message
        for address in self._addresses:
            told = told.replace(address, "The engine")
        if told == error.message:
            return error
        if isinstance(error, EngineUnavailable | NothingPublished):
            logging.getLogger(__name__).error("%s", error)
        found = copy(error)
        found.message, found.args = told, (told,)
        found.hint = error.hint if isinstance(error, QueryRefused | DeadlinePassed) else None
        return found

    def mark(self) -> str:
        """What changes whenever another version becomes current; "" while nobody can tell."""
        try:
            self.read()
        except PeelgraphError:
            return ""
        return self._mark

    def version(self) -> Version:
        """The current version; NothingPublished when there is none."""
        return self.read()[0]

    def older(self, number: int) -> Version:
        """Version `number`; UnknownName when it is not the current one."""
        return self._hosted.get(number)

    def forget(self) -> None:
        """Look again at once: somebody here has published."""
        self._until = 0.0

    def read(self) -> tuple[Version, RemoteStore]:
        """The current version, and the store as it shows it."""
        with self._lock:
            if time.monotonic() > self._until:
                # An engine that is away is not asked by every request either.
                self._failure = None
                try:
                    self._look()
                except PeelgraphError as error:
                    self._failure = self.discreet(error)
                self._until = time.monotonic() + _FRESH
            if self._failure is not None or self._read is None:
                raise self._failure or NothingPublished("No version is published in the engine")
            return self._read

    def _look(self) -> None:
        mark = self._hosted.tag()
        if not mark or mark != self._mark:
            # Without a mark, the record says what is wrong.
            record = self._hosted.record()
            self._read = (record.version, self._store.seen(record.view))
            self._mark = mark
