"""/health and /metrics: whether the process lives, the graph answers, and what is counted."""

from contextlib import suppress

from flask import Blueprint, Response, json, request

from peelgraph import terms
from peelgraph.errors import EngineUnavailable, PeelgraphError
from peelgraph.http.metrics import Fact, Metrics
from peelgraph.http.middleware import CLIENT
from peelgraph.http.page_queries import evaluate, read_result
from peelgraph.http.service import Service

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def health_routes(service: Service, metrics: Metrics) -> Blueprint:
    """For whoever watches or starts the service."""
    routes = Blueprint("health", __name__)

    @routes.get("/health/live")
    def live() -> Response:
        return _told({"status": "live"})

    @routes.get("/health/ready")
    def ready() -> Response:
        # Whoever watches is not held up by questions from the same address.
        request.environ[CLIENT] = "health"
        version = service.current()
        answer = evaluate(
            service, service.pages["filled"], {"inferences": terms.INFERRED}, inference=True
        )
        (row,) = read_result(answer)
        for part, expected in (("asserted", version.triples), ("inferred", version.inferred)):
            if expected and row[part] != "true":
                raise EngineUnavailable(f"The {part} triples that should be read are not there")
        return _told({"status": "ready", "version": answer.version})

    @routes.get("/metrics")
    def scrape() -> Response:
        return _scrape(service, metrics)

    return routes


def _scrape(service: Service, metrics: Metrics) -> Response:
    facts: list[Fact] = []
    with suppress(PeelgraphError):
        version = service.current()
        facts = [
            ("peelgraph_version", "The version that is read.", version.number),
            ("peelgraph_asserted_triples", "Asserted triples of the version.", version.triples),
            ("peelgraph_inferred_triples", "Inferred triples of the version.", version.inferred),
        ]
    response = Response(metrics.render(facts), content_type=_PROMETHEUS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(facts: dict[str, str]) -> Response:
    response = Response(json.dumps(facts) + "\n", mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
