"""Named graphs: how one is named on the command line and over HTTP, and the query for all of it."""

import difflib
import re
from collections.abc import Iterable

from peelgraph import terms
from peelgraph.catalogue.stored_queries import read_node
from peelgraph.errors import RequestRefused
from peelgraph.sparql import Dataset, Query, QueryRequest

_BARE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_NEAR = 3


def read_graph_name(text: str) -> str:
    """The IRI of a graph: given in full, in <>, with a prefix as graph:NAME, or bare as NAME.

    Errors: RequestRefused for anything else.
    """
    if _BARE.fullmatch(text) and text != "a":
        return terms.mint_graph(text)
    term = read_node(text)
    if not term.startswith("<"):
        raise RequestRefused(
            f"{text!r} is not the name of a graph",
            hint="write its name, graph: and its name, or <https://...>",
        )
    return term[1:-1]


def read_graph_iri(text: str, parameter: str) -> str:
    """The IRI of a graph where a protocol takes nothing else.

    A prefixed name looks like an IRI, and would name another graph.

    Errors: RequestRefused for anything else; for another name of a graph with the IRI to write.
    """
    try:
        iri = read_graph_name(text)
    except RequestRefused:
        iri = ""
    if iri == text and _IRI.fullmatch(text):
        return text
    raise RequestRefused(
        f"{parameter}: {text!r} is not an absolute IRI",
        hint=f"write {parameter}={iri}" if _IRI.fullmatch(iri) else None,
    )


def tell_unknown(graph: str, published: Iterable[str]) -> str:
    """What to say of a graph that is not among the published ones; "" when it is."""
    names = {terms.shorten(each): each for each in published}
    if graph in names.values():
        return ""
    near = difflib.get_close_matches(terms.shorten(graph), names, n=_NEAR)
    listed = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}"
    return f"{terms.shorten(graph)} is not published, so it counts as a new graph; {listed}"


def whole_graph(name: str, media_type: str = "application/n-triples") -> QueryRequest:
    """The query for everything in one named graph; "" names the unnamed one."""
    return QueryRequest(
        Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"),
        graph=media_type,
        dataset=Dataset(default=(name,), named=()),
    )
