"""What was added and removed between two versions, as N-Quads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError
from peelgraph.versions.digest import canonical_lines
from peelgraph.versions.record import GraphRecord, Version

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

    Blank nodes are compared by their RDFC-1.0 labels within each graph.
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
    old_lines, new_lines = _lines(old, names), _lines(new, names)
    return Difference(tuple(sorted(new_lines - old_lines)), tuple(sorted(old_lines - new_lines)))


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


def _lines(version: Version, names: list[str]) -> set[bytes]:
    store = Embedded.read_only(version.store_path)
    try:
        held = version.records
        found: set[bytes] = set()
        for name in names:
            if name in held:
                ending = f" <{name}> ." if name else " ."
                lines = canonical_lines([store.read(name)])
                found.update(line.removesuffix(b" .") + ending.encode() for line in lines)
        return found
    finally:
        store.close()
