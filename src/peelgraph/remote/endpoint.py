"""Requests to a SPARQL endpoint or engine over HTTP, their answers passed on as they come."""

import base64
import contextlib
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request

from SPARQLWrapper import POST, SPARQLWrapper

from peelgraph import __version__
from peelgraph.errors import (
    DeadlinePassed,
    EngineUnavailable,
    PeelgraphError,
    Position,
    QueryRefused,
)
from peelgraph.remote.engine import Engine, read_engine
from peelgraph.sparql import Dataset, QueryRequest, QueryResult
from peelgraph.store import Reader

# Virtuoso repeats each graph of a dataset in headers, of which Python reads 100 at most.
setattr(http.client, "_MAXHEADERS", 10_000)  # noqa: B010 - no other way is offered
AGENT = f"peelgraph/{__version__}"

_SHOWN = 300  # characters of a foreign complaint: enough for its first lines
_MOST = 256 * 1024 * 1024  # as settings.max_result: past it an answer fails, never cut
_CHUNK = 1024 * 1024
_BAD_REQUEST, _NOT_FOUND, _TIMED_OUT = 400, 404, 408
_NOT_LET_IN = (401, 403)
_BUSY = (502, 503, 504)
# What a proxy answers while the service behind it starts again.
_PASSING = (502, 504)
_SOON = 1.0
# Pauses before a request is sent again; an engine that restarts is back in seconds, not in these.
_PAUSES = (0.1, 0.4)
# The engine's own word about its deadline is better than ours, so it gets this much longer.
_GRACE = 0.5
_LATE = re.compile(r"tim(?:ed? ?out|eout)|cancell?ed", re.IGNORECASE)
_PLACE = re.compile(r"line:? (\d+),? (?:at )?col(?:umn)?:? (\d+)", re.IGNORECASE)
# Engines that name themselves in their answers, and how they take a deadline. One that read
# seconds as milliseconds would give up at once, so that nothing is sent to one unknown.
_DEADLINES = (
    ("Fuseki-Request-Id", "", "timeout/s"),
    ("Server", "Virtuoso", "timeout/ms"),
)
_UNITS = {"s": 1, "ms": 1000}
# Virtuoso cuts an answer, by its limit of rows or of time, and says so only in these headers.
_CUT_ROWS, _CUT_TIME = "X-SPARQL-MaxRows", "X-SQL-State"

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """What an engine answered."""

    body: bytes
    media_type: str
    headers: Message


