"""What the dataset tells of itself: VoID and DCAT, the stored questions, the map for crawlers."""

from flask import Blueprint, Response, redirect, render_template
from markupsafe import escape
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.catalogue.guide import INFERRED, write_guide
from peelgraph.errors import NothingPublished, UnknownName
from peelgraph.http.cells import cell
from peelgraph.http.documents import ENDINGS, choose, document, relate
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import HTML, SHORT
from peelgraph.http.page_queries import Row, ask, evaluate, read_result
from peelgraph.http.service import Service
from peelgraph.repository.dumps import Dump, dumps_of
from peelgraph.repository.factory import repository_of
from peelgraph.repository.void_dcat import (
    DATASET,
    describe_plainly,
    describe_version,
    located,
)

_NAMES = {terms.DESCRIPTION: "/.well-known/void", terms.EXAMPLES: "/.well-known/sparql-examples"}
_URLS = 20_000  # a map of a site may list 50,000


def dataset_routes(service: Service) -> Blueprint:
    """The description, the examples, and the map of all documents."""
    routes = Blueprint("dataset", __name__)

    @routes.get("/.well-known/void", defaults={"ending": ""})
    @routes.get("/.well-known/void.<ending>")
    def void(ending: str) -> Response:
        return _described(service, terms.DESCRIPTION, ending)

    @routes.get("/.well-known/sparql-examples", defaults={"ending": ""})
    @routes.get("/.well-known/sparql-examples.<ending>")
    def examples(ending: str) -> BaseResponse:
        return _described(service, terms.EXAMPLES, ending)

    @routes.get("/.well-known/sparql-examples/<name>")
    def example(name: str) -> BaseResponse:
        stem, chosen = choose(name)
        stored = service.question(stem)
        ending = next(e for e in (*ENDINGS, "html") if chosen in SHORT[e])
        response = redirect(f"/queries/{stored.name}.{ending}", code=303)
        response.vary.add("Accept")
        return response

    @routes.get("/robots.txt")
    def robots() -> Response:
        text = (
            "User-agent: *\n"
            "Disallow: /sparql\nDisallow: /update\nDisallow: /explain\nDisallow: /reconcile\n"
            "Disallow: /*at=\n"
            f"Sitemap: {service.settings.url}/sitemap.xml\n"
        )
        return Response(text, mimetype="text/plain")

    @routes.get("/sitemap.xml")
    def sitemap() -> Response:
        return _sitemap(service, 0)

    @routes.get("/sitemap-<int(min=1):part>.xml")
    def part_of_sitemap(part: int) -> Response:
        return _sitemap(service, part)

    return routes


def dumps_here(service: Service) -> list[Dump]:
    """The files of the version that is read; none where there is no home folder with it."""
    try:
        version = repository_of(service.settings).get(service.current().number)
    except (UnknownName, NothingPublished):
        return []
    return list(dumps_of(version))


def read_classes(service: Service) -> list[Row]:
    """Each class of the dataset with its name, and how many things and properties it has."""
    return ask(service, "classes-of-dataset", description=terms.DESCRIPTION, dataset=DATASET)


def _described(service: Service, graph: str, ending: str) -> Response:
    """One of the graphs in which the dataset tells of itself, at its own address."""
    path = _NAMES[graph]
    stem, chosen = choose(f"x.{ending}" if ending else "x")
    version = service.current()
    if stem != "x":
        raise UnknownName(f"{path} has no form .{ending}", hint=f"It has: {', '.join(ENDINGS)}")
    is_told = graph in version.derived
    # A version that was begun empty holds what is others'; where it is asked is known all the same.
    if not is_told and graph != terms.DESCRIPTION:
        raise UnknownName(
            f"Version {version.number} does not tell of itself",
            hint="A version that is built from the sources does: peelgraph build",
        )
    tag = entity_tag(graph, chosen, version.number, version.created, service.settings.url)
    if response := unchanged(tag):
        return response
    if chosen == HTML:
        response = tagged(_page(service, graph), tag)
        relate(response, path, service.settings.url)
        return response
    if not is_told:
        triples = describe_plainly(version.created, version.triples)
    else:
        triples = service.reader.query(whole_graph(graph, "application/n-triples")).body
    if is_told and graph == terms.DESCRIPTION:
        versions = repository_of(service.settings).list()
        others = (describe_version(v, ()) for v in versions if v.number != version.number)
        triples = b"".join([triples, _files(service), *others])
    return document(located(triples, service.settings.url), path, chosen, tag, service.settings.url)


def _files(service: Service) -> bytes:
    """The version that is read with its files, which a write does not make at once."""
    version = repository_of(service.settings).get(service.current().number)
    return describe_version(version, dumps_here(service))


def _page(service: Service, graph: str) -> Response:
    if graph == terms.EXAMPLES:
        page = render_template("queries.html", questions=service.catalogue.questions)
        return Response(page, mimetype=HTML)
    classes = [
        (
            cell({"type": "uri", "value": row["kind"]}, row["kindName"]),
            row["entities"],
            row["properties"],
        )
        for row in read_classes(service)
    ]
    page = render_template(
        "dataset.html",
        version=service.current(),
        classes=classes,
        dumps=dumps_here(service),
        url=service.settings.url,
        endings=ENDINGS,
    )
    return Response(page, mimetype=HTML)


def _sitemap(service: Service, part: int) -> Response:
    version, url = service.current(), service.settings.url
    tag = entity_tag("sitemap", part, version.number, version.created, url)
    if response := unchanged(tag):
        return response
    query = service.pages["described-things"]
    rows = read_result(evaluate(service, query, {"namespace": terms.ID}, inference=False))
    things = [row["thing"].removeprefix(terms.ID) for row in rows]
    paths = [
        *("/", "/queries", "/ontology", "/shapes", "/versions", "/problems", "/.well-known/void"),
        *service.extension.pages,
        *(f"/queries/{question.name}" for question in service.catalogue.questions),
        *(f"/graph/{graph.removeprefix(terms.GRAPH)}" for graph in version.graphs),
        *(f"/doc/{thing}" for thing in things),
    ]
    parts = -(-len(paths) // _URLS)
    if part > parts:
        raise UnknownName(f"The map has {parts} parts, and no part {part}")
    kind, item = ("urlset", "url") if part else ("sitemapindex", "sitemap")
    listed = (
        paths[(part - 1) * _URLS : part * _URLS]
        if part
        else [f"/sitemap-{number}.xml" for number in range(1, parts + 1)]
    )
    lines = [
        f"<{item}><loc>{escape(url + path)}</loc><lastmod>{version.created}</lastmod></{item}>\n"
        for path in listed
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    head += f'<{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return tagged(Response(head + "".join(lines) + f"</{kind}>\n", mimetype="application/xml"), tag)


def guide_routes(service: Service) -> Blueprint:
    """The one document, at the root of the host."""
    routes = Blueprint("guide", __name__)

    @routes.get("/llms.txt")
    def guide() -> Response:
        version, url = service.current(), service.settings.url
        tag = entity_tag("llms.txt", url, version.number, version.created)
        if response := unchanged(tag):
            return response
        told = (INFERRED if service.infers() else service.seen(), service.called())
        text = write_guide(read_classes(service), service.catalogue.questions, url, told)
        return tagged(Response(text, content_type="text/plain; charset=utf-8"), tag)

    return routes
