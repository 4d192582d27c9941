"""Failures as answers: RFC 9457 problem details, a page for a browser, or text."""

import logging
import re
import uuid
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus
from urllib.parse import quote

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    json,
    redirect,
    render_template,
    request,
)
from markupsafe import Markup, escape
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.wrappers import Response as BaseResponse

from peelgraph.errors import (
    BodyTooLarge,
    PeelgraphError,
    SettingError,
    SourceError,
    StoreDamaged,
    UnknownName,
    VersionUnreadable,
    is_damage,
)
from peelgraph.http.documents import choose, document, relate
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.middleware import REFUSAL, REQUEST
from peelgraph.http.negotiation import HTML, quality
from peelgraph.http.service import Service
from peelgraph.repository.ntriples import Facts, name, text, typed

PROBLEM = "application/problem+json"

# What HTTP itself refuses, under the kinds that our own failures have.
_HTTP_KINDS = {404: "unknown", 405: "method", 411: "length", 413: "too-large", 415: "media-type"}


# An address of ours within a sentence, without the full stop behind it.
_ADDRESS = re.compile(r"(?<![\w/<:])/(?:doc|graph|ontology|shapes|queries|sparql)\b[\w/#%.=?-]*\b")

# Files and fields of one form. Flask does not say which limit was passed.
MOST_PARTS = 1000

# From here on, a status says that the fault is ours.
_FAULT = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """One failure as it is told."""

    kind: str
    title: str
    status: int
    detail: str
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    token: str | None = None
    limit: str | None = None
    retry_after: float | None = None
    # Of a document with several faults, each of them, and how many there are beside these.
    faults: tuple[SourceError, ...] = ()
    left_out: int | None = None

    def as_dict(self, base: str, instance: str) -> dict[str, object]:
        """The members of RFC 9457, then our own; absent ones left out."""
        members = {
            "type": f"{base}/problems/{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "line": self.line,
            "column": self.column,
            "token": self.token,
            "hint": self.hint,
            "limit": self.limit,
            "retry_after": self.retry_after,
            "faults": [_fault(each) for each in self.faults] or None,
            "left_out": self.left_out,
        }
        return {name: value for name, value in members.items() if value is not None}


def _fault(error: SourceError) -> dict[str, object]:
    at = error.position
    return {
        "detail": error.message,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "hint": error.hint,
    }


def kinds() -> dict[str, tuple[str, int, str]]:
    """Each kind of problem: title, status, what it means."""
    found = {"internal": ("internal", 500, "Something failed that we did not foresee.")}
    waiting: list[type[PeelgraphError]] = [PeelgraphError]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        # A class that shares its kind with the one above it is no problem type of its own.
        if "kind" in vars(cls) and cls.kind != "internal":
            words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", cls.__name__)
            title = " ".join(word if word.isupper() else word.lower() for word in words)
            found[cls.kind] = (
                title[0].upper() + title[1:],
                cls.status,
                (cls.__doc__ or "").strip(),
            )
    found["internal"] = ("Internal error", 500, found["internal"][2])
    return dict(sorted(found.items()))


def problem_of(error: Exception) -> Problem:
    """What is told of a failure; of one we did not foresee, nothing."""
    table = kinds()
    if isinstance(error, VersionUnreadable) or is_damage(error):
        # The message names the operator's folders.
        error = StoreDamaged(
            "A published version is damaged, and cannot be read",
            hint="Its operator goes back to another version with: peelgraph rollback",
        )
    if isinstance(error, PeelgraphError) and not isinstance(error, SettingError):
        at = error.position
        return Problem(
            error.kind,
            table[error.kind][0],
            error.status,
            error.message,
            at.line if at else None,
            at.column if at else None,
            error.hint,
            error.token,
            error.limit,
            type(error).retry_after,
            *_faults(error),
        )
    if isinstance(error, HTTPException) and error.code:
        kind = _HTTP_KINDS.get(error.code, "request" if error.code < _FAULT else "internal")
        return Problem(kind, HTTPStatus(error.code).phrase, error.code, error.description or "")
    return Problem("internal", "Internal error", 500, "The failure is recorded under its instance.")


def _faults(error: PeelgraphError) -> tuple[tuple[SourceError, ...], int | None]:
    """Each fault of a document that has several, and how many are not told."""
    if not isinstance(error, SourceError) or not error.others:
        return (), None
    return (error, *error.others), error.left_out


