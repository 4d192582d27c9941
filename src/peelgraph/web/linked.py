"""Every IRI answers: things by 303, documents, the ontology, the shapes, graphs, the dump."""

import re
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from peelgraph import terms
from peelgraph.errors import UnknownName
from peelgraph.store import Dataset, Question
from peelgraph.web.cells import Cell, cell, link, read_rows, short
from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.negotiation import GRAPHS, HTML, SHORT, by_name, negotiate, with_charset
from peelgraph.web.service import Service, whole_graph

_JSON = "application/sparql-results+json"

# Ends of a document's address that choose its syntax; in a page they are its downloads.
ENDINGS = ("ttl", "nt", "rdf", "jsonld")

# A hub has thousands of links to it; a page or a document shows the first of them.
MOST_LINKS = 1000

_LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

_LABELS = "rdfs:label|skos:prefLabel"
_PREFIXES = (
    f"PREFIX rdfs: <{terms.VOCABULARIES['rdfs']}> PREFIX skos: <{terms.VOCABULARIES['skos']}> "
)
_DESCRIBE = f"""{_PREFIXES}
CONSTRUCT {{ ?thing ?p ?o . ?o ?naming ?label . ?s ?q ?thing }}
WHERE {{
  {{
    ?thing ?p ?o .
    OPTIONAL {{ VALUES ?naming {{ rdfs:label skos:prefLabel }} ?o ?naming ?label }}
  }}
  UNION
  {{ SELECT ?s ?q WHERE {{ ?s ?q ?thing }} ORDER BY ?s ?q LIMIT {MOST_LINKS} }}
}}"""
_ROWS = f"""{_PREFIXES}
SELECT ?to ?property ?other ?name ?propertyName
WHERE {{
  {{ ?thing ?property ?other . BIND(true AS ?to) }}
  UNION
  {{
    SELECT ?property ?other WHERE {{ ?other ?property ?thing }}
    ORDER BY ?property ?other LIMIT {MOST_LINKS}
  }}
  OPTIONAL {{ ?other {_LABELS} ?name }}
  OPTIONAL {{ ?property {_LABELS} ?propertyName }}
}}
ORDER BY ?property ?other ?name ?propertyName"""
_TERMS = f"""{_PREFIXES}
SELECT ?term ?name ?definition
WHERE {{
  ?term ?p ?o .
  FILTER(ISIRI(?term))
  OPTIONAL {{ ?term {_LABELS} ?name }}
  OPTIONAL {{ ?term skos:definition|rdfs:comment ?definition }}
}}
GROUP BY ?term ?name ?definition
ORDER BY ?term ?name ?definition
LIMIT {MOST_LINKS}"""


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
        name, chosen = _chosen(slug)
        return _thing(service, terms.ID + _encoded(f"{kind}/{name}"), chosen)

    @routes.get("/ontology")
    def ontology() -> Response:
        return _graph(service, terms.mint_graph("ontology"), _chosen("")[1])

    @routes.get("/shapes")
    def shapes() -> Response:
        return _graph(service, terms.mint_graph("shapes"), _chosen("")[1])

    @routes.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        stem, chosen = _chosen(name)
        return _graph(service, terms.mint_graph(stem), chosen)

    @routes.get("/dump.nq")
    def dump() -> Response:
        return _dump(service)

    return routes


def _chosen(name: str) -> tuple[str, str]:
    """The name without its ending, and the media type it or the caller asks for."""
    stem, _, ending = name.rpartition(".")
    if stem and ending in (*ENDINGS, "html"):
        return stem, SHORT[ending][1]
    wish = request.args.get("format", "")
    if wish:
        return name, by_name(wish, rows=False)
    return name, negotiate(request.headers.get("Accept", ""), [*GRAPHS, HTML])


def _encoded(path: str) -> str:
    """The end of an IRI from a path that Flask has decoded: what no IRI holds, encoded again."""
    return re.sub(r"[\x00-\x20<>\"{}|^`\\%]", lambda found: quote(found[0], safe=""), path)


