"""/queries: the stored questions, each with its text, its parameters and its answer."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, json, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.catalogue import find_renamed
from peelgraph.catalogue.examples import describe_example, describe_prefixes
from peelgraph.errors import (
    NothingPublished,
    QueryRefused,
    RequestRefused,
    SettingError,
    UnknownName,
)
from peelgraph.http.cells import Table, read_rows, read_table, short
from peelgraph.http.documents import ENDINGS, document, relate
from peelgraph.http.headers import VERSION, WARNING, entity_tag, tagged, unchanged
from peelgraph.http.negotiation import (
    DOWNLOADS,
    GRAPHS,
    HTML,
    ROWS,
    SHORT,
    by_name,
    formats_of,
    negotiate,
    with_charset,
)
from peelgraph.http.page_queries import ask
from peelgraph.http.protocol import read_inference, read_number
from peelgraph.http.service import ParameterFacts, Published, Service, StoredQuestion
from peelgraph.repository.factory import repository_of
from peelgraph.repository.void_dcat import located
from peelgraph.sparql import Query, QueryRequest

_JSON = "application/sparql-results+json"
_MOST_ROWS = 500
_MOST_LIMIT = 1_000_000
_CITATIONS = {"bibtex": "application/x-bibtex", "text": "text/plain"}
# What tells how to answer, not what is asked.
CONTROLS = ("format", "at", "limit", "offset", "inference")
FREE = ("*", "-")  # a parameter without a value, or that needs one
# The day on which all older names were deprecated, as RFC 9745 writes it: 2026-11-30.
_RENAMED = "@1795996800"
_PASSING = "This version may be removed later, and its address then answers no more."
# What would end a value of BibTeX, or begin a command.
_BIBTEX = str.maketrans(
    {**{sign: f"\\{sign}" for sign in "&%$#_"}, "{": "(", "}": ")", "\\": "/", "~": "-", "^": "-"}
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a stored question: the values given, and which rows of the answer."""

    stored: StoredQuestion
    values: dict[str, str]
    limit: int | None = None
    offset: int = 0
    inference: bool = True

    @property
    def warning(self) -> str:
        """What the reader of the rows must know."""
        if self.inference or not self.stored.needs_inference:
            return ""
        return f"{self.stored.name} rests on what is inferred: without it, rows may be missing"

    @property
    def paging(self) -> str:
        """The end of the query that chooses the rows."""
        limit = f"\nLIMIT {self.limit}" if self.limit is not None else ""
        return f"{limit}\nOFFSET {self.offset}" if self.offset else limit

    def page(self, offset: int) -> str:
        """The address of the rows from `offset`, in the form that was asked for."""
        kept = [(n, v) for n, v in request.args.items() if n not in ("limit", "offset")]
        query = urlencode([*kept, ("limit", self.limit or 0), ("offset", max(0, offset))])
        return f"{request.path}?{query}"


def catalogue_routes(service: Service) -> Blueprint:
    """The list of stored questions, and each of them."""
    routes = Blueprint("catalogue", __name__)

    @routes.before_request
    def lead_from_former_name() -> BaseResponse | None:
        return _lead_from_former_name(service)

    @routes.get("/queries")
    def list_questions() -> Response:
        return _list(service)

    @routes.get("/queries/<name>.rq")
    def text(name: str) -> Response:
        return Response(service.question(name).text, content_type="application/sparql-query")

    @routes.get("/queries/<name>/values/<parameter>")
    def values(name: str, parameter: str) -> Response:
        return _offer(service, service.question(name), parameter)

    @routes.get("/queries/<name>/citation")
    def citation(name: str) -> Response:
        return _cite(service, service.question(name))

    @routes.get("/queries/<name>")
    def run(name: str) -> Response:
        stem, _, ending = name.rpartition(".")
        if stem and ending in SHORT:
            return _run(service, service.question(stem), ending)
        return _run(service, service.question(name))

    return routes


