"""The embedded store: Oxigraph in our own process, behind the store interface."""

import fcntl
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.errors import (
    NoLongerKept,
    QueryRefused,
    SettingError,
    SourceError,
    VersionUnreadable,
    is_damage,
)
from peelgraph.formats import Results, evaluation_failure, serialised
from peelgraph.sparql import Dataset, Query, QueryRequest, QueryResult, bind, syntax_errors
from peelgraph.store import Reader, Store

_Name = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_Graph = ox.NamedNode | ox.BlankNode
_Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_ANY = Dataset()
_Functions = dict[ox.NamedNode, Callable[..., _Value | None]]
# What the engine says of a function that it does not know (pyoxigraph 0.5.13). A query with more of
# them is refused: it is planned anew for each.
_UNKNOWN_FUNCTION = re.compile(r"custom function <([^>]*)> is not supported")
_MOST_UNKNOWN = 20
# What a query sees that names no graph.
_SEEN = (ox.DefaultGraph(), ox.NamedNode(terms.INFERRED))
_BULK = 4_000_000  # bytes: below, one transaction is quicker, in memory and on disk
# The folder beside a version's store where what it asserts and infers is one graph.
WHOLE = "whole"


class Lease:
    """A lock on the folder of a store, shared by its readers; it ends with this object.

    Whoever removes versions takes it alone, and so leaves out what is being read.
    """

    def __init__(self, path: Path, *, alone: bool = False) -> None:
        """Take it; BlockingIOError where others hold it, another OSError where it cannot be had."""
        self._descriptor = -1
        # Each store has a file CURRENT of its own, which nobody changes once it is published.
        self._descriptor = os.open(path / "CURRENT", os.O_RDONLY)
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        if not os.fstat(self._descriptor).st_nlink:
            raise FileNotFoundError(path)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


