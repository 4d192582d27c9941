"""The forces, what they are asked and how they were judged, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from peelgraph.web.cells import Cell, link
from peelgraph.web.page_queries import Row, ask
from peelgraph.web.service import Service


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
        return self.iri.rpartition("/")[2]

    @property
    def link(self) -> str:
        return link(self.iri)


@dataclass(frozen=True, slots=True)
class Asked:
    """A graded question: its wording, pillar, round, number or `overall`, and how many forces
    have a grade on it.
    """

    iri: str
    wording: str
    number: str
    pillar: Cell
    round: Cell
    year: str
    graded: int

    @property
    def short(self) -> str:
        return "overall" if self.number == "overall" else f"question {self.number}"

    @property
    def name(self) -> str:
        """The pillar and the number, as in `Effectiveness, question 3`."""
        return f"{self.pillar.text}, {self.short}" if self.pillar.text else self.short


@dataclass(frozen=True, slots=True)
class Mark:
    """The grade of one force on one question; `verified` is false where its source was not read."""

    grade: str
    kind: str
    judgment: str
    verified: bool

    @property
    def letter(self) -> str:
        return "".join(word[0] for word in self.grade.split()).upper()[:2]


Marks = dict[tuple[str, str], Mark]


def slug_of(iri: str) -> str:
    """The last part of an IRI of ours, as the address of a page names the thing."""
    return iri.rpartition("/")[2]


def read_forces(service: Service) -> list[Force]:
    """The forces by name; one that two units or regions claim is told once."""
    forces: dict[str, Force] = {}
    for row in ask(service, "forces"):
        name = row["name"]
        forces.setdefault(
            row["force"],
            Force(
                row["force"], name, row["short"] or name, _cell(row, "region"), _cell(row, "unit")
            ),
        )
    return list(forces.values())


def read_asked(service: Service) -> list[Asked]:
    """The questions that rounds grade, by round, pillar and number."""
    return [
        Asked(
            row["question"],
            row["wording"],
            row["number"],
            _cell(row, "pillar"),
            _cell(row, "round"),
            row["year"],
            int(row["graded"]),
        )
        for row in ask(service, "graded-questions")
        if row["question"]
    ]


def read_marks(service: Service, force: str | None = None) -> Marks:
    """Each judgment by force and question, of all forces or of one."""
    chosen = {"force": force} if force else {}
    return marks_of(ask(service, "grades-of-forces", **chosen))


def marks_of(rows: Iterable[Row]) -> Marks:
    """The judgments among rows of the catalogue's `grades-of-forces`."""
    return {
        (row["force"], row["question"]): Mark(
            row["gradeName"], slug_of(row["grade"]), row["judgment"], row["verified"] != "false"
        )
        for row in rows
    }


def _cell(row: Row, name: str) -> Cell:
    iri = row[name]
    return Cell(row[f"{name}Name"], link(iri), iri) if iri else Cell("")
