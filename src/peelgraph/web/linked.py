"""Every IRI answers: things by 303, documents, the ontology, the shapes, graphs."""

import re
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.errors import UnknownName
from peelgraph.web.documents import (
    ENDINGS,
    choose,
    count_pages,
    describe_thing,
    paged,
    path_of,
    read_page,
    relate,
)
from peelgraph.web.graphs import graph_document
from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.negotiation import HTML, with_charset
from peelgraph.web.service import Service
from peelgraph.web.things import thing_page


def linked_routes(service: Service) -> Blueprint:
    """Documents of things, graphs and the whole dataset."""
    routes = Blueprint("linked", __name__)

    @routes.get("/id/<kind>/<slug>")
    def thing(kind: str, slug: str) -> BaseResponse:
        return _see_other("/doc/" + encoded(f"{kind}/{slug}"))

    @routes.get("/doc/<kind>/<slug>")
    def document(kind: str, slug: str) -> Response:
        name, chosen = choose(slug)
        return _thing(service, terms.ID + encoded(f"{kind}/{name}"), chosen)

    @routes.get("/ontology", defaults={"ending": ""})
    @routes.get("/ontology.<ending>")
    def ontology(ending: str) -> Response:
        return _vocabulary(service, "ontology", ending)

    @routes.get("/shapes", defaults={"ending": ""})
    @routes.get("/shapes.<ending>")
    def shapes(ending: str) -> Response:
        return _vocabulary(service, "shapes", ending)

    @routes.get("/<any(ontology, shapes):stem>/<path:part>")
    def module(stem: str, part: str) -> BaseResponse:
        """A file of the ontology or of the shapes, or a version IRI: part of one document."""
        name, _ = choose(part)
        ending = part.removeprefix(name)
        iri = f"{terms.BASE}{stem}/{encoded(name)}"
        count_pages(service, iri)
        return _see_other(f"/{stem}{ending}")

    @routes.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        stem, chosen = choose(name)
        return graph_document(service, terms.mint_graph(stem), chosen, f"/graph/{stem}")

    return routes


def encoded(path: str) -> str:
    """The end of an IRI from a path that Flask has decoded: what no IRI holds, encoded again."""
    return re.sub(r"[\x00-\x20<>\"{}|^`\\%]", lambda found: quote(found[0], safe=""), path)


def _see_other(path: str) -> BaseResponse:
    query = request.query_string.decode("ascii", "replace")
    response = redirect(f"{path}?{query}" if query else path, code=303)
    response.vary.add("Accept")
    response.headers.add("Link", f'<{path}>; rel="describedby"')
    return response


def _vocabulary(service: Service, stem: str, ending: str) -> Response:
    name, chosen = choose(f"{stem}.{ending}" if ending else stem)
    if name != stem:
        raise UnknownName(f"/{stem} has no form .{ending}", hint=f"It has: {', '.join(ENDINGS)}")
    return graph_document(service, terms.mint_graph(stem), chosen, f"/{stem}")


def _thing(service: Service, iri: str, chosen: str) -> Response:
    version, page = service.current(), read_page()
    url = service.settings.url
    tag = entity_tag("document", iri, chosen, page, version.number, version.created, url)
    if response := unchanged(tag):
        return response
    pages = count_pages(service, iri)
    if page > pages:
        raise UnknownName(f"The links to <{iri}> end with page {pages}; there is no page {page}")
    if chosen == HTML:
        body, read = thing_page(service, iri)
        response = Response(body, mimetype=HTML)
    else:
        answer = describe_thing(service, iri, chosen, page, pages)
        read = answer.version
        response = Response(answer.body, content_type=with_charset(chosen))
    response.headers[VERSION] = read
    relate(response, path_of(iri), url)
    for other, relation in ((page - 1, "prev"), (page + 1, "next")):
        if 0 < other <= pages:
            response.headers.add("Link", f'<{paged(path_of(iri), other)}>; rel="{relation}"')
    return tagged(response, tag)
