"""/network: who is linked to whom, as a drawing to explore and as a table."""

from collections import Counter

from flask import Blueprint, Response, render_template

from peelgraph import terms
from peelgraph.errors import RequestRefused, UnknownName
from peelgraph.http.cells import Cell, link, why
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import HTML
from peelgraph.http.page_queries import OnceAVersion, Row, ask, narrow
from peelgraph.http.request_scope import given
from peelgraph.http.service import Service
from peelgraph.site.network_layout import (
    EGO_WIDTH,
    OVERVIEW_WIDTH,
    Link,
    lay_ego_graph,
    lay_overview,
)

_KINDS = {
    "force": "Forces",
    "unit": "Units",
    "organisation": "Partners and bodies",
    "board": "Boards",
    "scheme": "Schemes",
    "threat": "Threats",
}
# What is asked for instead of one thing.
_ALL = "all"
_STATES = {"": "stated and inferred", "stated": "stated only", "inferred": "inferred only"}


def network_routes(service: Service) -> Blueprint:
    """The network around one thing, or the whole of it."""
    routes = Blueprint("network", __name__)
    kept = OnceAVersion(service, lambda: _read(service))

    @routes.get("/network")
    def network() -> Response:
        version = service.current()
        about, state = given("about"), given("links")
        if state not in _STATES:
            raise RequestRefused(f"links is stated or inferred, not {state}")
        tag = entity_tag("network", about, state, version.number, version.created)
        return unchanged(tag) or tagged(_page(service, kept.get(), about, state), tag)

    return routes


def _read(service: Service) -> list[Link]:
    return [
        Link(
            Cell(row["subjectName"], link(row["subject"]), row["subject"]),
            Cell(row["propertyName"], link(row["property"]), row["property"]),
            Cell(row["objectName"], link(row["object"]), row["object"]),
            _proof(row),
        )
        for row in ask(service, "network")
    ]


def _proof(row: Row) -> str:
    """The address that tells why a link is inferred; "" for a stated one."""
    inferred = row["inferred"] == "true"
    return why(row["subject"], row["property"], row["object"]) if inferred else ""


def _page(service: Service, links: list[Link], about: str, state: str) -> Response:
    things = {end.note: end for link in links for end in link.ends}
    whole = about == _ALL
    centre = "" if whole else _centre(links, things, about)
    shown = [link for link in links if state == "" or (state == "inferred") == bool(link.why)]
    around = [link for link in shown if whole or centre in (link.source.note, link.target.note)]
    kinds = {iri: _kind(iri) for iri in things}
    text = render_template(
        "network.html",
        centre=things.get(centre),
        about=_ALL if whole else centre.removeprefix(terms.ID),
        overview=lay_overview(shown, kinds) if whole else None,
        ego=None if whole else lay_ego_graph(centre, shown, kinds),
        width=OVERVIEW_WIDTH if whole else EGO_WIDTH,
        around=around,
        choices=_choices(things),
        states=_STATES if service.infers() else {},
        state=state,
        query=narrow(service.question("network").text, {}, *_conditions(centre, state)),
        total=len(links),
    )
    return Response(text, mimetype=HTML)


def _centre(links: list[Link], things: dict[str, Cell], about: str) -> str:
    """The thing in the middle: the one asked for, else the one with most links."""
    if about:
        if terms.ID + about not in things:
            raise UnknownName(
                f"Nothing in the network is called {about}", hint="Choose one at /network"
            )
        return terms.ID + about
    counted = Counter(end.note for link in links for end in link.ends)
    return max(counted, key=lambda iri: (counted[iri], iri), default="")


def _conditions(centre: str, state: str) -> list[str]:
    """What the query behind the page asks of a link, as the page does."""
    found = [f"?subject = <{centre}> || ?object = <{centre}>"] if centre else []
    return [*found, *({"stated": ["!?inferred"], "inferred": ["?inferred"]}.get(state, []))]


def _kind(iri: str) -> str:
    kind = iri.removeprefix(terms.ID).partition("/")[0]
    return _KINDS.get(kind, "Others")


def _choices(things: dict[str, Cell]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can stand in the middle, by kind and name."""
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in (*_KINDS.values(), "Others")}
    for iri, cell in sorted(things.items(), key=lambda pair: pair[1].text.casefold()):
        groups[_kind(iri)].append((iri.removeprefix(terms.ID), cell.text))
    return [(name, options) for name, options in groups.items() if options]
