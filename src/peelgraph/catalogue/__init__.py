"""Stored questions: reading, binding and describing the files of queries/."""

from peelgraph.catalogue.header import StoredQuery, parse_query, read_query
from peelgraph.catalogue.parameters import Parameter, read_node
from peelgraph.catalogue.questions import Catalogue, read_catalogue

__all__ = [
    "Catalogue",
    "Parameter",
    "StoredQuery",
    "parse_query",
    "read_catalogue",
    "read_node",
    "read_query",
]
