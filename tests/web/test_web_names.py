"""Search by name: what comes first, accents, Welsh, typing mistakes; the plan of the tiles."""

import pytest

from peelgraph import terms
from peelgraph.http.cells import Cell
from peelgraph.http.match_index import plain
from peelgraph.site.grades import NOT_HERE, Force, Grade, Judgment
from peelgraph.site.home import PLACES, lay_tiles
from peelgraph.site.name_index import Names

NAMED = [
    ("force/derbyshire", "Derbyshire Constabulary", True),
    ("force/derbyshire", "Derbyshire", False),
    ("area/derbyshire", "Derbyshire", True),
    ("finding/one", "Derbyshire works well with EMSOU", True),
    ("unit/emsou", "East Midlands Special Operations Unit", True),
    ("unit/emsou", "EMSOU", False),
    ("force/dyfed-powys", "Dyfed-Powys Police", True),
    ("force/dyfed-powys", "Heddlu Dyfed-Powys, ŵ a ŷ", False),
    ("plan/one", "Children's plan", True),
]


@pytest.fixture(scope="module")
def names() -> Names:
    return Names((terms.ID + path, name, is_main) for path, name, is_main in NAMED)


def found(names: Names, text: str) -> list[str]:
    return [one.iri.removeprefix(terms.ID) for one in names.search(text, 5)[0]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("derbyshire", "force/derbyshire"),
        ("DERBYSHIRE", "force/derbyshire"),
        ("emsou", "unit/emsou"),
        ("operations unit", "unit/emsou"),
        ("heddlu dyfed", "force/dyfed-powys"),
        ("w a y", "force/dyfed-powys"),
        ("ŵ", "force/dyfed-powys"),
        ("childrens", "plan/one"),
        ("derbishire", "force/derbyshire"),
        ("constabluary", "force/derbyshire"),
    ],
)
def test_the_thing_meant_comes_first(names: Names, text: str, first: str) -> None:
    assert first == found(names, text)[0]


def test_a_mistyped_word_is_told(names: Names) -> None:
    assert "derbyshire" == names.search("derbishire", 5)[1]
    assert "" == names.search("derbyshire", 5)[1]


def test_a_thing_is_found_once_by_the_name_it_is_known_by(names: Names) -> None:
    (unit, *rest), _ = names.search("emsou", 5)

    assert ("East Midlands Special Operations Unit", "EMSOU", "unit") == (
        unit.name,
        unit.matched,
        unit.kind,
    )
    assert ["finding/one"] == [one.iri.removeprefix(terms.ID) for one in rest]


@pytest.mark.parametrize("text", ["", "  ", "?!", "xylophone", "derbyshire xylophone"])
def test_nothing_is_found_for_nothing(names: Names, text: str) -> None:
    assert [] == found(names, text)


def test_accents_capitals_and_punctuation_make_no_difference() -> None:
    assert "heddlu dyfed powys w a y" == plain("Heddlu Dyfed-Powys, Ŵ a ŷ")


def test_each_force_has_a_tile_of_its_own() -> None:
    assert 43 == len(PLACES) == len(set(PLACES.values()))


def test_a_force_without_a_place_stands_below() -> None:
    forces = [force("derbyshire"), force("river-police")]
    scale = Cell("Grades")
    judgment = Judgment(Grade("", "Requires improvement", "RI", 3, 4, scale), "", verified=True)
    absences = dict.fromkeys((one.iri for one in forces), NOT_HERE)
    known, stray = lay_tiles(forces, {forces[0].iri: judgment}, absences)

    assert "low" == judgment.shade
    assert judgment == known.judgment
    assert (None, NOT_HERE) == (stray.judgment, stray.absence)
    assert stray.row > max(row for row, _ in PLACES.values())


def force(slug: str) -> Force:
    return Force(f"{terms.ID}force/{slug}", slug, slug.title(), Cell(""), Cell(""))
