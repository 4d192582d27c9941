"""/reconcile: names of a spreadsheet matched to IRIs (W3C Reconciliation API 0.2, OpenRefine).

Source: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, json, jsonify, render_template, request

from peelgraph import __version__, terms
from peelgraph.errors import RequestRefused, UnknownName
from peelgraph.web.asked import OnceAVersion, Row, ask, given
from peelgraph.web.front import KEEP
from peelgraph.web.headers import entity_tag, tagged
from peelgraph.web.matching import Index, similarity
from peelgraph.web.negotiation import HTML
from peelgraph.web.protocol import read_single
from peelgraph.web.searching import NAMED
from peelgraph.web.service import Service

_MOST_QUERIES = 200
_MOST_RESULTS = 50
_FEW_RESULTS = 10
_LONGEST = 300
# Of the score, what properties are worth that the thing should have.
_PROPERTIES = 0.3
_DEFAULT_TYPES = ("Force", "Unit", "Organisation", "Question", "Measure")
_WIDTH, _HEIGHT = 420, 220
# OpenRefine shows the preview in a frame of its own.
_FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"

_PREFIXES = f"""
PREFIX peel: <{terms.PEEL}>
PREFIX rdfs: <{terms.VOCABULARIES["rdfs"]}>
PREFIX skos: <{terms.VOCABULARIES["skos"]}>
PREFIX owl: <{terms.VOCABULARIES["owl"]}>"""
_TYPED = f"""
SELECT ?thing ?class
WHERE {{
  ?thing a ?class
  FILTER(STRSTARTS(STR(?thing), "{terms.ID}") && STRSTARTS(STR(?class), "{terms.PEEL}"))
}}"""
_TERMS = f"""{_PREFIXES}
SELECT ?term ?name ?about (EXISTS {{ ?term a owl:Class }} AS ?isClass)
WHERE {{
  ?term rdfs:isDefinedBy ?ontology ; rdfs:label ?name .
  OPTIONAL {{ ?term skos:definition ?about }}
  FILTER(STRSTARTS(STR(?term), "{terms.PEEL}"))
}}
ORDER BY ?name"""
_VALUES = f"""{_PREFIXES}
SELECT ?value ?name
WHERE {{ ?thing ?property ?value . OPTIONAL {{ ?value rdfs:label|skos:altLabel ?name }} }}"""
_FACTS = f"""{_PREFIXES}
SELECT ?name ?value ?label
WHERE {{
  ?thing ?property ?value .
  ?property rdfs:label ?name .
  OPTIONAL {{ ?value rdfs:label ?label }}
  FILTER(!ISIRI(?value) || BOUND(?label))
  FILTER(STRSTARTS(STR(?property), "{terms.PEEL}"))
}}
ORDER BY ?name ?label ?value
LIMIT 6"""


class Reconciler:
    """The names, classes and properties of one version, ready to be matched."""

    def __init__(self, service: Service) -> None:
        self._service = service
        named = [(row["thing"], row["name"], row["main"] == "true") for row in ask(service, NAMED)]
        typed = [(row["thing"], _local(row["class"])) for row in ask(service, _TYPED)]
        self.index = Index((each for each in named if each[0].startswith(terms.ID)), typed)
        self._terms = ask(service, _TERMS)
        self._names = {_local(row["term"]): row["name"] for row in self._terms}

    def answer(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The candidates for one query of a batch."""
        text, kinds, most, properties = _read(query)
        scores = self.index.match(text, kinds)
        if properties:
            best = sorted(scores, key=lambda iri: -scores[iri])[:_MOST_RESULTS]
            scores = {iri: self._refined(iri, scores[iri], properties) for iri in best}
        found = self.index.judge(scores, most)
        return {
            "result": [
                {
                    "id": one.iri.removeprefix(terms.ID),
                    "name": one.name,
                    "description": self.kind(one.iri),
                    "type": self.types(one.iri),
                    "score": one.score,
                    "match": one.match,
                }
                for one in found
            ]
        }

    def types(self, iri: str) -> list[dict[str, str]]:
        """The classes of a thing."""
        return [
            {"id": name, "name": self._names.get(name, name)}
            for name in sorted(self.index.classes(iri))
        ]

    def kind(self, iri: str) -> str:
        """The classes of a thing in words."""
        return ", ".join(one["name"] for one in self.types(iri))

    def suggest(self, prefix: str, *, classes: bool) -> list[dict[str, str]]:
        """The classes, or the properties, whose name begins with or holds `prefix`."""
        wanted = prefix.casefold()
        rows = [row for row in self._terms if (row["isClass"] == "true") == classes]
        fitting = [row for row in rows if wanted in f"{row['name']} {row['term']}".casefold()]
        fitting.sort(key=lambda row: (not row["name"].casefold().startswith(wanted), row["name"]))
        return [
            {"id": _local(row["term"]), "name": row["name"], "description": row["about"]}
            for row in fitting
        ]

    def _refined(self, iri: str, score: float, properties: Sequence[tuple[str, str]]) -> float:
        fits: list[float] = []
        for name, text in properties:
            rows = ask(self._service, _VALUES, thing=iri, property=terms.PEEL + name)
            fits.append(max((_fit(row, text) for row in rows), default=0.0))
        return (1 - _PROPERTIES) * score + _PROPERTIES * sum(fits) / len(fits)


