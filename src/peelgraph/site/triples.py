"""One graph by subject, and what it says of a subject in a few words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.http.cells import Cell, link, short

_RDF = terms.VOCABULARIES["rdf"]
_A, _FIRST, _REST, _NIL = (f"{_RDF}{name}" for name in ("type", "first", "rest", "nil"))


class Triples:
    """One graph by subject, with its lists unrolled."""

    def __init__(self, lines: bytes) -> None:
        """`lines` are the graph as N-Triples."""
        self.by_subject: defaultdict[str, defaultdict[str, list[ox.Triple]]]
        self.by_subject = defaultdict(lambda: defaultdict(list))
        for quad in ox.parse(lines, ox.RdfFormat.N_TRIPLES):
            self.by_subject[text_of(quad.subject)][quad.predicate.value].append(quad.triple)

    def values(self, subject: str, predicate: str) -> list[str]:
        """The values of one property of one subject, lists as their members."""
        found = self.by_subject[subject][predicate] if subject in self.by_subject else []
        return [part for triple in found for part in self.members(text_of(triple.object))]

    def one(self, subject: str, *predicates: str) -> str:
        """The first value of the first property that has one, or ""."""
        found = (value for name in predicates for value in self.values(subject, name))
        return next(found, "")

    def members(self, node: str) -> Iterator[str]:
        """What a list holds; a node that is no list is itself."""
        held = self.by_subject.get(node)
        if held is None or _FIRST not in held:
            yield node
            return
        while node != _NIL and node in self.by_subject:
            yield from (text_of(triple.object) for triple in self.by_subject[node][_FIRST])
            node = next((text_of(t.object) for t in self.by_subject[node][_REST]), _NIL)


def facts_of(graph: Triples, subject: str, apart: Iterable[str] = ()) -> dict[Cell, list[Cell]]:
    """What is said of a subject beyond the properties `apart`: each property with its values."""
    held: Mapping[str, Sequence[ox.Triple]] = graph.by_subject.get(subject, {})
    facts: dict[Cell, list[Cell]] = {}
    for predicate, triples in sorted(held.items()):
        if predicate in apart or not triples:
            continue
        cells = []
        for triple in triples:
            members = list(graph.members(text_of(triple.object)))
            if len(members) > 1:
                cells.append(Cell(" · ".join(_shown(graph, member) for member in members)))
            elif isinstance(triple.object, ox.BlankNode) and members[0].startswith("_:"):
                cells.append(Cell(_restriction(graph, members[0])))
            elif isinstance(triple.object, ox.NamedNode):
                cells.append(Cell(short(triple.object.value), link(triple.object.value)))
            else:
                cells.append(Cell(members[0]))
        facts[Cell(short(predicate), link(predicate))] = cells
    return facts


def _restriction(graph: Triples, node: str) -> str:
    """A class or a path without a name, in a few words."""
    held: Mapping[str, Sequence[ox.Triple]] = graph.by_subject.get(node, {})
    return ", ".join(
        f"{short(predicate).partition(':')[2]} {_shown(graph, member)}"
        for predicate, triples in sorted(held.items())
        if predicate != _A
        for triple in triples
        for member in graph.members(text_of(triple.object))
    )


def _shown(graph: Triples, node: str) -> str:
    return f"({_restriction(graph, node)})" if node.startswith("_:") else short(node)


def text_of(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """A term as a text: the IRI or the value itself, a blank node as `_:` with its label."""
    return str(term) if isinstance(term, ox.BlankNode) else str(getattr(term, "value", term))
