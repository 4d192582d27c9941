"""/sparql as pages, and the service description; `endpoint` answers everything else."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from peelgraph import terms
from peelgraph.errors import PeelgraphError, QueryRefused
from peelgraph.sparql import QueryResult
from peelgraph.sparql.lexer import prologue
from peelgraph.web import negotiation
from peelgraph.web.cells import Table, read_table
from peelgraph.web.description import describe_service
from peelgraph.web.endpoint import ACCEPT_QUERY, METHODS, PATH, question_of
from peelgraph.web.front import KEEP
from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.negotiation import GRAPHS, HTML, by_name, negotiate
from peelgraph.web.problems import answer_problem
from peelgraph.web.protocol import ASKED, Asked, form_of, is_stable
from peelgraph.web.service import Service
from peelgraph.workers.cancellation import CancelKeys

# A page of more rows helps nobody; whoever wants them takes the CSV.
MOST_ROWS = 500
MOST_BYTES = 8 * 2**20
# Characters of a text that stand in links, and line by line beside its fault: no address of more is
# read, and nobody reads more lines.
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """An answer as the page shows it: a table, a truth value or a graph's text."""

    table: Table | None = None
    truth: bool | None = None
    text: str = ""


def sparql_routes(service: Service, cancel_keys: CancelKeys | None = None) -> Blueprint:
    """The endpoint."""
    routes = Blueprint("sparql", __name__)

    @routes.route(PATH, methods=METHODS)
    def endpoint() -> Response:
        asked: Asked = request.environ[ASKED]
        return _describe(service, asked) if asked.text is None else _shown(service, asked)

    @routes.delete(f"{PATH}/running/<key>")
    def cancel(key: str) -> Response:
        """Take back the question that came with this Cancel-Key, if it still runs."""
        if cancel_keys is not None:
            cancel_keys.cancel(key)
        return Response(status=204)

    @routes.after_request
    def advertise(response: Response) -> Response:
        """What QUERY takes (RFC 10008), told by failures and to OPTIONS too."""
        response.headers.set(*ACCEPT_QUERY)
        return response

    return routes


def _first_query(service: Service) -> str:
    """What the editor begins with: a short query below the prefixes that most queries need."""
    text = service.pages["first-query"].text
    names = ("peel", "org", "prov", "qb", "rdfs", "skos", "xsd")
    declared = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in names)
    return f"{declared}\n{text.removeprefix(prologue(text))}"


def _describe(service: Service, asked: Asked) -> Response:
    """The service description, or the page to write a query in."""
    offered = [*GRAPHS, HTML]
    chosen = (
        by_name(asked.format, rows=False)
        if asked.format
        else negotiate(request.headers.get("Accept", ""), offered)
    )
    version = service.current()
    tag = entity_tag("description", version.number, version.created, chosen, asked.example)
    if response := unchanged(tag):
        return response
    if chosen == HTML:
        text = service.question(asked.example).text if asked.example else ""
        return tagged(_page(service, asked, text), tag)
    body = describe_service(service, GRAPHS[chosen])
    return tagged(Response(body, content_type=negotiation.with_charset(chosen)), tag)


def _shown(service: Service, asked: Asked) -> Response:
    """The page of a query with its answer, or with what is wrong."""
    text = asked.text or ""
    question = question_of(asked, form_of(text), HTML, f"{service.settings.url}{PATH}")
    version = service.current()
    tag = entity_tag(question, version.number, version.created, HTML)
    if is_stable(text) and (response := unchanged(tag)):
        return response
    try:
        answer = service.reader.query(question, timeout=asked.timeout, limit=MOST_BYTES)
    except PeelgraphError as error:
        return _failed_page(service, asked, error)
    response = _page(service, asked, text, _result(answer))
    response.headers[VERSION] = answer.version
    response.vary.add("Accept")
    stable = is_stable(text)
    if not stable or request.method not in ("GET", "HEAD"):
        request.environ[KEEP] = stable
        response.headers["Cache-Control"] = "no-store"
    elif answer.version == str(version.number):
        tagged(response, tag)
    return response


def _result(answer: QueryResult) -> Result:
    if answer.form == "graph":
        return Result(text=answer.body.decode())
    if answer.form == "ask":
        return Result(truth=bool(json.loads(answer.body)["boolean"]))
    return Result(table=read_table(answer.body, MOST_ROWS))


def _page(service: Service, asked: Asked, text: str, result: Result | None = None) -> Response:
    return Response(
        render_template("sparql.html", **_context(service, asked, text), result=result),
        mimetype=HTML,
    )


def _failed_page(service: Service, asked: Asked, error: PeelgraphError) -> Response:
    text = asked.text or ""
    marked = error.position.line if isinstance(error, QueryRefused) and error.position else 0
    page = _context(service, asked, text)
    if len(text) > _LONGEST:
        return answer_problem(service, error, **page, lines=(), marked=0)
    return answer_problem(service, error, **page, lines=text.splitlines(), marked=marked)


def _context(service: Service, asked: Asked, text: str) -> dict[str, object]:
    formats = negotiation.DOWNLOADS.get(form_of(text), ()) if len(text) <= _LONGEST else ()
    kept = [("query", text)] + [("default-graph-uri", g) for g in asked.dataset.default or ()]
    kept += [("named-graph-uri", g) for g in asked.dataset.named or ()]
    if not asked.inference and service.infers():
        kept.append(("inference", "off"))
    if asked.at is not None:
        kept.append(("at", str(asked.at)))
    return {
        "text": text or _first_query(service),
        "questions": service.catalogue.questions,
        "most": MOST_ROWS,
        "inference": asked.inference,
        "infers": service.infers(),
        "timeout": service.settings.timeout,
        "links": [(name, "/sparql?" + urlencode([*kept, ("format", name)])) for name in formats],
    }
