"""The store interface: what validation, reasoning and the service ask of any SPARQL engine.

RDF crosses it as bytes of N-Quads or of a result format, never object by object.
"""

from collections.abc import Sequence
from typing import Protocol

from peelgraph.sparql import QueryRequest, QueryResult


class Reader(Protocol):
    """Whatever answers SPARQL queries."""

    def query(self, request: QueryRequest) -> QueryResult:
        """The answer to `request`; QueryRefused when it is malformed."""
        ...


class Store(Reader, Protocol):
    """A dataset that can be asked and changed; "" names the unnamed graph."""

    def update(self, text: str) -> None:
        """Run a SPARQL 1.1 Update whole, or not at all."""
        ...

    def graphs(self) -> Sequence[str]:
        """The names of the named graphs, sorted."""
        ...

    def read(self, graph: str) -> bytes:
        """One graph as N-Triples."""
        ...

    def insert(self, triples: bytes, graph: str) -> None:
        """Add N-Triples to a graph."""
        ...

    def remove(self, triples: bytes, graph: str) -> None:
        """Take N-Triples out of a graph; blank nodes keep the names that they have here."""
        ...

    def held(self, triples: bytes, *graphs: str) -> frozenset[bytes]:
        """Those lines of N-Triples that one of some graphs holds."""
        ...

    def clear(self, graph: str) -> None:
        """Leave a graph empty."""
        ...

    def size(self, graph: str) -> int:
        """How many triples a graph holds."""
        ...

    def naming(self, iri: str, most: int) -> list[tuple[str, str]]:
        """The first `most` things that name `iri`, as N-Triples terms, each with its graph."""
        ...
