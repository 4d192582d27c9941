"""/data: the Graph Store HTTP Protocol, by ?graph=, ?default or a graph's own address."""

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from peelgraph import sparql
from peelgraph.catalogue.graph_names import read_graph_iri, whole_graph
from peelgraph.errors import MediaTypeUnknown, RequestRefused, UnknownName
from peelgraph.http.access import challenge
from peelgraph.http.headers import VERSION
from peelgraph.http.negotiation import GRAPHS, HTML, TURTLE, by_name, negotiate, with_charset
from peelgraph.http.protocol import UPDATE, read_fields
from peelgraph.http.service import Service
from peelgraph.http.update import Writes, read_body
from peelgraph.repository.changes import DIGITS, Document, Drop, Expected, Patch, Put
from peelgraph.sources import SUFFIXES
from peelgraph.sparql import QueryRequest, check_policy

SYNTAXES = {
    TURTLE: "ttl",
    "application/n-triples": "nt",
    "application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
}
_MULTIPART = "multipart/form-data"
_MOST_PARTS = 100
_METHODS = ["GET", "PUT", "POST", "PATCH", "DELETE"]


def graph_routes(writes: Writes) -> Blueprint:
    """The graph store, and each graph that has its address there."""
    routes = Blueprint("graphstore", __name__)
    routes.after_request(challenge)
    routes.after_request(_tell_patch)
    service = writes.service

    def answer(graph: str | None) -> Response:
        if request.method in ("GET", "HEAD"):
            if graph is None:
                raise RequestRefused("Which graph? Add ?graph=IRI or ?default to the address")
            return _read(service, graph)
        return _write(writes, graph)

    @routes.route("/data", methods=_METHODS)
    def indirect() -> Response:
        return answer(_named())

    @routes.route("/data/<path:name>", methods=_METHODS)
    def direct(name: str) -> Response:
        if _named() is not None:
            raise RequestRefused("The address names a graph, and its parameter another")
        return answer(_address(service, name))

    return routes


def _tell_patch(response: Response) -> Response:
    """`response` with the media type that PATCH takes (RFC 5789, section 3.1)."""
    if request.method in ("OPTIONS", "PATCH"):
        response.headers["Accept-Patch"] = UPDATE
    return response


def _address(service: Service, name: str) -> str:
    return f"{service.settings.url}/data/" + quote(name, safe="/:@!$&'()*+,;=~")


def _named() -> str | None:
    """The graph that the parameters name, "" for the default one; None when they name none."""
    fields = read_fields(request.query_string, "address")
    graphs = [value for name, value in fields if name == "graph"]
    is_default = any(name == "default" for name, _ in fields)
    if len(graphs) + is_default > 1:
        raise RequestRefused("One graph at a time: either graph=, once, or default")
    if is_default:
        return ""
    return read_graph_iri(graphs[0], "graph") if graphs else None


def _read(service: Service, graph: str) -> Response:
    version = service.current()
    if graph and graph not in service.graph_sizes():
        raise UnknownName(f"There is no graph <{graph}>", hint="They are listed at /")
    chosen = _chosen()
    # An ETag without the version: a graph that no write touched is still the same.
    digest = getattr(version.graphs.get(graph), "digest", "") or _digest(
        version.number, version.created, graph, service.infers()
    )
    tag = f"{digest[:DIGITS]}-{chosen.rpartition('/')[2]}"
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        question = whole_graph(graph, GRAPHS[chosen])
        if not graph:
            question = QueryRequest(
                question.query, graph=GRAPHS[chosen], inference=service.infers()
            )
        answer = service.reader.query(question)
        response = Response(answer.body, content_type=with_charset(chosen))
        response.headers[VERSION] = answer.version
        if answer.version != str(version.number):
            return response
    response.set_etag(tag)
    response.vary.add("Accept")
    return response


