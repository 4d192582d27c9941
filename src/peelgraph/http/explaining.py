"""/explain: why a triple holds, as a page, JSON or Turtle.

The reasoner is imported with the first question: the service need not wait for it to start.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request

from peelgraph import terms
from peelgraph.catalogue import read_node
from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.errors import QueryRefused, RequestRefused
from peelgraph.http.cells import Cell, link
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import HTML, TURTLE, negotiate, with_charset
from peelgraph.http.page_queries import read_names
from peelgraph.http.protocol import read_number
from peelgraph.http.service import Published, Service

if TYPE_CHECKING:
    from peelgraph.reasoning import Explanation, Proof, Rules

_JSON = "application/json"
_FORMS = {"json": _JSON, "turtle": TURTLE, "ttl": TURTLE, "html": HTML}
_PARTS = ("subject", "predicate", "object")
_MOST_PROOFS = 20


def explain_routes(service: Service) -> Blueprint:
    """The explanation of one triple; without one, the form that asks for it."""
    routes = Blueprint("explaining", __name__)
    rules = _VersionRules(service)

    @routes.get("/explain")
    def answer() -> Response:
        from peelgraph.reasoning import explain  # noqa: PLC0415

        chosen = _chosen()
        given = {part: _single(part) for part in _PARTS}
        if chosen == HTML and not any(given.values()):
            return Response(_page(service, given), mimetype=HTML)
        proofs = _count()
        version = service.current()
        tag = entity_tag("explain", given, proofs, chosen, version.number, version.created)
        if response := unchanged(tag):
            return response
        try:
            triple = [_node(part, text) for part, text in given.items()]
            found = explain(service.reader, rules.of(version), *triple, proofs=proofs)
        except QueryRefused as error:
            if chosen != HTML:
                raise
            page = _page(service, given, fault=str(error))
            return Response(page, status=error.status, mimetype=HTML)
        return tagged(_respond(service, found, chosen, given, proofs), tag)

    return routes


class _VersionRules:
    """The rules of the version that is read, compiled once a version."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._compiled: tuple[int, Rules] | None = None

    def of(self, version: Published) -> Rules:
        """The rules of `version`."""
        from peelgraph.repository.rule_cache import rules_of  # noqa: PLC0415

        with self._lock:
            if self._compiled is None or self._compiled[0] != version.number:
                asked = whole_graph(terms.ONTOLOGY_GRAPH, "application/n-triples")
                rules = rules_of(version.path, lambda: self._service.reader.query(asked).body)
                self._compiled = (version.number, rules)
            return self._compiled[1]


def _chosen() -> str:
    wish = _single("format")
    if wish and wish not in _FORMS:
        raise RequestRefused(f"format={wish} is not offered. Offered: {', '.join(_FORMS)}")
    accept = request.headers.get("Accept", "")
    return _FORMS[wish] if wish else negotiate(accept, [_JSON, TURTLE, HTML])


def _single(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) > 1:
        raise RequestRefused(f"{name} is given twice")
    return values[0].strip() if values else ""


def _count() -> int:
    return read_number("proofs", _single("proofs") or "1", 1, _MOST_PROOFS)


def _node(part: str, text: str) -> str:
    if not text:
        raise RequestRefused(f"{part} is missing", hint="give subject, predicate and object")
    return read_node(text)


def _respond(
    service: Service, found: Explanation, chosen: str, given: dict[str, str], proofs: int
) -> Response:
    from peelgraph.reasoning import render  # noqa: PLC0415
    from peelgraph.reasoning.rules import readable  # noqa: PLC0415

    if chosen == HTML:
        names = read_names(service, _iris(found))
        page = _page(
            service,
            given,
            found=found,
            more=_MOST_PROOFS if proofs == 1 and found.state == "inferred" else 0,
            triple=_cells(found.triple, names),
            terms=_cells(found.triple),
            trees=[_branch(proof, names) for proof in found.proofs],
            missing=found.missing,
            unknown=[
                {"term": _cell(each.term, {}), "near": _cells(each.near)} for each in found.unknown
            ],
            readable=readable,
        )
        return Response(page, mimetype=HTML)
    form = "json" if chosen == _JSON else "turtle"
    return Response(render(found, form), content_type=with_charset(chosen))


def _page(service: Service, given: dict[str, str], **context: object) -> str:
    example = dict(zip(_PARTS, service.extension.explained, strict=False))
    return render_template("explain.html", given=given, example=example, **context)


def _iris(found: Explanation) -> Iterator[str]:
    """The IRIs that the page of an explanation names."""
    steps = list(found.proofs)
    for step in steps:
        steps += step.premises
    for term in chain(found.triple, *(step.triple for step in steps)):
        if term.startswith("<"):
            yield term[1:-1]
    for step in steps:
        yield from step.passages


def _cells(triple: Iterable[str], names: Mapping[str, str] | None = None) -> list[Cell]:
    """Terms by their names, where they have one; else as they are written."""
    return [_cell(term, names or {}) for term in triple]


def _cell(term: str, names: Mapping[str, str]) -> Cell:
    if not term.startswith("<"):
        return Cell(term)
    iri = term[1:-1]
    return Cell(names.get(iri) or terms.shorten(iri).strip("<>"), link(iri), iri)


def _branch(proof: Proof, names: Mapping[str, str]) -> dict[str, object]:
    """A proof as the page's template reads it."""
    return {
        "triple": _cells(proof.triple, names),
        "terms": _cells(proof.triple),
        "rule": proof.rule,
        "axiom": proof.axiom,
        "because": proof.because,
        "graphs": _cells(f"<{graph}>" for graph in proof.graphs),
        "passages": _cells((f"<{passage}>" for passage in proof.passages), names),
        "premises": [_branch(premise, names) for premise in proof.premises],
    }
