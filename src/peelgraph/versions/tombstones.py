"""Things that were withdrawn by versions which are kept no longer: their IRIs mean nothing else.

A version that is kept tells by its log what it took out; `withdrawn.txt` in the home folder tells
it of the others, a line each: the IRI and the number of the version.
"""

import os
from pathlib import Path

from pyoxigraph import NamedNode

from peelgraph.embedded import Embedded
from peelgraph.versions.difference import REMOVED

_FILE = "withdrawn.txt"


def note_withdrawn(home: Path, number: int, folder: Path, current: Path) -> None:
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


def noted_withdrawal(home: Path, iri: str, before: int) -> int:
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
