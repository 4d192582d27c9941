"""The embedded store: Oxigraph in our own process, behind the store interface."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from peelgraph import binding, syntax, terms, tokens
from peelgraph.errors import NotAcceptable, QueryRefused, SettingError, SourceError
from peelgraph.store import Answer, Dataset, Question, Store

ROWS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
# The CSV and TSV standard gives ASK no form.
TRUTH = ("application/sparql-results+json", "application/sparql-results+xml")
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}

_Name = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_Graph = ox.NamedNode | ox.BlankNode
_Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
# What a query sees that names no graph.
_SEEN = (ox.DefaultGraph(), ox.NamedNode(terms.INFERRED))
_Syntax = TypeVar("_Syntax")
# Sorting these takes about 20 ms; more would keep readers waiting for looks.
_SORT_BELOW = 5_000

# In a longer answer, a few unused prefixes matter less than the time to look for them.
_TIDY_BELOW = 4_000_000

_BULK = 4_000_000  # bytes: below, one transaction is quicker, in memory and on disk

_Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class Embedded(Store):
    """A dataset held by Oxigraph, in memory or in a folder."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

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
        """The store in a folder, as it was last flushed."""
        return cls(_opened(path, lambda: ox.Store.read_only(str(path))))

    def copied(self) -> "Embedded":
        """The same dataset in memory, where aggregates run three to four times faster."""
        copy = ox.Store()
        copy.bulk_extend(self._store.quads_for_pattern(None, None, None, None))
        return Embedded(copy)

    def query(self, question: Question, limit: int | None = None) -> Answer:
        """The whole answer to `question`; longer than `limit` bytes, it fails and is never cut.

        Errors: QueryRefused with line and column when the text is malformed, NotAcceptable when
                the format has no form for this kind of result.
        """
        text = question.text
        if question.bindings:
            _evaluate(ox.Store(), text, question.base)
            text = binding.bind(text, question.bindings)
        default, named = self._dataset(question)
        store = self._store
        if named is not None and len(default) > 1:
            store, default = _merged(store, default, named), [ox.DefaultGraph()]
        results = _evaluate(store, text, question.base, default, named)
        return serialised(results, question, limit)

    def update(self, text: str, base: str | None = None) -> None:
        """Run a SPARQL 1.1 Update whole, or not at all; `base` resolves relative IRIs."""
        try:
            self._store.update(text, base_iri=base)
        except SyntaxError as error:
            raise QueryRefused(f"The update is malformed: {error}") from error
        except (RuntimeError, OSError, ValueError) as error:
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
        held, wanted = (set(text.splitlines(keepends=True)) for text in (self.read(graph), triples))
        self.remove(b"".join(held - wanted), graph)
        fresh = b"".join(wanted - held) if held else triples
        if b"_:" in fresh:
            self._store.bulk_extend(_quads(fresh, graph))
        elif fresh:
            self.insert(fresh, graph)

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

    def __len__(self) -> int:
        return len(self._store)

    def flush(self) -> None:
        """See that all is on disk, where read-only stores find it."""
        self._store.flush()

    def backup(self, path: Path) -> None:
        """A copy in a new folder; hard links where the disk allows."""
        self._store.backup(str(path))

    def close(self) -> None:
        """Let go of the store; its lock goes with the last reference."""
        self._store = ox.Store()

    def _dataset(self, question: Question) -> tuple[list[_Name], list[_Graph] | None]:
        asked = question.dataset
        if asked == Dataset():
            asked = _from(question)
        if asked == Dataset():
            default: list[_Name] = [ox.DefaultGraph()]
            if question.inference:
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


def _evaluate(
    store: ox.Store,
    text: str,
    base: str | None,
    default: list[_Name] | None = None,
    named: list[_Graph] | None = None,
) -> _Results:
    try:
        return store.query(text, base_iri=base, default_graph=default, named_graphs=named)
    except SyntaxError as error:
        raise syntax.explain(text, str(error)) from error
    except (RuntimeError, OSError, ValueError) as error:
        raise QueryRefused(f"The query cannot be evaluated: {error}") from error


