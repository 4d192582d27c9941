"""What routes ask, on behalf of the client and of the version that the request names."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from flask import has_request_context, request

from peelgraph.errors import DeadlinePassed, UnknownName
from peelgraph.http.middleware import CLIENT
from peelgraph.http.protocol import ASKED, read_at, read_single
from peelgraph.http.service import Published
from peelgraph.settings import Settings
from peelgraph.sparql import QueryRequest, QueryResult
from peelgraph.workers.cancellation import CancelSignal, CancelSource, client_connections

# Where the environment of a request holds when it is to be answered, as monotonic time.
_END = "peelgraph.end"
_SERVER = "Granian"


class Pooled(Protocol):
    """Whatever answers questions of several clients and versions, within limits."""

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
        """The answer; `timeout` and `limit` (bytes) only ever lower the service's own."""
        ...


class RequestScope:
    """The reader and the version as the request at hand has them."""

    def __init__(
        self,
        reader: Pooled,
        current: Callable[[], Published],
        older: Callable[[int], Published] | None = None,
        timeout_s: float = Settings().timeout,
    ) -> None:
        self._reader = reader
        self._current = current
        self._older = older
        self._timeout_s = timeout_s

    def query(
        self, question: QueryRequest, timeout: float | None = None, limit: int | None = None
    ) -> QueryResult:
        """The answer, from the version that `at=` names, as one of the client's questions.

        All questions of a request have the deadline of one.
        """
        if not has_request_context():
            return self._reader.query(question, timeout, limit)
        is_first = _END not in request.environ
        left = seconds_left(self._timeout_s)
        client = request.environ.get(CLIENT, "")
        try:
            wanted = min(left, timeout or left)
            return self._reader.query(
                question,
                wanted,
                limit,
                client=client,
                at=_at(),
                cancel_source=cancel_source_of(request.environ),
            )
        except DeadlinePassed as error:
            if is_first:
                raise
            raise _late(self._timeout_s) from error

    def current(self) -> Published:
        """The version that this request reads; UnknownName when `at=` names none that is kept."""
        return self.version(_at())

    def version(self, number: int | None) -> Published:
        """Version `number`, or the current one for None; UnknownName when it is not kept."""
        version = self._current()
        if number is None or number == version.number:
            return version
        if self._older is None:
            raise UnknownName(f"version {number} is not kept here")
        return self._older(number)


def given(name: str) -> str:
    """The one value that the address gives a parameter, "" where it gives none."""
    return read_single(list(request.args.items(multi=True)), name).strip()


def seconds_left(timeout_s: float) -> float:
    """How long the request at hand may still take, of `timeout_s` since this was asked first.

    Errors: DeadlinePassed when that is over.
    """
    now = time.monotonic()
    end: float = request.environ.setdefault(_END, now + timeout_s)
    if end <= now:
        raise _late(timeout_s)
    return end - now


def _late(timeout_s: float) -> DeadlinePassed:
    return DeadlinePassed(
        f"What the request asks took longer than {timeout_s:g} s together, the deadline",
        hint="Ask for less in one request.",
        limit="timeout",
    )


def cancel_source_of(environ: Mapping[str, Any], revoked: int | None = None) -> CancelSource:
    """How a long evaluation learns that the client of a request has left, or revokes its query."""

    @contextmanager
    def watch() -> Iterator[CancelSignal]:
        # Another server than the one we start may not hold its connections in this process.
        if environ.get("SERVER_SOFTWARE") != _SERVER:
            yield CancelSignal(revoked)
            return
        with client_connections(environ["REMOTE_ADDR"], int(environ["SERVER_PORT"])) as connections:
            yield CancelSignal(revoked, connections)

    return watch


def _at() -> int | None:
    """The version that the request names in its address, or in the form of its body."""
    if not has_request_context():
        return None
    if ASKED in request.environ:
        number: int | None = request.environ[ASKED].at
        return number
    return read_at(request.args.getlist("at"))
