"""Where things and links stand in drawings of the network: around one thing, and of all.

Positions are made here, so that the drawing needs no script and is the same for everybody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from peelgraph.http.cells import Cell

EGO_WIDTH = 1160
_ROW = 26
_HEAD = 34
_MIDDLE = EGO_WIDTH // 2
_NEAR = {-1: 390, 1: 770}
_LONGEST = 50
MOST = 400  # things that a drawing still shows apart
OVERVIEW_WIDTH = 1184
_STEP = 306
_LONGEST_IN_OVERVIEW = 33
_CHARACTER = 6.7
_GAP = 8
_FORCES = "Forces"
_PARTNERS = "Partners and bodies"


@dataclass(frozen=True, slots=True)
class Link:
    """One link between two things; `why` leads to its proof where it is inferred."""

    source: Cell
    name: Cell
    target: Cell
    why: str

    @property
    def ends(self) -> tuple[Cell, Cell]:
        """Both things that it links."""
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
        """Its name, shortened in the middle where it is long."""
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
class EgoGraph:
    """The whole drawing."""

    height: int
    middle: int
    groups: tuple[Group, ...]
    nodes: tuple[Node, ...]
    spokes: tuple[Curve, ...]
    chords: tuple[Curve, ...]


def lay_ego_graph(centre: str, links: Iterable[Link], kinds: dict[str, str]) -> EgoGraph:
    """The drawing of what is linked to `centre` and to each other; `kinds` names each thing's."""
    links = list(links)
    around = [link for link in links if centre in (link.source.note, link.target.note)]
    neighbours = {end.note: end for link in around for end in link.ends if end.note != centre}
    groups: dict[str, list[Cell]] = defaultdict(list)
    for iri, cell in sorted(neighbours.items(), key=lambda pair: pair[1].text.casefold()):
        groups[kinds[iri]].append(cell)
    nodes, heads, height = _place_neighbours(groups)
    places = {node.cell.note: node for node in nodes}
    middle = height // 2
    return EgoGraph(
        height,
        middle,
        tuple(heads),
        tuple(nodes),
        tuple(_spokes(around, places, middle, centre)),
        tuple(_chords(links, places)),
    )


def _place_neighbours(groups: dict[str, list[Cell]]) -> tuple[list[Node], list[Group], int]:
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
    nodes, heads = _place_columns(columns, near)
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


def _place_columns(
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
                nodes.append(Node(cell, about, x - _GAP, y + _ROW // 2, 1, _LONGEST_IN_OVERVIEW))
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
