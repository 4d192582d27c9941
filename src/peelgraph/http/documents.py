"""The RDF documents of things, and what every document says of itself in its headers."""

import difflib
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from flask import Response, request

from peelgraph import terms
from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.embedded import Embedded
from peelgraph.errors import PeelgraphError, UnknownName, Withdrawn
from peelgraph.http.headers import tagged
from peelgraph.http.negotiation import GRAPHS, HTML, SHORT, by_name, negotiate, with_charset
from peelgraph.http.page_queries import ask, evaluate
from peelgraph.http.protocol import read_number
from peelgraph.http.service import Service
from peelgraph.repository import Home
from peelgraph.sparql import Query, QueryResult

# Ends of a document's address that choose its syntax; in a page they are its downloads.
ENDINGS = ("ttl", "nt", "rdf", "jsonld")

# A hub has thousands of links to it; a page or a document shows so many, and leads to the next.
MOST_LINKS = 1000

_NEAR = 3


def path_of(iri: str) -> str:
    """The address of the document that describes a thing, without an ending."""
    return "/doc/" + iri.removeprefix(terms.ID)


def choose(name: str) -> tuple[str, str]:
    """The name without its ending, and the media type it or the caller asks for."""
    stem, _, ending = name.rpartition(".")
    if stem and ending in (*ENDINGS, "html"):
        return stem, SHORT[ending][1]
    wish = request.args.get("format", "")
    if wish:
        return name, by_name(wish, rows=False)
    return name, negotiate(request.headers.get("Accept", ""), [*GRAPHS, HTML])


def read_page() -> int:
    """Which page of the links to a thing is asked for, from 1; RequestRefused for no number."""
    return read_number("page", request.args.get("page", "1"), 1, MOST_LINKS**2)


def describe_thing(
    service: Service, iri: str, media_type: str, page: int, pages: int
) -> QueryResult:
    """One of the pages of what is said of a thing, as RDF.

    Every page has all the statements about the thing, with the labels of what they name, and so
    many of the links to it; the document tells where the next ones are.
    """
    url, path = service.settings.url, path_of(iri)
    query = service.pages["document-of-thing"]
    # The one part of a query that no parameter can hold.
    offset = f"OFFSET {(page - 1) * MOST_LINKS}"
    values = {
        "thing": iri,
        "licence": terms.LICENCE,
        "document": url + paged(path, page),
        "version": f"{url}/versions/{service.current().number}",
    }
    if page > 1:
        values["before"] = url + paged(path, page - 1)
    if page < pages:
        values["after"] = url + paged(path, page + 1)
    query = replace(query, query=Query(query.text.replace("OFFSET 0", offset)))
    return evaluate(service, query, values, media_type=GRAPHS[media_type])


def count_pages(service: Service, iri: str) -> int:
    """How many pages the links to a thing take; UnknownName or Withdrawn when it has none."""
    (row,) = ask(service, "number-of-links", thing=iri)
    links = int(row["links"])
    if not links and row["described"] == "false":
        raise unknown(service, iri)
    return max(1, -(-links // MOST_LINKS))


def unknown(service: Service, iri: str) -> PeelgraphError:
    """The failure to find anything about `iri`: it is gone, or what is near it."""
    gone = Home(service.settings.home).find_withdrawal(iri, service.current().number)
    if gone:
        last = f"/doc/{iri.removeprefix(terms.ID)}?at={gone - 1}"
        return Withdrawn(
            f"<{iri}> was withdrawn in version {gone}",
            hint=f"What it was is told by {last} as long as that version is kept.",
        )
    if not iri.startswith(terms.ID):
        stem, _, name = iri.removeprefix(terms.BASE).partition("/")
        near = _near(service, f"{terms.BASE}{stem}#", name)
        return UnknownName(
            f"Nothing is said of <{iri}>",
            hint="Terms are written with #: " + ", ".join(f"/{stem}#{one}" for one in near)
            if near
            else f"All terms are at /{stem}",
        )
    kind, _, slug = iri.removeprefix(terms.ID).partition("/")
    if kind not in terms.TYPES:
        near = difflib.get_close_matches(kind, terms.TYPES, n=_NEAR)
        return UnknownName(
            f"There is no type of thing called {kind}",
            hint=f"Near it: {', '.join(near)}."
            if near
            else f"There are: {', '.join(terms.TYPES)}.",
        )
    found = ", ".join(f"/doc/{kind}/{one}" for one in _near(service, f"{terms.ID}{kind}/", slug))
    return UnknownName(
        f"Nothing is said of <{iri}>",
        hint=f"Near it: {found}." if found else "Search for its name at /sparql, or start at /",
    )


def _near(service: Service, space: str, name: str) -> list[str]:
    """The names within an IRI space that are near to one."""
    rows = ask(service, "things-in-namespace", namespace=space)
    names = [row["thing"].removeprefix(space) for row in rows]
    return difflib.get_close_matches(name, names, n=_NEAR)


def serialise(triples: bytes, media_type: str) -> bytes:
    """Some N-Triples in another syntax, with the prefixes that all answers have."""
    store = Embedded.memory()
    store.insert(triples, "")
    return store.query(whole_graph("", GRAPHS[media_type])).body


def document(
    triples: bytes,
    path: str,
    chosen: str,
    tag: str,
    base: str = "",
    *,
    licence: str = terms.LICENCE,
) -> Response:
    """Some N-Triples as a document at `path`, in the syntax chosen."""
    response = Response(serialise(triples, chosen), content_type=with_charset(chosen))
    relate(response, path, base, licence)
    return tagged(response, tag)


def relate(response: Response, path: str, base: str = "", licence: str = terms.LICENCE) -> None:
    """Say which of the document's syntaxes this is, where the others are, and the licence."""
    given = [(n, v) for n, v in parse_qsl(request.query_string.decode("ascii", "replace"))]
    query = urlencode([(name, value) for name, value in given if name in ("at", "page")])
    query = f"?{query}" if query else ""
    for ending in (*ENDINGS, "html"):
        media_type = SHORT[ending][1]
        address = f"{path}.{ending}{query}"
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{media_type}"')
        if response.mimetype == media_type:
            response.headers["Content-Location"] = address
    for target, relation in (
        (f"{base}{path}{query}", "canonical"),
        ("/.well-known/void", "describedby"),
        (licence, "license"),
    ):
        response.headers.add("Link", f'<{target}>; rel="{relation}"')


def paged(path: str, page: int) -> str:
    """The address of a page, with the version that the request names."""
    at = request.args.get("at", "")
    query = urlencode([*([("at", at)] if at else []), *([("page", page)] if page > 1 else [])])
    return f"{path}?{query}" if query else path
