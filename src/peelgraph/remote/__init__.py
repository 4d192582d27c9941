"""Any SPARQL 1.1 engine behind the store interface: asked, changed, its graphs read and written."""

from peelgraph.remote.engine import Engine, read_engine
from peelgraph.remote.store import RemoteStore, View

__all__ = ["Engine", "RemoteStore", "View", "read_engine"]
