"""The forces, the questions that they are graded on, their grades, and why a grade is missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from peelgraph.http.cells import Cell, link
from peelgraph.http.page_queries import Row, ask
from peelgraph.http.service import Service


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


@dataclass(frozen=True, slots=True)
class Force:
    """One force: its page, its names, where it is, the regional unit it takes part in."""

    iri: str
    name: str
    short: str
    region: Cell
    unit: Cell

    @property
    def slug(self) -> str:
        """The last part of its IRI."""
        return self.iri.rpartition("/")[2]

    @property
    def link(self) -> str:
        """The address of its page."""
        return link(self.iri)


@dataclass(frozen=True, slots=True)
class Asked:
    """A graded question: its wording, pillar, round, number or `overall`, how many forces have a
    grade on it, its place where its round prints no numbers, and the scale of its round.
    """

    iri: str
    wording: str
    number: str
    pillar: Cell
    round: Cell
    year: str
    graded: int
    position: int = 0
    scale: str = ""

    @property
    def choice(self) -> str:
        """How an address names it in its round: by its number, else by what it is called."""
        in_round = slug_of(self.round.note).removeprefix("peel-")
        return self.number or slug_of(self.iri).removeprefix(f"{in_round}-")

    @property
    def place(self) -> tuple[bool, int, str]:
        """Where it stands among the questions of its pillar or round, an overall one first."""
        return self.number != "overall", self.position, self.number

    @property
    def short(self) -> str:
        """The number alone, as in `question 3`; the wording where there is none."""
        if not self.number:
            return self.wording
        return "overall" if self.number == "overall" else f"question {self.number}"

    @property
    def name(self) -> str:
        """The pillar and the number, as in `Effectiveness, question 3`."""
        return f"{self.pillar.text}, {self.short}" if self.pillar.text else self.short


# How pages colour the steps of a scale, from its best to its worst.
SHADES = ("best", "high", "middle", "low", "worst")


@dataclass(frozen=True, slots=True)
class Grade:
    """One step of a scale; `rank` is counted from 1 for the best, of `steps`."""

    iri: str
    name: str
    letter: str
    rank: int
    steps: int
    scale: Cell

    @property
    def shade(self) -> str:
        """The colour of its place on the scale, so that no page knows a scale."""
        part = (self.rank - 1) / (self.steps - 1) if self.steps > 1 else 0.0
        return SHADES[round(part * (len(SHADES) - 1))]


@dataclass(frozen=True, slots=True)
class Judgment:
    """The grade of one force on one question; `verified` is false where its source was not read."""

    step: Grade
    iri: str
    verified: bool

    @property
    def grade(self) -> str:
        """The name of the grade."""
        return self.step.name

    @property
    def shade(self) -> str:
        """The colour of the grade."""
        return self.step.shade


Judgments = dict[tuple[str, str], Judgment]


def slug_of(iri: str) -> str:
    """The last part of an IRI of ours, as the address of a page names the thing."""
    return iri.rpartition("/")[2]


def read_forces(service: Service) -> list[Force]:
    """The forces by name; one that two units or regions claim is told once."""
    forces: dict[str, Force] = {}
    for row in ask(service, "forces"):
        name = row["forceName"]
        forces.setdefault(
            row["force"],
            Force(
                row["force"], name, row["alias"] or name, _cell(row, "region"), _cell(row, "unit")
            ),
        )
    return list(forces.values())


def read_asked(service: Service) -> list[Asked]:
    """The questions that rounds grade, by round, pillar and number."""
    return [
        Asked(
            row["question"],
            row["questionName"],
            row["questionNumber"],
            _cell(row, "pillar"),
            _cell(row, "round"),
            row["year"],
            int(row["graded"]),
            int(row["position"] or 0),
            row["scale"],
        )
        for row in ask(service, "graded-questions")
        if row["question"]
    ]


def read_grades(service: Service) -> dict[str, Grade]:
    """The grades of all scales by their IRI, each scale from its best."""
    return {
        row["grade"]: Grade(
            row["grade"],
            row["gradeName"],
            row["notation"],
            int(row["rank"]),
            int(row["steps"]),
            _cell(row, "scale"),
        )
        for row in ask(service, "scales")
    }


def read_judgments(service: Service, force: str | None = None) -> Judgments:
    """Each judgment by force and question, of all forces or of one.

    A grade that a report shows again stands under its question too.
    """
    chosen = {"force": force} if force else {}
    names = ("grades-shown-again", "judgments-in-round")
    rows = [row for name in names for row in ask(service, name, **chosen)]
    return judgments_of(rows, read_grades(service))


def judgments_of(rows: Iterable[Row], grades: Mapping[str, Grade]) -> Judgments:
    """The judgments among rows of queries such as the catalogue's `judgments-in-round`."""
    return {
        (row["force"], row["question"]): Judgment(
            grades[row["grade"]], row["judgment"], row["verified"] != "false"
        )
        for row in rows
        if row["grade"] in grades
    }


def _cell(row: Row, name: str) -> Cell:
    iri = row[name]
    return Cell(row[f"{name}Name"], link(iri), iri) if iri else Cell("")


