"""What the pages and routes share: the reader, the limits, the version, the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from peelgraph import terms
from peelgraph.catalogue import Former, StoredQuery, read_catalogue
from peelgraph.catalogue.examples import Described
from peelgraph.errors import UnknownName
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest, QueryResult

if TYPE_CHECKING:
    from flask import Blueprint

_QUERIES = Path(__file__).parent / "queries"


class Asking(Protocol):
    """Whatever answers questions within limits."""

    def query(
        self, question: QueryRequest, timeout: float | None = None, limit: int | None = None
    ) -> QueryResult:
        """The answer; `timeout` and `limit` (bytes) only ever lower the service's own."""
        ...


class GraphFacts(Protocol):
    """What is known of one named graph."""

    @property
    def triples(self) -> int: ...
    @property
    def digest(self) -> str: ...


class Published(Protocol):
    """What is known of the version that is read."""

    @property
    def number(self) -> int: ...
    @property
    def path(self) -> Path: ...
    @property
    def created(self) -> str: ...
    @property
    def triples(self) -> int: ...
    @property
    def inferred(self) -> int: ...
    @property
    def graphs(self) -> Mapping[str, GraphFacts]: ...
    @property
    def unnamed(self) -> GraphFacts | None: ...
    @property
    def derived(self) -> Mapping[str, GraphFacts]: ...


class ParameterFacts(Protocol):
    """One parameter of a stored question."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def default(self) -> str: ...
    @property
    def about(self) -> str: ...


class StoredQuestion(Described, Protocol):
    """One question of the catalogue; heading, note and columns are of its table on a page."""

    @property
    def query(self) -> Query: ...
    @property
    def subject(self) -> str: ...
    @property
    def needs_inference(self) -> bool: ...
    @property
    def former(self) -> tuple[Former, ...]: ...
    @property
    def heading(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def columns(self) -> Sequence[tuple[str, str]]: ...
    @property
    def parameters(self) -> Sequence[ParameterFacts]: ...
    def bind(self, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Each bound variable with its term in N-Triples syntax."""
        ...


class Questions(Protocol):
    """The catalogue."""

    @property
    def questions(self) -> Sequence[StoredQuestion]: ...


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What names are matched to: which query reads them, and how the service presents itself."""

    title: str = terms.PROJECT.name
    names: str = "names-to-match"
    default_types: tuple[str, ...] = ()
    # Words that most names have, so that they tell little.
    common_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Extension:
    """What a project adds to the general service: routes, pages in place of plain ones, words.

    A page is made from the service and, for a resource, its IRI; with it comes the version shown.
    Templates stand before those of the same name here.
    """

    routes: tuple[Callable[["Service"], "Blueprint"], ...] = ()
    # The addresses of its pages that the site map lists.
    pages: tuple[str, ...] = ()
    queries: Path | None = None
    templates: Path | None = None
    static: Path | None = None
    resource_page: Callable[["Service", str], tuple[str, str]] | None = None
    graph_pages: Mapping[str, Callable[["Service"], str]] = field(default_factory=dict)
    # The query that the editor begins with, and the prefixes above it.
    first_query: str = "things-by-class"
    first_prefixes: tuple[str, ...] = ()
    # Subject, predicate and object of a triple to explain, as an example.
    explained: tuple[str, ...] = ()
    reconciliation: Reconciliation = Reconciliation()
    # Who is cited, and where the facts are from.
    author: str = ""
    note: str = ""


def read_page_queries(*folders: Path | None) -> dict[str, StoredQuery]:
    """The service's own queries and those of `folders` by name; SourceError for a malformed one."""
    named = [folder for folder in (_QUERIES, *folders) if folder is not None]
    return {query.name: query for each in named for query in read_catalogue(each).questions}


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a route needs, passed in."""

    reader: Asking
    settings: Settings
    current: Callable[[], Published]
    catalogue: Questions
    extension: Extension = Extension()
    pages: Mapping[str, StoredQuery] = field(default_factory=read_page_queries)

    def find_query(self, name: str) -> StoredQuestion | None:
        """The query of a page or of the catalogue; None where the catalogue lacks it."""
        if name in self.pages:
            return self.pages[name]
        return next((each for each in self.catalogue.questions if each.name == name), None)

    def question(self, name: str) -> StoredQuestion:
        """The stored question of that name, or older name; UnknownName when there is none."""
        for question in self.catalogue.questions:
            if question.name == name or name in {former.name for former in question.former}:
                return question
        names = [question.name for question in self.catalogue.questions]
        near = get_close_matches(name, names, n=3)
        hint = f"Near it: {', '.join(near)}." if near else "They are listed at /queries"
        raise UnknownName(f"There is no stored question {name}", hint=hint)

    def infers(self) -> bool:
        """Whether the default graph holds what was inferred."""
        return self.settings.inference and self.settings.default_graph == "union"

    def seen(self) -> str:
        """What a query sees that names no graph, as a sentence."""
        if self.current().unnamed is not None:
            return "Queries see the unnamed graph; named graphs are seen by GRAPH and FROM alone."
        inferred = " and what was inferred" if self.infers() else ""
        return (
            f"Queries see what was asserted{inferred}, each triple once; the graphs in which the "
            "dataset tells of itself are seen by GRAPH and FROM alone."
        )

    def called(self) -> str:
        """Which other endpoints a query may call, as a sentence; "" for none."""
        named = ", ".join(self.settings.allow_service)
        return f"SERVICE calls these endpoints alone: {named}" if named else ""

    def default_size(self) -> int:
        """How many triples a query sees that names no graph."""
        version = self.current()
        if version.unnamed is not None:
            return version.unnamed.triples
        return version.triples + (version.inferred if self.infers() else 0)

    def graph_sizes(self) -> dict[str, int]:
        """Each named graph with its number of triples."""
        version = self.current()
        sizes = {name: facts.triples for name, facts in sorted(version.graphs.items())}
        if version.inferred:
            sizes[terms.INFERRED] = version.inferred
        sizes |= {name: facts.triples for name, facts in sorted(version.derived.items())}
        return sizes