def _lead_from_former_name(service: Service) -> BaseResponse | None:
    """Redirect to the address of today, where a question is asked by an older name or parameter.

    Source: RFC 9745 (Deprecation), RFC 5829 (successor-version)
    """
    given = (request.view_args or {}).get("name", "")
    name, dot, ending = given.partition(".")
    renamed = find_renamed(service.catalogue.questions, name, request.args.items(multi=True))
    if renamed is None:
        return None
    path = request.path.replace(f"/queries/{given}", f"/queries/{renamed.stored.name}{dot}{ending}")
    query = urlencode(renamed.values, safe=":")
    address = f"{path}?{query}" if query else path
    response = redirect(address, code=308)
    response.headers["Deprecation"] = _RENAMED
    response.headers.add("Link", f'<{address}>; rel="successor-version"')
    response.headers[WARNING] = renamed.note
    return response


def _list(service: Service) -> Response:
    chosen = negotiate(request.headers.get("Accept", ""), ["application/json", HTML])
    if "Accept" not in request.headers or chosen == HTML:
        page = render_template("queries.html", questions=service.catalogue.questions)
        response = Response(page, mimetype=HTML)
    else:
        told = [
            {
                "name": stored.name,
                "summary": stored.summary,
                "description": stored.description,
                "subject": stored.subject,
                "tags": list(stored.tags),
                "needs_inference": stored.needs_inference,
                "parameters": [parameter.name for parameter in stored.parameters],
                "address": f"{service.settings.url}/queries/{stored.name}",
            }
            for stored in service.catalogue.questions
        ]
        response = Response(json.dumps(told, ensure_ascii=False) + "\n", mimetype=chosen)
    response.headers.add("Link", '</openapi.json>; rel="service-desc"')
    return tagged(response, entity_tag("queries", response.get_data()))


def _run(service: Service, stored: StoredQuestion, ending: str = "") -> Response:
    form = stored.query.result_form
    answers = formats_of(form)
    # What a question is can be had as RDF, where its answer is no RDF itself.
    about = [name for name in GRAPHS if name not in answers]
    wish = ending or request.args.get("format", "")
    accept = request.headers.get("Accept", "")
    if ending in ENDINGS:
        chosen = SHORT[ending][1]
    elif wish:
        chosen = by_name(wish, rows=form != "graph")
    else:
        chosen = negotiate(accept, [HTML, *answers, *about])
    asked = _asked(service, stored)
    version, url = service.current(), service.settings.url
    is_about = chosen in about or (ending in ENDINGS and form == "graph")
    marks = (version.number, version.created, url, asked.inference)
    tag = entity_tag("query", stored.name, asked.values, asked.paging, chosen, is_about, *marks)
    if response := unchanged(tag):
        return response
    path = f"/queries/{stored.name}"
    if is_about:
        triples = describe_example(stored) + describe_prefixes()
        return document(located(triples, url), path, chosen, tag, url)
    if chosen == HTML:
        response = _page(service, asked)
        relate(response, path, url)
    else:
        answer = service.reader.query(_question(service, asked, chosen))
        response = Response(answer.body, content_type=with_charset(chosen))
        response.headers[VERSION] = answer.version
    response.headers.add("Link", f'<{permalink(url, asked, version.number)}>; rel="cite-as"')
    if asked.warning:
        response.headers[WARNING] = asked.warning
    _lead_on(service, asked, response)
    return tagged(response, tag)


