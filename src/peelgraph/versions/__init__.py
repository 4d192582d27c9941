"""Immutable versions on disk: staging, publishing, listing, rolling back.

`publish` is imported from `versions.publishing`: it brings the reasoner, which readers go without.
"""

from peelgraph.versions.digest import canonical_lines, digest_graph
from peelgraph.versions.home import Home
from peelgraph.versions.record import GraphRecord, Version

__all__ = ["GraphRecord", "Home", "Version", "canonical_lines", "digest_graph"]
