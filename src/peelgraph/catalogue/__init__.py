"""Stored queries: reading, binding and describing the files of queries/."""

from peelgraph.catalogue.stored_queries import (
    Catalogue,
    Former,
    Parameter,
    StoredQuery,
    find_renamed,
    parse_query,
    read_catalogue,
    read_node,
    read_query,
)

__all__ = [
    "Catalogue",
    "Former",
    "Parameter",
    "StoredQuery",
    "find_renamed",
    "parse_query",
    "read_catalogue",
    "read_node",
    "read_query",
]
