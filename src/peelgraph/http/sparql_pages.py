"""/sparql as pages, the service description, and updates; `endpoint` answers everything else."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from peelgraph import terms
from peelgraph.errors import PeelgraphError, QueryRefused
from peelgraph.http import negotiation
from peelgraph.http.access import challenge
from peelgraph.http.cells import Table, read_table
from peelgraph.http.headers import VERSION, entity_tag, tagged, unchanged, warnings_of
from peelgraph.http.middleware import KEEP
from peelgraph.http.negotiation import GRAPHS, HTML, by_name, negotiate
from peelgraph.http.problems import answer_problem
from peelgraph.http.protocol import ASKED, Asked
from peelgraph.http.service import Service
from peelgraph.http.service_description import describe_service
from peelgraph.http.sparql_endpoint import ACCEPT_QUERY, METHODS, PATH, request_of
from peelgraph.sparql import Query, QueryResult
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
    warnings: tuple[str, ...] = ()


def sparql_routes(
    service: Service, update: Callable[[], Response], cancel_keys: CancelKeys | None = None
) -> Blueprint:
    """The endpoint; `update` carries out the update of the request at hand."""
    routes = Blueprint("sparql", __name__)
    routes.after_request(challenge)

    @routes.route(PATH, methods=METHODS)
    def endpoint() -> Response:
        asked: Asked | None = request.environ.get(ASKED)
        if asked is None:
            return update()
        query = asked.query
        return _describe(service, asked) if query is None else _shown(service, asked, query)

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
    query = service.pages[service.extension.first_query].query
    names = service.extension.first_prefixes
    declared = "".join(f"PREFIX {name}: <{terms.PREFIXES[name]}>\n" for name in names)
    return f"{declared}\n{query.text.removeprefix(query.prologue)}"


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
        query = service.question(asked.example).query if asked.example else Query("")
        return tagged(_page(service, asked, query), tag)
    body = describe_service(service, GRAPHS[chosen])
    return tagged(Response(body, content_type=negotiation.with_charset(chosen)), tag)


def _shown(service: Service, asked: Asked, query: Query) -> Response:
    """The page of a query with its answer, or with what is wrong."""
    question = request_of(asked, query, HTML, f"{service.settings.url}{PATH}")
    version = service.current()
    tag = entity_tag(question, version.number, version.created, HTML)
    if query.is_stable and (response := unchanged(tag)):
        return response
    try:
        answer = service.reader.query(question, timeout=asked.timeout, limit=MOST_BYTES)
    except PeelgraphError as error:
        return _failed_page(service, asked, query, error)
    response = _page(service, asked, query, _result(answer))
    response.headers[VERSION] = answer.version
    response.headers.extend(warnings_of(answer))
    response.vary.add("Accept")
    if not query.is_stable or request.method not in ("GET", "HEAD"):
        request.environ[KEEP] = query.is_stable
        response.headers["Cache-Control"] = "no-store"
    elif answer.version == str(version.number):
        tagged(response, tag)
    return response


def _result(answer: QueryResult) -> Result:
    told = answer.warnings
    if answer.form == "graph":
        return Result(text=answer.body.decode(), warnings=told)
    if answer.form == "ask":
        return Result(truth=bool(json.loads(answer.body)["boolean"]), warnings=told)
    return Result(table=read_table(answer.body, MOST_ROWS), warnings=told)


def _page(service: Service, asked: Asked, query: Query, result: Result | None = None) -> Response:
    return Response(
        render_template("sparql.html", **_context(service, asked, query), result=result),
        mimetype=HTML,
    )


def _failed_page(service: Service, asked: Asked, query: Query, error: PeelgraphError) -> Response:
    text = query.text
    marked = error.position.line if isinstance(error, QueryRefused) and error.position else 0
    page = _context(service, asked, query)
    if len(text) > _LONGEST:
        return answer_problem(service, error, **page, lines=(), marked=0)
    return answer_problem(service, error, **page, lines=text.splitlines(), marked=marked)


def _context(service: Service, asked: Asked, query: Query) -> dict[str, object]:
    text = query.text
    formats = negotiation.DOWNLOADS.get(query.result_form, ()) if len(text) <= _LONGEST else ()
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
