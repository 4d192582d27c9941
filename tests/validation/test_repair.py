"""Mechanical mistakes are corrected, the corrected text conforms, others are left alone."""

from pathlib import Path

import pytest
from world import GOOD, PREFIXES, judged

from peelgraph.validation.repair import repair

PATH = Path("data/judgments.ttl")
MECHANICAL = [
    ("peel:gives", "peel:givs"),
    ("peel:Judgment", "peel:Judgement"),
    ('"2016-02-18"^^xsd:date', '"18/02/2016"^^xsd:date'),
    ('"2016-02-18"^^xsd:date', '"2016-02-18"'),
    ("3 .", "+03 ."),
]


@pytest.mark.parametrize(("right", "wrong"), MECHANICAL, ids=[case[1] for case in MECHANICAL])
def test_a_mechanical_mistake_is_corrected(right, wrong):
    text = GOOD.replace(right, wrong, 1)

    repaired = repair(PATH, PREFIXES + text, judged(text))

    assert PREFIXES + GOOD == repaired.text
    assert 1 == len(repaired.corrections)
    assert "\n+" in repaired.diff
    assert "a/data/judgments.ttl" in repaired.diff


@pytest.mark.parametrize(
    "wrong",
    [GOOD.replace("grade:good", "grade:goood"), GOOD.replace("peel:gives grade:good ;", "")],
)
def test_what_needs_a_decision_is_left_alone(wrong):
    repaired = repair(PATH, PREFIXES + wrong, judged(wrong))

    assert (PREFIXES + wrong, (), "") == (repaired.text, repaired.corrections, repaired.diff)
