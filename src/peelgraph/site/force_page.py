"""What the page of a force shows: grades over the rounds with their coverage, monitoring, causes of
concern, findings by question, figures, reports.
"""

from collections import Counter
from dataclasses import dataclass

from peelgraph.http.cells import Cell, link
from peelgraph.http.page_queries import ask
from peelgraph.http.service import Service
from peelgraph.site.coverage import count_known, cover, read_counts, scale_of
from peelgraph.site.figures import Pair, read_pairs
from peelgraph.site.grades import (
    OF_GRADES,
    Absence,
    Asked,
    ComparableQuestions,
    Framework,
    Judgment,
    read_forces,
    read_grades,
    read_judgments,
)
from peelgraph.site.tables import Table, table_by_line

# A kind of finding and how more than one of it is called, the formal demands first.
KINDS = {
    "cause of concern": "causes of concern",
    "area for improvement": "areas for improvement",
    "recommendation": "recommendations",
    "weakness": "weaknesses",
    "strength": "strengths",
    "plan": "plans",
}


@dataclass(slots=True)
class Finding:
    """One finding with the passages that state it."""

    name: Cell
    passages: list[Cell]


@dataclass(slots=True)
class OnQuestion:
    """The findings that bear on one core question, by kind."""

    name: Cell
    year: str
    number: str
    kinds: dict[str, dict[str, Finding]]

    @property
    def counted(self) -> list[tuple[str, list[Finding]]]:
        """The findings by kind, each kind with its number in words."""
        return [
            (f"{len(found)} {kind if len(found) == 1 else KINDS[kind]}", list(found.values()))
            for kind in KINDS
            if (found := self.kinds.get(kind))
        ]


class ForcePage:
    """The parts of a force's page that no table of a portrait can hold."""

    def __init__(self, service: Service, iri: str, name: str) -> None:
        self.slug = iri.rpartition("/")[2]
        self._service, self._iri = service, iri
        judgments = read_judgments(service, force=iri)
        self.judgments = {question: judgment for (_, question), judgment in judgments.items()}
        framework = Framework(service)
        tables = [
            GradeTable(
                rounds,
                tuple(_grade_row(framework, rounds, row, iri, self.judgments) for row in rows),
            )
            for rounds, rows in framework.families
        ]
        # A force without a territory is in few rounds, and nothing is missing where it is not.
        self.is_compared = any(force.iri == iri for force in read_forces(service))
        self.tables = [table for table in tables if self.is_compared or table.graded]
        missing = {cell.absence for each in self.tables for row in each.rows for cell in row.cells}
        self.absences = [one for one in OF_GRADES if one in missing]
        self.unverified = any(not judgment.verified for judgment in self.judgments.values())
        areas = ask(service, "area-of-force", thing=iri)
        self.area = areas[0]["area"].rpartition("/")[2] if areas else ""
        pairs = read_pairs(service, areas[0]["area"], areas[0]["areaName"]) if areas else []
        self.pairs: list[Pair] = [pair for pair in pairs if pair.chart]
        self.findings = _findings(service, iri)
        known = count_known(framework, judgments)
        grades = read_grades(service)
        counts = read_counts(service, force=iri)
        self.coverage = {
            one.note: cover(
                one,
                scale_of(framework, grades, one.note),
                counts[iri, one.note],
                known.get((iri, one.note), Counter()),
            )
            for one in framework.rounds
            if (iri, one.note) in counts
        }
        self.monitoring = self._table("monitoring-on-day", "monitoringPeriod")
        self.causes = self._table("causes-of-concern", "demand")
        self.reports = self._table("reports-on-force", "thing")
        self.name = name

    def _table(self, query: str, thing: str) -> Table:
        """The rows of a listing that are on this force, each of which has a `thing`."""
        rows = [row for row in ask(self._service, query, force=self._iri) if row[thing]]
        return table_by_line(self._service.pages[query], rows, without=("force",))


@dataclass(frozen=True, slots=True)
class GradeCell:
    """One cell: the question of that round with its grade, or why there is none."""

    asked: Asked | None
    judgment: Judgment | None
    absence: Absence | None


@dataclass(frozen=True, slots=True)
class GradeRow:
    """The grades on comparable questions, a cell for each round."""

    questions: ComparableQuestions
    cells: tuple[GradeCell, ...]


@dataclass(frozen=True, slots=True)
class GradeTable:
    """The grades of the rounds that share comparable questions, a column for each round."""

    rounds: list[Cell]
    rows: tuple[GradeRow, ...]

    @property
    def title(self) -> str:
        """The first and the last round."""
        ends = dict.fromkeys((self.rounds[0].text, self.rounds[-1].text))
        return " to ".join(ends)

    @property
    def asked(self) -> int:
        """How many questions are graded in its rounds."""
        return len({cell.asked.iri for row in self.rows for cell in row.cells if cell.asked})

    @property
    def graded(self) -> int:
        """How many of them have a grade here."""
        return len({cell.judgment.iri for row in self.rows for cell in row.cells if cell.judgment})

    @property
    def scales(self) -> list[str]:
        """The names of the scales of the grades shown."""
        found = {
            cell.judgment.step.scale.text
            for row in self.rows
            for cell in row.cells
            if cell.judgment
        }
        return sorted(found)


def _grade_row(
    framework: Framework,
    rounds: list[Cell],
    row: ComparableQuestions,
    force: str,
    judgments: dict[str, Judgment],
) -> GradeRow:
    cells = []
    for in_round in rounds:
        asked = row.asked_in(in_round.note)
        judgment = judgments.get(asked.iri) if asked else None
        absence = None if judgment else framework.absence_in(force, row, in_round.note)
        cells.append(GradeCell(asked, judgment, absence))
    return GradeRow(row, tuple(cells))


def _findings(service: Service, iri: str) -> list[OnQuestion]:
    questions: dict[str, OnQuestion] = {}
    for row in ask(service, "findings-on-force", thing=iri):
        on = questions.setdefault(
            row["question"],
            OnQuestion(
                Cell(row["questionName"], link(row["question"]), row["question"]),
                row["year"],
                row["questionNumber"],
                {},
            ),
        )
        found = on.kinds.setdefault(row["kindName"], {}).setdefault(
            row["finding"], Finding(Cell(row["findingName"], link(row["finding"])), [])
        )
        passage = Cell(row["passageName"], link(row["passage"]))
        if passage not in found.passages:
            found.passages.append(passage)
    return list(questions.values())
