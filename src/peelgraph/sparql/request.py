"""A query as a client asks it, and what comes back: what crosses every reader's interface."""

from dataclasses import dataclass, field

from peelgraph.sparql.query import Query


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs a query sees; None leaves the engine's own choice.

    `default` are the graphs merged, without duplicates, into the default graph ("" is the unnamed
    one); `named` are those that GRAPH reaches.
    """

    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query, and how it is to be answered.

    `results` is the media type for rows and ASK, `graph` the one for CONSTRUCT and DESCRIBE;
    `bindings` are terms in N-Triples syntax, bound to variables before evaluation, never as text.
    """

    query: Query
    results: str = "application/sparql-results+json"
    graph: str = "application/n-triples"
    dataset: Dataset = Dataset()
    base: str | None = None
    bindings: tuple[tuple[str, str], ...] = ()
    inference: bool = True


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A whole answer: `media_type` tells the format, `form` is select, ask or graph.

    `warnings` are sentences on why it may not be what was meant.
    """

    body: bytes
    media_type: str
    form: str
    version: str = field(default="")
    warnings: tuple[str, ...] = ()