def reconcile_routes(service: Service) -> Blueprint:
    """The service, its suggestions and its previews."""
    routes = Blueprint("reconciling", __name__)
    reconciler = OnceAVersion(service, lambda: Reconciler(service))

    @routes.route("/reconcile", methods=["GET", "POST"])
    def reconcile() -> Response:
        fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
        text = read_single(fields, "queries")
        if read_single(fields, "extend"):
            raise RequestRefused("Data extension is not offered; ask /sparql for more of a thing")
        if not text:
            return _tagged(service, _manifest(service.settings.url))
        batch = _batch(text)
        request.environ[KEEP] = True
        found = {name: reconciler.get().answer(query) for name, query in batch.items()}
        return _tagged(service, found)

    @routes.get("/reconcile/suggest/<any(entity, type, property):what>")
    def suggest(what: str) -> Response:
        prefix, start = given("prefix")[:_LONGEST], _number(given("cursor") or "0")
        here = reconciler.get()
        if what == "entity":
            scores = here.index.match(prefix)
            found = [
                {
                    "id": one.iri.removeprefix(terms.ID),
                    "name": one.name,
                    "description": here.kind(one.iri),
                    "notable": here.types(one.iri),
                }
                for one in here.index.judge(scores, start + _FEW_RESULTS)
            ]
        else:
            found = [dict(one) for one in here.suggest(prefix, classes=what == "type")]
        return _tagged(service, {"result": found[start : start + _FEW_RESULTS]})

    @routes.get("/reconcile/preview")
    def preview() -> Response:
        iri, here = terms.ID + given("id"), reconciler.get()
        page = _preview(service, here, iri)
        response = _tagged(service, page, HTML)
        response.headers["Content-Security-Policy"] = _FRAMED
        return response

    @routes.get("/reconcile/flyout/entity")
    def flyout() -> Response:
        iri, here = terms.ID + given("id"), reconciler.get()
        html = _preview(service, here, iri, bare=True)
        return _tagged(service, {"id": given("id"), "html": html})

    return routes


def _manifest(url: str) -> dict[str, Any]:
    suggest = {
        what: {"service_url": url, "service_path": f"/reconcile/suggest/{what}"}
        for what in ("entity", "type", "property")
    }
    suggest["entity"]["flyout_service_path"] = "/reconcile/flyout/entity?id=${id}"
    suggest["entity"]["flyout_service_url"] = url
    return {
        "versions": ["0.2"],
        "name": "peelgraph: police inspections",
        "identifierSpace": terms.ID,
        "schemaSpace": terms.PEEL,
        "documentation": f"{url}/openapi.json",
        "serviceVersion": __version__,
        "defaultTypes": [{"id": name, "name": name} for name in _DEFAULT_TYPES],
        "view": {"url": f"{url}/doc/{{{{id}}}}"},
        "preview": {
            "url": f"{url}/reconcile/preview?id={{{{id}}}}",
            "width": _WIDTH,
            "height": _HEIGHT,
        },
        "suggest": suggest,
    }


def _batch(text: str) -> dict[str, Mapping[str, Any]]:
    try:
        batch = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(f"queries is no JSON: {error}") from error
    if not isinstance(batch, dict) or not all(isinstance(each, dict) for each in batch.values()):
        raise RequestRefused('queries is an object of queries: {"q0": {"query": "Derbyshire"}}')
    if len(batch) > _MOST_QUERIES:
        raise RequestRefused(f"{len(batch)} queries at once; {_MOST_QUERIES} are answered")
    return batch


def _read(
    query: Mapping[str, Any],
) -> tuple[str, tuple[str, ...], int, tuple[tuple[str, str], ...]]:
    """The name, the classes, how many results, and the properties of a query."""
    text = query.get("query", "")
    if not isinstance(text, str) or not text.strip():
        raise RequestRefused('A query has a name to match: {"query": "Derbyshire"}')
    kinds = query.get("type") or ()
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    limit = query.get("limit", _FEW_RESULTS)
    if not isinstance(limit, int) or limit < 1:
        raise RequestRefused(f"limit is a number from 1, not {limit!r}")
    properties = []
    for each in query.get("properties") or ():
        values = each.get("v") if isinstance(each, dict) else None
        for value in values if isinstance(values, list) else [values]:
            known = value.get("id") or value.get("name") if isinstance(value, dict) else value
            properties.append((_local(str(each.get("pid", ""))), str(known)))
    names = tuple(_local(str(kind)) for kind in kinds)
    return text[:_LONGEST], names, min(limit, _MOST_RESULTS), tuple(properties)


def _fit(row: Row, wanted: str) -> float:
    iri = row["value"]
    if wanted in (iri, iri.removeprefix(terms.ID)):
        return 100.0
    return similarity(row["name"] or iri, wanted)


def _preview(service: Service, here: Reconciler, iri: str, *, bare: bool = False) -> str:
    name = here.index.label(iri)
    if not name:
        raise UnknownName(f"Nothing is said of <{iri}>", hint="Ids are written as force/derbyshire")
    facts = ask(service, _FACTS, thing=iri)
    return render_template(
        "preview.html",
        name=name,
        kind=here.kind(iri),
        path=f"{service.settings.url}/doc/{iri.removeprefix(terms.ID)}",
        facts=[(row["name"], row["label"] or row["value"]) for row in facts],
        bare=bare,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_RESULTS):
        raise RequestRefused(f"cursor is a number up to {_MOST_RESULTS}, not {text!r}")
    return int(text)


def _local(name: str) -> str:
    """A class or a property as it is called here."""
    return name.removeprefix(terms.PEEL).removeprefix("peel:")


def _tagged(service: Service, told: dict[str, Any] | str, media_type: str = "") -> Response:
    response = Response(told, mimetype=media_type) if isinstance(told, str) else jsonify(told)
    version = service.current()
    return tagged(response, entity_tag(response.get_data(), version.number))
