"""/validate: documents judged as the command line judges them; nothing is published."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from peelgraph import terms
from peelgraph.catalogue.graph_names import read_graph_name, tell_unknown
from peelgraph.checking import ALL_SUFFIXES, Check, Document
from peelgraph.errors import (
    MediaTypeUnknown,
    RequestRefused,
    SourceError,
)
from peelgraph.http.graphstore import SYNTAXES as GRAPH_SYNTAXES
from peelgraph.http.headers import WARNING
from peelgraph.http.middleware import CLIENT
from peelgraph.http.negotiation import HTML, TURTLE, negotiate, with_charset
from peelgraph.http.protocol import FORM, read_fields, read_number, read_single
from peelgraph.http.service import Service
from peelgraph.http.update import Fields
from peelgraph.http.validation_page import show_failure, show_review
from peelgraph.repository.factory import engine_of
from peelgraph.repository.local import Home
from peelgraph.validation.rendering import STYLE_HASH
from peelgraph.workers.validations import Validations

SYNTAXES = {
    **GRAPH_SYNTAXES,
    "application/trig": "trig",
    "application/n-quads": "nq",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
# What can be typed; a workbook cannot. The first is read where nothing else is said.
TEXTS = ("ttl", *sorted(set(SYNTAXES.values()) - {"ttl", "xlsx"}))
_PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)
_JSON = "application/json"
REPORTS = {
    _JSON: "json",
    HTML: "html",
    TURTLE: "turtle",
    "application/ld+json": "jsonld",
    "text/plain": "text",
    "text/csv": "csv",
    "application/sarif+json": "sarif",
}
_MULTIPART = "multipart/form-data"
_MOST = 1000  # results listed; a report of more helps nobody at once
_NAMES = ("syntax", "graph", "context", "inference", "format", "most", "text", "download")
_SUFFIXES = {"turtle": "ttl", "text": "txt"}


def validation_routes(service: Service, validations: Validations) -> Blueprint:
    """The address that validates what is sent to it."""
    routes = Blueprint("validating", __name__)
    settings = service.settings

    @routes.get("/validate")
    def form() -> str:
        return render_template("validate.html", syntaxes=TEXTS, given={})

    @routes.post("/validate")
    def judge() -> Response:
        fields = read_fields(request.query_string, "address")
        documents, shapes = _read_documents(fields)
        style, media_type = _choose_form(fields)
        engine = engine_of(settings)
        version = Home(settings.home).current() if engine is None else None
        # A browser is shown the text with its mistakes; who names a form gets it as it is.
        shown = media_type == HTML and not read_single(fields, "format")
        task = Check(
            documents=documents,
            shapes=_based(shapes, settings.url),
            store=version.store_path.absolute() if version else None,
            engine=engine,
            context=_choose(fields, "context", ("published", "none")) == "published",
            inference=_choose(fields, "inference", ("off", "on")) == "on",
            style="review" if shown else style,
            most=_most(fields),
        )
        if task.is_general:
            task = replace(task, documents=_based(documents, settings.url))
        try:
            checked = validations.validate(task, version, request.environ.get(CLIENT, ""))
        except SourceError as error:
            if not shown:
                raise
            response = show_failure(error, documents, dict(fields), TEXTS)
        else:
            response = (
                show_review(checked, dict(fields), TEXTS)
                if shown
                else Response(checked.text, content_type=with_charset(media_type))
            )
            if not checked.is_judged:
                response.status_code = 422
        if read_single(fields, "download"):
            name = f"report.{_SUFFIXES.get(style, style)}"
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        if (given := read_single(fields, "graph")) and task.context:
            unknown = tell_unknown(read_graph_name(given), service.current().graphs)
            if unknown:
                response.headers[WARNING] = f"graph: {unknown}"
        response.headers["Cache-Control"] = "no-store"
        if task.style == "html":
            # A report stands on its own, with a style sheet inside; nothing else may be there.
            response.headers["Content-Security-Policy"] = _PAGE_POLICY
        response.vary.add("Accept")
        return response

    return routes


def _based(documents: tuple[Document, ...], url: str) -> tuple[Document, ...]:
    """The documents with an address each, by its name, for what is relative in them."""
    return tuple(
        replace(each, base=f"{url}/validate/{quote(each.name.name)}") for each in documents
    )


def _most(fields: Fields) -> int:
    """How many results are listed."""
    given = read_single(fields, "most")
    return read_number("most", given, 0, _MOST) if given else _MOST


def _read_documents(
    fields: list[tuple[str, str]],
) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """The documents of the request, and the shapes to judge by; other fields go into `fields`.

    Errors: MediaTypeUnknown (415), RequestRefused (400).
    """
    kind = request.mimetype
    if kind in SYNTAXES:
        body = request.get_data(cache=False, parse_form_data=False)
        return (_named(Path("body"), body, SYNTAXES[kind], fields),), ()
    if kind not in (FORM, _MULTIPART):
        raise MediaTypeUnknown(
            f"The body's Content-Type is {kind or 'none'}; "
            f"read here: {', '.join([*SYNTAXES, FORM, _MULTIPART])}"
        )
    fields += [(name, value) for name, value in request.form.items(multi=True)]
    unknown = {name for name, _ in fields} - set(_NAMES)
    if unknown:
        raise RequestRefused(f"{', '.join(sorted(unknown))}: read here are {', '.join(_NAMES)}")
    text = read_single(fields, "text")
    found = []
    if text.strip():
        syntax = _choose(fields, "syntax", TEXTS)
        found.append(_named(Path("text"), text.encode(), syntax, fields))
    found += _files("file", fields)
    if not found:
        raise RequestRefused("Nothing to judge", hint="Send text=, or files as file=")
    return tuple(found), tuple(_files("shapes", [("graph", terms.SHAPES)]))


def _files(name: str, fields: Fields) -> Iterator[Document]:
    for file in request.files.getlist(name):
        if file.filename:
            yield _document(fields, file.filename, file.read())


def _document(fields: Fields, filename: str, content: bytes) -> Document:
    # A browser on another system may send a path of its own.
    name = PurePath(filename.replace("\\", "/")).name
    suffix = PurePath(name).suffix.lower()
    if suffix not in ALL_SUFFIXES:
        raise RequestRefused(
            f"The suffix of {name!r} does not tell the syntax",
            hint=f"name the file with one of: {', '.join(ALL_SUFFIXES)}",
        )
    return _named(Path(name), content, ALL_SUFFIXES[suffix], fields)


def _named(name: Path, content: bytes, syntax: str, fields: Fields) -> Document:
    """A document of the graph that it would replace: the one named, else one after its own name."""
    given = read_single(fields, "graph")
    if given:
        return Document(name, content, syntax, read_graph_name(given))
    graph = terms.mint_graph(terms.slug(name.stem) or "unnamed")
    return Document(name, content, syntax, graph, is_guess=True)


def _choose_form(fields: Fields) -> tuple[str, str]:
    """The name of the report's form, and its media type."""
    wish = read_single(fields, "format")
    for media_type, style in REPORTS.items():
        if wish in (style, media_type):
            return style, media_type
    if wish:
        raise RequestRefused(f"format is one of {', '.join(REPORTS.values())}, not {wish!r}")
    media_type = negotiate(request.headers.get("Accept", ""), list(REPORTS))
    return REPORTS[media_type], media_type


def _choose(fields: Fields, name: str, offered: tuple[str, ...]) -> str:
    given = read_single(fields, name) or offered[0]
    if given not in offered:
        raise RequestRefused(f"{name} is one of {', '.join(offered)}, not {given!r}")
    return given
