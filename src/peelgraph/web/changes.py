"""What changed between two versions, thing by thing, as a page shows it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.versions.difference import Difference
from peelgraph.web.cells import Cell, cell, link, short

# A page of more lines helps nobody; whoever wants all takes the N-Quads.
MOST_LINES = 1000
_TYPE = terms.VOCABULARIES["rdf"] + "type"
_NAMING = (terms.VOCABULARIES["rdfs"] + "label", terms.VOCABULARIES["skos"] + "prefLabel")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Change:
    """What one property of a thing said, and says now."""

    predicate: Cell
    before: tuple[Cell, ...]
    after: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing of one graph: new, gone or changed, and how."""

    thing: Cell
    state: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes by graph; `left_out` counts the lines of N-Quads beyond the page's limit."""

    graphs: tuple[tuple[Cell, tuple[Changed, ...]], ...]
    left_out: int


class Statements:
    """The lines of a difference that a page shows, parsed."""

    def __init__(self, difference: Difference) -> None:
        self.total = len(difference.added) + len(difference.removed)
        # Lines begin with their subject, so what is cut is cut between things or within one.
        marked = sorted(
            [(line, False) for line in difference.removed]
            + [(line, True) for line in difference.added]
        )[:MOST_LINES]
        self.shown = len(marked)
        self.quads = [(quad, is_new) for line, is_new in marked for quad in _parse(line)]

    def iris(self) -> set[str]:
        """Every IRI in them, for whoever looks names up."""
        return {
            term.value
            for quad, _ in self.quads
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
            if isinstance(term, ox.NamedNode)
        }

    def own_names(self) -> dict[str, str]:
        """The names that the lines themselves give or take: of things that are gone, too."""
        return {
            quad.subject.value: quad.object.value
            for quad, _ in self.quads
            if isinstance(quad.subject, ox.NamedNode)
            and isinstance(quad.object, ox.Literal)
            and quad.predicate.value in _NAMING
        }


def read_changes(statements: Statements, names: Mapping[str, str]) -> Changes:
    """The statements by graph, thing and property."""
    graphs: dict[str, dict[Term, list[tuple[ox.Quad, bool]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for quad, is_new in statements.quads:
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        graphs[name][quad.subject].append((quad, is_new))
    told = tuple(
        (
            Cell(short(name), link(name), name) if name else Cell("the default graph"),
            tuple(
                Changed(_cell(thing, names), _state(lines), _changes(lines, names))
                for thing, lines in things.items()
            ),
        )
        for name, things in sorted(graphs.items())
    )
    return Changes(told, statements.total - statements.shown)


def _parse(line: bytes) -> Iterable[ox.Quad]:
    return ox.parse(line, format=ox.RdfFormat.N_QUADS)


def _state(lines: Iterable[tuple[ox.Quad, bool]]) -> str:
    typed = {is_new for quad, is_new in lines if quad.predicate.value == _TYPE}
    return {frozenset({True}): "new", frozenset({False}): "gone"}.get(frozenset(typed), "changed")


def _changes(lines: Iterable[tuple[ox.Quad, bool]], names: Mapping[str, str]) -> tuple[Change, ...]:
    by: dict[ox.NamedNode, tuple[list[Cell], list[Cell]]] = defaultdict(lambda: ([], []))
    for quad, is_new in lines:
        by[quad.predicate][is_new].append(_cell(quad.object, names))
    return tuple(
        Change(_cell(predicate, names), tuple(before), tuple(after))
        for predicate, (before, after) in by.items()
    )


def _cell(term: Term, names: Mapping[str, str]) -> Cell:
    if isinstance(term, ox.NamedNode):
        return cell({"type": "uri", "value": term.value}, names.get(term.value, ""))
    if isinstance(term, ox.Literal):
        found = {"type": "literal", "value": term.value}
        if term.language:
            return cell({**found, "xml:lang": term.language})
        return cell({**found, "datatype": term.datatype.value})
    return Cell(str(term))
