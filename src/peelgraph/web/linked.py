"""Every IRI answers: things by 303, documents, the ontology, the shapes, graphs, the dump."""

import re
from urllib.parse import quote

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.web.documents import choose, describe_thing, path_of, relate
from peelgraph.web.graphs import graph_document
from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.negotiation import HTML, with_charset
from peelgraph.web.service import Service, whole_graph
from peelgraph.web.things import thing_page


def linked_routes(service: Service) -> Blueprint:
    """Documents of things, graphs and the whole dataset."""
    routes = Blueprint("linked", __name__)

    @routes.get("/id/<kind>/<slug>")
    def thing(kind: str, slug: str) -> BaseResponse:
        response = redirect("/doc/" + _encoded(f"{kind}/{slug}"), code=303)
        response.vary.add("Accept")
        return response

    @routes.get("/doc/<kind>/<slug>")
    def document(kind: str, slug: str) -> Response:
        name, chosen = choose(slug)
        return _thing(service, terms.ID + _encoded(f"{kind}/{name}"), chosen)

    @routes.get("/ontology")
    def ontology() -> Response:
        return graph_document(service, terms.mint_graph("ontology"), choose("")[1])

    @routes.get("/shapes")
    def shapes() -> Response:
        return graph_document(service, terms.mint_graph("shapes"), choose("")[1])

    @routes.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        stem, chosen = choose(name)
        return graph_document(service, terms.mint_graph(stem), chosen)

    @routes.get("/dump.nq")
    def dump() -> Response:
        return _dump(service)

    return routes


def _encoded(path: str) -> str:
    """The end of an IRI from a path that Flask has decoded: what no IRI holds, encoded again."""
    return re.sub(r"[\x00-\x20<>\"{}|^`\\%]", lambda found: quote(found[0], safe=""), path)


def _thing(service: Service, iri: str, chosen: str) -> Response:
    version = service.current()
    tag = entity_tag("document", iri, chosen, version.number, version.created)
    if response := unchanged(tag):
        return response
    if chosen == HTML:
        page, read = thing_page(service, iri)
        response = Response(page, mimetype=HTML)
    else:
        answer = describe_thing(service, iri, chosen)
        read = answer.version
        response = Response(answer.body, content_type=with_charset(chosen))
    response.headers[VERSION] = read
    relate(response, path_of(iri))
    return tagged(response, tag)


def _dump(service: Service) -> Response:
    version = service.current()
    tag = entity_tag("dump", version.number, version.created)
    if response := unchanged(tag):
        return response
    parts = []
    for name in service.graph_sizes():
        answer = service.reader.query(whole_graph(name, "application/n-triples"))
        if answer.version != str(version.number):
            # A new version was published meanwhile: a dump is of one version.
            return _dump(service)
        # No line break stands inside an N-Triples literal, so each one ends a triple.
        parts.append(answer.body.replace(b" .\n", f" <{name}> .\n".encode()))
    response = Response(b"".join(parts), content_type="application/n-quads")
    response.headers[VERSION] = str(version.number)
    response.headers["Content-Disposition"] = 'attachment; filename="peelgraph.nq"'
    return tagged(response, tag)
