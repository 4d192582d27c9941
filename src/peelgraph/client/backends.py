"""What answers a client: the embedded graph through a worker process, or an endpoint, which is
queried again if it is busy.
"""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from peelgraph.building import publish_project
from peelgraph.errors import NothingPublished, PeelgraphError, SettingError
from peelgraph.remote.endpoint import Remote
from peelgraph.repository import Home
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest, QueryResult, bind
from peelgraph.workers.query_process import Edition, QueryProcess

Say = Callable[[str], None]

_TELLING = 5.0  # seconds between two signs of life
_LONGEST_WAIT = 30.0  # seconds: who asks for more than that is told so instead


class Source(Protocol):
    """Whatever a graph of the client reads."""

    def query(self, question: QueryRequest, at: int | None = None) -> QueryResult:
        """The answer, from version `at` or the current one."""
        ...

    def close(self) -> None:
        """Let go of what was held."""
        ...


class Local(Source):
    """The versions of a home folder; one worker process answers, and ends with a deadline."""

    def __init__(self, home: Path, settings: Settings, say: Say) -> None:
        self._home = Home(home)
        # All memory is for the one question: a notebook asks one after another.
        self._settings = dataclasses.replace(settings, workers=1, at_once=1, copy_below=0)
        self._say = say
        self._worker: QueryProcess | None = None
        self._turn = threading.Lock()

    def publish(self) -> None:
        """See that something is published; the project's own sources where nothing is."""
        try:
            self._home.current()
        except NothingPublished:
            publish_project(self._home, self._say)

    def query(self, question: QueryRequest, at: int | None = None) -> QueryResult:
        """The answer; DeadlinePassed, MemoryExceeded or QueryRefused as the service tells them."""
        version = self._home.current() if at is None else self._home.get(at)
        size = version.triples + version.inferred
        edition = Edition(str(version.number), version.store_path, size, version.created)
        limit = self._settings.max_result * 2**20
        with self._turn, _telling(self._say):
            worker = self._started()
            try:
                worker.open(edition)
                return worker.ask(question, self._settings.timeout, limit)
            except PeelgraphError:
                raise
            except BaseException:
                # Stopped half-way, its next answer would be the one to this question.
                worker.kill()
                raise

    def close(self) -> None:
        """End the worker process."""
        with self._turn:
            if self._worker is not None:
                self._worker.kill()
                self._worker = None

    def _started(self) -> QueryProcess:
        if self._worker is None or not self._worker.is_alive:
            if self._worker is not None:
                self._worker.kill()
            self._worker = QueryProcess(self._settings)
        return self._worker


class Endpoint(Source):
    """A SPARQL endpoint; a query changes nothing there, so it may be asked again."""

    def __init__(
        self, url: str, timeout: float, retries: int, say: Say, *, is_ours: bool = False
    ) -> None:
        self._remote = Remote(url, timeout)
        self._timeout = timeout
        # Each answer tells anew: what other services make of our parameters is theirs.
        self._is_ours = is_ours
        self._retries = retries
        self._say = say

    def query(self, question: QueryRequest, at: int | None = None) -> QueryResult:
        """The answer, at the latest after the last retry; errors as Remote tells them."""
        ours = {} if question.inference else {"inference": "off"}
        if at is not None:
            ours["at"] = str(at)
        text = bind(question.query, question.bindings)
        plain = dataclasses.replace(question, query=Query(text), bindings=())
        # Nobody waits any longer for it, and its place is another's.
        deadline = {"timeout": f"{self._timeout:g}"} if self._is_ours else {}
        for attempt in range(self._retries + 1):
            try:
                with _telling(self._say):
                    answer = self._remote.query(plain, ours | deadline)
            except PeelgraphError as error:
                after = error.retry_after
                if after is None or after > _LONGEST_WAIT or attempt == self._retries:
                    raise
                wait = max(after, 0.5 * 2**attempt)
                self._say(f"{error.message}; asked again in {wait:g} s")
                time.sleep(wait)
                continue
            self._is_ours = bool(answer.version)
            if ours and not answer.version:
                raise SettingError(
                    f"{' and '.join(ours)} is heeded by services of peelgraph; this is another",
                    hint="leave it out",
                )
            return answer
        raise AssertionError(f"{self._retries} retries: the last attempt answers or raises")

    def close(self) -> None:
        """Nothing is held between two questions."""


@contextmanager
def _telling(say: Say) -> Iterator[None]:
    """Tell, while it lasts, that the answer is still waited for."""
    over = threading.Event()
    start = time.monotonic()

    def tell() -> None:
        while not over.wait(_TELLING):
            say(f"waiting for the answer, {time.monotonic() - start:.0f} s")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