class Embedded(Store):
    """A dataset held by Oxigraph, in memory or in a folder."""

    def __init__(self, store: ox.Store, lease: Lease | None = None) -> None:
        self._store = store
        self._lease = lease

    @classmethod
    def memory(cls) -> "Embedded":
        """An empty store that ends with the process."""
        return cls(ox.Store())

    @classmethod
    def open(cls, path: Path) -> "Embedded":
        """The store in a folder, to read and to write; made when it is not there."""
        return cls(_opened(path, lambda: ox.Store(str(path))))

    @classmethod
    def read_only(cls, path: Path) -> "Embedded":
        """The store in a folder, as it was last flushed; retention leaves it while it is open.

        Errors: NoLongerKept when the version that it belongs to is being removed, or is gone,
                VersionUnreadable when files of it are damaged.
        """
        lease = _leased(path)
        return cls(_opened(path, lambda: ox.Store.read_only(str(path))), lease)

    @classmethod
    def checkpoint(cls, path: Path, folder: Path) -> "Embedded":
        """A store in a new folder that begins with what lies at `path`: hard links, no copy."""
        published = cls.read_only(path)
        try:
            published.backup(folder)
        finally:
            published.close()
        return cls.open(folder)

    def query(self, request: QueryRequest, limit: int | None = None) -> QueryResult:
        """The whole answer to `request`; longer than `limit` bytes, it fails and is never cut.

        Errors: QueryRefused with line and column when the text is malformed, NotAcceptable when
                the format has no form for this kind of result.
        """
        return self._answered(_bound(request), request, *self._dataset(request), limit)

    def _answered(
        self,
        query: Query,
        request: QueryRequest,
        default: list[_Name],
        named: list[_Graph] | None,
        limit: int | None,
    ) -> QueryResult:
        store = self._store
        if named is not None and len(default) > 1:
            store, default = _merged(store, default, named), [ox.DefaultGraph()]
        unknown: _Functions = {}

        def evaluate() -> Results:
            results = _evaluate(store, query, request.base, (default, named), unknown)
            if query.star and isinstance(results, ox.QuerySolutions) and len(results.variables) > 1:
                # The engine sorts its columns by name.
                ordered = query.selecting(variable.value for variable in results.variables)
                results = _evaluate(store, ordered, request.base, (default, named), unknown)
            return results

        answer = serialised(evaluate, request, limit)
        return replace(answer, warnings=_without_value(unknown)) if unknown else answer

    def update(self, text: str, base: str | None = None) -> None:
        """Run a SPARQL 1.1 Update whole, or not at all; `base` resolves relative IRIs."""
        try:
            self._store.update(text, base_iri=base)
        except SyntaxError as error:
            raise QueryRefused(f"The update is malformed: {error}") from error
        except (RuntimeError, OSError, ValueError) as error:
            if is_damage(error):
                raise
            raise QueryRefused(f"The update cannot be run: {error}") from error

    def graphs(self) -> Sequence[str]:
        """The names of the named graphs, sorted."""
        return sorted(graph.value for graph in self._store.named_graphs())

    def read(self, graph: str) -> bytes:
        """One graph as N-Triples."""
        return self._store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=_name(graph)) or b""

    def insert(self, triples: bytes, graph: str) -> None:
        """Add N-Triples to a graph."""
        load = self._store.load if len(triples) < _BULK else self._store.bulk_load
        try:
            load(triples, ox.RdfFormat.N_TRIPLES, to_graph=_name(graph))
        except SyntaxError as error:
            raise SourceError(graph or "unnamed graph", str(error)) from error

    def insert_quads(self, quads: bytes) -> None:
        """Add N-Quads, each to its own graph."""
        try:
            self._store.bulk_load(quads, ox.RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise SourceError("quads", str(error)) from error

    def change(self, added: bytes, removed: bytes) -> None:
        """Take N-Quads out and put others in; blank nodes keep the names that they have here."""
        for quad in ox.parse(removed, ox.RdfFormat.N_QUADS):
            self._store.remove(quad)
        # A bulk load costs a tenth of a second on disk, whatever its size.
        extend = self._store.extend if len(added) < _BULK else self._store.bulk_extend
        extend(ox.parse(added, ox.RdfFormat.N_QUADS))

    def create(self, graph: str) -> None:
        """Let a named graph exist, empty as it may be."""
        self._store.add_graph(ox.NamedNode(graph))

    def graphs_of(self, triple: bytes) -> frozenset[str]:
        """The graphs that state one N-Triples line; "" is the unnamed one."""
        parsed = next(ox.parse(triple, ox.RdfFormat.N_QUADS))
        found = self._store.quads_for_pattern(parsed.subject, parsed.predicate, parsed.object, None)
        return frozenset(getattr(quad.graph_name, "value", "") for quad in found)

    def naming(self, iri: str, most: int) -> list[tuple[str, str]]:
        """The first `most` things that name `iri`, as N-Triples terms, each with its graph."""
        found = self._store.quads_for_pattern(None, None, ox.NamedNode(iri), None)
        return [(str(q.subject), getattr(q.graph_name, "value", "")) for q in islice(found, most)]

    def remove(self, triples: bytes, graph: str) -> None:
        """Take N-Triples out of a graph; blank nodes keep the names that they have here."""
        for quad in _quads(triples, graph):
            self._store.remove(quad)

    def held(self, triples: bytes, *graphs: str) -> frozenset[bytes]:
        """Those lines of N-Triples that one of some graphs holds."""
        lines = [line for line in triples.split(b"\n") if line]
        found: set[bytes] = set()
        for graph in graphs:
            sought = zip(lines, _quads(triples, graph), strict=True)
            found.update(line for line, quad in sought if quad in self._store)
        return frozenset(found)

    def renew(self, graph: str, triples: bytes) -> None:
        """Let a graph hold some N-Triples and no others; blank nodes keep their names.

        Only what differs is written: taking out costs 30 microseconds a triple on disk.
        """
        fresh, there = triples, self.read(graph)
        if there:
            held, wanted = ({*filter(None, text.split(b"\n"))} for text in (there, triples))
            self.remove(b"\n".join(held - wanted), graph)
            fresh = b"\n".join(wanted - held)
        blank, plain = _parted(fresh)
        self._store.extend(_quads(blank, graph))
        if plain:
            self.insert(plain, graph)

    def about(self, subjects: Iterable[ox.NamedNode]) -> bytes:
        """What is asserted or inferred of some subjects, as N-Triples."""
        found = (
            quad.triple
            for subject in subjects
            for graph in _SEEN
            for quad in self._store.quads_for_pattern(subject, None, None, graph)
        )
        return ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b""

    def is_value(self, value: _Value, predicate: ox.NamedNode | None = None) -> bool:
        """Whether that value is asserted or inferred of anything, as that property if given."""
        return any(
            next(iter(self._store.quads_for_pattern(None, predicate, value, graph)), None)
            for graph in _SEEN
        )

    def dump(self) -> bytes:
        """The whole dataset as N-Quads."""
        return self._store.dump(format=ox.RdfFormat.N_QUADS) or b""

    def clear(self, graph: str) -> None:
        """Leave a graph empty, and its name forgotten."""
        if graph:
            self._store.remove_graph(ox.NamedNode(graph))
        else:
            self._store.clear_graph(ox.DefaultGraph())

    def size(self, graph: str) -> int:
        """How many triples a graph holds."""
        counted = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        rows = _solutions(self._store.query(counted, default_graph=[_name(graph)]))
        return int(str(next(rows)[0].value))

    def total(self) -> int:
        """How many quads there are; they are counted one by one, a second for ten million."""
        return len(self._store)

    def flush(self) -> None:
        """See that all is on disk, where read-only stores find it."""
        self._store.flush()

    def compact(self) -> None:
        """One sorted run on disk for the several that loading left: read up to four times faster.

        Takes 0.7 s a million triples; what is compact already takes none.
        """
        self._store.optimize()

    def backup(self, path: Path) -> None:
        """A copy in a new folder; hard links where the disk allows."""
        self._store.backup(str(path))

    def close(self) -> None:
        """Let go of the store; its lock goes with the last reference."""
        self._store = ox.Store()
        self._lease = None

    def _dataset(self, request: QueryRequest) -> tuple[list[_Name], list[_Graph] | None]:
        asked = request.dataset
        if asked == _ANY:
            asked = _from(request)
        if asked == _ANY:
            default: list[_Name] = [ox.DefaultGraph()]
            if request.inference:
                default.append(ox.NamedNode(terms.INFERRED))
            return default, None
        # SPARQL 1.1, section 13.2: what a dataset clause leaves out is empty.
        names: list[_Graph] = [ox.NamedNode(name) for name in dict.fromkeys(asked.named or ())]
        return [_name(name) for name in dict.fromkeys(asked.default or ())], names


class Heeded(Embedded):
    """A store whose `heed` is told the N-Triples that are added or removed graph by graph."""

    def __init__(self, store: Embedded, heed: Callable[[bytes], None]) -> None:
        super().__init__(store._store)
        self._heed = heed

    def insert(self, triples: bytes, graph: str) -> None:
        """Add N-Triples to a graph."""
        super().insert(triples, graph)
        self._heed(triples)

    def remove(self, triples: bytes, graph: str) -> None:
        """Take N-Triples out of a graph."""
        super().remove(triples, graph)
        self._heed(triples)


class Joined(Reader):
    """A version with a store `whole`, where what is asserted and inferred is one graph.

    One graph is read in half the time of two. What is asked of other graphs, or of the asserted
    triples alone, is asked of the version itself.
    """

    def __init__(self, version: Embedded, whole: Embedded) -> None:
        self._version, self._whole = version, whole

    @classmethod
    def open(cls, path: Path, *, copy: bool = False) -> "Joined | Embedded":
        """The version whose store is at `path`; with `copy`, the whole of it in memory.

        A version made before there were such stores is read as it is.
        """
        version, beside = Embedded.read_only(path), path.with_name(WHOLE)
        whole = Embedded.read_only(beside) if beside.is_dir() else version
        if copy:
            whole = _copy(whole._store)
        return version if whole is version else cls(version, whole)

    def query(self, request: QueryRequest, limit: int | None = None) -> QueryResult:
        """The answer that the version gives, and errors as there."""
        query = _bound(request)
        is_whole = request.inference and request.dataset == _ANY
        if is_whole and not request.query.names_graph:
            return self._whole._answered(query, request, [*_SEEN[:1]], None, limit)
        dataset = self._version._dataset(request)
        return self._version._answered(query, request, *dataset, limit)


def _copy(store: ox.Store) -> Embedded:
    """What is asserted and inferred, as one graph in memory, where it is read two times faster."""
    copy = ox.Store()
    try:
        for graph in _SEEN:
            found = store.quads_for_pattern(None, None, None, graph)
            copy.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in found)
    except (RuntimeError, OSError) as error:
        raise evaluation_failure(error) from error
    return Embedded(copy)


