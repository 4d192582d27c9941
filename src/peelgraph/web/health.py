"""/health: whether the process lives, and whether the graph answers."""

from flask import Blueprint, Response, json

from peelgraph.errors import EngineUnavailable
from peelgraph.store import Question
from peelgraph.web.service import Service


def health_routes(service: Service) -> Blueprint:
    """For whoever watches or starts the service."""
    routes = Blueprint("health", __name__)

    @routes.get("/health/live")
    def live() -> Response:
        return _told({"status": "live"})

    @routes.get("/health/ready")
    def ready() -> Response:
        version = service.current()
        answer = service.reader.query(Question("ASK { ?s ?p ?o }"))
        if version.triples and b"true" not in answer.body:
            raise EngineUnavailable("The version that should be read is empty")
        return _told({"status": "ready", "version": answer.version})

    return routes


def _told(facts: dict[str, str]) -> Response:
    response = Response(json.dumps(facts) + "\n", mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
