"""The stored questions on the rounds since 2021, against the cells of the tables.

What is expected is computed from the CSV alone, with days as `date` has them.
"""

import csv
import json
from calendar import monthrange
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from peelgraph.catalogue import read_catalogue
from peelgraph.sparql import QueryRequest
from peelgraph.store import Store
from peelgraph.terms import ID

ROOT = Path(__file__).parent.parent
CATALOGUE = {each.name: each for each in read_catalogue(ROOT / "queries").questions}
DAYS = ("2019-06-30", "2021-12-15", "2022-09-01", "2023-09-01", "2024-05-21", "2025-08-01")


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answers(store: Store, name: str, **given: str) -> list[dict[str, str]]:
    """The rows of a stored question; a thing is its type and slug, as in the tables."""
    stored = CATALOGUE[name]
    body = store.query(
        QueryRequest(
            stored.query, results="application/sparql-results+json", bindings=stored.bind(given)
        )
    ).body
    return [
        {column: cell["value"].removeprefix(ID) for column, cell in row.items()}
        for row in json.loads(body)["results"]["bindings"]
    ]


def first_day(written: str) -> date:
    year, month, day = (*map(int, written.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day(written: str) -> date:
    year, month, day = [*map(int, written.split("-")), 0, 0][:3]
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def state(day: date, row: dict[str, str], begins: str, ends: str) -> str:
    """Whether what begins and ends so was there on a day."""
    if day < first_day(row[begins]) or (row[ends] and day > last_day(row[ends])):
        return "certainly not"
    shown_until = row.get("open_on") and day <= first_day(row["open_on"])
    before_end = row[ends] and day < first_day(row[ends])
    if day >= last_day(row[begins]) and (shown_until or before_end):
        return "certainly"
    return "not known"


@pytest.mark.parametrize("day", DAYS)
def test_causes_of_concern_on_a_day_are_those_of_the_table(day: str, project_store: Store) -> None:
    found = answers(project_store, "causes-of-concern-on-day", day=day)
    expected = {
        (f"demand/{row['cause']}", state(date.fromisoformat(day), row, "issued", "closed"), source)
        for row in rows("causes-of-concern")
        for source in row["source"].split()
    }

    assert expected == {(row["demand"], row["certainty"], row["source"]) for row in found}
    assert len(expected) == len(found)


@pytest.mark.parametrize("phase", ["engage", "scan"])
@pytest.mark.parametrize("day", DAYS)
def test_forces_in_a_phase_are_those_of_the_table(
    day: str, phase: str, project_store: Store
) -> None:
    on = date.fromisoformat(day)
    found = answers(project_store, "forces-in-phase", day=day, phase=f"monitoring-phase:{phase}")
    expected = set()
    for row in rows("monitoring"):
        known = state(on, row, "begins", "ends")
        if row["phase"] == phase and known != "certainly not":
            since = last_day(row["begins"])
            # A month that begins on an unknown day is full at the 31st, at the earliest.
            day_of_month = since.day if len(row["begins"]) == 10 else 31
            months = 12 * (on.year - since.year) + on.month - since.month
            months -= on.day < day_of_month
            expected |= {
                (f"force/{row['force']}", known, str(max(0, months)), row["ends"] or "not known", s)
                for s in row["source"].split()
            }

    assert expected == {
        (row["force"], row["certainty"], row["months"], row["until"], row["source"])
        for row in found
    }
    assert len(expected) == len(found)


def test_regional_units_have_the_grades_of_the_table(project_store: Store) -> None:
    found = answers(project_store, "regional-units-by-grade")
    expected = {
        (
            f"unit/{row['body']}",
            f"grade/{row['grade']}-{row['scale']}",
            f"concept-scheme/grades-from-{row['scale']}",
            source,
        )
        for row in rows("regional-grades")
        if row["type"] == "unit"
        for source in row["source"].split()
    }

    assert expected == {(row["unit"], row["grade"], row["scale"], row["source"]) for row in found}
    assert len(expected) == len(found)


@pytest.mark.parametrize("force", ["wiltshire", "durham", "british-transport-police"])
def test_a_force_has_the_grades_of_every_round_with_scale_and_source(
    force: str, project_store: Store
) -> None:
    found = answers(project_store, "judgments-of-force", force=f"force:{force}")
    expected = {
        (f"{row['round']}-{row['question']}", row["grade"], row["read_as"], source)
        for row in rows("grades-from-2021")
        if row["force"] == force
        for source in row["source"].split()
    } | {
        # A grade shown again by a PEEL report stays that of the inspection that gave it.
        (
            row["carries_over"].removeprefix(f"{force}-") or row["question"],
            row["grade"],
            "grade",
            source,
        )
        for row in rows("regional-grades")
        if row["body"] == force
        for source in row["source"].split()
    }
    since_2021 = [row for row in found if row["scale"] == "concept-scheme/grades-from-2021"]

    assert expected == {
        (
            row["question"].removeprefix("question/"),
            row["grade"].removeprefix("grade/").removesuffix("-2021"),
            row["reading"].removeprefix("reading/"),
            row["source"],
        )
        for row in since_2021
    }
    assert len(expected) == len(since_2021)
    assert all(row["scale"] and row["source"] for row in found)


def test_what_was_made_in_a_round_without_pillars_is_found(project_store: Store) -> None:
    given = {"round": "round:peel-2021-22", "force": "force:wiltshire"}
    found = answers(project_store, "judgments-and-demands-in-round", **given)
    expected = {
        f"judgment/wiltshire-2021-22-{row['question']}"
        for row in rows("grades-from-2021")
        if (row["force"], row["round"]) == ("wiltshire", "2021-22")
    } | {
        f"demand/{row['cause']}"
        for row in rows("causes-of-concern")
        if (row["force"], row["round"]) == ("wiltshire", "2021-22")
    }

    assert expected == {row["statement"] for row in found}


def test_forces_with_a_grade_on_questions_are_those_of_the_table(project_store: Store) -> None:
    found = answers(project_store, "forces-with-grade-on-questions")
    grades = rows("grades-from-2021")
    known = Counter((row["force"], row["round"]) for row in grades)
    counted = Counter(
        (row["force"], row["round"]) for row in grades if row["grade"] == "inadequate"
    )

    assert sorted(
        (f"force/{force}", f"round/peel-{turn}", str(number), str(known[force, turn]))
        for (force, turn), number in counted.items()
        if number > 1
    ) == sorted(
        (row["force"], row["round"], row["questions"], row["questionsGraded"]) for row in found
    )


def test_published_counts_stand_against_the_grades_of_the_table(project_store: Store) -> None:
    found = answers(project_store, "grades-against-published-counts")
    known = Counter((row["force"], row["round"]) for row in rows("grades-from-2021"))
    expected = set()
    for row in rows("grade-counts"):
        if not row["grade"]:
            graded = known[row["force"], row["round"]]
            coverage = "complete" if graded == int(row["questions"]) else "incomplete"
            place = (f"force/{row['force']}", f"round/peel-{row['round']}")
            kind = f"count-kind/{row['counted_by']}"
            expected.add((*place, coverage, kind, row["questions"], str(graded)))
    counted = {each[:2] for each in expected}
    # Of Kent in 2025-27 the number of one grade alone was published.
    for force, turn in {*known, *((row["force"], row["round"]) for row in rows("grade-counts"))}:
        if (place := (f"force/{force}", f"round/peel-{turn}")) not in counted:
            expected.add((*place, "not known", "", "", str(known[force, turn])))
    columns = ("force", "round", "coverage", "countKind", "published", "judgments")

    assert {"complete", "incomplete", "not known"} >= {each[2] for each in expected}
    assert expected == {tuple(row.get(column, "") for column in columns) for row in found}
