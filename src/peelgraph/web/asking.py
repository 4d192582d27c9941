"""What routes ask, on behalf of the client and of the version that the request names."""

from collections.abc import Callable
from typing import Protocol

from flask import has_request_context, request

from peelgraph.errors import UnknownName
from peelgraph.store import Answer, Question
from peelgraph.web.front import CLIENT
from peelgraph.web.protocol import ASKED, read_at
from peelgraph.web.service import Published


class Pooled(Protocol):
    """Whatever answers questions of several clients and versions, within limits."""

    def query(
        self,
        question: Question,
        timeout: float | None = None,
        limit: int | None = None,
        *,
        client: str = "",
        at: int | None = None,
        unwanted: int | None = None,
    ) -> Answer:
        """The answer; `timeout` and `limit` (bytes) only ever lower the service's own."""
        ...


class PerRequest:
    """The reader and the version as the request at hand has them."""

    def __init__(
        self,
        reader: Pooled,
        current: Callable[[], Published],
        older: Callable[[int], Published] | None = None,
    ) -> None:
        self._reader = reader
        self._current = current
        self._older = older

    def query(
        self, question: Question, timeout: float | None = None, limit: int | None = None
    ) -> Answer:
        """The answer, from the version that `at=` names, as one of the client's questions."""
        client = request.environ.get(CLIENT, "") if has_request_context() else ""
        return self._reader.query(question, timeout, limit, client=client, at=_at())

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


def _at() -> int | None:
    """The version that the request names in its address, or in the form of its body."""
    if not has_request_context():
        return None
    if ASKED in request.environ:
        number: int | None = request.environ[ASKED].at
        return number
    return read_at(request.args.getlist("at"))
