"""The nearest names come first, three at most, and none that says the opposite."""

import pytest

from peelgraph.spelling import find_nearest, offer

FORCES = ("derbyshire", "dyfed-powys", "essex", "gwent", "kent", "norfolk")


@pytest.mark.parametrize(
    ("written", "known", "nearest"),
    [
        ("kemt", FORCES, ["kent"]),
        ("derbyshyre", FORCES, ["derbyshire"]),
        ("Dyfed Powys", FORCES, ["dyfed-powys"]),
        ("yaer", ("force", "year"), ["year"]),
        ("emsou", FORCES, []),
        ("", FORCES, []),
        ("adequate", ("inadequate", "good"), []),
        ("unplanned", ("planned", "unplaned"), ["unplaned"]),
        (
            "effectiveness-7",
            [f"effectiveness-{n}" for n in range(5)],
            [
                "effectiveness-0",
                "effectiveness-1",
                "effectiveness-2",
            ],
        ),
    ],
)
def test_the_nearest_names_are_found(written: str, known: list[str], nearest: list[str]) -> None:
    assert nearest == find_nearest(written, known)


def test_names_are_offered_in_words() -> None:
    assert ["", "did you mean a?", "did you mean a or b?", "did you mean a, b or c?"] == [
        offer("abc"[:number]) for number in range(4)
    ]
