"""/openapi.json: the service for programs, each stored question an operation of its own."""

from typing import Any

from flask import Blueprint, Response, json

from peelgraph import __version__, terms
from peelgraph.http.catalogue import FREE
from peelgraph.http.documents import ENDINGS
from peelgraph.http.headers import entity_tag, tagged, unchanged
from peelgraph.http.negotiation import GRAPHS, HTML, ROWS, SHORT, formats_of
from peelgraph.http.problems import PROBLEM
from peelgraph.http.service import ParameterFacts, Service, StoredQuestion

# The types of a parameter in the words of JSON Schema.
_SCHEMAS: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "year": {"type": "string", "pattern": "^-?[0-9]{4,}$"},
}
_TEXT: dict[str, Any] = {"type": "string"}
_RESTS_ON_INFERENCE = "It rests on what is inferred: with inference=off, rows may be missing."


def openapi_routes(service: Service) -> Blueprint:
    """The description in OpenAPI."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        tag = entity_tag("openapi", service.settings.url, service.current().number)
        if response := unchanged(tag):
            return response
        body = json.dumps(describe_api(service), ensure_ascii=False) + "\n"
        return tagged(Response(body, mimetype="application/json"), tag)

    return routes


def describe_api(service: Service) -> dict[str, Any]:
    """The whole description.

    Source: https://spec.openapis.org/oas/v3.1.0
    """
    paths: dict[str, Any] = {
        "/sparql": {"get": _sparql(service), "post": _posted(service)},
        "/doc/{kind}/{slug}": {"get": _document()},
        "/reconcile": {"get": _reconciling()},
    }
    for path, summary in (
        ("/.well-known/void", "What the dataset holds: VoID and DCAT"),
        ("/.well-known/sparql-examples", "Every stored question as RDF"),
        ("/ontology", "The ontology"),
        ("/shapes", "The shapes"),
    ):
        paths[path] = {"get": _get(path[1:], summary, [], [*GRAPHS, HTML])}
    for stored in service.catalogue.questions:
        paths[f"/queries/{stored.name}"] = {"get": _question(service, stored)}
        if stored.parameters:
            paths[f"/queries/{stored.name}/values/{{parameter}}"] = {"get": _values(stored)}
        paths[f"/queries/{stored.name}/citation"] = {
            "get": _get(
                f"cite-{stored.name}",
                f"How to cite: {stored.summary}",
                [*map(_parameter, stored.parameters), *_inference(service), _AT],
                ["text/plain", "application/x-bibtex"],
            )
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": terms.PROJECT.name,
            "version": __version__,
            "description": terms.PROJECT.description,
            "license": {"name": terms.PROJECT.licence_name or terms.LICENCE, "url": terms.LICENCE},
        },
        "servers": [{"url": service.settings.url}],
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "description": "RFC 9457; the types are described at /problems.",
                    "required": ["type", "title", "status", "detail", "instance"],
                    "properties": {
                        "type": {"type": "string", "format": "uri"},
                        "title": _TEXT,
                        "status": {"type": "integer"},
                        "detail": _TEXT,
                        "instance": {"type": "string", "format": "uri"},
                        "line": {"type": "integer"},
                        "column": {"type": "integer"},
                        "hint": _TEXT,
                        "token": _TEXT,
                        "limit": _TEXT,
                        "retry_after": {"type": "integer"},
                    },
                }
            },
            "responses": {
                "Problem": {
                    "description": "What is wrong, and what to do",
                    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def _in_query(name: str, schema: dict[str, Any], about: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": about, **more}


def _in_path(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _TEXT, "description": about}


_AT = _in_query("at", {"type": "integer", "minimum": 1}, "The version to ask; the current one")
_TIMEOUT = _in_query("timeout", {"type": "number"}, "Seconds it may take, below the limit")


def _get(name: str, summary: str, parameters: list[Any], types: list[str]) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The answer; the header Peelgraph-Version names what was read",
                "content": {media_type: {} for media_type in types},
            },
            "304": {"description": "The caller holds it already"},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }


def _sparql(service: Service) -> dict[str, Any]:
    query = _in_query("query", _TEXT, "A query of SPARQL 1.1; without it, the service description")
    return _asking("sparql", service, [query])


def _posted(service: Service) -> dict[str, Any]:
    body = {"required": True, "content": {"application/sparql-query": {"schema": _TEXT}}}
    return {**_asking("sparql-post", service, []), "requestBody": body}


def _asking(name: str, service: Service, parameters: list[Any]) -> dict[str, Any]:
    offered = [*parameters, *_inference(service), _AT, _TIMEOUT]
    asking = _get(name, "Ask in SPARQL", offered, [*ROWS, *GRAPHS])
    return {**asking, "description": f"{service.seen()} {service.called()}".strip()}


def _inference(service: Service) -> list[dict[str, Any]]:
    about = "Whether to see what was inferred"
    return [_in_query("inference", {"enum": ["on", "off"]}, about)] if service.infers() else []


def _document() -> dict[str, Any]:
    kind = _in_path("kind", f"The type of thing: {', '.join(terms.TYPES)}")
    slug = _in_path("slug", f"The thing, with or without an ending: {', '.join(ENDINGS)}")
    page = _in_query("page", {"type": "integer", "minimum": 1}, "Which page of the links to it")
    return _get("doc", "What is said of a thing", [kind, slug, page, _AT], [*GRAPHS, HTML])


def _reconciling() -> dict[str, Any]:
    queries = _in_query("queries", _TEXT, "A batch of queries of the Reconciliation API 0.2")
    summary = "Match names to IRIs (W3C Reconciliation API 0.2)"
    return _get("reconcile", summary, [queries], ["application/json"])


def _question(service: Service, stored: StoredQuestion) -> dict[str, Any]:
    form = stored.query.result_form
    number = {"type": "integer", "minimum": 0}
    names = [name for name, pair in SHORT.items() if pair[0 if form != "graph" else 1]]
    parameters = [*map(_parameter, stored.parameters), *_inference(service), _AT]
    if form == "select":
        parameters += [
            _in_query("limit", number, "How many rows at most"),
            _in_query("offset", number, "How many rows to leave out before"),
        ]
    parameters.append(_in_query("format", {"enum": names}, "The form, whatever Accept says"))
    types = [*formats_of(form), HTML]
    described = _get(stored.name, stored.summary, parameters, types)
    about = [stored.description, *([_RESTS_ON_INFERENCE] if stored.needs_inference else [])]
    return {**described, "description": " ".join(about), "tags": list(stored.tags)}


def _parameter(parameter: ParameterFacts) -> dict[str, Any]:
    schema = dict(_SCHEMAS.get(parameter.type, _TEXT))
    more: dict[str, Any] = {}
    if parameter.default == "-":
        more["required"] = True
    elif parameter.default not in FREE:
        more["example"] = parameter.default
    return _in_query(parameter.name, schema, parameter.about, **more)


def _values(stored: StoredQuestion) -> dict[str, Any]:
    names = {"enum": [parameter.name for parameter in stored.parameters]}
    one = {**_in_path("parameter", "The parameter"), "schema": names}
    summary = f"Values for: {stored.summary}"
    return _get(f"values-{stored.name}", summary, [one], ["application/json"])
