"""A thing amid what it is linked to: the middle, and its neighbours in columns on both sides.

Positions are made here, so that the drawing needs no script and is the same for everybody.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from peelgraph.web.cells import Cell

WIDTH = 1160
_ROW = 26
_HEAD = 34
_MIDDLE = WIDTH // 2
_NEAR = {-1: 390, 1: 770}
_LONGEST = 50


@dataclass(frozen=True, slots=True)
class Link:
    """One link between two things; `why` leads to its proof where it is inferred."""

    source: Cell
    name: Cell
    target: Cell
    why: str

    @property
    def ends(self) -> tuple[Cell, Cell]:
        return self.source, self.target


@dataclass(frozen=True, slots=True)
class Node:
    """A neighbour where it stands; `side` is -1 on the left and 1 on the right."""

    cell: Cell
    about: str
    x: int
    y: int
    side: int
    longest: int = _LONGEST

    @property
    def label(self) -> str:
        text, most = self.cell.text, self.longest
        # Names of one kind begin alike, so that their ends tell them apart.
        first = most // 3
        return text if len(text) <= most else f"{text[:first].rstrip()}…{text[first + 1 - most :]}"


@dataclass(frozen=True, slots=True)
class Curve:
    """The line from the middle to a neighbour, or between two neighbours."""

    path: str
    inferred: bool
    about: str
    ends: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The heading above the neighbours of one kind."""

    name: str
    x: int
    y: int
    side: int


@dataclass(frozen=True, slots=True)
class Hub:
    """The whole drawing."""

    height: int
    middle: int
    groups: tuple[Group, ...]
    nodes: tuple[Node, ...]
    spokes: tuple[Curve, ...]
    chords: tuple[Curve, ...]


def lay_hub(centre: str, links: Iterable[Link], kinds: dict[str, str]) -> Hub:
    """The drawing of what is linked to `centre` and to each other; `kinds` names each thing's."""
    links = list(links)
    around = [link for link in links if centre in (link.source.note, link.target.note)]
    neighbours = {end.note: end for link in around for end in link.ends if end.note != centre}
    groups: dict[str, list[Cell]] = defaultdict(list)
    for iri, cell in sorted(neighbours.items(), key=lambda pair: pair[1].text.casefold()):
        groups[kinds[iri]].append(cell)
    nodes, heads, height = _columns(groups)
    places = {node.cell.note: node for node in nodes}
    middle = height // 2
    return Hub(
        height,
        middle,
        tuple(heads),
        tuple(nodes),
        tuple(_spokes(around, places, middle, centre)),
        tuple(_chords(links, places)),
    )


def _columns(groups: dict[str, list[Cell]]) -> tuple[list[Node], list[Group], int]:
    """Each group below the others of its side, the largest first, the sides about as long."""
    length = {-1: 0, 1: 0}
    nodes: list[Node] = []
    heads: list[Group] = []
    for kind, cells in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        side = -1 if length[-1] <= length[1] else 1
        x = _NEAR[side]
        heads.append(Group(kind, x, length[side] + _HEAD - 10, side))
        length[side] += _HEAD
        for cell in cells:
            y = length[side] + _ROW // 2
            about = cell.note.partition("/id/")[2]
            nodes.append(Node(cell, about, x, y, side))
            length[side] += _ROW
    return nodes, heads, max(*length.values(), 120) + 10


def _spokes(
    around: list[Link], places: dict[str, Node], middle: int, centre: str
) -> Iterable[Curve]:
    by_end: dict[str, list[Link]] = defaultdict(list)
    for link in around:
        by_end[link.target.note if link.source.note == centre else link.source.note].append(link)
    for iri, links in by_end.items():
        if iri not in places:
            continue
        node = places[iri]
        start = _MIDDLE + node.side * 12
        half = (start + node.x) // 2
        path = (
            f"M{start} {middle}C{half} {middle} {half} {node.y} {node.x - node.side * 8} {node.y}"
        )
        about = "; ".join(f"{one.source.text} {one.name.text} {one.target.text}" for one in links)
        yield Curve(path, all(one.why for one in links), about, (centre, iri))


def _chords(links: list[Link], places: dict[str, Node]) -> Iterable[Curve]:
    for link in links:
        one, other = places.get(link.source.note), places.get(link.target.note)
        if one is None or other is None or one is other:
            continue
        bend = 90 if one.side == other.side else 0
        first, second = one.x - one.side * (8 + bend), other.x - other.side * (8 + bend)
        path = (
            f"M{one.x - one.side * 8} {one.y}C{first} {one.y} {second} {other.y} "
            f"{other.x - other.side * 8} {other.y}"
        )
        about = f"{link.source.text} {link.name.text} {link.target.text}"
        yield Curve(path, bool(link.why), about, (link.source.note, link.target.note))
