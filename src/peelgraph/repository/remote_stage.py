"""The next version in the making in a remote engine: graphs of it that no reader is shown.

united      what is asserted, each triple once
inferred    what follows from it
<number>    a graph whose content changes

What differs comes into its place by one request, which engines with transactions carry out whole
or not at all. Every write infers afresh, so that it costs what the whole graph costs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from peelgraph import sparql, terms
from peelgraph.embedded import Embedded
from peelgraph.errors import MethodRefused, QueryRefused, SettingError
from peelgraph.reasoning import Rules, infer
from peelgraph.remote import RemoteStore, View
from peelgraph.repository.apply import check_writable
from peelgraph.repository.changes import GraphChange, SourceGraph, Update
from peelgraph.repository.counts import count
from peelgraph.repository.diff import Difference, keep_nodes
from peelgraph.repository.digest import digest_graph
from peelgraph.repository.ntriples import lines, lines_of
from peelgraph.repository.remote import Record, RemoteRepository
from peelgraph.repository.retention import Retention
from peelgraph.repository.version import MOVED, WRITE, GraphRecord, Version
from peelgraph.repository.void_dcat import describe
from peelgraph.sparql import Query, QueryRequest
from peelgraph.sparql.update import Targets
from peelgraph.store import Store

_BATCH = 64  # operations a request
_DESCRIBED = 2_000_000  # triples


class RemoteStage:
    """The stage of an engine, its graphs named after one lock; see protocol.Stage."""

    def __init__(self, repository: RemoteRepository, lock: str, record: Record | None) -> None:
        """`record` is the current version, None when there is none."""
        self._repository = repository
        self._engine = repository.store
        self._lock = lock
        self._record = record
        self.base = record.version if record else None
        self.number = self.base.number + 1 if self.base else 1
        self.path = Path()
        self._folder = f"{terms.STAGING}{lock}/"
        self.united, self.inferred = f"{self._folder}united", f"{self._folder}inferred"
        self._places: dict[str, str] = {}
        self._derived: dict[str, str] = {}
        self._dropped: set[str] = set()
        self._updated: set[str] = set()
        self._graphs = {*self.base.graphs} if self.base else set()

    @property
    def before(self) -> RemoteStore:
        """The base, to be read."""
        if self._record is None:
            raise ValueError("there is no version before the first one")
        return self._engine.seen(self._record.view)

    @property
    def store(self) -> RemoteStore:
        """The engine as the version to be will show it; the unnamed graph once it is united."""
        places = {**self._places, terms.INFERRED: self.inferred}
        named = tuple(places.get(graph, graph) for graph in sorted(self._graphs))
        view = View((self.united, self.inferred), (self.united,), named, tuple(places.items()))
        return self._engine.seen(view)

    def exists(self, graph: str) -> bool:
        """Whether there is a graph of that name."""
        return graph in self._graphs

    def lines(self, graph: str, before: frozenset[bytes]) -> frozenset[bytes]:
        """The lines of a changed graph; each reading names its blank nodes anew."""
        after = lines_of(self.store, graph)
        if not after and graph in self._updated:
            # To an engine an empty graph is none.
            self.drop(graph)
        return keep_nodes(before, after)

    def put(
        self, graph: str, documents: Sequence[bytes], before: frozenset[bytes], *, replaces: bool
    ) -> None:
        """Add N-Triples documents to a graph, or put them in its place."""
        place = self._begin(graph, copied=self.exists(graph) and not replaces)
        for document in documents:
            if document.strip():
                self._engine.insert(document, place)

    def drop(self, graph: str) -> None:
        """Let `graph` be gone."""
        self._graphs.discard(graph)
        self._dropped.add(graph)

    def admit_patch(self) -> None:
        """Raise MethodRefused: an engine has no store apart to update one graph in."""
        raise MethodRefused(
            "PATCH is not offered where another engine keeps the graph",
            hint="Send the update to /update, and name the graph in it.",
        )

    def admit_update(self, update: sparql.Update, targets: Targets, change: Update) -> None:
        """Raise WriteConflict when it writes to the union, and QueryRefused when it loads, or does
        not name the graphs that it writes to."""
        if targets.unnamed and self.base is not None:
            check_writable("", self.base)
        if targets.every or targets.loads:
            raise QueryRefused(
                "An update to a remote engine names each graph that it writes to, and loads "
                "nothing",
                hint="Write GRAPH <...> {} with an IRI; send documents to /data.",
            )

    def update(self, update: sparql.Update, targets: Targets, change: Update) -> None:
        """Run an update on copies of the graphs that it names."""
        graphs = sorted(targets.named)
        places = {graph: self._begin(graph, copied=self.exists(graph)) for graph in graphs}
        self._engine.update(update.placed(places))
        self._updated = {*places}

    def unite(self, changes: Mapping[str, GraphChange]) -> None:
        """Bring together what is asserted, of all graphs anew."""
        adding = [
            f"ADD SILENT GRAPH <{self._places.get(graph, graph)}> TO GRAPH <{self.united}>"
            for graph in sorted(self._graphs)
        ]
        for start in range(0, len(adding), _BATCH):
            self._engine.update(" ;\n".join(adding[start : start + _BATCH]))

    def replace(self, graphs: Mapping[str, SourceGraph], kept: Collection[str]) -> None:
        """Put `graphs` in the place of all that is not `kept`, and unite what is there then."""
        before = self.base.graphs if self.base else {}
        for name, graph in graphs.items():
            # What is there already, to the letter, stays where it is.
            if name not in before or before[name].digest != graph.digest:
                self.put(name, graph.documents, frozenset(), replaces=True)
        for name in before:
            if name not in graphs and name not in kept:
                self.drop(name)
        self.unite({})

    def load(self, quads: bytes, copied: Version, source: Path | str) -> Version:
        """Put a copied version in the place of everything; read it back and compare.

        Errors: SettingError when the engine gives back other triples than it was given.
        """
        store = Embedded.memory()
        store.insert_quads(quads)
        for name in self.base.graphs if self.base else ():
            self.drop(name)
        for name in copied.graphs:
            self.put(name, [store.read(name)], frozenset(), replaces=True)
        inferred = store.read(terms.INFERRED)
        self._engine.insert(inferred, self.inferred)
        if terms.EXAMPLES in copied.derived:
            self._derive(terms.EXAMPLES, store.read(terms.EXAMPLES))
        self.unite({})
        check_graphs(self.store, copied.graphs, self._repository.where)
        if self.store.size(terms.INFERRED) != len(lines(inferred)):
            raise SettingError(
                f"{self._repository.where} lost inferred triples: nothing was published"
            )
        return copied

    def infer(self, rules: Rules | None, *, afresh: bool) -> bool:
        """Run the rules in the engine on all that is asserted."""
        if rules is not None:
            infer(self._engine, rules, asserted=self.united, inferred=self.inferred)
        return True

    def count(self, version: Version) -> tuple[int, int]:
        """The number of asserted triples, each once, and of inferred ones."""
        return self.store.size(""), self.store.size(terms.INFERRED)

    def describe(
        self, version: Version, rules: Rules | None, examples: bytes | None, *, counts: bool
    ) -> Version:
        """Stage the description, and the examples where they are given.

        Counting takes every triple out of the engine: a larger version goes undescribed.
        """
        if not counts:
            return version
        derived = dict(version.derived)
        if version.triples + version.inferred > _DESCRIBED:
            derived.pop(terms.DESCRIPTION, None)
            self._dropped.add(terms.DESCRIPTION)
        else:
            read = self._engine.read
            description = describe(version, count([read(self.united), read(self.inferred)]))
            derived[terms.DESCRIPTION] = self._derive(terms.DESCRIPTION, description)
        if examples is not None:
            record = self._derive(terms.EXAMPLES, examples)
            derived[terms.EXAMPLES] = replace(record, digest=digest_graph([examples]))
        return replace(version, derived={n: each for n, each in derived.items() if each.triples})

    def commit(self, version: Version, difference: Difference | None = None) -> Version:
        """Put everything in its place, and the record with it, by one request."""
        record = self._record
        # A build looks anew: the engine may have been set up otherwise since the last one.
        if record is None or version.made != WRITE:
            own_default = self._has_own_default()
        else:
            own_default = record.own_default
        record = Record(version, own_default)
        sizes = {name: each.triples for name, each in {**version.graphs, **version.derived}.items()}
        staged = [each for each in sorted(self._places.items()) if each[0] in self._graphs]
        steps = [f"DROP SILENT GRAPH <{graph}>" for graph in sorted(self._dropped)]
        steps += [
            _moved(place, graph, sizes.get(graph, 0))
            for graph, place in [*staged, *sorted(self._derived.items())]
        ]
        steps += _matched(terms.INFERRED, [self.inferred])
        if own_default:
            steps += _matched("", [self.united, self.inferred])
        self._repository.check_lock(self._lock)
        self._engine.update(" ;\n".join([*steps, self._repository.write_record(record)]))
        if version.made == MOVED:
            where = self._repository.where
            check_graphs(self._engine.seen(record.view), version.graphs, where)
        return version

    def retain(self, retention: Retention, current: Version) -> None:
        """An engine holds no older version."""

    def sweep(self) -> None:
        """Remove what is left of this stage."""
        working = [f"{self.inferred}/working/{number}" for number in (1, 2)]
        graphs = [self.united, self.inferred, *working]
        graphs += [*self._places.values(), *self._derived.values()]
        self._engine.update(" ;\n".join(f"DROP SILENT GRAPH <{graph}>" for graph in graphs))

    def _begin(self, graph: str, *, copied: bool) -> str:
        """A place for the new content of `graph`, empty or with what it holds now."""
        place = self._places.get(graph) or f"{self._folder}{len(self._places)}"
        self._places[graph] = place
        self._graphs.add(graph)
        self._dropped.discard(graph)
        if copied:
            self._engine.update(f"ADD SILENT GRAPH <{graph}> TO GRAPH <{place}>")
        return place

    def _derive(self, graph: str, triples: bytes) -> GraphRecord:
        """Stage a graph that is derived from the others; return its record, without a digest."""
        place = f"{self._folder}derived/{len(self._derived)}"
        self._derived[graph] = place
        if triples:
            self._engine.insert(triples, place)
        return GraphRecord(len({*lines(triples)}), "")

    def _has_own_default(self) -> bool:
        """Whether the engine's default graph is one of its own, and not all named ones."""
        probe = f"{self._folder}probe"
        self._engine.insert(f"<{probe}> <{probe}> <{probe}> .\n".encode(), probe)
        query = QueryRequest(Query(f"ASK {{ <{probe}> <{probe}> <{probe}> }}"))
        seen = b"true" in self._engine.query(query).body
        self._engine.clear(probe)
        return not seen


