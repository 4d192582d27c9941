"""Each question of 2014 to 2018/19 on which a force has no grade says why, from the tables."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from peelgraph.catalogue import read_catalogue
from peelgraph.sparql import QueryRequest
from peelgraph.store import Store
from peelgraph.terms import ID

ROOT = Path(__file__).parent.parent
CATALOGUE = {each.name: each for each in read_catalogue(ROOT / "queries").questions}
ROUNDS = ("2014", "2015", "2016", "2017", "2018-19")
# What data/reference/framework.ttl asks; the report grades Derbyshire on question 3 of 2015.
OF_FRAMEWORK = (
    *(f"2014-effectiveness-{number}" for number in "123"),
    *(f"2015-effectiveness-{number}" for number in ("1", "2", "3", "4", "overall")),
)
REPORTED = {("derbyshire", "2015-effectiveness-3"): "good"}
WORDS = {
    "no": "asked and not graded",
    "unknown": "not known whether graded",
    "absent": "not in this dataset",
}


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def graded() -> dict[tuple[str, str], str]:
    """The grade, or `not-graded`, by force and question."""
    return REPORTED | {
        (row["force"], f"{row['round']}-{row['pillar']}-{row['question']}"): row["grade"]
        for row in rows("grades")
    }


def reasons(turn: str) -> dict[tuple[str, str], str]:
    """Why each force has no grade on each question of a round, as docs/model.md says."""
    known = graded()
    left_out = {question for (_, question), grade in known.items() if grade == "not-graded"}
    extents = dict.fromkeys(OF_FRAMEWORK, "") | {
        row["question"]: row["graded_in"] for row in rows("questions") if row["pillar"]
    }
    found = {}
    for question, extent in extents.items():
        if not question.startswith(f"{turn}-"):
            continue
        for row in rows("forces"):
            grade = known.get((row["force"], question), "")
            if extent == "no-forces" or grade == "not-graded":
                found[row["force"], question] = WORDS["no"]
            elif not grade:
                is_unknown = extent == "some-forces" or question in left_out
                found[row["force"], question] = WORDS["unknown" if is_unknown else "absent"]
    return found


def answers(store: Store, name: str, turn: str) -> list[dict[str, str]]:
    """The rows of a stored question on a round; a thing is its type and slug."""
    stored = CATALOGUE[name]
    body = store.query(
        QueryRequest(
            stored.query,
            results="application/sparql-results+json",
            bindings=stored.bind({"round": f"round:peel-{turn}"}),
        )
    ).body
    return [
        {column: cell["value"].removeprefix(ID) for column, cell in row.items()}
        for row in json.loads(body)["results"]["bindings"]
    ]


@pytest.mark.parametrize("turn", ROUNDS)
def test_each_missing_grade_has_one_reason(turn: str, project_store: Store) -> None:
    found = answers(project_store, "missing-grades-in-round", turn)

    assert reasons(turn) == {
        (row["force"].removeprefix("force/"), row["question"].removeprefix("question/")): row[
            "reason"
        ]
        for row in found
    }
    assert len(found) == len(reasons(turn))


def test_what_no_force_was_graded_on_is_marked_with_its_source() -> None:
    marked = {row["question"]: row for row in rows("questions") if row["graded_in"] == "no-forces"}
    wanted = {
        *(f"2014-effectiveness-{number}" for number in "456"),
        "2015-legitimacy-2",
        *(f"{turn}-effectiveness-5" for turn in ("2016", "2017", "2018-19")),
    }

    assert wanted == {question for question, row in marked.items() if row["pillar"]}
    assert all(marked[question]["source"] for question in wanted)
    assert not wanted & {question for _, question in graded()}


def test_humberside_and_surrey_have_grades_of_2018_19() -> None:
    known = graded()
    overall = {
        (force, pillar): known.get((force, f"2018-19-{pillar}-overall"))
        for force in ("humberside", "surrey", "dyfed-powys")
        for pillar in ("effectiveness", "efficiency", "legitimacy")
    }

    # The page on the legitimacy of Surrey was seen in copies that show no grade.
    assert {("surrey", "legitimacy")} == {key for key, grade in overall.items() if grade is None}
    assert reasons("2018-19")["surrey", "2018-19-legitimacy-overall"] == WORDS["absent"]


def test_three_overall_grades_are_not_in_this_dataset() -> None:
    missing = {
        key
        for turn in ROUNDS
        for key, reason in reasons(turn).items()
        if key[1].endswith("-overall") and reason != WORDS["no"]
    }

    assert missing == {
        ("humberside", "2017-efficiency-overall"),
        ("norfolk", "2017-effectiveness-overall"),
        ("surrey", "2018-19-legitimacy-overall"),
    }


def test_a_grade_carried_over_is_that_of_an_earlier_judgment() -> None:
    known = graded()
    carried = [row for row in rows("grades") if row["carries_over"]]

    assert len(carried) == 59
    for row in carried:
        force, question = row["force"], row["carries_over"].removeprefix(f"{row['force']}-")
        assert known[force, question] == row["grade"]
        assert question < row["round"]


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_grade_carried_over_is_no_judgment_of_its_round(turn: str, project_store: Store) -> None:
    """Nor is the judgment whose grade it is given twice, for its second record."""
    found = [row["judgment"] for row in answers(project_store, "judgments-in-round", turn)]

    assert not {f"judgment/{name}" for name in carried_names()} & set(found)
    assert len(found) == len(set(found))


def carried_names() -> list[str]:
    """The judgments that rows with a grade carried over would be, had they been made anew."""
    return [
        "-".join((row["force"], row["round"], row["pillar"], row["question"]))
        for row in rows("grades")
        if row["carries_over"]
    ]


def test_no_more_forces_have_a_reason_than_lack_a_grade() -> None:
    counted = Counter(reason for turn in ROUNDS for reason in reasons(turn).values())

    assert set(counted) == set(WORDS.values())
