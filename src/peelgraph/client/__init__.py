"""The graph in a Python session or a notebook, as frames and rdflib graphs.

from peelgraph import client

graph = client.connect()                          # the embedded graph, without a server
graph = client.connect("http://127.0.0.1:8000/")  # a service, or any SPARQL endpoint
graph.questions.judgments_of_force("force:kent")
graph.query("SELECT ...")
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from rdflib import URIRef

from peelgraph import terms
from peelgraph.catalogue import read_catalogue, read_node
from peelgraph.client.backends import Endpoint, Local
from peelgraph.client.graph import Graph
from peelgraph.settings import Settings
from peelgraph.sources import find_root

__all__ = ["Graph", "connect", "iri", "shorten"]

_DEFAULTS = Settings()

shorten = terms.shorten


def connect(
    url: str | None = None,
    *,
    home: str | Path | None = None,
    frame: str = "pandas",
    timeout: float = _DEFAULTS.timeout,
    retries: int = 3,
    allow_service: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Graph:
    """The graph behind `url`, or the embedded one where no URL is given.

    A URL without a path is one of peelgraph: its /sparql is asked. Embedded, the graph of `home`
    is read (PEELGRAPH_HOME, then .peelgraph); the sources are published there first, in some
    seconds, when nothing is. `frame` is pandas or polars, `timeout` in seconds; `allow_service`
    names the endpoints that SERVICE may call from the embedded graph. An endpoint that is busy is
    asked again, at most `retries` times. `progress` hears what goes on; None tells a terminal or
    notebook.
    Errors: SettingError for what is no URL, or a folder that cannot be written.
    """
    say = progress or _tell
    catalogue = read_catalogue(find_root() / "queries")
    if url is not None:
        whole = _endpoint(url)
        endpoint = Endpoint(whole, timeout, retries, say, is_ours=whole != url)
        return Graph(endpoint, catalogue, frame)
    folder = Path(home or os.environ.get("PEELGRAPH_HOME") or _DEFAULTS.home)
    local = Local(folder, Settings(timeout=timeout, allow_service=tuple(allow_service)), say)
    local.publish()
    return Graph(local, catalogue, frame)


def iri(name: str) -> URIRef:
    """The IRI of a prefixed name as force:kent, to bind to a variable; RequestRefused for none."""
    return URIRef(read_node(name).strip("<>"))


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path="/sparql")) if parts.path in ("", "/") else url


def _tell(text: str) -> None:
    """Tell a person who looks on; a pipe or a log hears nothing."""
    if sys.stderr.isatty() or "ipykernel" in sys.modules:
        print(text, file=sys.stderr)  # noqa: T201 - the sign of life of a session
