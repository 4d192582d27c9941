"""A version to take away: its files, and the current one as plain N-Quads."""

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.errors import UnknownName
from peelgraph.http.headers import VERSION, entity_tag, tagged, unchanged
from peelgraph.http.service import Service
from peelgraph.repository.dumps import FOLDER, MEDIA_TYPES, STEM, dumps_of, read_dump
from peelgraph.repository.factory import repository_of


def dump_routes(service: Service) -> Blueprint:
    """The files of each version, whole and graph by graph."""
    routes = Blueprint("dumps", __name__)

    @routes.get("/dump.nq")
    def dump() -> Response:
        return _dump(service)

    @routes.get("/dump.<any(nq, trig):ending>.gz")
    def newest(ending: str) -> BaseResponse:
        number = service.current().number
        return redirect(f"/{FOLDER}/{number}/{STEM}.{ending}.gz", code=303)

    @routes.get(f"/{FOLDER}/<int:number>/<file>")
    def packed(number: int, file: str) -> Response:
        return _file(service, number, file)

    return routes


def _file(service: Service, number: int, file: str) -> Response:
    version = repository_of(service.settings).get(number)
    held = {dump.file: dump for dump in dumps_of(version)}
    if file not in held:
        endings = ", ".join(f"{STEM}.{ending}.gz" for ending in MEDIA_TYPES)
        raise UnknownName(
            f"Version {number} has no file {file}", hint=f"There are: {endings}, and one a graph."
        )
    tag = held[file].sha256
    if response := unchanged(tag):
        return response
    body = read_dump(version, held[file])
    response = Response(body, mimetype="application/gzip")
    response.headers[VERSION] = str(number)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    # These bytes never become others.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(tag)
    return response


def _dump(service: Service) -> Response:
    version = service.current()
    tag = entity_tag("dump", version.number, version.created)
    if response := unchanged(tag):
        return response
    parts = []
    for name in service.graph_sizes():
        if name in version.derived:
            continue
        answer = service.reader.query(whole_graph(name, "application/n-triples"))
        if answer.version != str(version.number):
            # A new version was published meanwhile: a dump is of one version.
            return _dump(service)
        # No line break stands inside an N-Triples literal, so each one ends a triple.
        parts.append(answer.body.replace(b" .\n", f" <{name}> .\n".encode()))
    response = Response(b"".join(parts), content_type="application/n-quads")
    response.headers[VERSION] = str(version.number)
    response.headers["Content-Disposition"] = f'attachment; filename="{STEM}.nq"'
    return tagged(response, tag)
