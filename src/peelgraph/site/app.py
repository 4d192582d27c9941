"""The pages of PEEL as an extension of the general service, and the application with them."""

from functools import partial
from pathlib import Path

from peelgraph.http import app, wsgi
from peelgraph.http.middleware import Front
from peelgraph.http.service import Extension, Reconciliation
from peelgraph.site import QUERIES
from peelgraph.site.compare import COMPARISONS, compare_routes
from peelgraph.site.home import home_routes
from peelgraph.site.listings import VIEWS, listing_routes
from peelgraph.site.network import network_routes
from peelgraph.site.resource_page import thing_page
from peelgraph.site.search import search_routes
from peelgraph.site.vocabulary_pages import ontology_page, shapes_page

_HERE = Path(__file__).parent

PEEL = Extension(
    routes=(home_routes, network_routes, compare_routes, listing_routes, search_routes),
    pages=(*COMPARISONS, *(view.path for view in VIEWS), "/network"),
    queries=QUERIES,
    templates=_HERE / "templates",
    static=_HERE / "static",
    resource_page=thing_page,
    graph_pages={"ontology": ontology_page, "shapes": shapes_page},
    first_query="first-query",
    first_prefixes=("peel", "org", "prov", "qb", "rdfs", "skos", "xsd"),
    explained=("unit:emsou", "peel:supports", "force:derbyshire"),
    reconciliation=Reconciliation(
        title="peelgraph: police inspections",
        names="searchable-names",
        default_types=("Force", "Unit", "Organisation", "Question", "Measure"),
        common_words=frozenset(
            ("police", "policing", "constabulary", "force", "service", "heddlu", "the", "of")
        ),
    ),
    author="The peelgraph maintainers",
    note=(
        "Facts from reports of Her Majesty's Inspectorate of Constabulary, Crown copyright, "
        "Open Government Licence v3.0"
    ),
)

create_app = partial(app.create_app, extension=PEEL)


def application() -> Front:
    """The application as one worker of Granian makes it."""
    return wsgi.application(PEEL)