@dataclass(frozen=True, slots=True)
class ComparableQuestions:
    """Questions of different rounds, each comparable with every other one, oldest round first."""

    asked: tuple[Asked, ...]

    @property
    def last(self) -> Asked:
        """The question of the latest round, which names the row."""
        return self.asked[-1]

    @property
    def key(self) -> str:
        """How an address names the row."""
        return slug_of(self.last.iri)

    @property
    def name(self) -> str:
        """The pillar, or the round where it has none, and the wording of the latest round."""
        return f"{self.last.pillar.text or self.last.round.text}: {self.last.wording}"

    def asked_in(self, round_iri: str) -> Asked | None:
        """The question of that round, None when it has none."""
        return next((one for one in self.asked if one.round.note == round_iri), None)


class Framework:
    """The graded questions of all rounds, in rows of comparable ones, and what is known of gaps."""

    def __init__(self, service: Service) -> None:
        facts: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for row in ask(service, "comparability"):
            facts[row["fact"]].add((row["one"], row["other"]))
        self.asked = read_asked(service)
        self.rows = group_comparable(self.asked, facts["comparable"])
        self._complete = facts["complete"]
        self._not_graded = facts["not graded"]
        self._in_none = {slug_of(one) for one, _ in facts["no forces"]}
        # Where one force was not graded on a question, another need not have been either.
        self._in_some = {one for one, _ in facts["some forces"] | facts["not graded"]}

    @property
    def rounds(self) -> list[Cell]:
        """Each round once, in order."""
        ordered = sorted(self.asked, key=lambda one: (one.year, one.round.note))
        return list(dict.fromkeys(one.round for one in ordered))

    @property
    def families(self) -> list[tuple[list[Cell], list[ComparableQuestions]]]:
        """The rounds that share comparable questions, with their rows, those of the last first.

        Only rounds of one family may stand next to each other.
        """
        families: list[tuple[set[Cell], list[ComparableQuestions]]] = []
        for row in self.rows:
            rounds, rows = {one.round for one in row.asked}, [row]
            for family in [each for each in families if each[0] & rounds]:
                families.remove(family)
                rounds, rows = rounds | family[0], [*family[1], *rows]
            families.append((rounds, rows))
        ordered = [
            ([one for one in self.rounds if one in rounds], rows) for rounds, rows in families
        ]
        return sorted(ordered, key=lambda family: self.rounds.index(family[0][-1]), reverse=True)

    def absence(self, force: str, question: str) -> Absence:
        """Why a force has no grade on a question that was asked."""
        if (question, force) in self._not_graded:
            return NOT_GRADED
        return NOT_KNOWN if question in self._in_some else NOT_HERE

    def absence_in(self, force: str, row: ComparableQuestions, round_iri: str) -> Absence:
        """Why a force has no grade in a round on the questions of a row."""
        asked = row.asked_in(round_iri)
        if asked:
            return self.absence(force, asked.iri)
        return self.absence_of_question(round_iri, row.last.pillar.note)

    def absence_of_question(self, round_iri: str, pillar: str, choice: str = "") -> Absence:
        """Why a round grades no such question in that pillar ("" where rounds have no pillars).

        A question chosen by its number or name may be one that was asked and graded in no force.
        """
        asked = (slug_of(round_iri).removeprefix("peel-"), slug_of(pillar), choice)
        if choice and "-".join(part for part in asked if part) in self._in_none:
            return NOT_GRADED
        parts = {part for complete, part in self._complete if complete == round_iri}
        is_complete = pillar in parts if pillar else any("/programme/" in part for part in parts)
        return NOT_ASKED if is_complete else NOT_HERE


def group_comparable(
    asked: Iterable[Asked], pairs: Iterable[tuple[str, str]]
) -> list[ComparableQuestions]:
    """The questions in rows, by pillar, overall questions first.

    comparableWith is symmetric and not transitive: every two questions of a row are stated to be
    comparable, and a question may stand in two rows when its neighbours are not comparable.
    """
    by_iri = {one.iri: one for one in asked}
    near: dict[str, set[str]] = {iri: set() for iri in by_iri}
    for one, other in pairs:
        if one in by_iri and other in by_iri and by_iri[one].round.note != by_iri[other].round.note:
            near[one].add(other)
            near[other].add(one)
    rows = [
        ComparableQuestions(
            tuple(sorted((by_iri[iri] for iri in clique), key=lambda one: (one.year, one.iri)))
        )
        for clique in _cliques(frozenset(), frozenset(near), frozenset(), near)
    ]
    return sorted(
        rows,
        key=lambda row: (
            row.last.pillar.text,
            row.last.place,
            -len(row.asked),
            row.key,
            row.asked[0].iri,
        ),
    )


def _cliques(
    clique: frozenset[str],
    others: frozenset[str],
    done: frozenset[str],
    near: Mapping[str, set[str]],
) -> Iterator[frozenset[str]]:
    """The largest sets of which every two are neighbours (Bron and Kerbosch)."""
    if not others and not done:
        if clique:
            yield clique
        return
    for one in sorted(others):
        yield from _cliques(clique | {one}, others & near[one], done & near[one], near)
        others -= {one}
        done |= {one}
