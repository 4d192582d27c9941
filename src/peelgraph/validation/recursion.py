"""Shapes that refer to shapes: how deep, and which of them refer to themselves."""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import Literal
from rdflib.term import Node

from peelgraph.validation.shapes_graph import ALTERNATIVES, REFERENCES, ShapesGraph

# pySHACL calls itself three times for each shape inside a shape, and Python ends at 1,000 calls.
MAX_DEPTH = 100
# Four shapes that all refer to each other take 5,251 ways and a second; five took over ten minutes.
MAX_WAYS = 10_000
_PYSHACL_DEPTH = 15  # how deep pySHACL goes by itself, in however many ways

References = Mapping[Node, list[Node]]


def find_references(shapes: ShapesGraph) -> References:
    """The shapes that each shape refers to (SHACL, 3.4.3), as often as it does, in an order."""
    found: dict[Node, list[Node]] = {}
    for predicate in REFERENCES:
        for shape, value in shapes.graph.subject_objects(predicate):
            found.setdefault(shape, []).append(value)
    for shape, _, member in shapes.members(*ALTERNATIVES):
        found.setdefault(shape, []).append(member)
    return {
        shape: sorted((each for each in inner if not isinstance(each, Literal)), key=str)
        for shape, inner in sorted(found.items(), key=lambda each: str(each[0]))
    }


def find_rings(references: References) -> list[list[Node]]:
    """The shapes that refer to each other in a circle, or to themselves, each ring once."""
    return [
        sorted(group, key=str)
        for group in _group(references)
        if len(group) > 1 or group[0] in references.get(group[0], ())
    ]


def find_deepest(references: References) -> tuple[Node | None, int]:
    """The shape from which most shapes stand inside one another, and how many with itself.

    The shapes of a ring count once each; how often it is followed is up to the data.
    """
    depths: dict[Node, int] = {}
    for group in _group(references):
        inner = {value for shape in group for value in references.get(shape, ())}
        below = max((depths[value] for value in inner - set(group)), default=0)
        depths.update(dict.fromkeys(group, below + len(group)))
    deepest = max(depths, key=lambda shape: depths[shape], default=None)
    return deepest, depths[deepest] if deepest is not None else 0


def find_entangled(references: References) -> Node | None:
    """A shape from which pySHACL would follow more than MAX_WAYS ways; None where there is none.

    Counted where nothing else bounds them: in rings, and deeper than pySHACL goes by itself.
    """
    for ring in find_rings(references):
        for shape in ring:
            if _count_trails(references, shape) > MAX_WAYS:
                return shape
    ways: dict[Node, int] = {}
    depths: dict[Node, int] = {}
    for group in _group(references):
        within = set(group)
        inner = [v for shape in group for v in references.get(shape, ()) if v not in within]
        below = 1 + sum(ways[value] for value in inner)
        depth = len(group) + max((depths[value] for value in inner), default=0)
        if depth > _PYSHACL_DEPTH and below > MAX_WAYS:
            return group[0]
        ways.update(dict.fromkeys(group, below))
        depths.update(dict.fromkeys(group, depth))
    return None


def _count_trails(references: References, start: Node) -> int:
    """How many ways lead on from a shape, no reference taken twice in one; counted to MAX_WAYS."""
    count = 0
    waiting: list[tuple[Node, frozenset[tuple[Node, Node]]]] = [(start, frozenset())]
    while waiting and count <= MAX_WAYS:
        shape, taken = waiting.pop()
        count += 1
        waiting.extend(
            (value, taken | {(shape, value)})
            for value in references.get(shape, ())
            if (shape, value) not in taken
        )
    return count


def _group(references: References) -> list[list[Node]]:
    """The strongly connected components, each after those it refers to (Tarjan, unrolled)."""
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    open_: list[Node] = []
    is_open: set[Node] = set()
    groups = []
    for root in references:
        waiting = [(root, iter(references[root]))] if root not in order else []
        while waiting:
            shape, inner = waiting[-1]
            if shape not in order:
                order[shape] = lowest[shape] = len(order)
                open_.append(shape)
                is_open.add(shape)
            value = next(inner, None)
            if value is not None:
                if value not in order:
                    waiting.append((value, iter(references.get(value, ()))))
                elif value in is_open:
                    lowest[shape] = min(lowest[shape], order[value])
                continue
            waiting.pop()
            if waiting:
                above = waiting[-1][0]
                lowest[above] = min(lowest[above], lowest[shape])
            if lowest[shape] == order[shape]:
                group = [open_.pop()]
                while group[-1] != shape:
                    group.append(open_.pop())
                is_open.difference_update(group)
                groups.append(group)
    return groups
