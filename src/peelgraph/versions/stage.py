"""The next version in the making, in graphs of an engine that no reader is shown.

united      what is asserted, each triple once
inferred    what follows from it
<number>    a graph whose content changes

What differs comes into its place by one request, which engines with transactions carry out whole
or not at all.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from peelgraph import terms
from peelgraph.errors import PeelgraphError
from peelgraph.reasoning import Rules, infer
from peelgraph.remote import RemoteStore, View
from peelgraph.sparql import Query, QueryRequest
from peelgraph.versions.counting import count
from peelgraph.versions.describing import describe
from peelgraph.versions.digest import digest_graph
from peelgraph.versions.hosted import Hosted, Record
from peelgraph.versions.record import GraphRecord, Version

_BATCH = 64  # operations a request
_DESCRIBED = 2_000_000  # triples


class Stage:
    """Graphs put together under the name of one turn."""

    def __init__(self, hosted: Hosted, turn: str, base: Version | None) -> None:
        self._hosted = hosted
        self._store = hosted.store
        self._turn = turn
        folder = f"{terms.STAGING}{turn}/"
        self._folder = folder
        self.united, self.inferred = f"{folder}united", f"{folder}inferred"
        self._places: dict[str, str] = {}
        self._derived: dict[str, str] = {}
        self._dropped: set[str] = set()
        self._graphs = {*base.graphs} if base else set()

    def put(self, graph: str, parts: Sequence[bytes]) -> None:
        """Let `graph` hold these N-Triples documents; each has blank nodes of its own."""
        place = self.begin(graph)
        for part in parts:
            if part.strip():
                self._store.insert(part, place)

    def begin(self, graph: str, *, copied: bool = False) -> str:
        """A place for the new content of `graph`, empty or with what it holds now."""
        place = self._places.get(graph) or f"{self._folder}{len(self._places)}"
        self._places[graph] = place
        self._graphs.add(graph)
        self._dropped.discard(graph)
        if copied:
            self._store.update(f"ADD SILENT GRAPH <{graph}> TO GRAPH <{place}>")
        return place

    def drop(self, graph: str) -> None:
        """Let `graph` be gone."""
        self._graphs.discard(graph)
        self._dropped.add(graph)

    def unite(self) -> None:
        """Bring together what is asserted."""
        adding = [
            f"ADD SILENT GRAPH <{self._places.get(graph, graph)}> TO GRAPH <{self.united}>"
            for graph in sorted(self._graphs)
        ]
        for start in range(0, len(adding), _BATCH):
            self._store.update(" ;\n".join(adding[start : start + _BATCH]))

    def infer(self, rules: Rules) -> None:
        """Run the rules on what is asserted."""
        infer(self._store, rules, asserted=self.united, inferred=self.inferred)

    def take_inferred(self, triples: bytes) -> None:
        """Let these be what follows: they were inferred elsewhere."""
        self._store.insert(triples, self.inferred)

    def describe(self, version: Version, examples: bytes | None) -> Version:
        """The version once its description is staged, and the examples where they are given.

        Counting takes every triple out of the engine: a larger version goes undescribed.
        """
        derived = dict(version.derived)
        if version.triples + version.inferred > _DESCRIBED:
            derived.pop(terms.DESCRIPTION, None)
            self._dropped.add(terms.DESCRIPTION)
        else:
            counts = count([self._store.read(self.united), self._store.read(self.inferred)])
            told = describe(version, counts)
            self._derive(terms.DESCRIPTION, told)
            derived[terms.DESCRIPTION] = GraphRecord(_lines(told), "")
        if examples is not None:
            self._derive(terms.EXAMPLES, examples)
            derived[terms.EXAMPLES] = GraphRecord(_lines(examples), digest_graph([examples]))
        return replace(version, derived={n: each for n, each in derived.items() if each.triples})

    def _derive(self, graph: str, triples: bytes) -> None:
        place = f"{self._folder}derived/{len(self._derived)}"
        self._derived[graph] = place
        if triples:
            self._store.insert(triples, place)

    @property
    def view(self) -> RemoteStore:
        """The store as the next version will show it."""
        places = {**self._places, terms.INFERRED: self.inferred}
        named = tuple(places.get(graph, graph) for graph in sorted(self._graphs))
        view = View((self.united, self.inferred), (self.united,), named, tuple(places.items()))
        return self._store.seen(view)

    def has_own_default(self) -> bool:
        """Whether the engine's default graph is one of its own, and not all named ones."""
        probe = f"{self._folder}probe"
        self._store.insert(f"<{probe}> <{probe}> <{probe}> .\n".encode(), probe)
        asked = QueryRequest(Query(f"ASK {{ <{probe}> <{probe}> <{probe}> }}"))
        seen = b"true" in self._store.query(asked).body
        self._store.clear(probe)
        return not seen

    def publish(self, record: Record) -> None:
        """Put everything in its place, and the record with it."""
        moves = [_moved(place, graph, self._size(graph, record)) for graph, place in self._moves()]
        drops = [f"DROP SILENT GRAPH <{graph}>" for graph in sorted(self._dropped)]
        moves += [
            _moved(
                place,
                graph,
                record.version.derived[graph].triples if graph in record.version.derived else 0,
            )
            for graph, place in sorted(self._derived.items())
        ]
        moves += _matched(terms.INFERRED, [self.inferred])
        if record.own_default:
            moves += _matched("", [self.united, self.inferred])
        self._hosted.check_turn(self._turn)
        self._store.update(" ;\n".join([*drops, *moves, self._hosted.write_record(record)]))

    def sweep(self) -> None:
        """Remove what is left of this turn."""
        working = [f"{self.inferred}/working/{number}" for number in (1, 2)]
        graphs = [self.united, self.inferred, *working]
        graphs += [*self._places.values(), *self._derived.values()]
        self._store.update(" ;\n".join(f"DROP SILENT GRAPH <{graph}>" for graph in graphs))

    def _moves(self) -> list[tuple[str, str]]:
        return [each for each in sorted(self._places.items()) if each[0] in self._graphs]

    def _size(self, graph: str, record: Record) -> int:
        return record.version.graphs[graph].triples


@contextmanager
def staged(hosted: Hosted, turn: str, base: Version | None) -> Iterator[Stage]:
    """A stage, swept at its end however it ends."""
    stage = Stage(hosted, turn, base)
    try:
        yield stage
    finally:
        with suppress(PeelgraphError):
            stage.sweep()


def _lines(triples: bytes) -> int:
    return len({line for line in triples.split(b"\n") if line})


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