def _asked(service: Service, stored: StoredQuestion) -> Run:
    """What the address asks; an empty field of a form is one left alone."""
    values: dict[str, str] = {}
    for name, given in request.args.lists():
        if len(given) > 1:
            raise RequestRefused(f"{name} is given twice")
        if name not in CONTROLS and given[0]:
            values[name] = given[0]
    inference = read_inference(request.args.get("inference") or None, service.settings)
    limit, offset = _number("limit"), _number("offset")
    if limit is None and offset is None:
        return Run(stored, values, inference=inference)
    if stored.query.structure.limits_rows:
        raise RequestRefused(f"{stored.name} limits its rows itself: leave limit and offset away")
    if stored.query.form != "SELECT":
        raise RequestRefused(f"{stored.name} has no rows to limit: leave limit and offset away")
    return Run(stored, values, limit, offset or 0, inference)


def _number(name: str) -> int | None:
    given = request.args.get(name, "")
    if not given:
        return None
    return read_number(name, given, 0, _MOST_LIMIT)


def _lead_on(service: Service, asked: Run, response: Response) -> None:
    """Tell where the rows before and after these are."""
    if not asked.limit:
        return
    following = replace(asked, limit=1, offset=asked.offset + asked.limit)
    rows = read_rows(service.reader.query(_question(service, following, _JSON)).body)
    if rows:
        response.headers.add("Link", f'<{asked.page(asked.offset + asked.limit)}>; rel="next"')
    if asked.offset:
        response.headers.add("Link", f'<{asked.page(asked.offset - asked.limit)}>; rel="prev"')


def _question(service: Service, asked: Run, chosen: str) -> QueryRequest:
    return QueryRequest(
        Query(asked.stored.text + asked.paging),
        results=ROWS.get(chosen, _JSON),
        graph=GRAPHS.get(chosen, "text/turtle"),
        base=f"{service.settings.url}/sparql",
        bindings=asked.stored.bind(asked.values),
        inference=asked.inference,
    )


def _page(service: Service, asked: Run) -> Response:
    table: Table | None = None
    text = fault = ""
    status = 200
    stored, values = asked.stored, asked.values
    try:
        answer = service.reader.query(_question(service, asked, _JSON))
        if answer.form == "select":
            table = read_table(answer.body, _MOST_ROWS)
        else:
            text = answer.body.decode()
    except QueryRefused as error:
        # A parameter that is missing or wrong: the form stays, with what to mend.
        fault, status = str(error), error.status if values else 200
    version = service.current()
    page = render_template(
        "query.html",
        stored=stored,
        values=values,
        infers=service.infers(),
        inference=asked.inference,
        warning=asked.warning,
        table=table,
        text=text,
        fault=fault,
        most=_MOST_ROWS,
        formats=DOWNLOADS.get(stored.query.result_form, ()),
        offered={p.name: offer_values(service, p) for p in stored.parameters},
        permalink=permalink(service.settings.url, asked, version.number),
        citation=cite(service, asked, version),
        bibtex=cite_bibtex(service, asked, version),
        query_string=request.query_string.decode("ascii", "replace"),
    )
    return Response(page, status=status, mimetype=HTML)


def _offer(service: Service, stored: StoredQuestion, name: str) -> Response:
    parameter = next((p for p in stored.parameters if p.name == name), None)
    if parameter is None:
        names = ", ".join(p.name for p in stored.parameters) or "none"
        raise UnknownName(f"{stored.name} has no parameter {name}", hint=f"It has: {names}")
    version = service.current()
    tag = entity_tag("values", stored.name, name, version.number, version.created)
    if response := unchanged(tag):
        return response
    told = {
        "parameter": name,
        "type": parameter.type,
        "default": parameter.default,
        "about": parameter.about,
        "values": [
            {"value": one.value, "iri": one.iri, "label": one.label}
            for one in offer_values(service, parameter)
        ],
    }
    body = json.dumps(told, ensure_ascii=False) + "\n"
    return tagged(Response(body, mimetype="application/json"), tag)


def _keep(service: Service, number: int) -> bool:
    """Let a version be kept because a reader cites it; whether it is kept for good."""
    try:
        repository = repository_of(service.settings)
        return repository.cite(repository.get(number))
    except (SettingError, UnknownName, NothingPublished):
        return False


