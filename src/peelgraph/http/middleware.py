"""In front of the application: who asks, how much at a time, and answers that are kept.

A question that was answered before never reaches Flask. A request's body is read here, in a turn
of its client, so that slow senders cannot take every thread.
"""

import io
import random
import re
import time
import uuid
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from peelgraph.errors import LengthRequired, PeelgraphError, RequestRefused
from peelgraph.http.bodies import Bodies, Body
from peelgraph.http.cache import Cache, Kept
from peelgraph.http.client_limits import Rates, client_of
from peelgraph.http.encoding import (
    Unpacker,
    packed,
    tag_of_packed,
    tags_of_plain,
    takes_gzip,
)
from peelgraph.http.logs import log_request
from peelgraph.http.metrics import Metrics
from peelgraph.http.protocol import longest_body
from peelgraph.http.streaming import LONG, Outgoing
from peelgraph.settings import Settings
from peelgraph.workers.fair_queue import FairQueue

# What the application finds in the environment of a request, or leaves there for us.
CLIENT = "peelgraph.client"
REQUEST = "peelgraph.request"
REQUEST_HEADER = "Request-Id"
REFUSAL = "peelgraph.refusal"
KEEP = "peelgraph.keep"

_CACHED = ("GET", "HEAD", "POST", "QUERY")
QUERIES = "/sparql"
# Half a query is answered to nobody but who broke it off; half a document would be published, or
# said to conform.
_MAY_BE_CHUNKED = (QUERIES, "/reconcile")
_LONGEST_KEY = 64 * 1024
_CHUNK = 64 * 1024
_SLOW = 1.0
_ENCODING = "Accept-Encoding"
_GZIP = ("gzip", "x-gzip")
_REPLACED = ("vary", "etag", "content-length")
_LOOKED_AT = (*_REPLACED, "content-type", "content-encoding")
_DROPPED = ("content-length", "content-type", "content-encoding")

