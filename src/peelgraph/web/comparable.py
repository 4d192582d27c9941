"""Which questions may stand in one row, and why a grade is missing there: what the data state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from peelgraph.web.absence import NOT_ASKED, NOT_GRADED, NOT_HERE, NOT_KNOWN, Absence
from peelgraph.web.cells import Cell
from peelgraph.web.grades import Asked, read_asked, slug_of
from peelgraph.web.page_queries import ask
from peelgraph.web.service import Service


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
        """The pillar and the wording of the latest round."""
        pillar = self.last.pillar.text
        return f"{pillar}: {self.last.wording}" if pillar else self.last.wording

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
        # Where one force was not graded on a question, another need not have been either.
        self._in_some = {one for one, _ in facts["some forces"] | facts["not graded"]}

    @property
    def rounds(self) -> list[Cell]:
        """Each round once, in order."""
        ordered = sorted(self.asked, key=lambda one: (one.year, one.round.note))
        return list(dict.fromkeys(one.round for one in ordered))

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

    def absence_of_question(self, round_iri: str, pillar: str) -> Absence:
        """Why a round has no such question in that pillar ("" where rounds have no pillars)."""
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
            row.last.number != "overall",
            row.last.number,
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