def answer_problem(service: Service, error: Exception, **page: object) -> Response:
    """The response for a failure, in the form the caller reads."""
    if isinstance(error, RequestEntityTooLarge):
        error = _too_large(service.settings.max_body)
    problem = problem_of(error)
    instance = f"urn:uuid:{request.environ.get(REQUEST) or uuid.uuid4()}"
    if problem.kind in ("internal", StoreDamaged.kind) and problem.status >= _FAULT:
        logging.getLogger(__name__).error("failure %s", instance, exc_info=error)
    response = _rendered(service, problem, instance, page)
    response.status_code = problem.status
    response.vary.add("Accept")
    response.headers["Cache-Control"] = "no-store"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _too_large(most: int) -> BodyTooLarge:
    """What Flask refused: a body of more than `most` MiB, or a form of too many parts."""
    if (request.content_length or 0) <= most * 2**20:
        return BodyTooLarge(
            f"The form has more than {MOST_PARTS} parts, the limit; each file and field is one",
            hint="Send fewer files at a time, or one file that holds them all",
        )
    return BodyTooLarge(
        f"The body is longer than {most} MiB",
        hint="Send it in parts; the command line takes files of any length",
        limit="max_body",
    )


def _rendered(
    service: Service, problem: Problem, instance: str, page: dict[str, object]
) -> Response:
    accept = request.headers.get("Accept", "")
    machine = max(quality(accept, PROBLEM), quality(accept, "application/json"))
    if quality(accept, HTML) > machine:
        return Response(render_template("problem.html", problem=problem, **page), mimetype=HTML)
    # Who reads rows as JSON or XML reads a problem as JSON; who reads only text gets text.
    if not machine and "application/" not in accept and "text/" in accept:
        lines = [problem.title, problem.detail, problem.hint or ""]
        for fault in problem.faults[1:]:
            lines += [fault.message, fault.hint or ""]
        return Response("\n".join(line for line in lines if line) + "\n", mimetype="text/plain")
    body = json.dumps(problem.as_dict(service.settings.url, instance), ensure_ascii=False)
    return Response(body + "\n", mimetype=PROBLEM)


def register_problems(app: Flask, service: Service) -> None:
    """Answer every failure of the application here."""

    def handle(error: Exception) -> BaseResponse:
        response = answer_problem(service, error)
        return (response.status_code == NotFound.code and _without_slash()) or response

    def refuse() -> None:
        """Raise here what was refused before the application was entered."""
        refusal = request.environ.get(REFUSAL)
        if refusal is not None:
            raise refusal

    app.jinja_env.filters["linked"] = _linked
    app.before_request(refuse)
    app.register_error_handler(Exception, handle)


def _without_slash() -> BaseResponse | None:
    """The way to the address without the slash at its end, where there is such a one."""
    path = request.path.rstrip("/")
    # A path that begins with two slashes would lead to another host.
    if path == request.path or not path or path.startswith("//"):
        return None
    try:
        current_app.create_url_adapter(request).match(path, method=request.method)  # type: ignore[union-attr]
    except HTTPException:  # which a redirect is, too
        return None
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(quote(path) + query, code=HTTPStatus.PERMANENT_REDIRECT)


def _linked(told: str) -> Markup:
    """A sentence whose addresses can be followed."""
    parts, read = [], 0
    for found in _ADDRESS.finditer(told):
        parts += [
            escape(told[read : found.start()]),
            Markup('<a href="{0}">{0}</a>').format(found[0]),
        ]
        read = found.end()
    return Markup().join([*parts, escape(told[read:])])


def _described(this: str, title: str, status: int, meaning: str) -> bytes:
    facts = Facts()
    facts.say(
        this,
        rdf_type=name("skos:Concept"),
        skos_prefLabel=text(title),
        skos_definition=text(meaning),
        skos_notation=typed(status, "integer"),
    )
    return facts.encode()


def problem_routes(service: Service) -> Blueprint:
    """The page of each kind of problem."""
    routes = Blueprint("problems", __name__)

    @routes.get("/problems")
    def list_kinds() -> str:
        return render_template("problems.html", kinds=kinds())

    @routes.get("/problems/<kind>")
    def show(kind: str) -> Response:
        stem, chosen = choose(kind)
        table = kinds()
        if stem not in table:
            near = get_close_matches(stem, table, n=3) or [*table]
            raise UnknownName(
                f"There is no problem type {stem}", hint=f"There are: {', '.join(near)}."
            )
        path, url = f"/problems/{stem}", service.settings.url
        tag = entity_tag("problem", stem, chosen)
        if response := unchanged(tag):
            return response
        if chosen != HTML:
            return document(_described(url + path, *table[stem]), path, chosen, tag, url)
        page = render_template("problems.html", kinds={stem: table[stem]})
        response = Response(page, mimetype=HTML)
        relate(response, path, url)
        return tagged(response, tag)

    return routes
