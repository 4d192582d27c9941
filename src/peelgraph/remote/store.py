"""A SPARQL 1.1 engine as a store: the same answers, byte for byte, as from the embedded one."""

import json
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.errors import EngineUnavailable, NotAcceptable
from peelgraph.formats import ROWS, serialised
from peelgraph.remote.endpoint import Calls, Told, start_of
from peelgraph.remote.engine import Engine
from peelgraph.sparql import Dataset, Query, QueryRequest, QueryResult, bind
from peelgraph.store import Store

_JSON = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
# N-Triples is what everybody writes; some call it by an older name.
_GRAPHS = {_TRIPLES: ox.RdfFormat.N_TRIPLES, "text/plain": ox.RdfFormat.N_TRIPLES}
_GRAPHS |= {"text/turtle": ox.RdfFormat.TURTLE, "application/x-turtle": ox.RdfFormat.TURTLE}
_ACCEPT_ROWS = f"{_JSON}, {_TRIPLES};q=0.9"
# Asked for either, Virtuoso writes a graph as JSON of its own.
_ACCEPT_GRAPH = f"{_TRIPLES}, text/turtle;q=0.5"
# Triples a request; a longer body keeps the engine's memory, and ours.
_PART = 32 * 1024 * 1024
_TYPED = f"^^<{terms.VOCABULARIES['xsd']}".encode()
# Bytes of triples that stand in the text of an update or a query.
_DATA = 256 * 1024


@dataclass(frozen=True, slots=True)
class View:
    """How a published version lies in an engine: which graphs a query without FROM sees.

    `whole` are the graphs that hold what is asserted and inferred (none: the engine's own default
    graph does), `asserted` those that hold what is asserted, `named` those that GRAPH reaches.
    `staged` tells under which name a graph lies that is not published yet.
    """

    whole: tuple[str, ...]
    asserted: tuple[str, ...]
    named: tuple[str, ...]
    staged: tuple[tuple[str, str], ...] = ()

    def place(self, graph: str) -> str:
        """The name under which `graph` lies."""
        return dict(self.staged).get(graph, graph)

    def name(self, place: str) -> str:
        """The graph that lies under a name."""
        return {place: graph for graph, place in self.staged}.get(place, place)


