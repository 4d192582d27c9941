"""Which versions made by single writes are kept, and the removal of the others.

A version is kept while one of these holds; a person's `prune` alone removes it then:
- it is among the last `versions`, or younger than `days`;
- it is the current one, or the one before, which requests under way still read;
- it is marked by hand, or cited by a reader;
- it was made otherwise than by a single write, or nothing tells how;
- somebody has it open: the next write looks again.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peelgraph.errors import PeelgraphError
from peelgraph.repository.local import Home
from peelgraph.repository.version import Version
from peelgraph.settings import Settings

# Seconds that one write spends on it; a home with many versions to remove does so write by write.
_BUDGET = 0.25


@dataclass(frozen=True, slots=True)
class Retention:
    """How many of the last versions are kept, and those of how many days.

    0 keeps none by that rule; where both are 0, all are kept.
    """

    versions: int = Settings().keep_versions
    days: int = Settings().keep_days

    def __str__(self) -> str:
        """The rules as the end of a sentence that begins: they are kept."""
        rules = [f"while they are among the last {self.versions}"] if self.versions else []
        rules += [f"for {self.days} days"] if self.days else []
        return " or ".join(rules) or "until somebody prunes them"


def retain(home: Home, retention: Retention, current: Version) -> list[int]:
    """Remove the versions that need not be kept; return their numbers. The caller holds the lock.

    It never fails: `current` is published, whatever becomes of older versions.
    """
    try:
        candidates = _candidates(home, retention, current)
        return [number for number in candidates if home.remove_unread(number)]
    except (OSError, PeelgraphError, MemoryError, ValueError) as error:
        logging.getLogger(__name__).warning("old versions are not removed: %s", error)
        return []


def _candidates(home: Home, retention: Retention, current: Version) -> Iterator[int]:
    """The versions that are neither lasting nor recent, oldest first, as far as time allows."""
    if not retention.versions and not retention.days:
        return
    numbers = home.numbers()
    older = numbers[: -retention.versions] if retention.versions else numbers
    since = datetime.now(UTC) - timedelta(days=retention.days)
    end = time.monotonic() + _BUDGET
    for number in older:
        if time.monotonic() > end:
            return
        if number in (current.number, current.base) or home.is_lasting(number):
            continue
        created = datetime.fromisoformat(home.get(number).created)
        if retention.days and created.astimezone(UTC) > since:
            # Those that follow are younger still.
            return
        yield number
