"""One way to check documents, for the command line and the web: the same task, the same verdict."""

from peelgraph.checking.task import ALL_SUFFIXES, STYLES, Check, Checked, Document, Mended

__all__ = [
    "ALL_SUFFIXES",
    "STYLES",
    "Check",
    "Checked",
    "Document",
    "Mended",
]
