"""/reconcile: names of a spreadsheet matched to IRIs (W3C Reconciliation API 0.2, OpenRefine).

Source: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, json, jsonify, render_template, request

from peelgraph import __version__, terms
from peelgraph.errors import RequestRefused, UnknownName
from peelgraph.http.headers import entity_tag, tagged
from peelgraph.http.match_index import LEAST, MatchIndex, similarity
from peelgraph.http.middleware import KEEP
from peelgraph.http.negotiation import HTML
from peelgraph.http.page_queries import OnceAVersion, Row, ask
from peelgraph.http.protocol import read_number, read_single
from peelgraph.http.request_scope import given, seconds_left
from peelgraph.http.service import Service

MOST_RESULTS = 50
FEW_RESULTS = 10
LONGEST = 300
_MOST_QUERIES = 200
# Each property asks the graph of each thing that may be meant.
_MOST_PROPERTIES = 10
_MOST_KINDS = 50
# Of the score, what properties are worth that the thing should have.
_PROPERTIES = 0.3
# The prefix of our ontology, with its colon.
_PREFIX = next(f"{prefix}:" for prefix, space in terms.PREFIXES.items() if space == terms.TERM)
# How the IRIs of things and of terms begin, as parameters of the queries.
_SPACES = {"things": terms.ID, "terms": terms.TERM}
_WIDTH, _HEIGHT = 420, 220
# OpenRefine shows the preview in a frame of its own.
_FRAMED = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors *"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one query looks for: a name, or things that have all the `properties`, or both."""

    name: str
    kinds: tuple[str, ...]
    most: int
    properties: tuple[tuple[str, str], ...]


def read_batch(text: str) -> dict[str, Any]:
    """The queries by their keys; RequestRefused for what is no batch of them."""
    try:
        batch = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(f"queries is no JSON: {error}") from error
    if not isinstance(batch, dict):
        raise RequestRefused('queries is an object of queries: {"q0": {"query": "a name"}}')
    if len(batch) > _MOST_QUERIES:
        raise RequestRefused(f"{len(batch)} queries at once; {_MOST_QUERIES} are answered")
    return batch


def local(name: str) -> str:
    """A class or a property as it is called here."""
    return name.removeprefix(terms.TERM).removeprefix(_PREFIX)


def read_query(query: Any) -> Wanted:
    """One query of a batch; RequestRefused for what the specification does not allow."""
    if not isinstance(query, dict):
        raise RequestRefused(f'A query is an object, {{"query": "a name"}}, not {query!r:.40}')
    properties = tuple(_properties(query.get("properties") or []))
    name = query.get("query", "")
    if not isinstance(name, str) or not (name.strip() or properties):
        raise RequestRefused(
            'A query has a name to match, or properties: {"query": "a name"}',
        )
    kinds = query.get("type") or ()
    if not isinstance(kinds, str | list | tuple):
        raise RequestRefused(f"type is the name of a class, or a list of them, not {kinds!r}")
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if len(kinds) > _MOST_KINDS:
        raise RequestRefused(f"{len(kinds)} types in one query; {_MOST_KINDS} are looked at")
    limit = query.get("limit", FEW_RESULTS)
    if not isinstance(limit, int) or limit < 1:
        raise RequestRefused(f"limit is a number from 1, not {limit!r}")
    return Wanted(
        name[:LONGEST].strip(),
        tuple(local(str(kind)) for kind in kinds),
        min(limit, MOST_RESULTS),
        properties,
    )


def _properties(given: Any) -> list[tuple[str, str]]:
    """Each property with one value; several values of one are as many wishes."""
    if not isinstance(given, list) or not all(
        isinstance(each, dict) and isinstance(each.get("pid"), str) and "v" in each
        for each in given
    ):
        raise RequestRefused('properties is a list: [{"pid": "a property", "v": "a value"}]')
    found = []
    for each in given:
        values = each["v"] if isinstance(each["v"], list) else [each["v"]]
        for value in values:
            known = value.get("id") or value.get("name") if isinstance(value, dict) else value
            found.append((local(each["pid"]), str(known)[:LONGEST]))
    if len(found) > _MOST_PROPERTIES:
        raise RequestRefused(
            f"{len(found)} values of properties in one query; {_MOST_PROPERTIES} are looked at"
        )
    return found