def _bound(request: QueryRequest) -> Query:
    """The query with its parameters in it."""
    if not request.bindings:
        return request.query
    _evaluate(ox.Store(), request.query, request.base)
    return Query(bind(request.query, request.bindings))


def _evaluate(
    store: ox.Store,
    query: Query,
    base: str | None,
    graphs: tuple[list[_Name] | None, list[_Graph] | None] = (None, None),
    unknown: _Functions | None = None,
) -> Results:
    """The results; each function that the engine does not know is added to `unknown`.

    Source: SPARQL 1.1 Query Language, section 17.3: a call of one is an error of its expression.
    """
    given = {} if unknown is None else unknown
    while True:
        try:
            return store.query(
                query.text,
                base_iri=base,
                default_graph=graphs[0],
                named_graphs=graphs[1],
                custom_functions=given or None,
            )
        except SyntaxError as error:
            raise syntax_errors.explain(query, str(error), terms.PREFIXES) from error
        except (RuntimeError, OSError, ValueError) as error:
            found = _UNKNOWN_FUNCTION.search(str(error))
            if found is None or len(given) == _MOST_UNKNOWN:
                raise evaluation_failure(error) from error
            given[ox.NamedNode(found[1])] = lambda *_: None


def _without_value(unknown: _Functions) -> tuple[str, ...]:
    return tuple(
        f"{terms.shorten(function.value)} is no function known here: what it gives has no value"
        for function in unknown
    )


