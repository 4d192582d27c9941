"""What happened to the versions beside their making: rollbacks, prunings and marks, a line each.

A version's own record says who made it, when, and what it added and removed.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from peelgraph.errors import SettingError

_FILE = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Event:
    """One rollback, pruning or mark: who did it, when, and to which versions.

    Units: `when` is an ISO 8601 instant in UTC; `versions` are what was gone back to, from what
           was current, or what was removed, marked or unmarked.
    """

    when: str
    did: str
    by: str
    message: str
    versions: tuple[int, ...]
    was: int

    def __str__(self) -> str:
        numbers = ", ".join(map(str, self.versions))
        to = f"from {self.was} to {numbers}" if self.did == "rollback" else f"of {numbers}"
        return f"{self.when} {self.did} {to}" + "".join(
            f" {told}" for told in (self.by and f"by {self.by}", self.message) if told
        )


def note(home: Path, did: str, versions: Sequence[int], *, was: int, by: str, message: str) -> None:
    """Write down what is about to happen: it may not come about, but never goes unnoted."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps(asdict(Event(now, did, by, message, tuple(versions), was)))
    with (home / _FILE).open("ab+") as file:
        file.seek(-1 if file.tell() else 0, os.SEEK_END)
        cut = file.read() not in (b"", b"\n")  # a crash left a line without its end
        file.write(b"\n" * cut + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_events(home: Path) -> list[Event]:
    """What was noted, oldest first; a line that is damaged is left out."""
    path = home / _FILE
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from error
    found = []
    for line in lines:
        try:
            told = json.loads(line)
            found.append(Event(**{**told, "versions": tuple(told["versions"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return found
