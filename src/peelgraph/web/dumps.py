"""The whole dataset to take away."""

from flask import Blueprint, Response

from peelgraph.web.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.web.service import Service, whole_graph


def dump_routes(service: Service) -> Blueprint:
    """The dump."""
    routes = Blueprint("dumps", __name__)

    @routes.get("/dump.nq")
    def dump() -> Response:
        return _dump(service)

    return routes


def _dump(service: Service) -> Response:
    version = service.current()
    tag = entity_tag("dump", version.number, version.created)
    if response := unchanged(tag):
        return response
    parts = []
    for name in service.graph_sizes():
        answer = service.reader.query(whole_graph(name, "application/n-triples"))
        if answer.version != str(version.number):
            # A new version was published meanwhile: a dump is of one version.
            return _dump(service)
        # No line break stands inside an N-Triples literal, so each one ends a triple.
        parts.append(answer.body.replace(b" .\n", f" <{name}> .\n".encode()))
    response = Response(b"".join(parts), content_type="application/n-quads")
    response.headers[VERSION] = str(version.number)
    response.headers["Content-Disposition"] = 'attachment; filename="peelgraph.nq"'
    return tagged(response, tag)
