"""What a comparison offers to choose from, and the forces that an address chooses."""

from dataclasses import dataclass

from peelgraph import terms
from peelgraph.http.request_scope import given
from peelgraph.site.grades import Asked, Force, Framework, Judgments, slug_of


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a form."""

    value: str
    text: str


def offer_regions(forces: list[Force]) -> dict[str, list[Option]]:
    """The regions and regional units by which forces are chosen."""
    regions = {slug_of(force.region.note): force.region.text for force in forces}
    units = {slug_of(force.unit.note): force.unit.text for force in forces}
    return {
        "region": [Option(*pair) for pair in sorted(regions.items()) if pair[0]],
        "unit": [Option(*pair) for pair in sorted(units.items()) if pair[0]],
    }


def chosen_forces(forces: list[Force]) -> list[str]:
    """The IRIs of the forces that the address chooses; none when it chooses none."""
    is_narrowed = given("region") or given("unit")
    return [force.iri for force in within(forces)] if is_narrowed else []


def within(forces: list[Force]) -> list[Force]:
    """The forces of the region and the regional unit that the address names."""
    region, unit = given("region"), given("unit")
    return [
        force
        for force in forces
        if (not region or slug_of(force.region.note) == region)
        and (not unit or slug_of(force.unit.note) == unit)
    ]


def sort_forces(forces: list[Force], judgments: Judgments, sort: str) -> list[Force]:
    """By name, or by the grade on one question: the best first, after `-` the worst, none last."""
    question = terms.ID + "question/" + sort.removeprefix("-")
    if sort in ("", "name"):
        return forces

    def place(force: Force) -> tuple[bool, int]:
        judgment = judgments.get((force.iri, question))
        if judgment is None:
            return True, 0
        rank = judgment.step.rank
        return False, -rank if sort.startswith("-") else rank

    return sorted(forces, key=place)


def offer_rounds(framework: Framework) -> list[Option]:
    """The rounds, in order."""
    return [Option(slug_of(one.note), one.text) for one in framework.rounds]


def offer_pillars(framework: Framework) -> list[Option]:
    """The pillars that questions belong to."""
    pillars = {one.pillar.note: one.pillar.text for one in framework.asked if one.pillar.note}
    return sorted((Option(slug_of(iri), text) for iri, text in pillars.items()), key=str)


def offer_questions(framework: Framework, chosen: str) -> list[Option]:
    """All overall questions, each row of comparable questions, and what else is `chosen`."""
    options = [Option("overall", "overall questions")]
    options += [Option(row.key, row.name) for row in framework.rows]
    if chosen and chosen not in (option.value for option in options):
        options.append(Option(chosen, f"question {chosen}"))
    return options


def choose_questions(
    framework: Framework, pillar: str, question: str, in_round: str
) -> list[tuple[Asked, bool]]:
    """The questions chosen, comparable ones together, each with whether it begins a new row.

    `question` is the name of a question, which chooses those comparable with it, or a number.
    """
    rows = framework.rows
    named = [row for row in rows if question in (slug_of(one.iri) for one in row.asked)]
    chosen: dict[str, tuple[Asked, bool]] = {}
    for row in named or rows:
        is_first = True
        for one in row.asked:
            if one.iri in chosen or (in_round and in_round != slug_of(one.round.note)):
                continue
            if named or (pillar in ("", slug_of(one.pillar.note)) and question in ("", one.choice)):
                chosen[one.iri] = one, is_first
                is_first = False
    return list(chosen.values())
