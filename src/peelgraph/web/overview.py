"""The whole network in four columns: bodies, forces, what they run and face, and partners.

Each column stands in the order of what it is linked to in the one before, so that few lines cross.
Positions are made here, so that the drawing needs no script and is the same for everybody.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from peelgraph.web.cells import Cell
from peelgraph.web.hub import Curve, Group, Link, Node

MOST = 400  # things that a drawing still shows apart
WIDTH = 1184
_ROW = 26
_HEAD = 34
_STEP = 306
_LONGEST = 33
_CHARACTER = 6.7
_GAP = 8
_FORCES = "Forces"
_PARTNERS = "Partners and bodies"


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole drawing; `left_out` counts the things that were too many for it."""

    height: int
    groups: tuple[Group, ...]
    nodes: tuple[Node, ...]
    curves: tuple[Curve, ...]
    left_out: int


def lay_overview(links: Sequence[Link], kinds: Mapping[str, str]) -> Overview:
    """The drawing of all links; `kinds` names each thing's."""
    counted = Counter(end.note for link in links for end in link.ends)
    kept = set(sorted(counted, key=lambda iri: (-counted[iri], iri))[:MOST])
    shown = [link for link in links if {end.note for end in link.ends} <= kept]
    things = {end.note: end for link in shown for end in link.ends}
    near: defaultdict[str, set[str]] = defaultdict(set)
    for link in shown:
        near[link.source.note].add(link.target.note)
        near[link.target.note].add(link.source.note)
    columns = _columns(things, near, kinds)
    nodes, heads = _place(columns, near)
    places = {node.cell.note: node for node in nodes}
    return Overview(
        max((node.y for node in nodes), default=0) + _ROW,
        tuple(heads),
        tuple(nodes),
        tuple(_curve(link, places[link.source.note], places[link.target.note]) for link in shown),
        len(counted) - len(things),
    )


def _columns(
    things: Mapping[str, Cell], near: Mapping[str, set[str]], kinds: Mapping[str, str]
) -> list[list[tuple[str, Cell]]]:
    """Each column with its things, each thing with the heading that it stands under."""
    columns: list[list[tuple[str, Cell]]] = [[], [], [], []]
    for iri, cell in sorted(things.items(), key=lambda pair: pair[1].text.casefold()):
        kind = kinds[iri]
        if kind == _FORCES:
            columns[1].append((kind, cell))
        elif kind != _PARTNERS:
            columns[2].append((kind, cell))
        elif all(kinds[other] == _FORCES for other in near[iri]):
            columns[0].append(("Bodies and partners of forces", cell))
        else:
            columns[3].append(("Partners of units and schemes", cell))
    return columns


def _place(
    columns: Sequence[list[tuple[str, Cell]]], near: Mapping[str, set[str]]
) -> tuple[list[Node], list[Group]]:
    """Where each thing and each heading stands: the forces by name, the rest beside its links."""
    nodes: list[Node] = []
    heads: list[Group] = []
    height: dict[str, int] = {}

    def beside(cell: Cell) -> float:
        found = [height[iri] for iri in near[cell.note] if iri in height]
        return sum(found) / len(found) if found else float("inf")

    for at in (1, 0, 2, 3):
        x, y = at * _STEP + _GAP * 2, 0
        # The sort keeps the order of names where it has no reason for another.
        placed = sorted(columns[at], key=lambda pair: (pair[0], 0 if at == 1 else beside(pair[1])))
        for kind, group in groupby(placed, key=lambda pair: pair[0]):
            heads.append(Group(kind, x, y + _HEAD - 10, 1))
            y += _HEAD
            for _, cell in group:
                about = cell.note.partition("/id/")[2]
                nodes.append(Node(cell, about, x - _GAP, y + _ROW // 2, 1, _LONGEST))
                height[cell.note] = y
                y += _ROW
    return nodes, heads


def _curve(link: Link, source: Node, target: Node) -> Curve:
    one, other = sorted((source, target), key=lambda node: node.x)
    start, end = (
        (one.x - _GAP, other.x - _GAP) if one.x == other.x else (_right(one), other.x - _GAP)
    )
    bend = 50 if one.x == other.x else (start - end) // 2
    path = f"M{start} {one.y}C{start - bend} {one.y} {end - abs(bend)} {other.y} {end} {other.y}"
    about = f"{link.source.text} {link.name.text} {link.target.text}"
    return Curve(path, bool(link.why), about, (link.source.note, link.target.note))


def _right(node: Node) -> int:
    """Where the label of a node ends."""
    return round(node.x + 14 + len(node.label) * _CHARACTER + _GAP)