def _from(request: QueryRequest) -> Dataset:
    """The dataset that the query's own FROM and FROM NAMED describe."""
    default, named = request.query.dataset
    if not default and not named:
        return Dataset()
    # The engine itself resolves prefixes and relative addresses, in a query that reads nothing.
    items = " ".join(f"({item} AS ?i{at})" for at, item in enumerate([*default, *named]))
    probe = f"{request.query.prologue} SELECT {items} {{}}"
    try:
        row = next(iter(_solutions(ox.Store().query(probe, base_iri=request.base))))
    except SyntaxError:
        _evaluate(ox.Store(), request.query, request.base)
        raise
    values = [str(term.value) for term in row if isinstance(term, ox.NamedNode)]
    return Dataset(tuple(values[: len(default)]), tuple(values[len(default) :]))


def _solutions(results: Results) -> ox.QuerySolutions:
    if not isinstance(results, ox.QuerySolutions):
        raise TypeError(f"rows expected, not {results!r}")
    return results


def _merged(store: ox.Store, default: Iterable[_Name], named: Iterable[_Graph]) -> ox.Store:
    """The graphs asked for alone, those of the default graph merged: each triple once."""
    merged = ox.Store()
    for graph in default:
        merged.bulk_extend(
            ox.Quad(quad.subject, quad.predicate, quad.object)
            for quad in store.quads_for_pattern(None, None, None, graph)
        )
    for name in named:
        merged.bulk_extend(store.quads_for_pattern(None, None, None, name))
    return merged


def _quads(triples: bytes, graph: str) -> Iterator[ox.Quad]:
    # The parser gives quads: to build each one here takes longer than to look for it.
    ending = f" <{graph}> .".encode() if graph else b" ."
    lines = (line[:-2] + ending for line in triples.split(b"\n") if line)
    return iter(ox.parse(b"\n".join(lines), ox.RdfFormat.N_QUADS))


def _parted(triples: bytes) -> tuple[bytes, bytes]:
    """Those lines of N-Triples that may name a blank node, which loading would rename, and others.

    Loading reads bytes on all cores; what is parsed and added one by one takes ten times as long.
    """
    blank, plain, at = [], [], 0
    while (found := triples.find(b"_:", at)) >= 0:
        start, end = triples.rfind(b"\n", 0, found) + 1, triples.find(b"\n", found) + 1
        end = end or len(triples)
        plain.append(triples[at:start])
        blank.append(triples[start:end])
        at = end
    return b"".join(blank), b"".join([*plain, triples[at:]])


def _name(graph: str) -> _Name:
    return ox.NamedNode(graph) if graph else ox.DefaultGraph()


def _leased(path: Path) -> Lease | None:
    """The lease of a reader; None where the disk has no such locks, or there is no such store."""
    try:
        return Lease(path)
    except OSError as error:
        if isinstance(error, BlockingIOError) or not path.parent.is_dir():
            raise NoLongerKept("This version was removed while it was opened") from error
        return None


def _opened(path: Path, open_store: Callable[[], ox.Store]) -> ox.Store:
    try:
        return open_store()
    except (OSError, RuntimeError) as error:
        message = f"{path}: the store cannot be opened: {error}"
        if is_damage(error):
            raise VersionUnreadable(message) from error
        raise SettingError(
            message,
            hint="Check that the folder exists, is yours, and that no other process writes to it.",
        ) from error
