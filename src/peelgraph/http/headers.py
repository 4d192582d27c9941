"""The headers every answer carries: CORS, security, version, validators."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.http import http_date

from peelgraph import __version__
from peelgraph.errors import PeelgraphError
from peelgraph.http.service import Published, Service
from peelgraph.sparql import QueryResult

# What the tag of each page says of the settings that it was made with.
_MODE = "PEELGRAPH_MODE"
VERSION = "Peelgraph-Version"
WARNING = "Peelgraph-Warning"

# Pages need style sheets, scripts and answers of ours, and forms that lead back here; nothing
# else: nothing inline, no eval, no other host. Our scripts style through the object model alone.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_EVERYWHERE = {
    "Cache-Control": "public, no-cache",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Query, Allow, Content-Location, ETag, Link, Location, Request-Id, Retry-After, "
        f"{VERSION}, {WARNING}"
    ),
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def register_headers(app: Flask, service: Service) -> None:
    """Give every answer, failures too, what all answers carry."""
    fixed = dict(_EVERYWHERE)
    if service.settings.url.startswith("https:"):
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    app.config[_MODE] = entity_tag(service.settings)[:8]
    app.wsgi_app = _adding(app.wsgi_app, fixed)  # type: ignore[method-assign]

    @app.after_request
    def add(response: Response) -> Response:
        version: Published | None = None
        # Where nothing is published, or no such version, there is none to name.
        with suppress(PeelgraphError):
            version = service.current()
        tagged = "ETag" in response.headers
        for name, value in headers_of(version, tagged=tagged):
            response.headers.setdefault(name, value)
        if request.method == "OPTIONS":
            _allow_preflight(response)
        return response


def headers_of(version: Published | None, *, tagged: bool) -> list[tuple[str, str]]:
    """What an answer tells of the version it is from; its date with a tag."""
    if version is None:
        return []
    told = [(VERSION, str(version.number))]
    return [*told, last_modified(version)] if tagged else told


def warnings_of(answer: QueryResult) -> list[tuple[str, str]]:
    """The header that tells why an answer may not be what was meant; none where nothing does."""
    if not answer.warnings:
        return []
    return [(WARNING, "; ".join(answer.warnings).encode("ascii", "backslashreplace").decode())]


def last_modified(version: Published) -> tuple[str, str]:
    """When what is told by a version became so."""
    return "Last-Modified", _date_of(version.created)


@cache
def _date_of(instant: str) -> str:
    """An ISO 8601 instant as headers tell it."""
    return http_date(datetime.fromisoformat(instant))


def _adding(inner: Callable[..., Iterable[bytes]], fixed: dict[str, str]) -> Callable[..., Any]:
    """The application whose answers carry `fixed`, where they say nothing else themselves.

    Through Flask, a dozen headers cost a tenth of a millisecond.
    """
    names = {name.lower(): (name, value) for name, value in fixed.items()}

    @lru_cache  # answers differ little in which headers they have of their own
    def missing(*given: str) -> list[tuple[str, str]]:
        own = {name.lower() for name in given}
        return [pair for name, pair in names.items() if name not in own]

    def outer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            added = missing(*[name for name, _ in headers])
            return start(status, [*headers, *added], exc_info)

        return inner(environ, begin)

    return outer


def _allow_preflight(response: Response) -> None:
    response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD")
    asked = request.headers.get("Access-Control-Request-Headers", "")
    response.headers["Access-Control-Allow-Headers"] = asked or "Accept, Content-Type"
    response.headers["Access-Control-Max-Age"] = "86400"
    response.vary.add("Access-Control-Request-Headers")


def entity_tag(*parts: object) -> str:
    """The opaque tag of one representation, from all it depends on, the software too.

    Otherwise a browser would keep showing what an older release said.
    """
    text = "\x00".join(repr(part) for part in (__version__, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def unchanged(tag: str) -> Response | None:
    """304 when the caller holds this representation already: nothing need be evaluated."""
    held = request.if_none_match
    if request.method not in ("GET", "HEAD") or not held.contains_weak(_of_this_mode(tag)):
        return None
    return tagged(Response(status=304), tag)


def tagged(response: Response, tag: str) -> Response:
    """`response` with its tag: weak, for rows may come in another order."""
    response.set_etag(_of_this_mode(tag), weak=True)
    response.vary.add("Accept")
    return response


def _of_this_mode(tag: str) -> str:
    """`tag` with the settings: served in another mode, the same page says something else."""
    return f"{tag[:24]}{current_app.config[_MODE]}"
