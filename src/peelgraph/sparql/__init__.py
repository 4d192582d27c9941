"""SPARQL 1.1 as values: a text is parsed once, and what was found travels with it."""

from peelgraph.sparql.binding import bind
from peelgraph.sparql.policy import check_length, check_policy
from peelgraph.sparql.query import ParseCache, Query
from peelgraph.sparql.request import Dataset, QueryRequest, QueryResult
from peelgraph.sparql.update import Update

__all__ = [
    "Dataset",
    "ParseCache",
    "Query",
    "QueryRequest",
    "QueryResult",
    "Update",
    "bind",
    "check_length",
    "check_policy",
]
