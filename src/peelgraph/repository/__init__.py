"""Versions in a home folder or in an engine: made by one transaction, listed, compared, copied.

Import `write` and `rebuild` from their modules: they bring the reasoner, which readers go without.
"""

from peelgraph.repository.digest import canonical_lines, digest_graph
from peelgraph.repository.local import Home
from peelgraph.repository.version import GraphRecord, Version

__all__ = ["GraphRecord", "Home", "Version", "canonical_lines", "digest_graph"]