def serialised(
    results: _Results | list[ox.Triple], question: Question, limit: int | None
) -> Answer:
    """The results in the format that `question` asks for; errors as of Embedded.query."""
    buffer = _Bounded(limit)
    try:
        if isinstance(results, ox.QueryTriples | list):
            media_type, form = question.graph, "graph"
            syntax = _offered(GRAPHS, media_type)
            ox.serialize(_sorted(results), buffer, syntax, prefixes=terms.PREFIXES)
        else:
            media_type, form = question.results, "select"
            if isinstance(results, ox.QueryBoolean):
                _offered(dict.fromkeys(TRUTH), media_type)
                form = "ask"
            results.serialize(buffer, _offered(ROWS, media_type))
    except (RuntimeError, OSError, ValueError) as error:
        if buffer.full:
            raise QueryRefused(
                f"The answer is longer than {limit} bytes, the limit; nothing of it is sent",
                hint="Ask for less: a LIMIT, fewer variables, a narrower pattern.",
            ) from error
        raise QueryRefused(f"The query cannot be evaluated: {error}") from error
    body = buffer.getvalue()
    return Answer(tidied(body, media_type) if form == "graph" else body, media_type, form)


def _sorted(triples: Iterable[ox.Triple]) -> Iterable[ox.Triple]:
    """The triples subject by subject, types first, as people read them; very many as they come."""
    rest = iter(triples)
    first = list(islice(rest, _SORT_BELOW))
    if len(first) == _SORT_BELOW:
        return chain(first, rest)
    kind = ox.NamedNode(f"{terms.VOCABULARIES['rdf']}type")
    return sorted(
        first,
        key=lambda t: (str(t.subject), t.predicate != kind, str(t.predicate), str(t.object)),
    )


def tidied(body: bytes, media_type: str) -> bytes:
    """A graph's text without the declarations of prefixes that it does not use."""
    if len(body) > _TIDY_BELOW:
        return body
    if media_type == "text/turtle":
        head = re.match(rb"(?:@prefix [^\n]*\n)*", body)
        declared, using = rb"@prefix (?P<name>[a-z-]+): [^\n]*\n", rb"(?:\A|[\s(^])([a-z-]+):"
    elif media_type == "application/rdf+xml":
        head = re.match(rb"<\?[^>]*\?>\s*<rdf:RDF[^>]*>", body)
        declared, using = rb' xmlns:(?P<name>[a-z-]+)="[^"]*"', rb"[</ ]([a-z-]+):"
    else:
        return body
    end = head.end() if head else 0
    # One look at the text for all of them: 90 looks took a second in a megabyte.
    used = set(re.findall(using, body[end:]))

    def kept(match: re.Match[bytes]) -> bytes:
        return match[0] if match["name"] in used else b""

    return re.sub(declared, kept, body[:end]) + body[end:]


class _Bounded(io.BytesIO):
    """A buffer that fails rather than hold more than `limit` bytes."""

    def __init__(self, limit: int | None) -> None:
        super().__init__()
        self._limit = limit
        self.full = False

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self._limit is not None and self.tell() + len(data) > self._limit:
            self.full = True
            raise ValueError("past the limit")
        return super().write(data)


def _offered(formats: dict[str, _Syntax], media_type: str) -> _Syntax:
    if media_type not in formats:
        raise NotAcceptable(
            f"{media_type} has no form for this result; offered: {', '.join(formats)}"
        )
    return formats[media_type]


def _from(question: Question) -> Dataset:
    """The dataset that the query's own FROM and FROM NAMED describe."""
    default, named = tokens.dataset_clause(question.text)
    if not default and not named:
        return Dataset()
    # The engine itself resolves prefixes and relative addresses, in a query that reads nothing.
    items = " ".join(f"({item} AS ?i{at})" for at, item in enumerate([*default, *named]))
    probe = f"{tokens.prologue(question.text)} SELECT {items} {{}}"
    try:
        row = next(iter(_solutions(ox.Store().query(probe, base_iri=question.base))))
    except SyntaxError:
        _evaluate(ox.Store(), question.text, question.base)
        raise
    values = [str(term.value) for term in row if isinstance(term, ox.NamedNode)]
    return Dataset(tuple(values[: len(default)]), tuple(values[len(default) :]))


def _solutions(results: _Results) -> ox.QuerySolutions:
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


def _name(graph: str) -> _Name:
    return ox.NamedNode(graph) if graph else ox.DefaultGraph()


def _opened(path: Path, open_store: Callable[[], ox.Store]) -> ox.Store:
    try:
        return open_store()
    except (OSError, RuntimeError) as error:
        raise SettingError(
            f"{path}: the store cannot be opened: {error}",
            hint="Check that the folder exists, is yours, and that no other process writes to it.",
        ) from error
