"""/queries: the stored questions, each with its text, its parameters and its answer."""

from flask import Blueprint, Response, render_template, request

from peelgraph.errors import QueryRefused, RequestRefused
from peelgraph.store import Question
from peelgraph.web.cells import Table, read_table
from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.negotiation import (
    DOWNLOADS,
    GRAPHS,
    HTML,
    ROWS,
    TRUTH,
    by_name,
    negotiate,
    with_charset,
)
from peelgraph.web.protocol import form_of
from peelgraph.web.service import Service, StoredQuestion

_JSON = "application/sparql-results+json"
_OFFERED = {"select": ROWS, "ask": TRUTH, "graph": GRAPHS}
_MOST_ROWS = 500


def catalogue_routes(service: Service) -> Blueprint:
    """The list of stored questions, and each of them."""
    routes = Blueprint("catalogue", __name__)

    @routes.get("/queries")
    def list_questions() -> str:
        return render_template("queries.html", questions=service.catalogue.questions)

    @routes.get("/queries/<name>.rq")
    def text(name: str) -> Response:
        return Response(service.question(name).text, content_type="application/sparql-query")

    @routes.get("/queries/<name>")
    def run(name: str) -> Response:
        return _run(service, service.question(name))

    return routes


def _run(service: Service, stored: StoredQuestion) -> Response:
    form = form_of(stored.text)
    offered = [HTML, *_OFFERED.get(form, ROWS)]
    wish = request.args.get("format", "")
    accept = request.headers.get("Accept", "")
    chosen = by_name(wish, rows=form != "graph") if wish else negotiate(accept, offered)
    values = _values()
    version = service.current()
    tag = entity_tag("query", stored.name, values, chosen, version.number, version.created)
    if response := unchanged(tag):
        return response
    if chosen == HTML:
        return tagged(_page(service, stored, values), tag)
    answer = service.reader.query(_question(service, stored, values, chosen))
    response = Response(answer.body, content_type=with_charset(chosen))
    response.headers[VERSION] = answer.version
    return tagged(response, tag)


def _values() -> dict[str, str]:
    """The parameters that the form filled in; an empty field is one left alone."""
    values: dict[str, str] = {}
    for name, given in request.args.lists():
        if len(given) > 1:
            raise RequestRefused(f"{name} is given twice")
        if name not in ("format", "at") and given[0]:
            values[name] = given[0]
    return values


def _question(
    service: Service, stored: StoredQuestion, values: dict[str, str], chosen: str
) -> Question:
    return Question(
        stored.text,
        results=ROWS.get(chosen, _JSON),
        graph=GRAPHS.get(chosen, "text/turtle"),
        base=f"{service.settings.url}/sparql",
        bindings=stored.bind(values),
        inference=service.infers(),
    )


def _page(service: Service, stored: StoredQuestion, values: dict[str, str]) -> Response:
    table: Table | None = None
    text = fault = ""
    status = 200
    try:
        answer = service.reader.query(_question(service, stored, values, _JSON))
        if answer.form == "select":
            table = read_table(answer.body, _MOST_ROWS)
        else:
            text = answer.body.decode()
    except QueryRefused as error:
        # A parameter that is missing or wrong: the form stays, with what to mend.
        fault, status = str(error), error.status if values else 200
    page = render_template(
        "query.html",
        stored=stored,
        values=values,
        table=table,
        text=text,
        fault=fault,
        most=_MOST_ROWS,
        formats=DOWNLOADS.get(form_of(stored.text), ()),
        query_string=request.query_string.decode("ascii", "replace"),
    )
    return Response(page, status=status, mimetype=HTML)
