"""Any SPARQL 1.1 endpoint as a reader, asked through SPARQLWrapper."""

import ast
import contextlib
import json
import urllib.error
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from peelgraph import __version__
from peelgraph.errors import DeadlinePassed, EngineUnavailable, QueryRefused, SettingError
from peelgraph.store import Answer, Question, Reader

_SHOWN = 300  # characters of a foreign complaint: enough for its first lines
_MOST = 256 * 1024 * 1024  # as settings.max_result: past it an answer fails, never cut
_BAD_REQUEST = 400
_BOOLEAN = b'"boolean"'
_VERSION = "Peelgraph-Version"  # what a service of ours read
# What a proxy answers while the service behind it starts again.
_PASSING = (502, 504)
_SOON = 1.0


class Remote(Reader):
    """The SPARQL endpoint at one address."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingError(
                f"{url!r} is no address of an endpoint", hint="write it as https://host/sparql"
            )
        self._url = url
        self._timeout = timeout

    def query(self, question: Question, parameters: Mapping[str, str] | None = None) -> Answer:
        """The endpoint's answer; bindings must be in the text already.

        `parameters` are sent along: what the endpoint offers beyond the protocol.

        Errors: QueryRefused when the endpoint refuses the query, DeadlinePassed when it takes too
                long, EngineUnavailable when it is away or answers something else than asked.
        """
        if question.bindings:
            raise ValueError(f"a remote endpoint takes no bindings: {question.bindings!r}")
        response = self._send(question, parameters or {})
        with contextlib.closing(response):
            body = self._read(response)
            media_type = response.headers.get_content_type()
            version = response.headers.get(_VERSION, "")
        if media_type == question.graph:
            return Answer(body, media_type, "graph", version)
        if media_type == question.results:
            return Answer(body, media_type, _row_form(body, media_type), version)
        raise EngineUnavailable(
            f"{self._url} answered {media_type}, not {question.results} or {question.graph}",
            hint=f"is it a SPARQL endpoint? It begins: {_start(body)}",
        )

    def _send(self, question: Question, parameters: Mapping[str, str]) -> HTTPResponse:
        wrapper = SPARQLWrapper(self._url, agent=f"peelgraph/{__version__}")
        wrapper.setMethod(POST)
        wrapper.setQuery(question.text)
        # Its own parameters (format=xml) would outweigh the header; ours fits either kind of query.
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", f"{question.results}, {question.graph};q=0.9")
        setattr(wrapper, "timeout", self._timeout)  # noqa: B010 - setTimeout takes whole seconds only
        for names, parameter in (
            (question.dataset.default, "default-graph-uri"),
            (question.dataset.named, "named-graph-uri"),
        ):
            for name in names or ():
                wrapper.addParameter(parameter, name)
        for parameter, value in parameters.items():
            wrapper.addParameter(parameter, value)
        try:
            return wrapper.query().response
        except TimeoutError as error:
            raise self._late() from error
        except SPARQLWrapperException as error:
            # Raised for 400, 401, 404, 414 and 500, with the body it read.
            cause = error.__context__
            if not isinstance(cause, urllib.error.HTTPError):
                raise EngineUnavailable(f"{self._url}: {error}") from error
            raise self._refusal(cause.code, cause.headers, _body_of(error)) from error
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error.code, error.headers, error.read()) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._late() from error
            raise EngineUnavailable(
                f"{self._url} does not answer: {error.reason}",
                hint="check the address, and that the service runs",
            ) from error
        except (HTTPException, OSError) as error:
            raise self._broken(error) from error

    def _read(self, response: HTTPResponse) -> bytes:
        try:
            body = response.read(_MOST + 1)
        except TimeoutError as error:
            raise self._late() from error
        except (HTTPException, OSError) as error:
            raise self._broken(error) from error
        if len(body) > _MOST:
            raise EngineUnavailable(f"{self._url} answered more than {_MOST} bytes, the limit")
        return body

    def _refusal(self, status: int, headers: Message, body: bytes) -> Exception:
        told = _complaint(body)
        if status == _BAD_REQUEST:
            return QueryRefused(f"{self._url} refuses the query: {told}")
        after = headers.get("Retry-After")
        error = EngineUnavailable(
            f"{self._url} answered {status}: {told}",
            hint=f"it asks to be left alone for {after} s" if after else None,
        )
        # The other form of the header, a date, announces maintenance: nobody waits for its end.
        if after and after.isdecimal():
            error.retry_after = float(after)
        elif status in _PASSING:
            error.retry_after = _SOON
        return error

    def _broken(self, error: Exception) -> EngineUnavailable:
        broken = EngineUnavailable(f"{self._url} broke off: {error}")
        broken.retry_after = _SOON
        return broken

    def _late(self) -> DeadlinePassed:
        return DeadlinePassed(
            f"{self._url} did not answer within {self._timeout:g} s",
            hint="ask for less, or give it longer with --timeout",
        )


def _row_form(body: bytes, media_type: str) -> str:
    if media_type.endswith("json"):
        return "ask" if _BOOLEAN in body and b'"bindings"' not in body else "select"
    return "ask" if b"<boolean>" in body else "select"


def _body_of(error: SPARQLWrapperException) -> bytes:
    """The body, which SPARQLWrapper keeps only as its printed form at the end of the message."""
    _, _, printed = str(error).partition("Response:\n")
    body = ast.literal_eval(printed) if printed else b""
    return body if isinstance(body, bytes) else b""


def _complaint(body: bytes) -> str:
    """What a body says went wrong: the detail of a problem document, else its first words."""
    try:
        problem = json.loads(body)
    except ValueError:
        return _start(body)
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail) if detail else _start(body)


def _start(body: bytes) -> str:
    """The first characters of a foreign text, on one line."""
    text = " ".join(body.decode("utf-8", "replace").split())
    return f"{text[:_SHOWN]}..." if len(text) > _SHOWN else text
