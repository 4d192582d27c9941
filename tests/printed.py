"""What the passages of a report print: its numbers, dates and words, and how these are written.

`reports/<report>.tsv` has a row for each passage: its slug, its numbers and dates in the order of
the text, and its distinct words in alphabetical order. The text itself is not kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

REPORTS = Path(__file__).parent / "reports"
MONTHS = re.findall(
    r"\w+",
    "January February March April May June July August September October November December",
)
NUMBERS = re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve")
NAMED = {name: Decimal(number) for number, name in enumerate(NUMBERS)} | {
    "twenty": Decimal(20),
    "two-thirds": Decimal("66.67"),  # as a percentage, to the two places that data give
}
LENGTHS = {
    "minute": ("minutes", 1),
    "week": ("days", 7),
    "month": ("months", 1),
    "year": ("months", 12),
}
DATE_UNITS = {"Y": ("months", 12), "M": ("months", 1), "D": ("days", 1)}
TIME_UNITS = {"H": ("minutes", 60), "M": ("minutes", 1)}
_MONTH = "|".join(MONTHS)
DATE = re.compile(rf"(?:(\d{{1,2}}) )?(?:({_MONTH})(?: (?:and|to) ({_MONTH}))? )?(\d{{4}})(?!\d)")
NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?")
WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Printed:
    """What one passage, or several together, print."""

    numbers: frozenset[Decimal]
    dates: frozenset[str]
    durations: frozenset[tuple[str, Decimal]]
    words: frozenset[str]

    def holds(self, phrase: str) -> bool:
        """Whether each word of a phrase is printed, as it is or with another ending in s."""
        return all(
            {w, f"{w}s", w.removesuffix("s"), w.removesuffix("'s")} & self.words
            for w in read_words(phrase)
        )


def read_report(name: str) -> dict[str, Printed]:
    """What each passage of a report prints, by the slug of the passage."""
    found = {}
    for line in (REPORTS / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        passage, figures, words = line.split("\t")
        found[passage] = Printed(
            frozenset(read_numbers(figures)),
            frozenset(read_dates(figures)),
            frozenset(read_durations(figures)),
            frozenset(read_words(f"{words} {figures.replace('%', ' percent')}")),
        )
    return found


def read_durations(text: str) -> Iterator[tuple[str, Decimal]]:
    """The lengths of time that a text writes, in minutes, days or months."""
    for number, unit in re.findall(r"(\w+)[- ](minute|week|month|year)", text):
        for value in read_numbers(number):
            name, times = LENGTHS[unit]
            yield name, value * times


def read_duration(lexical: str) -> tuple[str, Decimal]:
    """An xsd:duration of one unit or two, as read_durations gives it: PT1H30M is 90 minutes."""
    date, _, time = lexical.removeprefix("P").partition("T")
    total: dict[str, Decimal] = {}
    for part, units in ((date, DATE_UNITS), (time, TIME_UNITS)):
        for value, unit in re.findall(r"(\d+)([YMDH])", part):
            name, times = units[unit]
            total[name] = total.get(name, Decimal(0)) + Decimal(value) * times
    ((name, value),) = total.items()
    return name, value


def join(passages: Iterable[Printed]) -> Printed:
    """What several passages print together."""
    listed = list(passages)
    return Printed(
        frozenset().union(*(each.numbers for each in listed)),
        frozenset().union(*(each.dates for each in listed)),
        frozenset().union(*(each.durations for each in listed)),
        frozenset().union(*(each.words for each in listed)),
    )


def read_numbers(text: str) -> Iterator[Decimal]:
    """The numbers that a text writes, in figures or in words; those of its dates are left out."""
    without_dates = DATE.sub(" ", text)
    for figure in NUMBER.findall(without_dates):
        yield Decimal(figure.replace(",", ""))
    for word in re.findall(r"[a-z]+(?:-thirds)?", without_dates.lower()):
        if word in NAMED:
            yield NAMED[word]


def read_dates(text: str) -> Iterator[str]:
    """The days, months and years that a text writes, each as XML Schema writes it.

    A day is also in its month and its year: `30 June 2015` gives 2015-06-30, 2015-06 and 2015.
    """
    for day, first, last, year in DATE.findall(text):
        yield year
        for month in filter(None, (first, last)):
            yield f"{year}-{MONTHS.index(month) + 1:02}"
        if day and first:
            yield f"{year}-{MONTHS.index(first) + 1:02}-{int(day):02}"


def read_words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return [word.lower() for word in WORD.findall(text)]
