"""Things that were published once and are no more: their IRIs mean nothing else.

The log of a version that is kept says what it took out; `withdrawn.txt` in the home folder says it
of the versions that were removed, a line each: the IRI and the number of the version.
"""

import mmap
import os
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode

from peelgraph.embedded import Embedded
from peelgraph.repository.diff import REMOVED

_FILE = "withdrawn.txt"


def note_withdrawals(home: Path, number: int, folder: Path, current: Path) -> None:
    """Note what the version in `folder`, soon to be removed, took out for good.

    That is whatever it took a statement of, and the store `current` says nothing about.
    """
    try:
        lines = (folder / REMOVED).read_bytes().splitlines()
    except FileNotFoundError:
        return
    subjects = sorted({line.split(b" ")[0].decode() for line in lines if line.startswith(b"<")})
    if not subjects:
        return
    store = Embedded.read_only(current)
    try:
        gone = [each for each in subjects if not store.about([NamedNode(each[1:-1])])]
    finally:
        store.close()
    if gone:
        with (home / _FILE).open("ab") as file:
            # A crash may have left a line without its end.
            file.write("".join(["\n", *(f"{each} {number}\n" for each in gone)]).encode())
            file.flush()
            os.fsync(file.fileno())


def find_noted(home: Path, iri: str, before: int) -> int:
    """The newest version, `before` at most, that is noted to have taken `iri` out; 0 for none."""
    subject, found = f"<{iri}> ".encode(), 0
    try:
        with (home / _FILE).open("rb") as file:
            for line in file:
                number = line.removeprefix(subject).strip()
                # Of a line without its end, the number may be cut short.
                if (
                    line.startswith(subject)
                    and line.endswith(b"\n")
                    and number.isdigit()
                    and int(number) <= before
                ):
                    found = max(found, int(number))
    except OSError:
        return 0
    return found


def has_withdrawn(folder: Path, iri: str) -> bool:
    """Whether the version in `folder` took out anything that was said of `iri`."""
    path, start = folder / REMOVED, f"<{iri}> ".encode()
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return any(at == 0 or text[at - 1 : at] == b"\n" for at in _places(text, start))


def _places(text: mmap.mmap, part: bytes) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
