"""The days, months and years that a text can mean, as XML Schema writes them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_NAMED = [
    re.compile(rf"(?:{_DAY}(?:\s+of)?[\s-]+)?(?P<month>{_MONTH})\.?,?[\s-]+{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?P<month>{_MONTH})\.?\s+{_DAY},?\s+{_YEAR}", re.IGNORECASE),
]
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(?:(0?[1-9]|[1-3]\d)[/.-])?(0?[1-9]|[1-3]\d)[/.-](\d{4})")
_YEAR_ALONE = re.compile(r"\d{4}")


class Reading(NamedTuple):
    """One meaning of a text: a value and the name of its datatype."""

    lexical: str
    datatype: str

    @property
    def words(self) -> str:
        """The value as a reader says it: 3 April 2017."""
        year, *rest = map(int, self.lexical.split("-"))
        month = _MONTHS[rest[0] - 1].capitalize() if rest else ""
        return " ".join(map(str, [*rest[1:], *([month] if month else []), year]))


def read_dates(text: str) -> list[Reading]:
    """Every day, month or year that `text` can mean; two for 03/04/2017, none for 03/04/17.

    A day stands before its month in Britain, and behind it in America.
    """
    found = {_read(*parts): None for parts in _find_parts(" ".join(text.split()))}
    return [reading for reading in found if reading is not None]


def _find_parts(text: str) -> Iterator[tuple[int, int, int]]:
    """Year, month and day of each way to read a text; 0 for a part that it lacks."""
    for pattern in _NAMED:
        if named := pattern.fullmatch(text):
            start = named["month"].lower()[:3]
            month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(start))
            yield int(named["year"]), month, int(named["day"] or 0)
            return
    if found := _YEAR_FIRST.fullmatch(text) or _PACKED.fullmatch(text):
        yield int(found[1]), int(found[2]), int(found[3] or 0)
    elif found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1] or 0), int(found[2]), int(found[3])
        yield year, second, first
        if first:
            yield year, first, second
    elif _YEAR_ALONE.fullmatch(text):
        yield int(text), 0, 0


def _read(year: int, month: int, day: int) -> Reading | None:
    """The value of these parts; None where the calendar has no such day."""
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return Reading(f"{year:04}-{month:02}-{day:02}", "date")
    return (
        Reading(f"{year:04}-{month:02}", "gYearMonth") if month else Reading(f"{year:04}", "gYear")
    )