class Reconciler:
    """The names, classes and properties of one version, ready to be matched."""

    def __init__(self, service: Service) -> None:
        self._service = service
        settings = service.extension.reconciliation
        named = [
            (row["thing"], row["thingName"], row["main"] == "true")
            for row in ask(service, settings.names, **_SPACES)
        ]
        typed = [
            (row["thing"], local(row["kind"]))
            for row in ask(service, "classes-of-things", **_SPACES)
        ]
        things = (each for each in named if each[0].startswith(terms.ID))
        self.index = MatchIndex(things, typed, settings.common_words, settings.default_types)
        self._terms = ask(service, "terms-of-ontology", terms=terms.TERM)
        self._names = {local(row["term"]): row["termName"] for row in self._terms}

    def answer(self, wanted: Wanted) -> dict[str, Any]:
        """The candidates for one query of a batch."""
        if wanted.name:
            scores = self.index.match(wanted.name, wanted.kinds)
        else:
            scores = self._having(*wanted.properties[0], wanted.kinds)
        if wanted.properties:
            best = sorted(scores, key=lambda iri: -scores[iri])[:MOST_RESULTS]
            share = _PROPERTIES if wanted.name else 1.0
            scores = {
                iri: (1 - share) * scores[iri] + share * self._fit(iri, wanted.properties)
                for iri in best
            }
        found = self.index.judge(scores, wanted.most)
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
        fitting = [row for row in rows if wanted in f"{row['termName']} {row['term']}".casefold()]
        fitting.sort(
            key=lambda row: (not row["termName"].casefold().startswith(wanted), row["termName"])
        )
        return [
            {
                "id": local(row["term"]),
                "name": row["termName"],
                "description": row["description"],
            }
            for row in fitting
        ]

    def _fit(self, iri: str, properties: Sequence[tuple[str, str]]) -> float:
        """How well the values of a thing fit those wished for, up to 100."""
        fits: list[float] = []
        for name, text in properties:
            rows = ask(self._service, "values-of-property", thing=iri, property=terms.TERM + name)
            fits.append(max((_fit(row, text) for row in rows), default=0.0))
        return sum(fits) / len(fits)

    def _having(self, name: str, text: str, kinds: Sequence[str]) -> dict[str, float]:
        """Each thing of one of the classes that has such a value of a property, with a score."""
        rows = ask(
            self._service, "things-with-property", property=terms.TERM + name, things=terms.ID
        )
        scores: dict[str, float] = {}
        for row in rows:
            score = _fit(row, text)
            if score >= LEAST and self.index.is_one(row["thing"], kinds):
                scores[row["thing"]] = max(scores.get(row["thing"], 0.0), score)
        return scores


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
            return _tagged(service, _manifest(service))
        batch = read_batch(text)
        request.environ[KEEP] = True
        here = reconciler.get()
        found = {}
        for key, query in batch.items():
            # Matching names asks nothing of the graph, and takes its time all the same.
            seconds_left(service.settings.timeout)
            found[key] = _answered(here, query)
        if found and all("error" in each for each in found.values()):
            raise RequestRefused(next(iter(found.values()))["error"])
        return _tagged(service, found)

    @routes.get("/reconcile/suggest/<any(entity, type, property):what>")
    def suggest(what: str) -> Response:
        prefix, start = (
            given("prefix")[:LONGEST],
            read_number("cursor", given("cursor") or "0", 0, MOST_RESULTS),
        )
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
                for one in here.index.judge(scores, start + FEW_RESULTS)
            ]
        else:
            found = [dict(one) for one in here.suggest(prefix, classes=what == "type")]
        return _tagged(service, {"result": found[start : start + FEW_RESULTS]})

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


def _answered(here: Reconciler, query: Any) -> dict[str, Any]:
    """The candidates for one query, or why it cannot be read; the others are answered."""
    try:
        return here.answer(read_query(query))
    except RequestRefused as refused:
        return {"result": [], "error": str(refused)}


def _manifest(service: Service) -> dict[str, Any]:
    settings, url = service.extension.reconciliation, service.settings.url
    suggest = {
        what: {"service_url": url, "service_path": f"/reconcile/suggest/{what}"}
        for what in ("entity", "type", "property")
    }
    suggest["entity"]["flyout_service_path"] = "/reconcile/flyout/entity?id=${id}"
    suggest["entity"]["flyout_service_url"] = url
    return {
        "versions": ["0.2"],
        "name": settings.title,
        "identifierSpace": terms.ID,
        "schemaSpace": terms.TERM,
        "documentation": f"{url}/openapi.json",
        "serviceVersion": __version__,
        "defaultTypes": [{"id": name, "name": name} for name in settings.default_types],
        "view": {"url": f"{url}/doc/{{{{id}}}}"},
        "preview": {
            "url": f"{url}/reconcile/preview?id={{{{id}}}}",
            "width": _WIDTH,
            "height": _HEIGHT,
        },
        "suggest": suggest,
    }


def _fit(row: Row, wanted: str) -> float:
    iri = row["other"]
    if wanted in (iri, iri.removeprefix(terms.ID)):
        return 100.0
    return similarity(row["otherName"] or iri, wanted)


def _preview(service: Service, here: Reconciler, iri: str, *, bare: bool = False) -> str:
    name = here.index.label(iri)
    if not name:
        raise UnknownName(f"Nothing is said of <{iri}>", hint="Ids are written as type/name")
    facts = ask(service, "facts-for-preview", thing=iri, terms=terms.TERM)
    return render_template(
        "preview.html",
        name=name,
        kind=here.kind(iri),
        path=f"{service.settings.url}/doc/{iri.removeprefix(terms.ID)}",
        facts=[(row["propertyName"], row["otherName"] or row["other"]) for row in facts],
        bare=bare,
    )


def _tagged(service: Service, told: dict[str, Any] | str, media_type: str = "") -> Response:
    response = Response(told, mimetype=media_type) if isinstance(told, str) else jsonify(told)
    version = service.current()
    return tagged(response, entity_tag(response.get_data(), version.number))
