"""Every IRI answers: things by 303, documents, the ontology, the shapes, graphs."""

import re
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.embedded import Embedded
from peelgraph.errors import UnknownName
from peelgraph.http.cells import Cell, link, short
from peelgraph.http.documents import (
    ENDINGS,
    MOST_LINKS,
    choose,
    count_pages,
    describe_thing,
    document,
    paged,
    path_of,
    read_page,
    relate,
)
from peelgraph.http.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.http.modules import Modules
from peelgraph.http.negotiation import GRAPHS, HTML, with_charset
from peelgraph.http.page_queries import Row, evaluate, read_result
from peelgraph.http.resource import resource_page
from peelgraph.http.service import Service
from peelgraph.sparql import QueryRequest

_VOCABULARIES = ("ontology", "shapes")


def linked_routes(service: Service) -> Blueprint:
    """Documents of things, graphs and the whole dataset."""
    routes = Blueprint("linked", __name__)
    modules = Modules(Path(terms.ROOT))

    @routes.get("/id/<kind>/<slug>")
    def thing(kind: str, slug: str) -> BaseResponse:
        return _see_other("/doc/" + encoded(f"{kind}/{slug}"))

    @routes.get("/doc/<kind>/<slug>")
    def document_of_thing(kind: str, slug: str) -> Response:
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
        """A file of the ontology or of the shapes, or a release, each by its version IRI too."""
        return _module(service, modules, stem, part)

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


def _module(service: Service, modules: Modules, stem: str, part: str) -> BaseResponse:
    name, chosen = choose(part)
    iri = f"{terms.BASE}{stem}/{encoded(name)}"
    triples = modules.find_release(stem, name) or modules.find(service.current(), stem, iri)
    if triples is None:
        # A version of the whole, or one whose modules are not here, is all in one document.
        count_pages(service, iri)
        return _see_other(f"/{stem}{part.removeprefix(name)}")
    version, url = service.current(), service.settings.url
    tag = entity_tag("module", iri, chosen, version.number, version.created, url)
    if response := unchanged(tag):
        return response
    path = f"/{stem}/{encoded(name)}"
    if chosen == HTML:
        response = Response(_module_page(service, iri, triples, path), mimetype=HTML)
        relate(response, path, url, terms.SOFTWARE_LICENCE)
        return tagged(response, tag)
    return document(triples, path, chosen, tag, url, licence=terms.SOFTWARE_LICENCE)


def _module_page(service: Service, iri: str, triples: bytes, path: str) -> str:
    """The terms that a module describes, found as those of a graph are."""
    query = service.pages["subjects-of-graph"]
    store = Embedded.memory()
    store.insert(triples, iri)
    asked = QueryRequest(query.query, bindings=query.bind({"graph": iri}))
    rows = read_result(store.query(asked))
    return _graph_page(iri, iri.removeprefix(terms.BASE), store.size(iri), rows, path)


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
        body, read = (service.extension.resource_page or resource_page)(service, iri)
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


def graph_document(service: Service, name: str, chosen: str, path: str) -> Response:
    """The graph of that name in one of its forms; UnknownName when there is none."""
    sizes = service.graph_sizes()
    if name not in sizes:
        near = get_close_matches(name, sizes, n=3)
        told = ", ".join(link(graph) for graph in near or sizes)
        hint = f"Near it: {told}." if near else f"There are: {told}."
        raise UnknownName(f"There is no graph <{name}>", hint=hint)
    version = service.current()
    tag = entity_tag("graph", name, chosen, version.number, version.created)
    if response := unchanged(tag):
        return response
    stem = name.removeprefix(terms.GRAPH)
    licence = terms.SOFTWARE_LICENCE if stem in _VOCABULARIES else terms.LICENCE
    if chosen == HTML and stem in service.extension.graph_pages:
        response = Response(service.extension.graph_pages[stem](service), mimetype=HTML)
        relate(response, path, service.settings.url, licence)
        return tagged(response, tag)
    if chosen == HTML:
        query = service.pages["subjects-of-graph"]
        answer = evaluate(service, query, {"graph": name}, inference=True)
        body = _graph_page(name, short(name), sizes[name], read_result(answer), link(name))
        response = Response(body, mimetype=HTML)
    else:
        answer = service.reader.query(whole_graph(name, GRAPHS[chosen]))
        response = Response(answer.body, content_type=with_charset(chosen))
    response.headers[VERSION] = answer.version
    relate(response, path, service.settings.url, licence)
    return tagged(response, tag)


def _graph_page(name: str, title: str, size: int, rows: list[Row], path: str) -> str:
    entries: dict[str, dict[str, object]] = {}
    for row in rows:
        iri = row["term"]
        entries.setdefault(
            iri,
            {
                "anchor": iri.partition("#")[2],
                "cell": Cell(row["termName"] or short(iri), link(iri), iri),
                "definition": row["description"],
            },
        )
    return render_template(
        "graph.html",
        iri=name,
        title=title,
        size=size,
        entries=list(entries.values()),
        path=path,
        endings=ENDINGS,
        most=MOST_LINKS,
    )