def check_graphs(store: Store, records: Mapping[str, GraphRecord], where: str) -> None:
    """Raise SettingError, which names a graph that the engine altered, if there is any."""
    for name, record in records.items():
        counted = store.size(name)
        if counted != record.triples:
            raise SettingError(
                f"{where}: <{name}> holds {counted} triples, not {record.triples}",
                hint="nothing was published: see docs/engines.md for what this engine alters",
            )
        if digest_graph([store.read(name)]) != record.digest:
            raise SettingError(
                f"{where}: <{name}> holds as many triples as it should, but not the same ones",
                hint="nothing was published: see docs/engines.md for what this engine alters",
            )


def _moved(place: str, graph: str, triples: int) -> str:
    """What puts a graph in its place; an empty one is no graph to many engines.

    It does what MOVE says in other words: the MOVE of Fuseki 5 lost 44 of 237 triples where a
    dataset had been emptied and filled many times, in each of four runs of its tests.
    """
    moved = "?s ?p ?o"
    steps = [f"DROP SILENT GRAPH <{graph}>"]
    if triples:
        filled = f"INSERT {{ GRAPH <{graph}> {{ {moved} }} }}"
        steps += [f"{filled} WHERE {{ GRAPH <{place}> {{ {moved} }} }}"]
        steps += [f"DROP SILENT GRAPH <{place}>"]
    return " ;\n".join(steps)


def _matched(graph: str, places: Sequence[str]) -> list[str]:
    """What makes a graph hold what some others do: an engine writes ten times slower than it looks.

    Blank nodes keep their identity from graph to graph of one engine.
    """
    triple = "?s ?p ?o"
    here = f"GRAPH <{graph}> {{ {triple} }}" if graph else triple
    there = [f"GRAPH <{place}> {{ {triple} }}" for place in places]
    gone = " ".join(f"FILTER NOT EXISTS {{ {each} }}" for each in there)
    return [
        f"DELETE {{ {here} }} WHERE {{ {here} {gone} }}",
        *(
            f"INSERT {{ {here} }} WHERE {{ {each} FILTER NOT EXISTS {{ {here} }} }}"
            for each in there
        ),
    ]
