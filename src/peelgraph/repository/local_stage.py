"""The next version in the making in a home folder: a store in a folder that no reader opens.

It begins as a checkpoint of the current one, hard links and no copy, or empty. What is derived from
a version costs, after a small change, what the change costs: its union, its inferred triples, its
counts and the graph of all (`whole/`) are brought in step with what came and went.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from peelgraph import sparql, terms
from peelgraph.embedded import WHOLE, Embedded, Heeded
from peelgraph.errors import RequestRefused, SourceError
from peelgraph.reasoning import Rules, entail, infer_additions, infer_removals
from peelgraph.repository.apply import run_operations
from peelgraph.repository.changes import GraphChange, SourceGraph, Update
from peelgraph.repository.counts import Key, read_counts, recount, write_counts
from peelgraph.repository.diff import Difference, compare, keep_nodes, write_log
from peelgraph.repository.digest import digested
from peelgraph.repository.dumps import FOLDER, held, make_dumps
from peelgraph.repository.local import Home
from peelgraph.repository.ntriples import as_quads, lines, lines_of
from peelgraph.repository.retention import Retention, retain
from peelgraph.repository.rule_cache import write_rules
from peelgraph.repository.version import BUILD, WRITE, Version, write_record
from peelgraph.repository.void_dcat import count_all, describe_itself
from peelgraph.sparql.update import Targets
from peelgraph.store import Store

# Once a fiftieth of all is removed, inferring everything costs less than looking at what is gone.
_AFRESH = 50
_FEW = 1000  # lines; a look for one takes as long as reading a hundred

_DERIVED = ", ".join(f"<{graph}>" for graph in terms.DERIVED)
# The unnamed graph repeats every asserted one, each triple once: what a query without FROM sees.
_UNITE = f"""
DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }} ;
INSERT {{ ?s ?p ?o }}
WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} FILTER (?graph NOT IN ({_DERIVED})) }}
"""


class LocalStage:
    """The stage of a home folder; see protocol.Stage."""

    def __init__(self, home: Home, folder: Path) -> None:
        """`folder` is where the version is made; see Home.begin."""
        self._home = home
        self._folder = folder
        self.base = home.find()
        self.number = home.next_number()
        self.path = home.folder(self.number)
        self._store: Embedded | None = None
        self._before: Embedded | None = None
        self._united = (b"", b"")
        # N-Triples that came or went in what a query sees; None where that is anything.
        self._touched: list[bytes] | None = []

    @property
    def store(self) -> Embedded:
        """The version to be; it begins as a copy of the base."""
        if self._store is None:
            path = self._folder / "store"
            self._store = (
                Embedded.checkpoint(self.base.store_path, path)
                if self.base is not None
                else Embedded.open(path)
            )
        return self._store

    @property
    def before(self) -> Embedded:
        """The base, to be read."""
        if self.base is None:
            raise ValueError("there is no version before the first one")
        if self._before is None:
            self._before = Embedded.read_only(self.base.store_path)
        return self._before

    def close(self) -> None:
        """Let go of the stores."""
        for store in filter(None, (self._store, self._before)):
            store.close()

    def exists(self, graph: str) -> bool:
        """Whether there is a graph of that name."""
        return not graph or graph in self.store.graphs()

    def lines(self, graph: str, before: frozenset[bytes]) -> frozenset[bytes]:
        """The lines of a graph: the store keeps the names of its nodes."""
        return lines_of(self.store, graph)

    def put(
        self, graph: str, documents: Sequence[bytes], before: frozenset[bytes], *, replaces: bool
    ) -> None:
        """Add N-Triples documents to a graph that holds `before`, or put them in its place."""
        if graph:
            self.store.create(graph)
        stated = frozenset(line for each in documents for line in lines(each))
        if replaces:
            stated = keep_nodes(before, _stored(stated))
        removed = before - stated if replaces else frozenset()
        self.store.change(as_quads(stated - before, graph), as_quads(removed, graph))

    def drop(self, graph: str) -> None:
        """Remove a graph."""
        self.store.clear(graph)

    def admit_patch(self) -> None:
        """Any graph can be updated alone."""

    def admit_update(self, update: sparql.Update, targets: Targets, change: Update) -> None:
        """Raise RequestRefused for a LOAD of an address that may not be called, if not SILENT."""
        _permitted(update, targets, change)

    def update(self, update: sparql.Update, targets: Targets, change: Update) -> None:
        """Run the operations of an update."""
        run_operations(self.store, _permitted(update, targets, change), change.base)

    def unite(self, changes: Mapping[str, GraphChange]) -> None:
        """Bring the unnamed graph in step with the named ones, unless it is one of its own.

        Of what it gains some may have been there, stated by another graph: that changes nothing,
        and to look for each would take longer than to add it again.
        """
        if self.base is not None and self.base.is_strict:
            changes = {graph: each for graph, each in changes.items() if not graph}
            gained, lost = _gained_and_lost(changes)
        else:
            gained, lost = _gained_and_lost(changes)
            lost -= _still_stated(self.store, lost)
        self._united = as_quads(gained, ""), as_quads(lost, "")
        if self.base is None or not self.base.is_strict:
            self.store.change(*self._united)
        self._touch(*self._united)

    def replace(self, graphs: Mapping[str, SourceGraph], kept: Collection[str]) -> None:
        """Put `graphs` in the place of all that is not `kept`, and unite what is there then.

        One load for everything: each costs a tenth of a second on disk, whatever its size. A reader
        of sources gives blank nodes labels that no other document has.
        """
        self._touched = None
        if not kept:
            self._store = Embedded.open(self._folder / "store")
        quads = []
        for name, graph in graphs.items():
            for document in graph.documents:
                quads += [as_quads(lines(document), name), *([] if kept else [document])]
        for name in self.store.graphs():
            if name not in kept:
                self.store.clear(name)
        self.store.insert_quads(b"".join(quads))
        if kept:
            self.store.update(_UNITE)

    def load(self, quads: bytes, copied: Version, source: Path | str) -> Version:
        """Put a copied version in the place of everything; SourceError unless it fits its record.

        A record of an older release tells how many triples each graph holds, and digests of another
        kind, which its own code could not compare with what it kept.
        """
        self._touched = None
        self._store = store = Embedded.open(self._folder / "store")
        store.insert_quads(quads)
        for graph in copied.graphs:
            store.create(graph)
        found = digested(replace(copied, digests_by_value=False), store.read)
        _check_copy(store, copied, found, source)
        if not copied.is_strict:
            store.update(_UNITE)
        return found

    def infer(self, rules: Rules | None, *, afresh: bool) -> bool:
        """Infer from the change alone, unless the rules or nearly everything has changed."""
        store, (added, removed) = self.store, self._united
        if rules is None:
            if self.base is not None and self.base.inferred:
                store.clear(terms.INFERRED)
                self._touched = None
        elif (
            afresh
            or self._touched is None
            or b"_:" in added + removed
            or _AFRESH * len(removed) > store.size("")
        ):
            store.renew(terms.INFERRED, b"".join(entail(store.read(""), rules)))
            self._touched = None
        else:
            heeded = Heeded(store, self._touched.append)
            infer_removals(heeded, rules, removed)
            infer_additions(heeded, rules, added)
        return bool(added or removed)

    def count(self, version: Version) -> tuple[int, int]:
        """The number of asserted triples, each once, and of inferred ones."""
        inferred = self.store.size(terms.INFERRED)
        asserted = self.store.total() - inferred if version.is_strict else self.store.size("")
        return asserted, inferred

    def describe(
        self, version: Version, rules: Rules | None, examples: bytes | None, *, counts: bool
    ) -> Version:
        """Write the rules, the counts, the description, the dumps of a build, and `whole/`."""
        store, folder = self.store, self._folder
        # A write shares with its base what it did not change.
        base = self.base.path if self.base is not None and version.made == WRITE else None
        if version.made == BUILD:
            make_dumps(store, held(version), folder / FOLDER)
        if rules is not None:
            write_rules(folder, rules, base)
        if counts:
            found = self._count_all()
            write_counts(folder, found, base)
            version = describe_itself(store, version, found, examples)
        store.flush()
        if self._touched is None or self.base is None:
            materialise_union(store, folder)
        else:
            update_union(store, b"".join(self._touched), self.base, folder)
        self.close()
        return version

    def commit(self, version: Version, difference: Difference | None = None) -> Version:
        """Put the folder in its place and make it current."""
        if difference is None and self.base is not None:
            difference = compare(self.base, replace(version, path=self._folder))
            added, removed = difference.counts
            version = replace(version, added=added, removed=removed)
        if difference is not None:
            write_log(self._folder, difference)
        write_record(version, self._folder)
        self._home.commit(self._folder, version.number)
        return version

    def retain(self, retention: Retention, current: Version) -> None:
        """Remove the older versions that `retention` does not keep."""
        retain(self._home, retention, current)

    def _touch(self, *triples: bytes) -> None:
        if self._touched is not None:
            self._touched += triples

    def _count_all(self) -> Counter[Key]:
        """The counts of the version: from what its base held, where that is known."""
        known = read_counts(self.base.path) if self.base is not None else None
        if known is None or self._touched is None or b"_:" in (changed := b"".join(self._touched)):
            return count_all(self.store)
        return recount(known, self.before, self.store, changed)


def materialise_union(store: Store, folder: Path) -> None:
    """Write what `store` asserts and infers as one graph into a store of its own in `folder`.

    Most queries are about both, and one graph is read in half the time of two.
    """
    whole = Embedded.open(folder / WHOLE)
    try:
        whole.renew("", store.read("") + store.read(terms.INFERRED))
        whole.compact()
        whole.flush()
    finally:
        whole.close()


def update_union(store: Store, touched: bytes, base: Version, folder: Path) -> None:
    """Write that graph where only `touched`, as N-Triples, came or went since `base`."""
    if not base.whole_path.is_dir():
        return materialise_union(store, folder)
    whole = Embedded.checkpoint(base.whole_path, folder / WHOLE)
    try:
        there = store.held(touched, "", terms.INFERRED)
        whole.change(b"\n".join(there), b"\n".join({*lines(touched)} - there))
        whole.flush()
    finally:
        whole.close()
    return None


def _permitted(update: sparql.Update, targets: Targets, change: Update) -> list[str]:
    """The operations without LOAD SILENT of an address that may not be called.

    Errors: RequestRefused for such a LOAD that is not SILENT.
    """
    if not targets.loads - {*change.loads}:
        return update.in_turn()
    found = []
    for operation in update.operations:
        refused = operation.targets(change.base).loads - {*change.loads}
        if not refused:
            found.append(operation.text)
        elif not operation.is_silent_load:
            raise RequestRefused(
                f"LOAD of {', '.join(refused)} is not allowed here",
                hint="Send the document itself to /data, or ask the operator to allow the address.",
            )
    return found


def _stored(stated: frozenset[bytes]) -> frozenset[bytes]:
    """Some lines with literals as the store gives them back, where they name blank nodes."""
    blank = frozenset(line for line in stated if b"_:" in line)
    store = Embedded.memory()
    store.change(as_quads(blank, ""), b"")
    return (stated - blank) | lines_of(store, "")


def _gained_and_lost(changes: Mapping[str, GraphChange]) -> tuple[set[bytes], set[bytes]]:
    """The lines that any graph gained, and those that one lost and none gained."""
    gained = {line for each in changes.values() for line in each.added}
    return gained, {line for each in changes.values() for line in each.removed} - gained


def _still_stated(store: Embedded, sought: set[bytes]) -> set[bytes]:
    """Those of some lines that a named graph states: looked for one by one, or all at once."""
    others = {"", *terms.DERIVED}
    if len(sought) < _FEW:
        return {line for line in sought if store.graphs_of(line) - others}
    graphs = {*store.graphs()} - others
    return {line for graph in graphs for line in lines_of(store, graph) & sought}


def _check_copy(store: Embedded, copied: Version, found: Version, source: Path | str) -> None:
    """Raise SourceError unless what was found is exactly what the record of the copy says."""
    wrong = [
        name or "the unnamed graph"
        for name, record in found.records.items()
        if (record.digest != copied.records[name].digest and copied.digests_by_value)
        or store.size(name) != record.triples
    ]
    strange = {*store.graphs()} - {*copied.graphs, *terms.DERIVED}
    if copied.unnamed is None and store.size(""):
        strange.add("the unnamed graph")
    is_whole = found.digest == copied.digest or not copied.digests_by_value
    if wrong or strange or not is_whole:
        named = ", ".join(sorted({*wrong, *strange})) or "the whole"
        raise SourceError(source, f"its digest does not fit: {named}", hint="take another backup")
    if store.size(terms.INFERRED) != copied.inferred:
        raise SourceError(source, "it does not hold the inferred triples that its record counts")
