"""What a comparison offers to choose from, and the forces that an address chooses."""

from dataclasses import dataclass

from peelgraph import terms
from peelgraph.web.asked import given
from peelgraph.web.grades import Asked, Force, Marks, slug_of

_ORDER = ("outstanding", "good", "adequate", "requires-improvement", "inadequate")


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


def sort_forces(forces: list[Force], marks: Marks, sort: str) -> list[Force]:
    """By name, or by the grade on one question: the best first, after `-` the worst, none last."""
    question = terms.ID + "question/" + sort.removeprefix("-")
    if sort in ("", "name"):
        return forces

    def place(force: Force) -> tuple[bool, int]:
        mark = marks.get((force.iri, question))
        if mark is None or mark.kind not in _ORDER:
            return True, 0
        rank = _ORDER.index(mark.kind)
        return False, -rank if sort.startswith("-") else rank

    return sorted(forces, key=place)


def offer_questions(asked: list[Asked]) -> dict[str, list[Option]]:
    """The pillars, numbers and rounds of the questions."""
    pillars = {slug_of(one.pillar.note): one.pillar.text for one in asked}
    rounds = {slug_of(one.round.note): one.round.text for one in asked}
    numbers = sorted({one.number: one.short for one in asked}.items(), reverse=True)
    return {
        "pillar": [Option(*pair) for pair in sorted(pillars.items())],
        "question": [Option(*pair) for pair in sorted(numbers, key=lambda n: n[0] != "overall")],
        "round": [Option(*pair) for pair in sorted(rounds.items())],
    }
