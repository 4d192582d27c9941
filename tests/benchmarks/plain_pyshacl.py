"""pySHACL called plainly on whole data, shape by shape, as far as time allows.

A SHACL report is the union of what each shape says of each of its focus nodes, looking at the whole
data (SHACL 3.4), so shapes may be asked one by one, and focus nodes too: no verdict changes.
Asking so shows where pySHACL does not come to an end, and still compares all the rest.
Each shape has a deadline of processor seconds. One that passes it is asked again, of each focus
node apart, beside those triples alone that the solutions of its query's pattern are made of. The
pattern has the same solutions there as in the whole: each is there with all its triples, and with
fewer triples there can be none more.
A shape that is more than such a query is asked about a sample of its focus nodes: some of those
that ought to be refused, and others drawn evenly.
"""

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal
from rdflib.term import Node
from rdflib.util import from_n3

from peelgraph.sparql.lexer import tokenise
from peelgraph.validation import ShapeResult
from peelgraph.validation.candidates import find_targeted, write_targets
from peelgraph.validation.pyshacl_runner import run_pyshacl
from peelgraph.validation.rdflib_store import PreparedGraph, to_rdflib
from peelgraph.validation.shapes import LINKS, copy_graph, find_prefixes
from peelgraph.validation.shapes_graph import TARGETS
from peelgraph.validation.sparql_constraints import NotCompiled, find_patterns, plain_body

Key = tuple[str, ...]
# What a shape may state that is nothing but its targets and one query.
_QUERY_ALONE = {
    *(RDF.type, RDFS.isDefinedBy, SH.sparql, SH.severity, SH.message),
    *TARGETS,
}
# What makes of a query's pattern more than triples joined and filtered.
_NO_JOIN = {"OPTIONAL", "UNION", "EXISTS", "MINUS", "GRAPH", "VALUES", "BIND", "SERVICE"}
_PATHS = {"/", "^", "|", "*", "+", "?", "!"}
_PATIENCE = 10  # deadlines that all nodes, each apart, may take together
# Nothing but what the process has to itself: no thread has been started when it forks, and the
# data are not read again for each shape.
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Answer:
    """What pySHACL says by one targeted shape: of all its focus nodes, or of `sample` of them.

    `found` is None when it came to no end; `names` are the shape and those it refers to; `apart`
    tells that each node was asked beside what the query reads of it.
    """

    shape: str
    names: frozenset[str]
    focused: int
    found: frozenset[Key] | None
    seconds: float
    sample: frozenset[str] | None = None
    apart: bool = False

    @property
    def told(self) -> str:
        """A line about it."""
        if self.found is None:
            return f"{self.shape}: no end for {self.focused} nodes, nor for a sample of them"
        if self.apart:
            ended = f"no end at once in {self.seconds:.0f} s"
            return f"{self.shape}: {ended}; {self.focused} nodes apart, {len(self.found)} results"
        asked = self.focused if self.sample is None else f"a sample of {len(self.sample)} of "
        asked = asked if self.sample is None else f"{asked}{self.focused}"
        return f"{self.shape}: {asked} nodes, {len(self.found)} results, {self.seconds:.2f} s"


def key(result: ShapeResult) -> Key:
    """What makes a result the same as another; "156.0" and "156" are one decimal."""
    value = from_n3(result.value) if result.value else None
    if isinstance(value, Literal) and isinstance(value.value, Decimal):
        written = str(value.value.normalize())
    else:
        written = result.value
    return result.shape, result.component, result.focus, result.path, written