def _chosen() -> str:
    wish = request.args.get("format", "")
    if wish:
        chosen = by_name(wish, rows=False)
        return TURTLE if chosen == HTML else chosen
    accept = request.headers.get("Accept", "")
    # A browser likes XML better than what else it does not know; a person does not.
    return TURTLE if HTML in accept else negotiate(accept, [*GRAPHS])


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _write(writes: Writes, graph: str | None) -> Response:
    by, service = writes.access.check(), writes.service
    location = ""
    if graph is None:
        if request.method != "POST":
            raise RequestRefused("Which graph? Add ?graph=IRI or ?default to the address")
        graph = location = _address(service, uuid.uuid4().hex)
    fields = read_fields(request.query_string, "address")
    if request.method == "DELETE":
        return writes.carry_out(Drop(graph), by, fields, _expected())
    base = graph or f"{service.settings.url}/data"
    if request.method == "PATCH":
        text = read_body(UPDATE)
        check_policy(sparql.Update(text), service.settings)
        return writes.carry_out(Patch(graph, text, base), by, fields, _expected())
    put = Put(graph, _documents(base), replaces=request.method == "PUT")
    return writes.carry_out(put, by, fields, _expected(), location)


def _documents(base: str) -> tuple[Document, ...]:
    if request.mimetype != _MULTIPART:
        syntax = _syntax(request.mimetype, request.mimetype_params.get("charset", "utf-8"))
        content = request.get_data(cache=False, parse_form_data=False)
        return (Document(content, syntax, "body", base),)
    parts = list(_parts(request.mimetype_params.get("boundary", "")))
    if not parts:
        raise RequestRefused("The form has no part", hint="curl -F file=@data.ttl ...")
    return tuple(
        Document(content, _part_syntax(name, headers), name, base)
        for name, headers, content in parts
    )


def _parts(boundary: str) -> Iterator[tuple[str, Headers, bytes]]:
    """The name, the headers and the content of each part; a part need not be called a file.

    Source: SPARQL 1.1 Graph Store HTTP Protocol, section 5.5
    """
    body = request.get_data(cache=False, parse_form_data=False)
    decoder = MultipartDecoder(boundary.encode(), max_parts=_MOST_PARTS)
    name, headers, content = "", Headers(), b""
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue):
            if isinstance(event, Field | File):
                name = (event.filename if isinstance(event, File) else None) or event.name
                headers, content = event.headers, b""
            elif isinstance(event, Data):
                content += event.data
                if not event.more_data:
                    yield name, headers, content
            elif isinstance(event, NeedData):
                raise RequestRefused("The form ends before its last boundary")
    except (ValueError, RequestEntityTooLarge) as error:
        raise RequestRefused(f"The form cannot be read: {error}") from error


def _part_syntax(name: str, headers: Headers) -> str:
    """The syntax of a part; clients often know a file's name only."""
    media_type, parameters = parse_options_header(headers.get("Content-Type"))
    syntax = SUFFIXES.get(PurePath(name).suffix.lower(), "")
    if media_type not in SYNTAXES and syntax in SYNTAXES.values():
        return syntax
    return _syntax(media_type, parameters.get("charset", "utf-8"))


def _syntax(media_type: str, charset: str) -> str:
    if media_type not in SYNTAXES or charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise MediaTypeUnknown(
            f"The Content-Type is {media_type or 'none'} ({charset}); "
            f"read here, as UTF-8: {', '.join(SYNTAXES)}"
        )
    return SYNTAXES[media_type]


def _expected() -> Expected:
    """What If-Match and If-None-Match ask of the graph.

    A weak tag counts too: ours tell the content, whatever a proxy did to the bytes.
    """
    absent = request.if_none_match.star_tag and request.method in ("PUT", "POST")
    if request.if_match.star_tag:
        return Expected(("*",), absent)
    tags = request.if_match.as_set(include_weak=True)
    return Expected(tuple(tag[:DIGITS] for tag in tags), absent)
