"""One way to check documents, for the command line and the web: the same task, the same verdict."""

from peelgraph.checking.process import check_apart
from peelgraph.checking.task import Check, Checked, Document

__all__ = ["Check", "Checked", "Document", "check_apart"]
