"""/llms.txt: the guide for language models, from the catalogue and the dataset's description."""

from flask import Blueprint, Response

from peelgraph.catalogue.guide import INFERRED, write_guide
from peelgraph.web.headers import entity_tag, tagged, unchanged
from peelgraph.web.page_queries import ask
from peelgraph.web.service import Service


def guide_routes(service: Service) -> Blueprint:
    """The one document, at the root of the host."""
    routes = Blueprint("guide", __name__)

    @routes.get("/llms.txt")
    def guide() -> Response:
        version, url = service.current(), service.settings.url
        tag = entity_tag("llms.txt", url, version.number, version.created)
        if response := unchanged(tag):
            return response
        told = (INFERRED if service.infers() else service.seen(), service.called())
        text = write_guide(
            ask(service, "classes-of-dataset"), service.catalogue.questions, url, told
        )
        return tagged(Response(text, content_type="text/plain; charset=utf-8"), tag)

    return routes
