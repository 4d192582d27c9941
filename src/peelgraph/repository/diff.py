"""What was added and removed between two versions, as N-Quads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import BlankNode, RdfFormat, Triple, parse

from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError
from peelgraph.repository.digest import labelled
from peelgraph.repository.version import GraphRecord, Version

ADDED, REMOVED = "added.nq", "removed.nq"


@dataclass(frozen=True, slots=True)
class Difference:
    """Sorted lines of N-Quads, without the inferred ones."""

    added: tuple[bytes, ...]
    removed: tuple[bytes, ...]

    @property
    def counts(self) -> tuple[int, int]:
        """How many lines came, and how many went."""
        return len(self.added), len(self.removed)

    @property
    def patch(self) -> Iterator[bytes]:
        """Every line with what becomes of it in front: `- ` it goes, `+ ` it comes."""
        for line in self.removed:
            yield b"- " + line
        for line in self.added:
            yield b"+ " + line

    @property
    def quads(self) -> Iterator[bytes]:
        """Valid N-Quads: what comes; what goes stands in comments, for they cannot say it."""
        for line in self.removed:
            yield b"# - " + line
        yield from self.added


def compare(old: Version, new: Version) -> Difference:
    """What is in `new` and not in `old`, and the other way round.

    Blank nodes are the same where both versions say the same of them: see keep_nodes.
    """
    noted = read_log(new.path) if new.base == old.number else None
    # A file that was cut short is read from the versions themselves.
    if noted is not None and noted.counts == (new.added, new.removed):
        return noted
    before, after = old.records, new.records
    names = sorted(
        name for name in {*before, *after} if _digest(before.get(name)) != _digest(after.get(name))
    )
    if not names:
        return Difference((), ())
    added: list[bytes] = []
    removed: list[bytes] = []
    old_graphs, new_graphs = _graphs(old, names), _graphs(new, names)
    for name in names:
        ending = f" <{name}> .".encode() if name else b" ."
        lines = keep_nodes(old_graphs[name], new_graphs[name])
        added += (line.removesuffix(b" .") + ending for line in lines - old_graphs[name])
        removed += (line.removesuffix(b" .") + ending for line in old_graphs[name] - lines)
    return Difference(tuple(sorted(added)), tuple(sorted(removed)))


def keep_nodes(before: frozenset[bytes], after: frozenset[bytes]) -> frozenset[bytes]:
    """`after` with the blank nodes of `before`, wherever both say the same of them.

    Shape:  N-Triples lines, as the store gives them back.

    Parsing a document names its blank nodes anew. Linked blank nodes are compared together with all
    their triples; if anything differs, they keep the names that they have in `after`.
    """
    old, new = _linked(before), _linked(after)
    # What both call by one name is one node already.
    shared = {node for part in old for node in part.nodes} & {n for part in new for n in part.nodes}
    known: dict[bytes, list[_Linked]] = defaultdict(list)
    for part in old:
        if shared.isdisjoint(part.nodes):
            known[part.labelled()].append(part)
    gone: set[bytes] = set()
    kept: set[bytes] = set()
    for part in new if known else ():
        if shared.isdisjoint(part.nodes) and (same := known[part.labelled()]):
            gone.update(part.lines)
            kept.update(same.pop().lines)
    return (after - gone) | kept


@dataclass(slots=True)
class _Linked:
    """Blank nodes that triples link, and the lines of N-Triples that name them."""

    nodes: set[str] = field(default_factory=set)
    lines: list[bytes] = field(default_factory=list)

    def labelled(self) -> bytes:
        """The lines with the labels of RDFC-1.0: the same for the same content."""
        return labelled(b"\n".join(self.lines))


def _linked(lines: frozenset[bytes]) -> list[_Linked]:
    """The lines that name blank nodes, in parts that share none."""
    blank = [line for line in lines if b"_:" in line]
    parts: dict[str, _Linked] = {}
    for line, quad in zip(blank, parse(b"\n".join(blank), RdfFormat.N_QUADS), strict=True):
        nodes = _nodes(quad.triple)
        found = {id(parts[node]): parts[node] for node in nodes if node in parts}
        # The longest takes the others in, so that each line moves a few times at most.
        first, *others = sorted(found.values(), key=lambda part: -len(part.nodes)) or [_Linked()]
        for part in others:
            first.nodes |= part.nodes
            first.lines += part.lines
            parts.update(dict.fromkeys(part.nodes, first))
        if nodes:
            first.nodes.update(nodes)
            first.lines.append(line)
            parts.update(dict.fromkeys(nodes, first))
    return [*{id(part): part for part in parts.values()}.values()]


def _nodes(triple: Triple) -> list[str]:
    """The labels of the blank nodes of a triple."""
    found = []
    for term in (triple.subject, triple.object):
        if isinstance(term, BlankNode):
            found.append(term.value)
        elif isinstance(term, Triple):
            found += _nodes(term)
    return found


def write_log(folder: Path, difference: Difference) -> None:
    """Keep what a version changed beside it."""
    for name, lines in ((ADDED, difference.added), (REMOVED, difference.removed)):
        (folder / name).write_bytes(b"".join(line + b"\n" for line in lines))


def read_log(folder: Path) -> Difference | None:
    """What a version changed in its base; None when nobody noted it, or the note is damaged."""
    parts = []
    for name in (ADDED, REMOVED):
        try:
            content = (folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingError(f"{folder / name} cannot be read: {error.strerror}") from error
        lines = tuple(line for line in content.split(b"\n") if line)
        if not all(line.endswith(b" .") for line in lines):
            return None
        parts.append(lines)
    return Difference(*parts)


def _digest(record: GraphRecord | None) -> str:
    return record.digest if record else ""


def _graphs(version: Version, names: Iterable[str]) -> dict[str, frozenset[bytes]]:
    """The N-Triples lines of each graph; none of one that the version does not have."""
    store = Embedded.read_only(version.store_path)
    try:
        return {
            name: frozenset(filter(None, store.read(name).split(b"\n")))
            if name in version.records
            else frozenset()
            for name in names
        }
    finally:
        store.close()