def _thing(service: Service, iri: str, chosen: str) -> Response:
    version = service.current()
    tag = entity_tag("document", iri, chosen, version.number, version.created)
    if response := unchanged(tag):
        return response
    bindings = (("thing", f"<{iri}>"),)
    text = _ROWS if chosen == HTML else _DESCRIBE
    question = Question(
        text, _JSON, GRAPHS.get(chosen, ""), bindings=bindings, inference=service.infers()
    )
    answer = service.reader.query(question)
    rows = read_rows(answer.body) if chosen == HTML else []
    if not (rows if chosen == HTML else answer.body.strip(b"[] \n")) or _is_bare(answer.body):
        raise UnknownName(
            f"Nothing is said of <{iri}>", hint="Search for its name at /sparql, or start at /"
        )
    response = (
        Response(_thing_page(iri, rows), mimetype=HTML)
        if chosen == HTML
        else Response(answer.body, content_type=with_charset(chosen))
    )
    response.headers[VERSION] = answer.version
    _relate(response, "/doc/" + iri.removeprefix(terms.ID))
    return tagged(response, tag)


def _is_bare(body: bytes) -> bool:
    """Whether an RDF/XML document describes nothing."""
    return body.startswith(b"<?xml") and b"<rdf:Description" not in body


def _thing_page(iri: str, rows: list[dict[str, dict[str, str]]]) -> str:
    out: dict[Cell, dict[str, Cell]] = {}
    back: dict[Cell, dict[str, Cell]] = {}
    title = ""
    for row in rows:
        name = row.get("propertyName", {}).get("value", "")
        heading = Cell(name or short(row["property"]["value"]), link(row["property"]["value"]))
        other = cell(row["other"], row.get("name", {}).get("value", ""))
        place = out if "to" in row else back
        place.setdefault(heading, {}).setdefault(row["other"]["value"] + other.note, other)
        if "to" in row and row["property"]["value"].endswith(("#label", "#prefLabel")):
            title = title or row["other"]["value"]
    path = "/doc/" + iri.removeprefix(terms.ID)
    return render_template(
        "thing.html",
        iri=iri,
        title=title or short(iri),
        out=out,
        back=back,
        path=path,
        endings=ENDINGS,
        most=MOST_LINKS,
    )


def _graph(service: Service, name: str, chosen: str) -> Response:
    sizes = service.graph_sizes()
    if name not in sizes:
        near = ", ".join(short(graph) for graph in sizes)
        raise UnknownName(f"There is no graph <{name}>", hint=f"There are: {near}")
    version = service.current()
    tag = entity_tag("graph", name, chosen, version.number, version.created)
    if response := unchanged(tag):
        return response
    if chosen == HTML:
        dataset = Dataset(default=(name,), named=())
        answer = service.reader.query(Question(_TERMS, _JSON, dataset=dataset))
        body = _graph_page(name, sizes[name], read_rows(answer.body))
        response = Response(body, mimetype=HTML)
    else:
        answer = service.reader.query(whole_graph(name, GRAPHS[chosen]))
        response = Response(answer.body, content_type=with_charset(chosen))
    response.headers[VERSION] = answer.version
    _relate(response, link(name))
    return tagged(response, tag)


def _graph_page(name: str, size: int, rows: list[dict[str, dict[str, str]]]) -> str:
    entries: dict[str, dict[str, object]] = {}
    for row in rows:
        iri = row["term"]["value"]
        label = row.get("name", {}).get("value", "")
        entries.setdefault(
            iri,
            {
                "anchor": iri.partition("#")[2],
                "cell": Cell(label or short(iri), link(iri), iri),
                "definition": row.get("definition", {}).get("value", ""),
            },
        )
    return render_template(
        "graph.html",
        iri=name,
        title=short(name),
        size=size,
        entries=entries.values(),
        path=link(name),
        endings=ENDINGS,
        most=MOST_LINKS,
    )


def _relate(response: Response, path: str) -> None:
    """Say which of the document's syntaxes this is, where the others are, and the licence."""
    for ending in ENDINGS:
        media_type = SHORT[ending][1]
        response.headers.add("Link", f'<{path}.{ending}>; rel="alternate"; type="{media_type}"')
        if response.mimetype == media_type:
            response.headers["Content-Location"] = f"{path}.{ending}"
    response.headers.add("Link", f'<{_LICENCE}>; rel="license"')


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