class Calls:
    """What is said to one engine; `timeout` in seconds is for each request unless it says less."""

    def __init__(self, engine: Engine, timeout: float, pauses: Sequence[float] = _PAUSES) -> None:
        self.engine = engine
        self.timeout = timeout
        self._pauses = pauses
        self._deadline = engine.timeout
        self._opener = _opener(engine)

    def query(
        self,
        text: str,
        accept: str,
        dataset: Dataset,
        timeout: float,
        *,
        limit: int | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Told:
        """The answer to a query, asked again where nothing was answered: reading harms nobody.

        `more` are parameters beyond the protocol.
        """
        parameters = [
            *(("default-graph-uri", name) for name in dataset.default or ()),
            *(("named-graph-uri", name) for name in dataset.named or ()),
            *self._told_deadline(timeout),
            *(more or {}).items(),
        ]
        made = self._made(text, "SELECT", parameters)
        made.add_header("Accept", accept)
        return self._send(made, timeout, again=True, limit=limit)

    def update(self, text: str, using: Dataset) -> None:
        """Run an update; sent again only where the engine refused the connection."""
        parameters = [
            *(("using-graph-uri", name) for name in using.default or ()),
            *(("using-named-graph-uri", name) for name in using.named or ()),
        ]
        self._send(self._made(text, "INSERT", parameters), self.timeout)

    def graph(self, method: str, name: str, body: bytes | None = None) -> Told | None:
        """One operation of the Graph Store Protocol on N-Triples; None where there is no graph."""
        query = urlencode({"graph": name}) if name else "default"
        url = f"{self.engine.graphs}?{query}"
        made = Request(url, body, method=method, headers={"User-Agent": AGENT})  # noqa: S310 - http or https, checked
        made.add_header("Accept", "application/n-triples, text/plain;q=0.5, text/turtle;q=0.4")
        if body is not None:
            made.add_header("Content-Type", "application/n-triples")
        try:
            return self._send(made, self.timeout, again=method == "GET", limit=None)
        except EngineUnavailable as error:
            cause = error.__cause__
            is_absent = isinstance(cause, urllib.error.HTTPError) and cause.code == _NOT_FOUND
            if is_absent and method in ("GET", "DELETE"):
                return None
            raise

    def _told_deadline(self, seconds: float) -> Parameters:
        if not self._deadline:
            return ()
        name, unit = self._deadline.split("/")
        return ((name, str(max(1, round(seconds * _UNITS[unit])))),)

    def _made(self, text: str, kind: str, parameters: Parameters) -> Request:
        wrapper = SPARQLWrapper(self.engine.query, self.engine.update, agent=AGENT)
        wrapper.setMethod(POST)
        # Told rather than guessed: its guess reads the whole text by patterns.
        wrapper.queryString, wrapper.queryType = text, kind
        # Its own parameters (format=xml) would outweigh the header.
        wrapper.setOnlyConneg(True)
        for name, value in parameters:
            wrapper.addParameter(name, value)
        made: Request = wrapper._createRequest()
        return made

    def _send(
        self, made: Request, timeout: float, *, again: bool = False, limit: int | None = _MOST
    ) -> Told:
        if self.engine.auth == "basic":
            secret = f"{self.engine.user}:{self.engine.password}".encode()
            made.add_header("Authorization", f"Basic {base64.b64encode(secret).decode()}")
        elif self.engine.auth == "bearer":
            made.add_header("Authorization", f"Bearer {self.engine.token}")
        end = time.monotonic() + timeout + _GRACE
        for pause in (*self._pauses, None):
            try:
                return self._once(made, timeout, end, limit)
            except _BrokenError as error:
                is_safe = again or isinstance(error.reason, ConnectionRefusedError)
                if pause is None or not is_safe or time.monotonic() + pause > end:
                    raise error.told from error.reason
            time.sleep(pause)
        raise AssertionError("the last pause is None")

    def _once(self, made: Request, timeout: float, end: float, limit: int | None) -> Told:
        where = made.full_url.partition("?")[0]
        try:
            left = max(end - time.monotonic(), 0.001)
            with contextlib.closing(self._opener(made, left)) as response:
                body = _read(response, end, limit, where)
                told = Told(body, response.headers.get_content_type(), response.headers)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(where, error, timeout) from error
        except (urllib.error.URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise _late(where, timeout) from error
            raise _BrokenError(reason, _away(where, error)) from error
        if _CUT_TIME in told.headers:
            raise _late(where, timeout)
        if _CUT_ROWS in told.headers:
            raise EngineUnavailable(
                f"{where} cut its answer at {told.headers[_CUT_ROWS]} rows",
                hint="ask for less, or raise the engine's own limit of rows",
            )
        self._deadline = self._deadline or _deadline_of(told.headers)
        return told


class _BrokenError(Exception):
    """No answer came: what may be sent again is."""

    def __init__(self, reason: object, told: PeelgraphError) -> None:
        super().__init__(str(told))
        self.reason = reason if isinstance(reason, BaseException) else None
        self.told = told


class _Staying(urllib.request.HTTPRedirectHandler):
    """Follows nobody: a redirect would take credentials, and what is posted, to another place."""

    def redirect_request(self, *_: object) -> None:
        """Nothing, so that the redirect itself is the answer."""
        return


def _deadline_of(headers: Message) -> str:
    """The parameter in which an engine that names itself takes a deadline."""
    for name, start, parameter in _DEADLINES:
        if name in headers and headers[name].startswith(start):
            return parameter
    return ""


def _opener(engine: Engine) -> Callable[[Request, float], Any]:
    handlers: list[urllib.request.BaseHandler] = [_Staying()]
    if engine.auth == "digest":
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        for url in (engine.query, engine.update, engine.graphs):
            known.add_password(None, url, engine.user, engine.password)
        handlers.append(urllib.request.HTTPDigestAuthHandler(known))
    opener = urllib.request.build_opener(*handlers)

    def send(made: Request, timeout: float) -> Any:
        return opener.open(made, timeout=timeout)

    return send


def _read(response: Any, end: float, limit: int | None, where: str) -> bytes:
    """The whole body, no longer than `limit` bytes and no later than `end`."""
    parts: list[bytes] = []
    length = 0
    while part := response.read1(_CHUNK):
        parts.append(part)
        length += len(part)
        if limit is not None and length > limit:
            raise QueryRefused(
                f"{where} answered more than {limit} bytes, the limit; nothing of it is passed on",
                hint="Ask for less: a LIMIT, fewer variables, a narrower pattern.",
            )
        if time.monotonic() > end:
            raise TimeoutError("the answer is too long in coming")
    promised = response.headers.get("Content-Length")
    if promised and length < int(promised):
        raise HTTPException(f"the answer ends after {length} of {promised} bytes")
    return b"".join(parts)


def _refusal(where: str, error: urllib.error.HTTPError, timeout: float) -> PeelgraphError:
    status, headers = error.code, error.headers
    told, hint = _complaint(error.read())
    if status == _BAD_REQUEST:
        at = _PLACE.search(told)
        position = Position(int(at[1]), int(at[2])) if at else None
        return QueryRefused(f"{where} refuses the query: {told}", position=position, hint=hint)
    if status == _TIMED_OUT or (status in (500, *_BUSY) and _LATE.search(told)):
        return _late(where, timeout)
    if status in _NOT_LET_IN:
        return EngineUnavailable(
            f"{where} answered {status}: it lets nobody in with these credentials",
            hint="check PEELGRAPH_STORE_USER and _PASSWORD, or _TOKEN, and the way (_AUTH)",
        )
    if location := headers.get("Location"):
        return EngineUnavailable(
            f"{where} answered {status}, and leads elsewhere",
            hint=f"give the address where it is: {location}",
        )
    after = headers.get("Retry-After")
    refusal = EngineUnavailable(
        f"{where} answered {status}: {told}",
        hint=f"it asks to be left alone for {after} s" if after else None,
    )
    # The other form of the header, a date, announces maintenance: nobody waits for its end.
    if after and after.isdecimal():
        refusal.retry_after = float(after)
    elif status in _PASSING:
        refusal.retry_after = _SOON
    return refusal


def _away(where: str, error: BaseException) -> EngineUnavailable:
    if isinstance(error, urllib.error.URLError):
        return EngineUnavailable(
            f"{where} does not answer: {error.reason}",
            hint="check the address, and that the service runs",
        )
    broken = EngineUnavailable(f"{where} broke off: {error}")
    broken.retry_after = _SOON
    return broken


def _late(where: str, timeout: float) -> DeadlinePassed:
    return DeadlinePassed(
        f"{where} did not answer within {timeout:g} s",
        hint="ask for less, or give it longer with --timeout",
        limit="timeout",
    )


def _complaint(body: bytes) -> tuple[str, str | None]:
    """What went wrong and what mends it, of a problem document; else the body's first words."""
    try:
        problem = json.loads(body)
    except ValueError:
        return start_of(body), None
    if not isinstance(problem, dict) or not problem.get("detail"):
        return start_of(body), None
    return str(problem["detail"]), str(problem["hint"]) if problem.get("hint") else None


def start_of(body: bytes) -> str:
    """The first characters of a foreign text, on one line."""
    text = " ".join(body.decode("utf-8", "replace").split())
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text


_BOOLEAN = b'"boolean"'
# What a service of ours read, and why its answer may not be what was meant.
_VERSION, _WARNING = "Peelgraph-Version", "Peelgraph-Warning"


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
        warnings = tuple(filter(None, told.headers.get(_WARNING, "").split("; ")))
        if media_type == request.graph:
            return QueryResult(body, media_type, "graph", version, warnings)
        if media_type == request.results:
            form = _row_form(body, media_type)
            return QueryResult(body, media_type, form, version, warnings)
        raise EngineUnavailable(
            f"{self._url} answered {media_type}, not {request.results} or {request.graph}",
            hint=f"is it a SPARQL endpoint? It begins: {start_of(body)}",
        )


def _row_form(body: bytes, media_type: str) -> str:
    if media_type.endswith("json"):
        return "ask" if _BOOLEAN in body and b'"bindings"' not in body else "select"
    return "ask" if b"<boolean>" in body else "select"
