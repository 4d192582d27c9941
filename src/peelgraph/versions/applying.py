"""A change carried out in a staged store, and what it made of each graph."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from peelgraph import sparql, terms
from peelgraph.embedded import Embedded
from peelgraph.errors import Position, QueryRefused, RequestRefused, UnknownName, WriteConflict
from peelgraph.settings import Settings
from peelgraph.sources import Source, parse
from peelgraph.sources.reading import FORMATS, check_safe, decode
from peelgraph.sparql.update import Operation
from peelgraph.store import Store
from peelgraph.versions.changes import Change, Document, Drop, Patch, Put, Update
from peelgraph.versions.difference import keep_nodes
from peelgraph.versions.record import SOURCES, Version

_FEW = 1000  # lines; a look for one takes as long as reading a hundred

_AT = re.compile(r"error at (\d+):(\d+)")


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


def apply(change: Change, store: Embedded, base: Version) -> dict[str, GraphChange]:
    """What `change` made of each graph that it changed in `store`, a copy of `base`.

    Errors: WriteConflict for a graph that is not to be written, UnknownName for one to be dropped
            that is not there, QueryRefused for a malformed update, SourceError for a document.
    """
    if isinstance(change, Update):
        found = _run(change, store, base)
    elif isinstance(change, Put):
        found = {change.graph: _put(change, store, base)}
    elif isinstance(change, Patch):
        found = _patch(change, store, base)
    elif isinstance(change, Drop):
        found = {change.graph: _drop(change, store, base)}
    else:
        raise TypeError(f"no change that is known: {change!r}")
    return {graph: each for graph, each in found.items() if not each.is_empty}


def refuse_owned(graph: str, base: Version) -> None:
    """Nothing, when `graph` may be written; WriteConflict says where it comes from."""
    if not graph and not base.is_strict:
        raise WriteConflict(
            "The default graph unites all graphs here, so nothing can be written to it",
            hint="Name the graph: GRAPH <...> {} in an update, ?graph=... at /data.",
        )
    if graph in (terms.DESCRIPTION, terms.EXAMPLES):
        raise WriteConflict(
            f"<{graph}> is what the dataset tells of itself, counted anew with each version",
            hint="Write to a graph of another name.",
        )
    if graph == terms.PUBLISHED or graph.startswith(terms.STAGING):
        raise WriteConflict(
            f"<{graph}> is where a remote engine keeps account of versions",
            hint="Write to a graph of another name.",
        )
    if graph == terms.INFERRED or graph.startswith(f"{terms.INFERRED}/"):
        raise WriteConflict(
            f"<{graph}> holds what the rules infer, and nothing else can be written to it",
            hint="Write to a graph of another name; what follows is inferred again.",
        )
    record = base.graphs.get(graph)
    if record is not None and record.origin == SOURCES:
        files = ", ".join(record.files) or "the files in data/, ontology/ or shapes/"
        raise WriteConflict(
            f"<{graph}> comes from {files}",
            hint="Change the file and run: peelgraph build. Or write to a graph of another name.",
        )


def read_documents(documents: Sequence[Document], graph: str) -> tuple[Source, ...]:
    """Each document that states something, parsed."""
    found = []
    for document in documents:
        path = Path(document.name)
        text = decode(document.content, path)
        check_safe(text, document.syntax, path, Settings().max_depth)
        if not _states_nothing(text, document):
            found.append(parse(document.content, document.syntax, graph, path, base=document.base))
    return tuple(found)


def _states_nothing(text: str, document: Document) -> bool:
    """Whether a document is well-formed and empty, as the Graph Store Protocol allows."""
    try:
        quads = ox.parse(text, FORMATS[document.syntax], base_iri=document.base)
        return next(iter(quads), None) is None
    except SyntaxError:
        return False


def lines_of(store: Store, graph: str) -> frozenset[bytes]:
    """The N-Triples lines of a graph."""
    return frozenset(line for line in store.read(graph).split(b"\n") if line)


def as_quads(lines: Sequence[bytes] | frozenset[bytes], graph: str) -> bytes:
    """Some N-Triples lines as N-Quads of one graph."""
    ending = f" <{graph}> .\n".encode() if graph else b" .\n"
    return b"".join(line.removesuffix(b" .") + ending for line in sorted(lines))


def _put(change: Put, store: Embedded, base: Version) -> GraphChange:
    graph = change.graph
    refuse_owned(graph, base)
    existed = not graph or graph in base.graphs
    before = lines_of(store, graph)
    documents = read_documents(change.documents, graph)
    if graph:
        store.create(graph)
    lines = frozenset(line for each in documents for line in each.triples.split(b"\n") if line)
    if change.replaces:
        lines = keep_nodes(before, _stored(lines))
    removed = before - lines if change.replaces else frozenset()
    store.change(as_quads(lines, graph), as_quads(removed, graph))
    return GraphChange(before, lines_of(store, graph), existed, True, documents)


def _stored(lines: frozenset[bytes]) -> frozenset[bytes]:
    """Some lines with literals as the store gives them back, where they name blank nodes."""
    blank = frozenset(line for line in lines if b"_:" in line)
    store = Embedded.memory()
    store.change(as_quads(blank, ""), b"")
    return (lines - blank) | lines_of(store, "")


def _drop(change: Drop, store: Embedded, base: Version) -> GraphChange:
    graph = change.graph
    if graph and graph not in {*base.graphs, *terms.DERIVED}:
        raise UnknownName(
            f"There is no graph <{graph}>", hint=f"There are: {', '.join(base.graphs) or 'none'}"
        )
    refuse_owned(graph, base)
    before = lines_of(store, graph)
    store.clear(graph)
    return GraphChange(before, frozenset(), True, not graph)


def _patch(change: Patch, store: Embedded, base: Version) -> dict[str, GraphChange]:
    """What an update of one graph made of it.

    Errors: UnknownName where there is no such graph, WriteConflict for an update of another one.
    Source: SPARQL 1.1 Graph Store HTTP Protocol, section 5.7
    """
    graph = change.graph
    refuse_owned(graph, base)
    if graph and graph not in base.graphs:
        raise UnknownName(f"There is no graph <{graph}>", hint="Make it with PUT or POST.")
    update = sparql.Update(change.text)
    if update.names_graph:
        targets = update.targets(change.base)
        if targets.every or targets.unnamed or targets.named - {graph}:
            raise _beyond(graph)
        return _run(Update(change.text, base=change.base), store, base)
    before = lines_of(store, graph)
    alone = Embedded.memory()
    # Loaded in bulk, blank nodes would get other names than they have here.
    alone.change(as_quads(before, ""), b"")
    _update(alone, update.in_turn(), change.base)
    # The engine finds a keyword where no gap follows it, as in `GRAPHx:y {`.
    if alone.graphs():
        raise _beyond(graph)
    after = lines_of(alone, "")
    store.change(as_quads(after - before, graph), as_quads(before - after, graph))
    return {graph: GraphChange(before, lines_of(store, graph), True, True)}


def _beyond(graph: str) -> WriteConflict:
    return WriteConflict(
        f"The update is not of <{graph}> alone, which the address names",
        hint="Name no other graph, or send the update to /update.",
    )


def _run(change: Update, store: Embedded, base: Version) -> dict[str, GraphChange]:
    update = sparql.Update(change.text).with_dataset(change.using)
    targets = update.targets(change.base)
    operations = update.in_turn()
    if targets.loads - {*change.loads}:
        operations = _permitted(update.operations, change)
    if targets.unnamed and not base.is_strict:
        refuse_owned("", base)
    for graph in targets.named:
        refuse_owned(graph, base)
    looked_at = {*targets.named, *([""] if targets.unnamed or targets.every else [])}
    if targets.every:
        looked_at |= {*base.graphs, *base.derived, terms.INFERRED}
    before = {graph: (lines_of(store, graph), _exists(store, graph)) for graph in looked_at}
    _update(store, operations, change.base)
    after = {*looked_at, *store.graphs()} if targets.every else looked_at
    found = {}
    for graph in after:
        lines, existed = before.get(graph, (frozenset(), False))
        each = GraphChange(lines, lines_of(store, graph), existed, _exists(store, graph))
        if not each.is_empty:
            refuse_owned(graph, base)
            found[graph] = each
    return found


def _update(store: Embedded, operations: Sequence[str], base: str | None) -> None:
    """Run each operation; QueryRefused tells where one is malformed."""
    try:
        for operation in operations:
            store.update(operation, base)
    except QueryRefused as error:
        at = _AT.search(error.message)
        error.position = Position(int(at[1]), int(at[2])) if at else None
        raise


def _permitted(operations: Sequence[Operation], change: Update) -> list[str]:
    """The texts of the operations without LOAD SILENT of an address that may not be called.

    Errors: RequestRefused for one that is not SILENT.
    """
    found = []
    for operation in operations:
        refused = operation.targets(change.base).loads - {*change.loads}
        if not refused:
            found.append(operation.text)
        elif not operation.is_silent_load:
            raise RequestRefused(
                f"LOAD of {', '.join(refused)} is not allowed here",
                hint="Send the document itself to /data, or ask the operator to allow the address.",
            )
    return found


def _exists(store: Embedded, graph: str) -> bool:
    return not graph or graph in store.graphs()


def unite(store: Embedded, changes: Mapping[str, GraphChange]) -> tuple[bytes, bytes]:
    """Bring the unnamed graph in step with the named ones; what it gained and what it lost.

    Of what it gained some may have been there, stated by another graph: that changes nothing, and
    to look for each would take longer than to add it again.
    """
    gained = {line for each in changes.values() for line in each.added}
    lost = {line for each in changes.values() for line in each.removed} - gained
    lost -= _still_stated(store, lost)
    added, removed = as_quads(frozenset(gained), ""), as_quads(frozenset(lost), "")
    store.change(added, removed)
    return added, removed


def _still_stated(store: Embedded, lines: set[bytes]) -> set[bytes]:
    """Those of some lines that a named graph states: looked for one by one, or all at once."""
    apart = {"", *terms.DERIVED}
    if len(lines) < _FEW:
        return {line for line in lines if store.graphs_of(line) - apart}
    graphs = {*store.graphs()} - apart
    return {line for graph in graphs for line in lines_of(store, graph) & lines}
