"""Things that were published once and are no more."""

import mmap
from collections.abc import Iterator
from pathlib import Path

from peelgraph.versions.difference import REMOVED
from peelgraph.versions.home import Home
from peelgraph.versions.tombstones import noted_withdrawal


def find_withdrawal(home: Path, iri: str, before: int) -> int:
    """The newest version, `before` at most, that took out what was said of `iri`; 0 for none.

    What the versions that are kept noted of themselves is looked through, and what was noted of
    others when they were removed.
    """
    subject = f"<{iri}> ".encode()
    noted = noted_withdrawal(home, iri, before)
    folders = Home(home)
    for number in reversed(folders.numbers()):
        if number <= before and _begins_a_line(folders.folder(number) / REMOVED, subject):
            return max(number, noted)
    return noted


def _begins_a_line(path: Path, start: bytes) -> bool:
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return any(at == 0 or text[at - 1 : at] == b"\n" for at in _places(text, start))


def _places(text: mmap.mmap, part: bytes) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
