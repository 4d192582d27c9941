"""Published numbers of grades beside the grades known here, by force and round.

Sources count different things, so that each kind of count stands by itself: the release on the day
of publication, a list of grades, the page of the report to which grades are added later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from peelgraph.http.cells import Cell, link
from peelgraph.http.page_queries import ask
from peelgraph.http.service import Service
from peelgraph.site.grades import Framework, Grade, Judgments

# The key of a count of all graded questions.
ALL = ""


@dataclass(slots=True)
class Published:
    """What sources of one kind count for a force in a round: a number for each grade, and `ALL`."""

    kind: Cell
    numbers: dict[str, int] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)


# By force and round, each kind of count by its IRI.
Counts = dict[tuple[str, str], dict[str, Published]]


def read_counts(service: Service, force: str | None = None) -> Counts:
    """The published numbers of all forces or of one."""
    counts: Counts = {}
    for row in ask(service, "grade-counts-of-force", **({"force": force} if force else {})):
        kinds = counts.setdefault((row["force"], row["round"]), {})
        kind = Cell(row["countKindName"], link(row["countKind"]), row["countKind"])
        published = kinds.setdefault(row["countKind"], Published(kind))
        published.numbers[row["grade"] or ALL] = int(row["questions"])
        published.sources[row["source"]] = None
    return counts


def count_known(framework: Framework, judgments: Judgments) -> dict[tuple[str, str], Counter[str]]:
    """How many questions of a force in a round have each grade here, and a grade at all (`ALL`)."""
    rounds = {one.iri: one.round.note for one in framework.asked}
    known: dict[tuple[str, str], Counter[str]] = {}
    for (force, question), judgment in judgments.items():
        if question in rounds:
            counter = known.setdefault((force, rounds[question]), Counter())
            counter.update((judgment.step.iri, ALL))
    return known


@dataclass(frozen=True, slots=True)
class Covered:
    """The number known of one grade beside what each kind of source counts; None: no number."""

    grade: Grade | None
    known: int
    published: tuple[int | None, ...]

    @property
    def name(self) -> str:
        """The grade, or all of them."""
        return self.grade.name if self.grade else "all grades"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of the grades of a force in one round, a column for each kind of count."""

    round: Cell
    kinds: tuple[Published, ...]
    lines: tuple[Covered, ...]


def cover(
    in_round: Cell,
    scale: Iterable[Grade],
    kinds: Mapping[str, Published],
    known: Counter[str],
) -> Coverage:
    """The grades of the round's scale, from the best, and all of them first."""
    columns = tuple(sorted(kinds.values(), key=lambda kind: kind.kind.text))
    lines = [
        Covered(grade, known[key], tuple(kind.numbers.get(key) for kind in columns))
        for grade, key in [(None, ALL), *((grade, grade.iri) for grade in scale)]
    ]
    return Coverage(in_round, columns, tuple(lines))


def scale_of(framework: Framework, grades: Mapping[str, Grade], round_iri: str) -> list[Grade]:
    """The steps of the scale that a round uses."""
    scales = {one.scale for one in framework.asked if one.round.note == round_iri}
    return [grade for grade in grades.values() if grade.scale.note in scales]


def kinds_by_use(counts: Counts, round_iri: str) -> Sequence[Cell]:
    """The kinds of count that a round has, the one with most forces first."""
    used: Counter[Cell] = Counter()
    for (_, in_round), kinds in counts.items():
        if in_round == round_iri:
            used.update(published.kind for published in kinds.values())
    return [kind for kind, _ in sorted(used.items(), key=lambda each: (-each[1], each[0].text))]
