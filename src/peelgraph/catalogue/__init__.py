"""Stored queries: reading, binding and describing the files of queries/."""

from peelgraph.catalogue.stored_queries import (
    Catalogue,
    Parameter,
    StoredQuery,
    parse_query,
    read_catalogue,
    read_node,
    read_query,
)

__all__ = [
    "Catalogue",
    "Parameter",
    "StoredQuery",
    "parse_query",
    "read_catalogue",
    "read_node",
    "read_query",
]