# Two Host headers arrive as one with a comma between them.
_HOST = re.compile(r"(?:[\w.~%!$&'()*+;=-]*|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)

Start = Callable[..., object]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
Key = tuple[str | bytes | bool, ...]


@dataclass(slots=True)
class _Told:
    """What the application answered."""

    status: str = ""
    headers: list[tuple[str, str]] | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, list(headers)
        return lambda data: None


class Front:
    """The application with all that happens before and after it."""

    def __init__(
        self,
        application: Application,
        settings: Settings,
        mark: Callable[[], Hashable],
        metrics: Metrics,
    ) -> None:
        self._application = application
        self._settings = settings
        self._mark = mark
        self._metrics = metrics
        self._log = settings.log == "requests"
        self._cache = Cache(settings.cache * 2**20 // settings.workers)
        self._rates = Rates(settings)
        self._outgoing = Outgoing(settings)
        self._bodies = Bodies(settings)
        self._uploads = FairQueue(settings, settings.max_uploads, max(1, settings.max_uploads // 2))

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """The response, from the cache or from the application."""
        client = environ[CLIENT] = client_of(environ, self._settings.trusted_proxy)
        if environ.get("PATH_INFO") == f"{QUERIES}/":
            environ["PATH_INFO"] = QUERIES
        if not (_has_body(environ) or _replaces(environ)):
            return self._respond(environ, start, client)
        with self._bodies.of(client) as room:
            try:
                return self._respond(environ, start, client, room)
            finally:
                # Who takes a long answer slowly holds the answer alone.
                environ["wsgi.input"] = io.BytesIO()

    def _respond(
        self, environ: dict[str, Any], start: Start, client: str, room: Body | None = None
    ) -> Iterable[bytes]:
        began = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        body = b""
        mark = self._mark()
        key: Key | None = None
        kept: Kept | None = None
        try:
            self._rates.count(client)
            _check_host(environ)
            if room is not None:
                body = self._read(environ, client, room)
            key = _key(environ, method, body) if self._settings.cache else None
            kept = self._cache.get(mark, key) if key is not None else None
        except PeelgraphError as error:
            environ[REFUSAL] = error
        if kept is not None:
            self._metrics.cache_hits.inc()
        else:
            kept = self._ask(environ, mark, key)
        status, headers, chunks = _conditional(environ, method, kept)
        sent: Iterable[bytes] = [] if method == "HEAD" else chunks
        if sent and len(chunks[0]) > LONG:
            try:
                sent = self._outgoing.send(chunks[0], client)
            except PeelgraphError as error:
                environ[REFUSAL] = error
                refused = self._ask(environ, mark, None)
                status, headers, sent = refused.status, refused.headers, refused.chunks
        if REQUEST in environ:
            headers = [*headers, (REQUEST_HEADER, environ[REQUEST])]
        self._metrics.requests[status[0]].inc()
        seconds = time.perf_counter() - began
        if self._log or status[0] == "5" or seconds > _SLOW or status[:3] == "429":
            _tell(environ, client, status, chunks, seconds)
        start(status, headers)
        return sent

    def _ask(self, environ: dict[str, Any], mark: Hashable, key: Key | None) -> Kept:
        """The application's answer, kept when it may be, in gzip when that is wanted."""
        environ[REQUEST] = str(uuid.UUID(int=random.getrandbits(128), version=4))
        method = environ["REQUEST_METHOD"]
        if method == "HEAD":
            # What GET would answer, so that both have the same headers.
            environ["REQUEST_METHOD"] = "GET"
        zipped = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        wanted = environ.get("HTTP_IF_NONE_MATCH", "")
        if wanted and zipped:
            environ["HTTP_IF_NONE_MATCH"] = tags_of_plain(wanted)
        if "HTTP_IF_MATCH" in environ:
            # What is written is no encoding of the graph but the graph.
            environ["HTTP_IF_MATCH"] = tags_of_plain(environ["HTTP_IF_MATCH"])
        kept = _encoded(self._run(environ), zipped, wanted)
        environ["REQUEST_METHOD"] = method
        if wanted:
            environ["HTTP_IF_NONE_MATCH"] = wanted
        lasting = kept.tag if method in ("GET", "HEAD") else environ.get(KEEP)
        if key is not None and lasting and kept.status[:3] == "200":
            self._cache.put(mark, key, kept)
            self._metrics.cache_bytes.set(self._cache.size)
        return kept

    def _run(self, environ: dict[str, Any]) -> Kept:
        told = _Told()
        result = self._application(environ, told.start)
        try:
            body = b"".join(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        return Kept(told.status, told.headers or [], [body])

    def _read(self, environ: dict[str, Any], client: str, room: Body) -> bytes:
        """The body, no more of it than shows that it is too long.

        Of what is refused the rest is read and let go: many clients hear no answer before.
        """
        promised = environ.get("CONTENT_LENGTH") or ""
        if not promised and environ["PATH_INFO"] not in _MAY_BE_CHUNKED:
            # Granian's WSGI ends a body in chunks that breaks off like one that is whole. Only to
            # read it at once would tell, which takes memory without a limit.
            raise LengthRequired(
                "A body that is written or validated comes with its Content-Length",
                hint="Send it whole rather than in chunks, and an empty one with a length of 0.",
            )
        most = self._settings.max_body * 2**20 + 1
        longest = longest_body(self._settings) if environ["PATH_INFO"] == QUERIES else most
        source = environ["wsgi.input"]
        unpacker = Unpacker() if environ.get("HTTP_CONTENT_ENCODING", "").lower() in _GZIP else None
        length = 0
        with self._uploads.slot(client):
            while length < most and (part := source.read(min(_CHUNK, most - length))):
                length += len(part)
                for plain in unpacker.pieces(part) if unpacker else [part]:
                    room.add(plain, longest)
                    if room.is_refused:
                        # A small packed one may unpack into a huge one.
                        unpacker = None
                        break
        body = room.joined()
        if unpacker is not None:
            unpacker.check_end()
            del environ["HTTP_CONTENT_ENCODING"]
        if length < most and promised.isdecimal() and length < int(promised):
            # Half an update could read as a whole one.
            raise RequestRefused(f"The body ends after {length} of {promised} bytes")
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return body


def _tell(
    environ: Mapping[str, Any], client: str, status: str, chunks: list[bytes], seconds: float
) -> None:
    log_request(
        request=environ.get(REQUEST, ""),
        client=client,
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        status=int(status[:3]),
        seconds=seconds,
        size=sum(map(len, chunks)),
    )


def _check_host(environ: Mapping[str, Any]) -> None:
    """RequestRefused unless one host is named, as RFC 9112, section 3.2, wants it of HTTP/1.1."""
    host = environ.get("HTTP_HOST", "")
    if not host and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        raise RequestRefused("A request of HTTP/1.1 has a Host header; this one has none")
    if not _is_host(host):
        raise RequestRefused("Host is one name or address, with its port where that is not 80")


@lru_cache
def _is_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None


def _has_body(environ: Mapping[str, Any]) -> bool:
    length = environ.get("CONTENT_LENGTH")
    return bool(length and length != "0") or "HTTP_TRANSFER_ENCODING" in environ


def _replaces(environ: Mapping[str, Any]) -> bool:
    """Whether a graph is replaced: by nothing, where the body has no length and was not read."""
    return bool(environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].startswith("/data"))


def _key(environ: Mapping[str, Any], method: str, body: bytes) -> Key | None:
    """Everything that an answer depends on beside the version; None where none is kept."""
    if method not in _CACHED or len(body) > _LONGEST_KEY or "HTTP_AUTHORIZATION" in environ:
        return None
    get = environ.get
    return (
        "GET" if method == "HEAD" else method,
        get("wsgi.url_scheme", ""),
        get("HTTP_HOST", ""),
        get("PATH_INFO", ""),
        get("QUERY_STRING", ""),
        get("HTTP_ACCEPT", ""),
        takes_gzip(get("HTTP_ACCEPT_ENCODING", "")),
        get("CONTENT_TYPE", ""),
        body,
    )


def _unchanged(kept: Kept) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    """What tells that the caller holds the response."""
    headers = [pair for pair in kept.headers if pair[0].lower() not in _DROPPED]
    return "304 NOT MODIFIED", headers, []


def _conditional(
    environ: Mapping[str, Any], method: str, kept: Kept
) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    """The response itself, or 304 when the caller holds it."""
    wanted = environ.get("HTTP_IF_NONE_MATCH", "")
    if wanted and kept.tag and method in ("GET", "HEAD") and kept.status[:3] == "200":
        tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
        if kept.tag in tags or tags == ["*"]:
            return _unchanged(kept)
    since = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    # The very instant: after a rollback, what is current is older than what was.
    held = since and not wanted and ("Last-Modified", since) in kept.headers
    if held and method in ("GET", "HEAD") and kept.status[:3] == "200":
        return _unchanged(kept)
    return kept.status, kept.headers, kept.chunks


def _encoded(kept: Kept, zipped: bool, wanted: str) -> Kept:
    """The response in the form that goes out, with its tag."""
    places, others = _places(*[name for name, _ in kept.headers])
    own = {name: kept.headers[at][1] for name, at in places.items()}
    headers = [kept.headers[at] for at in others]
    headers.append(("Vary", f"{own['vary']}, {_ENCODING}" if "vary" in own else _ENCODING))
    body = kept.chunks[0]
    small = None
    if zipped and "content-encoding" not in own:
        small = packed(body, own.get("content-type", ""))
    if small is not None:
        headers.append(("Content-Encoding", "gzip"))
        body = small
    unchanged = kept.status[:3] == "304"
    tag = own.get("etag", "")
    if tag:
        plain = tag.removeprefix("W/")
        weak, tag = tag[: -len(plain)], plain
        other = tag_of_packed(tag)
        if small is not None or (unchanged and other in wanted):
            tag = other
        headers.append(("ETag", f"{weak}{tag}"))
    if not unchanged and kept.status[:3] != "204":
        headers.append(("Content-Length", str(len(body))))
    return Kept(kept.status, headers, [body], tag)


@lru_cache
def _places(*names: str) -> tuple[dict[str, int], list[int]]:
    """Where those headers stand that depend on the form, and where those that stay as they are.

    Answers differ little in which headers they have.
    """
    lower = [name.lower() for name in names]
    stay = [at for at, name in enumerate(lower) if name not in _REPLACED]
    return {name: at for at, name in enumerate(lower) if name in _LOOKED_AT}, stay
