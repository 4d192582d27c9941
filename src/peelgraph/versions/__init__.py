"""Immutable versions on disk: staging, publishing, listing, rolling back."""

from peelgraph.versions.digest import canonical_lines, digest_graph
from peelgraph.versions.home import Home
from peelgraph.versions.publishing import holds_sources, publish
from peelgraph.versions.record import GraphRecord, Version

__all__ = [
    "GraphRecord",
    "Home",
    "Version",
    "canonical_lines",
    "digest_graph",
    "holds_sources",
    "publish",
]
