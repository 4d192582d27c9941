"""The document and the page of one named graph, the ontology and the shapes among them."""

from difflib import get_close_matches

from flask import Response, render_template

from peelgraph import terms
from peelgraph.errors import UnknownName
from peelgraph.web.cells import Cell, link, short
from peelgraph.web.documents import ENDINGS, MOST_LINKS, relate
from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.negotiation import GRAPHS, HTML, with_charset
from peelgraph.web.page_queries import Row, evaluate, read_result
from peelgraph.web.service import Service, whole_graph
from peelgraph.web.vocabulary import ontology_page, shapes_page


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
    pages = {"ontology": ontology_page, "shapes": shapes_page}
    stem = name.removeprefix(terms.GRAPH)
    licence = terms.SOFTWARE_LICENCE if stem in pages else terms.LICENCE
    if chosen == HTML and stem in pages:
        response = Response(pages[stem](service), mimetype=HTML)
        relate(response, path, service.settings.url, licence)
        return tagged(response, tag)
    if chosen == HTML:
        query = service.pages["subjects-of-graph"]
        answer = evaluate(service, query, {"graph": name}, inference=True)
        body = _graph_page(name, sizes[name], read_result(answer))
        response = Response(body, mimetype=HTML)
    else:
        answer = service.reader.query(whole_graph(name, GRAPHS[chosen]))
        response = Response(answer.body, content_type=with_charset(chosen))
    response.headers[VERSION] = answer.version
    relate(response, path, service.settings.url, licence)
    return tagged(response, tag)


def _graph_page(name: str, size: int, rows: list[Row]) -> str:
    entries: dict[str, dict[str, object]] = {}
    for row in rows:
        iri = row["term"]
        entries.setdefault(
            iri,
            {
                "anchor": iri.partition("#")[2],
                "cell": Cell(row["name"] or short(iri), link(iri), iri),
                "definition": row["definition"],
            },
        )
    return render_template(
        "graph.html",
        iri=name,
        title=short(name),
        size=size,
        entries=list(entries.values()),
        path=link(name),
        endings=ENDINGS,
        most=MOST_LINKS,
    )
