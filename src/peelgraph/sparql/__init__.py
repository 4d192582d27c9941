"""SPARQL 1.1 as values: a text is parsed once, and what was found travels with it."""

from peelgraph.sparql.query import Query
from peelgraph.sparql.request import Dataset, QueryRequest, QueryResult

__all__ = ["Dataset", "Query", "QueryRequest", "QueryResult"]