class RemoteStore(Store):
    """The store at one address; without a view, as the engine itself has it.

    A query takes no longer than `timeout` seconds, and neither does any other request.
    """

    def __init__(self, engine: Engine, timeout: float) -> None:
        self.engine = engine
        self.timeout = timeout
        self._calls = Calls(engine, timeout)
        self._view: View | None = None

    def seen(self, view: View) -> "RemoteStore":
        """The same store, seen as one version of it."""
        other = copy(self)
        other._view = view
        return other

    def query(
        self, request: QueryRequest, limit: int | None = None, timeout: float | None = None
    ) -> QueryResult:
        """The whole answer to `request`; longer than `limit` bytes, it fails and is never cut.

        Errors: QueryRefused when the engine refuses the query, DeadlinePassed when it takes too
                long, EngineUnavailable when it is away or answers something else than asked.
        """
        text = bind(request.query, request.bindings)
        seconds = min(self.timeout, timeout or self.timeout)
        accept = _ACCEPT_GRAPH if request.query.result_form == "graph" else _ACCEPT_ROWS
        told = self._calls.query(text, accept, self._dataset(request), seconds, limit=limit)
        if told.media_type in _GRAPHS:
            return serialised(lambda: list(_triples(told, request.graph)), request, limit)
        if told.media_type != _JSON:
            raise EngineUnavailable(
                f"{self.engine.query} answered {told.media_type}, not {_JSON} or {_TRIPLES}",
                hint=f"is it a SPARQL endpoint? It begins: {start_of(told.body)}",
            )
        # Virtuoso calls a literal with a datatype by a name that SPARQL 1.1 has not; inside of a
        # string these quotes would be escaped.
        body = told.body.replace(b'"type": "typed-literal"', b'"type": "literal"')
        if request.results == _JSON:
            is_truth = b'"boolean"' in body and b'"bindings"' not in body
            return QueryResult(body, _JSON, "ask" if is_truth else "select")
        if request.results not in ROWS:
            raise NotAcceptable(f"{request.results} has no form for rows")
        return serialised(lambda: ox.parse_query_results(body, ROWS[_JSON]), request, limit)

    def update(self, text: str, using: Dataset | None = None) -> None:
        """Run a SPARQL 1.1 Update whole, or not at all, as far as the engine promises that."""
        self._calls.update(text, using or Dataset())

    def graphs(self) -> Sequence[str]:
        """The names of the named graphs, sorted; the engine may look at every triple for them."""
        if self._view is not None:
            return sorted(self._view.name(each) for each in self._view.named)
        asked = QueryRequest(Query("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"))
        return sorted(row["g"]["value"] for row in self._rows(asked))

    def read(self, graph: str) -> bytes:
        """One graph as N-Triples; nothing when there is none of that name."""
        told = self._calls.graph("GET", self._place(graph))
        if told is None:
            return b""
        # Written anew: engines part terms by tabs, or escape what need not be.
        return ox.serialize(_triples(told), format=ox.RdfFormat.N_TRIPLES) or b""

    def insert(self, triples: bytes, graph: str) -> None:
        """Add N-Triples to a graph; lines that share blank nodes go in one request."""
        if len(triples) <= _PART:
            self._calls.graph("POST", self._place(graph), triples)
            return
        lines = triples.splitlines(keepends=True)
        parts = [[line for line in lines if b"_:" in line], *_parts(lines)]
        for part in filter(None, parts):
            self._calls.graph("POST", self._place(graph), b"".join(part))

    def remove(self, triples: bytes, graph: str) -> None:
        """Take N-Triples out of a graph; a blank node has no name by which an engine knows it."""
        if b"_:" in triples:
            raise ValueError("an engine cannot be told which blank node is meant")
        name = f"GRAPH <{self._place(graph)}>" if graph else ""
        for part in _parts(triples.splitlines(keepends=True), _DATA):
            text = b"".join(part).decode()
            self.update(
                f"DELETE DATA {{ {name} {{ {text} }} }}" if name else f"DELETE DATA {{ {text} }}"
            )

    def held(self, triples: bytes, *graphs: str) -> frozenset[bytes]:
        """Those lines of N-Triples that one of some graphs holds; literals count by their value."""
        found: set[bytes] = set()
        for part in _parts(triples.splitlines(keepends=True), _DATA):
            rows = b" ".join(b"(" + line.strip().removesuffix(b" .") + b")" for line in part)
            values = f"VALUES (?s ?p ?o) {{ {rows.decode()} }}"
            for graph in graphs:
                pattern = f"GRAPH <{self._place(graph)}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
                text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {values} {pattern} }}"
                # By its own name, whatever a view shows.
                only = self._only(graph) if graph else Dataset()
                request = QueryRequest(Query(text), graph=_TRIPLES, dataset=only, inference=False)
                found.update(_canonical(self.query(request).body).values())
        return frozenset(line for line, spelled in _canonical(triples).items() if spelled in found)

    def clear(self, graph: str) -> None:
        """Leave a graph empty."""
        name = f"GRAPH <{self._place(graph)}>" if graph else "DEFAULT"
        self.update(f"DROP SILENT {name}")

    def size(self, graph: str) -> int:
        """How many triples a graph holds; of the unnamed one, what is asserted."""
        pattern = f"GRAPH <{self._place(graph)}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
        asked = f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}"
        # By its own name, whatever a view shows.
        only = Dataset() if graph == "" else self._only(graph)
        (row,) = self._rows(QueryRequest(Query(asked), dataset=only, inference=False))
        return int(row["n"]["value"])

    def naming(self, iri: str, most: int) -> list[tuple[str, str]]:
        """The first `most` things that name `iri`, as N-Triples terms, each with its graph."""
        text = f"SELECT ?s ?g WHERE {{ GRAPH ?g {{ ?s ?p <{iri}> }} }} LIMIT {most}"
        view = self._view
        return [
            (
                f"<{row['s']['value']}>" if row["s"]["type"] == "uri" else f"_:{row['s']['value']}",
                view.name(row["g"]["value"]) if view else row["g"]["value"],
            )
            for row in self._rows(QueryRequest(Query(text)))
        ]

    def _only(self, graph: str) -> Dataset:
        return Dataset((), (self._place(graph),))

    def _rows(self, request: QueryRequest) -> list[dict[str, dict[str, str]]]:
        content = json.loads(self.query(request).body)
        rows: list[dict[str, dict[str, str]]] = content["results"]["bindings"]
        return rows

    def _place(self, graph: str) -> str:
        return self._view.place(graph) if self._view else graph

    def _dataset(self, request: QueryRequest) -> Dataset:
        """What the request says of its dataset; nothing where the engine's own default does."""
        asked, view = request.dataset, self._view
        if asked.default == ("",):
            # The protocol has no name for the unnamed graph: naming none is how to see it.
            return Dataset()
        if asked != Dataset():
            # A graph asked for by name is asked for where it lies.
            return Dataset(*(self._placed(each) for each in (asked.default, asked.named)))
        if view is None or any(request.query.dataset):
            return asked
        if request.inference:
            return Dataset(view.whole, view.named) if view.whole else asked
        return Dataset(view.asserted, view.named)

    def _placed(self, graphs: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if graphs is None else tuple(map(self._place, graphs))


def view_of(graphs: Sequence[str], derived: Sequence[str], *, own_default: bool) -> View:
    """The view of a published version of these graphs, and of those derived from them.

    An engine with a default graph of its own holds there what is asserted and inferred. In another
    the default graph is every graph there, ours or not, so each request names ours.
    """
    asserted = tuple(graphs)
    inferred = (terms.INFERRED,) if terms.INFERRED in derived else ()
    whole = () if own_default else (*asserted, *inferred)
    return View(whole, asserted, (*asserted, *derived))


def _triples(told: Told, wanted: str = _TRIPLES) -> Iterator[ox.Triple]:
    # A label of RDF/XML is a name of XML and begins with no digit, as some engines' labels do.
    renames = wanted == "application/rdf+xml"
    syntax = _GRAPHS[told.media_type]
    for quad in ox.parse(told.body, syntax, lenient=True, rename_blank_nodes=renames):
        yield ox.Triple(quad.subject, quad.predicate, quad.object)


def _canonical(triples: bytes) -> dict[bytes, bytes]:
    """Each line with what the embedded store gives back of it: engines spell values differently.

    TDB2 gives 45.0 of the decimal 45. Each line with a datatype is loaded into a graph of its own,
    named by its number, all in one load.
    """
    lines = [line for line in triples.split(b"\n") if line]
    found = {line: line for line in lines}
    typed = [line for line in found if _TYPED in line]
    store = ox.Store()
    store.load(
        b"".join(b"%b <urn:%d> .\n" % (line[:-2], at) for at, line in enumerate(typed)),
        ox.RdfFormat.N_QUADS,
    )
    for quad in (store.dump(format=ox.RdfFormat.N_QUADS) or b"").splitlines():
        triple, _, number = quad.rpartition(b" <urn:")
        found[typed[int(number.rstrip(b"> ."))]] = triple + b" ."
    return found


def _parts(lines: list[bytes], most: int = _PART) -> Iterator[list[bytes]]:
    """The lines without blank nodes, in parts of about so many bytes."""
    part: list[bytes] = []
    length = 0
    for line in lines:
        if b"_:" in line:
            continue
        part.append(line)
        length += len(line)
        if length > most:
            yield part
            part, length = [], 0
    if part:
        yield part