def _cite(service: Service, stored: StoredQuestion) -> Response:
    wish = request.args.get("format", "")
    if wish and wish not in _CITATIONS:
        raise RequestRefused(f"format is one of {', '.join(_CITATIONS)}, not {wish!r}")
    kinds = [_CITATIONS["text"], _CITATIONS["bibtex"]]
    chosen = _CITATIONS.get(wish) or negotiate(request.headers.get("Accept", ""), kinds)
    asked, version = _asked(service, stored), service.current()
    # A run that cannot be made cannot be cited.
    stored.bind(asked.values)
    say = cite_bibtex if chosen == _CITATIONS["bibtex"] else cite
    is_kept = _keep(service, version.number)
    body = say(service, asked, version, is_kept=is_kept).rstrip() + "\n"
    marks = (version.number, version.created, is_kept, asked.inference)
    tag = entity_tag("citation", stored.name, asked.values, chosen, *marks)
    return tagged(Response(body, content_type=f"{chosen}; charset=utf-8"), tag)


@dataclass(frozen=True, slots=True)
class Offered:
    """One value as a caller writes it, its IRI and its label."""

    value: str
    iri: str
    label: str


def offer_values(service: Service, parameter: ParameterFacts) -> list[Offered]:
    """The things of the parameter's kind, by label; none where any value will do."""
    prefix = parameter.default.partition(":")[0]
    if parameter.type != "iri" or prefix not in terms.PREFIXES:
        return []
    return [
        Offered(short(row["thing"]), row["thing"], row["thingName"])
        for row in ask(service, "values-of-parameter", namespace=terms.PREFIXES[prefix])
        if row["thing"]
    ]


def permalink(url: str, asked: Run, version: int) -> str:
    """The address at which this run has the same answer as long as its version is kept."""
    given = {p.name: asked.values.get(p.name, p.default) for p in asked.stored.parameters}
    bound = sorted((name, value) for name, value in given.items() if value not in FREE)
    seen = [] if asked.inference else [("inference", "off")]
    query = urlencode([*bound, *seen, ("at", version)])
    return f"{url}/queries/{asked.stored.name}?{query}"


def cite(
    service: Service,
    asked: Run,
    version: Published,
    *,
    is_kept: bool = True,
) -> str:
    """The run as a line of a bibliography; it says so where the version is not kept for good."""
    made, stored = datetime.fromisoformat(version.created), asked.stored
    author, note = service.extension.author, service.extension.note
    parts = [
        *([author] if author else []),
        f"({made.year}). {stored.summary}. In: {terms.PROJECT.name}, version {version.number} of "
        f"{made.date().isoformat()}. " + permalink(service.settings.url, asked, version.number),
        *([f"({note})"] if note else []),
        *([] if is_kept else [_PASSING]),
    ]
    return " ".join(parts)


def cite_bibtex(
    service: Service,
    asked: Run,
    version: Published,
    *,
    is_kept: bool = True,
) -> str:
    """The run as an entry of BibTeX; it says so where the version is not kept for good."""
    made = datetime.fromisoformat(version.created)
    author, note = service.extension.author, service.extension.note
    members = {
        "author": f"{{{author}}}" if author else "",
        "title": f"{{{asked.stored.summary.translate(_BIBTEX)}}}",
        "howpublished": terms.PROJECT.name,
        "version": str(version.number),
        "year": str(made.year),
        "date": made.date().isoformat(),
        "url": permalink(service.settings.url, asked, version.number).replace("%", "\\%"),
        "note": note if is_kept else f"{note}. {_PASSING}" if note else _PASSING,
    }
    listed = ",\n".join(f"  {name} = {{{value}}}" for name, value in members.items() if value)
    name = f"{terms.slug(terms.PROJECT.name)}-{asked.stored.name}-{version.number}"
    return f"@misc{{{name},\n{listed}\n}}\n"
