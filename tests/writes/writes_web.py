"""The application over a home that can be written to."""

from collections.abc import Iterator
from pathlib import Path

from flask.testing import FlaskClient

from peelgraph.catalogue import read_catalogue
from peelgraph.http.wsgi import CurrentVersion
from peelgraph.settings import Settings
from peelgraph.site.app import create_app
from peelgraph.workers import Pool
from peelgraph.workers.writer import Writer

URL = "https://graph.example"
TOKEN = "0123456789abcdef0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
QUERIES = Path(__file__).parents[1] / "protocol" / "queries"


def application(settings: Settings) -> Iterator[FlaskClient]:
    """A client of the application with these settings, and the end of its processes."""
    current = CurrentVersion(settings.home)
    pool = Pool(settings, current.edition, older=current.older_edition)
    pool.warm()
    writer = Writer(settings)
    app = create_app(
        pool, settings, current.version, read_catalogue(QUERIES), older=current.older, writer=writer
    )
    yield app.test_client()
    writer.close()
    pool.close()
