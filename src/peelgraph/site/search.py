"""/search: things by name, as a page and as suggestions."""

from flask import Blueprint, Response, jsonify, render_template

from peelgraph.http.cells import link
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import HTML
from peelgraph.http.page_queries import OnceAVersion, ask
from peelgraph.http.request_scope import given
from peelgraph.http.service import Service
from peelgraph.site.name_index import Names

_MOST = 50
_SUGGESTED = 8
_LONGEST = 100
# Rows of tables have names that nobody looks for, and records repeat the judgments.


def search_routes(service: Service) -> Blueprint:
    """The search page, and its results as JSON for the field that suggests."""
    routes = Blueprint("searching", __name__)
    names = OnceAVersion(
        service,
        lambda: Names(
            (row["thing"], row["thingName"], row["main"] == "true")
            for row in ask(service, "searchable-names")
        ),
    )

    @routes.get("/search")
    def page() -> Response:
        wanted = given("q")[:_LONGEST]
        tag = _tag(service, "search", wanted)
        if response := unchanged(tag):
            return response
        found, meant = names.get().search(wanted, _MOST)
        results = [(one, link(one.iri)) for one in found]
        text = render_template("search.html", q=wanted, results=results, meant=meant, most=_MOST)
        return tagged(Response(text, mimetype=HTML), tag)

    @routes.get("/search.json")
    def suggestions() -> Response:
        wanted = given("q")[:_LONGEST]
        tag = _tag(service, "suggestions", wanted)
        if response := unchanged(tag):
            return response
        found, _ = names.get().search(wanted, _SUGGESTED)
        return tagged(
            jsonify(
                [
                    {"iri": one.iri, "name": one.name, "kind": one.kind, "page": link(one.iri)}
                    for one in found
                ]
            ),
            tag,
        )

    return routes


def _tag(service: Service, what: str, wanted: str) -> str:
    version = service.current()
    return entity_tag(what, wanted, version.number, version.created)
