"""Any SPARQL 1.1 endpoint as a reader, its answers passed on as they come."""

from collections.abc import Mapping

from peelgraph.errors import EngineUnavailable
from peelgraph.remote import read_engine
from peelgraph.remote.calls import Calls, start_of
from peelgraph.sparql import QueryRequest, QueryResult
from peelgraph.store import Reader

_MOST = 256 * 1024 * 1024  # as settings.max_result: past it an answer fails, never cut
_BOOLEAN = b'"boolean"'
_VERSION = "Peelgraph-Version"  # what a service of ours read


class Remote(Reader):
    """The SPARQL endpoint at one address, asked once: whoever asks knows whether to ask again."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._calls = Calls(read_engine(url), timeout, pauses=())

    def query(
        self, request: QueryRequest, parameters: Mapping[str, str] | None = None
    ) -> QueryResult:
        """The endpoint's answer; bindings must be in the text already.

        `parameters` are sent along: what the endpoint offers beyond the protocol.

        Errors: QueryRefused when the endpoint refuses the query, DeadlinePassed when it takes too
                long, EngineUnavailable when it is away or answers something else than asked.
        """
        if request.bindings:
            raise ValueError(f"a remote endpoint takes no bindings: {request.bindings!r}")
        told = self._calls.query(
            request.query.text,
            f"{request.results}, {request.graph};q=0.9",
            request.dataset,
            self._timeout,
            limit=_MOST,
            more=parameters,
        )
        body, media_type, version = told.body, told.media_type, told.headers.get(_VERSION, "")
        if media_type == request.graph:
            return QueryResult(body, media_type, "graph", version)
        if media_type == request.results:
            return QueryResult(body, media_type, _row_form(body, media_type), version)
        raise EngineUnavailable(
            f"{self._url} answered {media_type}, not {request.results} or {request.graph}",
            hint=f"is it a SPARQL endpoint? It begins: {start_of(body)}",
        )


def _row_form(body: bytes, media_type: str) -> str:
    if media_type.endswith("json"):
        return "ask" if _BOOLEAN in body and b'"bindings"' not in body else "select"
    return "ask" if b"<boolean>" in body else "select"
