"""Why a place on a page is empty: five reasons, each with its own word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Absence:
    """One reason: its sign in a narrow cell, its word everywhere else, and what the word means."""

    sign: str
    word: str
    meaning: str


NOT_ASKED = Absence(
    "·",
    "not asked in that round",
    "the round graded no comparable question, and this dataset has all that it graded",
)
NOT_GRADED = Absence(
    "○", "asked and not graded", "a source says that the force was given no grade on it"
)
NOT_KNOWN = Absence(
    "?",
    "not known whether graded",
    "only some forces were graded on it, and no source says whether this one was",
)
NOT_HERE = Absence(
    "—",
    "not in this dataset",
    "the dataset has no grade here, and no source that says why; the force may have been graded",
)
NOT_READ = Absence(
    "…",
    "report not read yet",
    "the report is published, but what it says beyond the grade is not in this dataset yet",
)
# The reasons why a grade is missing, as legends show them.
OF_GRADES = (NOT_ASKED, NOT_GRADED, NOT_KNOWN, NOT_HERE)
