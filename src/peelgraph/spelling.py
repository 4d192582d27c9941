"""Which known names are nearest to what somebody wrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

MOST = 3  # a longer choice is a list to read through, and no help
_FEWEST = 6  # letters that allow one slip more than the first
_WORST = 4
_NEGATIONS = ("in", "un", "im", "ir", "dis", "non-")
_SPACE = re.compile(r"[\s_-]+")


def find_nearest(written: str, known: Iterable[str]) -> list[str]:
    """The names that fewest slips turn into `written`, at most three; none that is far from it.

    Letters left out, added, changed or swapped are slips; case, spaces and hyphens are none. Of
    names equally near, those come first that stand first in `known`.
    """
    wanted = fold(written)
    best = min(1 + len(wanted) // _FEWEST, _WORST)
    counted = Counter(wanted)
    found: list[str] = []
    for name in known:
        folded = fold(name)
        if (
            _deny(folded, wanted)
            or abs(len(folded) - len(wanted)) > best
            or _differ(counted, folded, best)
        ):
            continue
        slips = _count_slips(wanted, folded)
        if slips < best:
            best, found = slips, []
        if slips == best and name not in found:
            found.append(name)
    return found[:MOST] if wanted else []


def offer(names: Iterable[str]) -> str:
    """A question that offers some names: "did you mean a, b or c?"; "" for none."""
    *others, last = [*names] or [""]
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"did you mean {listed}?" if listed else ""


def fold(name: str) -> str:
    """A name as it is compared: in lower case, with hyphens alone."""
    return _SPACE.sub("-", name.strip().casefold())


def _deny(one: str, two: str) -> bool:
    """Whether one of two words says the opposite of the other: whoever meant one means no other."""
    return any(one == no + two or two == no + one for no in _NEGATIONS)


def _differ(counted: Counter[str], name: str, most: int) -> bool:
    """Whether the letters alone show that more than `most` slips lie between."""
    other = Counter(name)
    return max((counted - other).total(), (other - counted).total()) > most


def _count_slips(one: str, two: str) -> int:
    """The distance of optimal string alignment: a swap of neighbours counts as one slip."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for to, other in enumerate(two, 1):
            slips = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and (letter, other) == (two[to - 2], one[at - 2]):
                slips = min(slips, last[to - 2] + 1)
            row.append(slips)
    return row[-1]
