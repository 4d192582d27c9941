"""A change of single graphs carried out in a stage, and what it made of each of them."""

import re
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from peelgraph import sparql, terms
from peelgraph.embedded import Embedded
from peelgraph.errors import Position, QueryRefused, UnknownName, WriteConflict
from peelgraph.repository.changes import (
    Change,
    Document,
    Drop,
    GraphChange,
    Patch,
    Put,
    Update,
)
from peelgraph.repository.ntriples import as_quads, join_lines, lines_of
from peelgraph.repository.protocol import Stage
from peelgraph.repository.version import SOURCES, Version
from peelgraph.sources import Source, parse
from peelgraph.sources.reading import FORMATS, check_safe, decode

_AT = re.compile(r"error at (\d+):(\d+)")


def apply(change: Change, stage: Stage, base: Version) -> dict[str, GraphChange]:
    """Carry `change` out in a stage; return what it made of each graph that it changed.

    Errors: WriteConflict for a graph that is not to be written, UnknownName for one to be dropped
            that is not there, QueryRefused for a malformed update, SourceError for a document.
    """
    if isinstance(change, Update):
        found = _update(change, stage, base)
    elif isinstance(change, Put):
        found = {change.graph: _put(change, stage, base)}
    elif isinstance(change, Patch):
        found = _patch(change, stage, base)
    elif isinstance(change, Drop):
        found = {change.graph: _drop(change, stage, base)}
    else:
        raise TypeError(f"no change that is known: {change!r}")
    return {graph: each for graph, each in found.items() if not each.is_empty}


def check_writable(graph: str, base: Version) -> None:
    """Raise WriteConflict, which says where the graph comes from, unless it may be written."""
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


def run_operations(store: Embedded, operations: Sequence[str], base: str | None) -> None:
    """Run each operation of an update; QueryRefused has the position where one is malformed."""
    try:
        for operation in operations:
            store.update(operation, base)
    except QueryRefused as error:
        at = _AT.search(error.message)
        error.position = Position(int(at[1]), int(at[2])) if at else None
        raise


def _put(change: Put, stage: Stage, base: Version) -> GraphChange:
    graph = change.graph
    check_writable(graph, base)
    existed = not graph or graph in base.graphs
    before = lines_of(stage.store, graph) if existed else frozenset()
    documents = _read_documents(change.documents, graph)
    stage.put(graph, [each.triples for each in documents], before, replaces=change.replaces)
    return GraphChange(before, stage.lines(graph, before), existed, True, documents)


def _read_documents(documents: Sequence[Document], graph: str) -> tuple[Source, ...]:
    """Each document that states something, parsed."""
    found = []
    for document in documents:
        path = Path(document.name)
        text = decode(document.content, path)
        check_safe(text, document.syntax, path)
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


def _drop(change: Drop, stage: Stage, base: Version) -> GraphChange:
    graph = change.graph
    if graph and graph not in {*base.graphs, *terms.DERIVED}:
        raise UnknownName(
            f"There is no graph <{graph}>", hint=f"There are: {', '.join(base.graphs) or 'none'}"
        )
    check_writable(graph, base)
    before = lines_of(stage.store, graph)
    stage.drop(graph)
    return GraphChange(before, frozenset(), True, not graph)


def _patch(change: Patch, stage: Stage, base: Version) -> dict[str, GraphChange]:
    """What an update of one graph made of it.

    Errors: UnknownName where there is no such graph, WriteConflict for an update of another one,
            MethodRefused where the store cannot do it.
    Source: SPARQL 1.1 Graph Store HTTP Protocol, section 5.7
    """
    graph = change.graph
    stage.admit_patch()
    check_writable(graph, base)
    if graph and graph not in base.graphs:
        raise UnknownName(f"There is no graph <{graph}>", hint="Make it with PUT or POST.")
    update = sparql.Update(change.text)
    if update.names_graph:
        targets = update.targets(change.base)
        if targets.every or targets.unnamed or targets.named - {graph}:
            raise _beyond(graph)
        return _update(Update(change.text, base=change.base), stage, base)
    before = lines_of(stage.store, graph)
    after = _updated_alone(before, update, change)
    stage.put(graph, [join_lines(after)], before, replaces=True)
    return {graph: GraphChange(before, stage.lines(graph, before), True, True)}


def _updated_alone(
    lines: frozenset[bytes], update: sparql.Update, change: Patch
) -> frozenset[bytes]:
    """The lines of a graph once an update ran on it as the unnamed graph of a store of its own."""
    alone = Embedded.memory()
    # Loaded in bulk, blank nodes would get other names than they have here.
    alone.change(as_quads(lines, ""), b"")
    run_operations(alone, update.in_turn(), change.base)
    # The engine finds a keyword where no gap follows it, as in `GRAPHx:y {`.
    if alone.graphs():
        raise _beyond(change.graph)
    return lines_of(alone, "")


def _beyond(graph: str) -> WriteConflict:
    return WriteConflict(
        f"The update is not of <{graph}> alone, which the address names",
        hint="Name no other graph, or send the update to /update.",
    )


def _update(change: Update, stage: Stage, base: Version) -> dict[str, GraphChange]:
    update = sparql.Update(change.text).with_dataset(change.using)
    targets = update.targets(change.base)
    stage.admit_update(update, targets, change)
    if targets.unnamed and not base.is_strict:
        check_writable("", base)
    for graph in sorted(targets.named):
        check_writable(graph, base)
    written = {*targets.named, *([""] if targets.unnamed or targets.every else [])}
    if targets.every:
        written |= {*base.graphs, *base.derived, terms.INFERRED}
    before = {graph: lines_of(stage.store, graph) for graph in written if stage.exists(graph)}
    stage.update(update, targets, change)
    found = {}
    for graph in {*written, *stage.store.graphs()} if targets.every else written:
        lines = before.get(graph, frozenset())
        after = stage.lines(graph, lines)
        each = GraphChange(lines, after, graph in before, stage.exists(graph))
        if not each.is_empty:
            check_writable(graph, base)
            found[graph] = each
    return found
