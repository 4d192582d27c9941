"""The home page: what this is, the ways in, numbers, example questions."""

import threading

from flask import Blueprint, Response, render_template

from peelgraph import terms
from peelgraph.store import Question
from peelgraph.web.cells import Cell, cell, read_rows
from peelgraph.web.headers import entity_tag, tagged, unchanged
from peelgraph.web.negotiation import HTML
from peelgraph.web.service import Service

_EXAMPLES = 8
_NUMBERS = f"""
PREFIX rdfs: <{terms.VOCABULARIES["rdfs"]}>
SELECT ?class (SAMPLE(?label) AS ?name) (COUNT(DISTINCT ?thing) AS ?number)
WHERE {{
  ?thing a ?class .
  FILTER(STRSTARTS(STR(?class), "{terms.PEEL}"))
  FILTER(STRSTARTS(STR(?thing), "{terms.ID}"))
  OPTIONAL {{ ?class rdfs:label ?label }}
}}
GROUP BY ?class
ORDER BY DESC(?number) ?class
LIMIT 12"""


class _Numbers:
    """The size of each class, counted once a version."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._counted: tuple[str, list[tuple[Cell, str]]] = ("", [])

    def of(self, version: str) -> list[tuple[Cell, str]]:
        with self._lock:
            if self._counted[0] != version:
                self._counted = (version, self._count())
            return self._counted[1]

    def _count(self) -> list[tuple[Cell, str]]:
        answer = self._service.reader.query(Question(_NUMBERS))
        return [
            (cell(row["class"], row.get("name", {}).get("value", "")), row["number"]["value"])
            for row in read_rows(answer.body)
            if "class" in row
        ]


def page_routes(service: Service) -> Blueprint:
    """The home page."""
    routes = Blueprint("pages", __name__)
    numbers = _Numbers(service)

    @routes.get("/")
    def home() -> Response:
        version = service.current()
        tag = entity_tag("home", version.number, version.created)
        if response := unchanged(tag):
            return response
        page = render_template(
            "home.html",
            version=version,
            graphs=[
                (Cell(terms.shorten(name), "/graph/" + name.removeprefix(terms.GRAPH)), size)
                for name, size in service.graph_sizes().items()
            ],
            numbers=numbers.of(str(version.number)),
            questions=service.catalogue.questions[:_EXAMPLES],
            url=service.settings.url,
        )
        return tagged(Response(page, mimetype=HTML), tag)

    return routes
