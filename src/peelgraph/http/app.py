"""The application: its routes, its one error handler, its headers."""

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, Flask, redirect, request
from jinja2 import FileSystemLoader
from werkzeug.wrappers import Response

from peelgraph import __version__, terms
from peelgraph.http.access import Access
from peelgraph.http.assets import register_assets
from peelgraph.http.catalogue import catalogue_routes
from peelgraph.http.dataset import dataset_routes, guide_routes
from peelgraph.http.dereference import linked_routes
from peelgraph.http.dumps import dump_routes
from peelgraph.http.explaining import explain_routes
from peelgraph.http.graphstore import graph_routes
from peelgraph.http.headers import register_headers
from peelgraph.http.health import health_routes
from peelgraph.http.metrics import Metrics
from peelgraph.http.openapi import openapi_routes
from peelgraph.http.problems import MOST_PARTS, problem_routes, register_problems
from peelgraph.http.protocol import refuse_packed
from peelgraph.http.reconciliation import reconcile_routes
from peelgraph.http.request_scope import Pooled, RequestScope
from peelgraph.http.service import Extension, Published, Questions, Service, read_page_queries
from peelgraph.http.short_links import link_routes
from peelgraph.http.sparql_endpoint import Endpoint
from peelgraph.http.sparql_pages import sparql_routes
from peelgraph.http.update import Writes, update_routes
from peelgraph.http.validating import validation_routes
from peelgraph.http.versions import version_routes
from peelgraph.settings import Settings
from peelgraph.workers.cancellation import CancelKeys
from peelgraph.workers.validations import Validations
from peelgraph.workers.writer import Writer

TEMPLATES = Path(__file__).parent / "templates"


def start_routes(service: Service) -> Blueprint:
    """The way in where a project has no page of its own: the description of the dataset."""
    routes = Blueprint("start", __name__)

    @routes.get("/")
    def start() -> Response:
        response = redirect("/.well-known/void", code=303)
        response.vary.add("Accept")
        return response

    return routes


GENERAL = Extension(routes=(start_routes,))


def create_app(
    reader: Pooled,
    settings: Settings,
    current: Callable[[], Published],
    catalogue: Questions,
    *,
    older: Callable[[int], Published] | None = None,
    metrics: Metrics | None = None,
    writer: Writer | None = None,
    cancel_keys: CancelKeys | None = None,
    validations: Validations | None = None,
    extension: Extension = GENERAL,
) -> Flask:
    """The web application over a reader.

    `current` tells the version that is published, `older` one by its number; the first is asked
    for every request. `cancel_keys` let a question be taken back; without it none is. `extension`
    is what a project adds.
    """
    asked = RequestScope(reader, current, older, settings.timeout)
    pages = read_page_queries(extension.queries)
    service = Service(asked, settings, asked.current, catalogue, extension, pages)
    writes = Writes(service, Access(settings), writer or Writer(settings))
    folders = [folder for folder in (extension.templates, TEMPLATES) if folder is not None]
    app = Flask("peelgraph.http", static_folder=extension.static)
    app.jinja_loader = FileSystemLoader(folders)
    # A redirect that mends slashes would name the Host that a client claims.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body * 2**20
    # A document that is typed may be as long as one that is sent.
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body * 2**20
    app.config["MAX_FORM_PARTS"] = MOST_PARTS
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["software"] = __version__
    app.jinja_env.globals["prefixes"] = terms.PREFIXES
    app.jinja_env.globals["project"] = terms.PROJECT
    register_assets(app, extension.static and extension.static / "built")
    for routes in (
        sparql_routes(service, writes.update, cancel_keys),
        link_routes(service),
        linked_routes(service),
        dataset_routes(service),
        openapi_routes(service),
        reconcile_routes(service),
        guide_routes(service),
        dump_routes(service),
        catalogue_routes(service),
        explain_routes(service),
        update_routes(writes),
        graph_routes(writes),
        version_routes(service),
        validation_routes(service, validations or Validations(settings)),
        problem_routes(service),
        health_routes(service, metrics or Metrics()),
        *(routes(service) for routes in extension.routes),
    ):
        app.register_blueprint(routes)
    register_problems(app, service)
    app.before_request(lambda: refuse_packed(request.environ))
    endpoint = Endpoint(app.wsgi_app, reader, asked.version, settings, cancel_keys)
    app.wsgi_app = endpoint  # type: ignore[assignment, method-assign]
    register_headers(app, service)
    return app
