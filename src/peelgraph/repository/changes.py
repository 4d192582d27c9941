"""What somebody wants to change, under which conditions, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelgraph.errors import PublicationRefused
from peelgraph.sources import Source
from peelgraph.sparql import Dataset


class WriteRefused(PublicationRefused):
    """The data does not conform: `report` tells each fault, in the form asked for."""

    report = ""


DIGITS = 32  # of a graph's digest, in its ETag

GATES = ("enforce", "warn", "report", "off")


@dataclass(frozen=True, slots=True)
class Document:
    """RDF that somebody sent: its bytes, its syntax as `sources` names it, and what to call it."""

    content: bytes = field(repr=False)
    syntax: str
    name: str
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL 1.1 Update; `using` is the dataset that the protocol gave beside the text."""

    text: str
    using: Dataset = field(default_factory=Dataset)
    base: str | None = None
    loads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """Documents for one graph, "" for the unnamed one: added to it, or in place of it."""

    graph: str
    documents: tuple[Document, ...]
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """A SPARQL 1.1 Update of one graph; a text that names no graph means that one."""

    graph: str
    text: str
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """A graph that is to go."""

    graph: str


Change = Update | Put | Patch | Drop


@dataclass(frozen=True, slots=True)
class SourceGraph:
    """The documents of one graph of the project's files as N-Triples, and their digest."""

    documents: tuple[bytes, ...]
    digest: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GraphChange:
    """One graph before and after, as sets of N-Triples lines; `documents` state what was added."""

    before: frozenset[bytes]
    after: frozenset[bytes]
    existed: bool
    exists: bool
    documents: tuple[Source, ...] = ()

    @property
    def added(self) -> frozenset[bytes]:
        """The lines that are new."""
        return self.after - self.before

    @property
    def removed(self) -> frozenset[bytes]:
        """The lines that went."""
        return self.before - self.after

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return self.before == self.after and self.existed == self.exists


@dataclass(frozen=True, slots=True)
class Gates:
    """What a fault does to a write, by graph.

    enforce: it refuses the write. warn: it is told in the answer. report: it is counted in the
    version's record. off: nobody looks.
    """

    default: str = "enforce"
    graphs: Mapping[str, str] = field(default_factory=dict)

    def of(self, graph: str) -> str:
        """The mode for one graph."""
        return self.graphs.get(graph, self.default)

    @classmethod
    def read(cls, given: tuple[str, ...]) -> "Gates":
        """The modes written as MODE or GRAPH=MODE; ValueError names what is neither."""
        default, graphs = "enforce", {}
        for text in given:
            graph, _, mode = text.rpartition("=")
            if mode not in GATES:
                raise ValueError(f"{text!r} is not one of {', '.join(GATES)}, nor GRAPH=MODE")
            if graph:
                graphs[graph] = mode
            else:
                default = mode
        return cls(default, graphs)


ENFORCE = Gates()


@dataclass(frozen=True, slots=True)
class Expected:
    """What the caller takes for granted; the write fails where it is otherwise.

    `digests` are those that the graph may have (() asks nothing, "*" any that exists), `absent`
    that there is no such graph, `version` the number that must be current.
    """

    digests: tuple[str, ...] = ()
    absent: bool = False
    version: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One change with all that decides about it; `report` is the form faults are told in.

    `takes_rdf12` lets an update write triples as terms, and texts with a direction.
    """

    change: Change
    by: str = ""
    message: str = ""
    gates: Gates = ENFORCE
    expected: Expected = Expected()
    dry_run: bool = False
    report: str = "text"
    takes_rdf12: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of an order; `number` is the version current after it.

    `faults` is the report of what did not refuse it, in the form asked for, "" without one.
    """

    number: int
    changed: bool
    added: int
    removed: int
    inferred: int
    created: bool = False
    dry_run: bool = False
    faults: str = ""
