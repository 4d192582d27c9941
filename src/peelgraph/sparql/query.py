"""A SPARQL query, parsed once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """A query."""

    text: str