def in_rdflib(triples: Iterable[ox.Triple | ox.Quad]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for triple in triples:
        subject, predicate, value = map(
            to_rdflib, (triple.subject, triple.predicate, triple.object)
        )
        graph.add((subject, predicate, value))
    return graph


def ask_shapes(
    data: bytes, shapes: Graph, refused: set[str], deadline: int, most: int
) -> Iterator[Answer]:
    """An answer for each targeted shape.

    `refused` are the focus nodes that must be in a sample, `most` how many of each kind it has.
    """
    graph, store = in_rdflib(ox.parse(data, ox.RdfFormat.N_TRIPLES)), ox.Store()
    store.load(data, ox.RdfFormat.N_TRIPLES)
    for shape in find_targeted(shapes):
        nodes = sorted(_targets(store, shapes, shape), key=str)
        name, names = shape.n3(), _names(shapes, shape)
        told = _within(deadline, partial(_judge, graph, _alone(shapes, shape)))
        if told is not None:
            yield Answer(name, names, len(nodes), told[1], told[0])
            continue
        pattern = _conjunction(shapes, shape)
        each = partial(_judge_apart, store, shapes, shape, nodes, pattern)
        told = _within(_PATIENCE * deadline, each) if pattern else None
        if told is not None:
            # What that took is none of the time that pySHACL takes plainly.
            yield Answer(name, names, len(nodes), told[1], deadline, apart=True)
            continue
        drawn = [node for node in nodes if node.n3() in refused][:most]
        drawn += nodes[:: max(1, len(nodes) // most)]
        told = _within(deadline, partial(_judge, graph, _alone(shapes, shape, drawn)))
        sample = frozenset(node.n3() for node in drawn)
        seconds, found = (2 * deadline, None) if told is None else (told[0] + deadline, told[1])
        yield Answer(name, names, len(nodes), found, seconds, sample)


def _names(shapes: Graph, shape: Node) -> frozenset[str]:
    """The names by which results of a shape may go: its own, and of those it refers to."""
    seen, waiting = set(), [shape]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [other for link in LINKS for other in shapes.objects(node, link)]
    return frozenset(node.n3() for node in seen)


def _judge(graph: Graph, shapes: Graph) -> tuple[float, frozenset[Key]]:
    began = time.process_time()
    verdicts = run_pyshacl(graph, shapes, ())
    return time.process_time() - began, frozenset(key(each.result) for each in verdicts.items)


def _conjunction(shapes: Graph, shape: Node) -> str:
    """The pattern of a shape that is one query, whose solutions are triples joined and filtered;
    "" for any other."""
    constraints = list(shapes.objects(shape, SH.sparql))
    if len(constraints) != 1 or set(shapes.predicates(shape)) - _QUERY_ALONE:
        return ""
    text = find_prefixes(shapes, constraints[0]) + str(shapes.value(constraints[0], SH.select))
    try:
        body = plain_body(text, 0)
    except NotCompiled:
        return ""
    depth = 0
    for token in tokenise(body):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text.upper() in _NO_JOIN or (not depth and token.text in _PATHS):
            return ""
    return " ".join(f"{' '.join(terms)} ." for terms in find_patterns(body))


def _judge_apart(
    store: ox.Store, shapes: Graph, shape: Node, nodes: Sequence[Node], pattern: str
) -> tuple[float, frozenset[Key]]:
    """As _judge, of each node beside the triples of the solutions that its pattern has."""
    began = time.process_time()
    found: set[Key] = set()
    rest = []
    for node in nodes:
        where = f"VALUES ?this {{ {node.n3()} }} {pattern}"
        described = store.query(f"CONSTRUCT {{ {pattern} }} WHERE {{ {where} }}")
        assert isinstance(described, ox.QueryTriples)
        graph = in_rdflib(described)
        if len(graph):
            found |= _judge(graph, _alone(shapes, shape, [node]))[1]
        else:
            rest.append(node)
    if rest:
        # What no pattern fits has one graph, an empty one, which parses the query once.
        found |= _judge(PreparedGraph(), _alone(shapes, shape, rest))[1]
    return time.process_time() - began, frozenset(found)


def _within(
    deadline: int, ask: Callable[[], tuple[float, frozenset[Key]]]
) -> tuple[float, frozenset[Key]] | None:
    """What `ask` gives in a process of its own; None once that worked for `deadline` s."""
    ours, theirs = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_answer, args=(theirs, ask, deadline))
    process.start()
    theirs.close()
    try:
        told: tuple[float, frozenset[Key]] = ours.recv()
        return told
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def _answer(connection: Connection, ask: Callable[[], object], deadline: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (deadline, deadline))
    connection.send(ask())


def _targets(store: ox.Store, shapes: Graph, shape: Node) -> set[Node]:
    found: set[Node] = set()
    for pattern in write_targets(store, shapes, shape):
        rows = store.query(f"SELECT DISTINCT ?this WHERE {{ {pattern} }}")
        found.update(to_rdflib(row["this"]) for row in rows)
    return found


def _alone(shapes: Graph, kept: Node, nodes: Sequence[Node] = ()) -> Graph:
    """The shapes with the targets of one only, or with some nodes in the place of these."""
    alone = copy_graph(shapes)
    for shape in find_targeted(shapes):
        if shape == kept and not nodes:
            continue
        for predicate in TARGETS:
            alone.remove((shape, predicate, None))
        for kind in (RDFS.Class, OWL.Class):
            alone.remove((shape, RDF.type, kind))
        alone.add((shape, RDF.type, SH.NodeShape))
    for node in nodes:
        alone.add((kept, SH.targetNode, node))
    return alone
