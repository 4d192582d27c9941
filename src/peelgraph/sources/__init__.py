"""Data files to triples with their positions."""

from peelgraph.sources.model import Project, Source
from peelgraph.sources.positions import Positions
from peelgraph.sources.project import find_root, name_graph, read_project
from peelgraph.sources.reading import (
    SUFFIXES,
    find_syntax,
    parse,
    parse_graphs,
    read_bytes,
    read_turtle,
)

__all__ = [
    "SUFFIXES",
    "Positions",
    "Project",
    "Source",
    "find_root",
    "find_syntax",
    "name_graph",
    "parse",
    "parse_graphs",
    "read_bytes",
    "read_project",
    "read_turtle",
]
