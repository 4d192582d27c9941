"""Answers of /sparql in every form but a page: the query side of the SPARQL 1.1 Protocol.

They are made without entering Flask, which costs more than evaluating a short query. What is
refused here or fails is handed on for the application to tell, as it tells every failure; so are
updates and requests for a page or for the service description.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from werkzeug.http import parse_etags

from peelgraph.http.headers import VERSION, entity_tag, headers_of, last_modified, warnings_of
from peelgraph.http.middleware import CLIENT, KEEP, REFUSAL, Application
from peelgraph.http.negotiation import (
    GRAPHS,
    HTML,
    ROWS,
    TURTLE,
    by_name,
    formats_of,
    negotiate,
    quality,
    with_charset,
)
from peelgraph.http.protocol import ASKED, QUERY, Asked, read_address, read_request
from peelgraph.http.request_scope import Pooled, cancel_source_of
from peelgraph.http.service import Published
from peelgraph.settings import Settings
from peelgraph.sparql import ParseCache, Query, QueryRequest
from peelgraph.workers.cancellation import CancelKeys
from peelgraph.workers.fair_queue import FairQueue

JSON = "application/sparql-results+json"
PATH = "/sparql"
METHODS = ("GET", "POST", "QUERY")
CANCEL_KEY = "HTTP_CANCEL_KEY"
ACCEPT_QUERY = ("Accept-Query", QUERY)

_READING = ("GET", "HEAD")
# Bytes of a request that is read without a turn.
_SHORT = 8 * 1024

_Reply = tuple[str, list[tuple[str, str]], bytes]


class Endpoint:
    """The endpoint in front of the application, which answers all that is not answered here."""

    def __init__(
        self,
        application: Application,
        reader: Pooled,
        version: Callable[[int | None], Published],
        settings: Settings,
        cancel_keys: CancelKeys | None = None,
    ) -> None:
        self._application = application
        self._reader = reader
        self._version = version
        self._settings = settings
        self._base = f"{settings.url}{PATH}"
        self._cancel_keys = cancel_keys
        self._addresses = ParseCache[Asked](partial(read_address, settings=settings))
        # To read a long request keeps an interpreter from all others, so one is read at a time.
        self._long = FairQueue(settings, 1, 1)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """The answer to a query, or the application's answer."""
        method = environ["REQUEST_METHOD"]
        is_ours = environ.get("PATH_INFO") == PATH and (method in METHODS or method == "HEAD")
        if not is_ours or REFUSAL in environ:
            return self._application(environ, start)
        try:
            reply = self._reply(environ)
        except Exception as error:  # noqa: BLE001 - the one error handler tells it
            environ[REFUSAL] = error
            reply = None
        if reply is None:
            return self._application(environ, start)
        status, headers, body = reply
        start(status, headers)
        return [] if method == "HEAD" else [body]

    def _reply(self, environ: dict[str, Any]) -> _Reply | None:
        """Status, headers and body; None for the description, for pages and for updates."""
        with self._turn_to_read(environ):
            asked = read_request(environ, self._settings, self._addresses)
            if asked is None:
                return None
            environ[ASKED] = asked
            query = asked.query
            if query is None:
                return None
            accept = environ.get("HTTP_ACCEPT", "")
            chosen = choose(query.result_form, asked.format, accept)
            is_lasting = query.is_stable
        if chosen == HTML:
            return None
        request = request_of(asked, query, chosen, self._base)
        version = self._version(asked.at)
        tag = _tag(request, chosen, version)
        is_reading = environ["REQUEST_METHOD"] in _READING
        headers = [ACCEPT_QUERY, ("Vary", "Accept")]
        if is_reading and is_lasting and _holds(environ, tag):
            headers.append(("ETag", f'W/"{tag}"'))
            return "304 NOT MODIFIED", [*headers, *headers_of(version, tagged=True)], b""
        with self._watched(environ) as revoked:
            answer = self._reader.query(
                request,
                asked.timeout,
                client=environ.get(CLIENT, ""),
                at=asked.at,
                cancel_source=cancel_source_of(environ, revoked),
            )
        headers += [
            ("Content-Type", with_charset(chosen)),
            ("Content-Length", str(len(answer.body))),
            (VERSION, answer.version),
            *warnings_of(answer),
        ]
        if not (is_reading and is_lasting):
            environ[KEEP] = is_lasting
            headers.append(("Cache-Control", "no-store"))
        elif answer.version == str(version.number):
            headers += [("ETag", f'W/"{tag}"'), last_modified(version)]
        return "200 OK", headers, answer.body

    def _turn_to_read(self, environ: Mapping[str, Any]) -> AbstractContextManager[float | None]:
        length = int(environ.get("CONTENT_LENGTH") or 0) + len(environ.get("QUERY_STRING", ""))
        return nullcontext() if length <= _SHORT else self._long.slot(environ.get(CLIENT, ""))

    def _watched(self, environ: Mapping[str, Any]) -> AbstractContextManager[int | None]:
        """What tells that the caller took the question back, where that was made possible."""
        key = environ.get(CANCEL_KEY, "")
        if not key or self._cancel_keys is None:
            return nullcontext()
        return self._cancel_keys.cancelled_fd(key)


def _tag(request: QueryRequest, chosen: str, version: Published) -> str:
    """The tag of the answer that a version gives."""
    seen = (request.dataset.default, request.dataset.named, request.inference)
    return entity_tag(request.query.text, *seen, version.number, version.created, chosen)


def choose(form: str, wish: str, accept: str) -> str:
    """The media type of the answer, settled before anything is evaluated."""
    offered = formats_of(form)
    if wish:
        chosen = by_name(wish, rows=form != "graph")
        return chosen if chosen in offered or chosen == HTML else negotiate(chosen, [*offered])
    if not form:
        # The text is malformed: its fault is told, whatever format was asked for.
        return HTML if quality(accept, HTML) > quality(accept, JSON) else JSON
    return negotiate(accept, [*offered, HTML])


def request_of(asked: Asked, query: Query, chosen: str, base: str) -> QueryRequest:
    """What the engine is asked, for an answer of the type `chosen`."""
    is_graph = query.result_form == "graph"
    return QueryRequest(
        query,
        results=JSON if is_graph else ROWS.get(chosen, JSON),
        graph=GRAPHS.get(chosen, TURTLE) if is_graph else TURTLE,
        dataset=asked.dataset,
        base=base,
        inference=asked.inference,
    )


def _holds(environ: Mapping[str, Any], tag: str) -> bool:
    """Whether the caller says that it has the representation of that tag."""
    wanted = environ.get("HTTP_IF_NONE_MATCH", "")
    return bool(wanted) and parse_etags(wanted).contains_weak(tag)
