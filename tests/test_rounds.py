"""The stored questions on the rounds since 2021, against the cells of the tables.

What is expected is computed from the CSV alone, with days as `date` has them.
"""

import csv
import json
from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
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
    expected: set[tuple[str, ...]] = set()
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


@dataclass(frozen=True)
class Given:
    """A grade that a table says an inspection gave a force or unit."""

    body: str
    round: str
    question: str
    grade: str
    sources: tuple[str, ...] = ()
    record: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.body, self.round, self.question


def given(*, carried: bool = False) -> list[Given]:
    """The grades of all tables; those that a later report shows again only if asked for."""
    found = []
    for row in rows("grades"):
        question = f"{row['round']}-{row['pillar']}-{row['question']}"
        if row["grade"] != "not-graded" and (carried or not row["carries_over"]):
            sources = tuple(row["source"].split())
            grade = f"grade/{row['grade']}"
            place = f"force/{row['force']}", f"round/peel-{row['round']}"
            found.append(Given(*place, f"question/{question}", grade, sources, row))
    for row in rows("grades-from-2021"):
        grade = f"grade/{row['grade']}-{row['scale']}"
        question = f"question/{row['round']}-{row['question']}"
        place = f"force/{row['force']}", f"round/peel-{row['round']}"
        found.append(Given(*place, question, grade, tuple(row["source"].split()), row))
    for row in rows("regional-grades"):
        if carried or not row["carries_over"]:
            grade = f"grade/{row['grade']}-{row['scale']}"
            round_ = f"peel-{row['question'].removesuffix('-soc')}"
            place = f"{row['type']}/{row['body']}", f"round/{round_}"
            if not row["carries_over"]:
                place = f"{row['type']}/{row['body']}", f"round/{row['question']}"
            sources = tuple(row["source"].split())
            found.append(Given(*place, f"question/{row['question']}", grade, sources, row))
    return found


# Of the force with a report, one grade stands in the report alone.
REPORTED = Given(
    "force/derbyshire",
    "round/peel-2015",
    "question/2015-effectiveness-3",
    "grade/requires-improvement",
)
FORCES = {f"force/{row['force']}" for row in rows("forces")}
JUDGMENTS = [*given(), REPORTED]
RANKS = {
    **{
        f"grade/{name}": rank
        for rank, name in enumerate(("outstanding", "good", "requires-improvement", "inadequate"))
    },
    **{
        f"grade/{name}-2021": rank
        for rank, name in enumerate(
            ("outstanding", "good", "adequate", "requires-improvement", "inadequate")
        )
    },
}


def in_round(name: str) -> list[Given]:
    return [each for each in JUDGMENTS if each.round == name and each.body in FORCES]


def months(begins: str, ends: str) -> str:
    """The full months from the last day of one interval to the first of the other."""
    since, until = last_day(begins), first_day(ends)
    # A month or a year that begins on an unknown day is full at the 31st, at the earliest.
    day = since.day if len(begins) == 10 else 31
    return str(
        max(0, 12 * (until.year - since.year) + until.month - since.month - (until.day < day))
    )


def with_grade(name: str, grade: str) -> set[tuple[str, ...]]:
    return {
        (each.body, each.question, each.grade, source)
        for each in in_round(name)
        if each.grade == grade
        for source in each.sources
    }


def tallies(force: str) -> set[tuple[str, ...]]:
    mine = [each for each in JUDGMENTS if each.body == force]
    graded = Counter(each.round for each in mine)
    counted = Counter((each.round, each.grade) for each in mine)
    return {(*key, str(number), str(graded[key[0]])) for key, number in counted.items()}


def distribution(name: str, grades: list[str], questions: set[str]) -> set[tuple[str, ...]]:
    counted = Counter((each.question, each.grade) for each in in_round(name))
    graded = Counter(each.question for each in in_round(name))
    return {
        (question, grade, str(counted[question, grade]), str(graded[question]))
        for question in questions
        for grade in grades
    }


def numbers_against_grades() -> set[tuple[str, ...]]:
    counted = Counter((each.body, each.round, each.grade) for each in JUDGMENTS)
    found: set[tuple[str, ...]] = set()
    for row in rows("grade-counts"):
        if row["grade"]:
            grade = f"grade/{row['grade']}-{row['scale']}"
            place = f"force/{row['force']}", f"round/peel-{row['round']}", grade
            known, number = counted[place], int(row["questions"])
            relation = "same" if known == number else "fewer" if known < number else "more"
            kind = row["counted_by"] and f"count-kind/{row['counted_by']}"
            numbers = str(number), str(known)
            found |= {(relation, *place, kind, *numbers, each) for each in row["source"].split()}
    return found


def counted_by_force(name: str) -> set[tuple[str, ...]]:
    counted = Counter(each.body for each in in_round(name))
    extent = Counter(row["graded_in"] for row in rows("questions") if row["round"] == name[11:])
    published: dict[str, int] = {}
    for row in rows("grade-counts"):
        if not row["grade"] and f"round/peel-{row['round']}" == name:
            force = f"force/{row['force']}"
            published[force] = max(published.get(force, 0), int(row["questions"]))
    extents = str(extent["all-forces"]), str(extent["some-forces"])
    return {(each, str(counted[each]), *extents, str(published.get(each, ""))) for each in FORCES}


def counted_by_round() -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name in {each.round for each in JUDGMENTS}:
        mine = [each for each in JUDGMENTS if each.round == name]
        forces = {each.body for each in mine} & FORCES
        units = {each.body for each in mine if each.body.startswith("unit/")}
        found.add((name, str(len(forces)), str(len(units)), str(len(mine))))
    return found


def by_source_kind() -> set[tuple[str, ...]]:
    records: Counter[tuple[str, str]] = Counter()
    verified: Counter[tuple[str, str]] = Counter()
    shown = [(each.round, each.record) for each in given(carried=True)]
    shown += [
        (f"round/peel-{row['round']}", row)
        for row in rows("grades")
        if row["grade"] == "not-graded"
    ]
    for name, row in shown:
        for kind in set(row["source_kind"].split()):
            records[name, f"source-kind/{kind}"] += 1
            verified[name, f"source-kind/{kind}"] += row["verified"] == "yes"
    return {(*key, str(number), str(verified[key])) for key, number in records.items()}


def on_one_source(name: str) -> set[tuple[str, ...]]:
    return {
        (each.body, each.question, each.grade, *each.sources)
        for each in given(carried=True)
        if each.round == name and each.body in FORCES and len(set(each.sources)) == 1
    }


def carried_over() -> set[tuple[str, ...]]:
    return {
        (each.body, each.question, each.grade, f"judgment/{each.record['carries_over']}", source)
        for each in given(carried=True)
        if each.record.get("carries_over")
        for source in each.sources
    }


def amended() -> set[tuple[str, ...]]:
    return {
        (each.body, each.question, each.grade, each.record["amended"], source)
        for each in JUDGMENTS
        if each.record.get("amended")
        for source in each.sources
    }


def of_inspection(name: str) -> set[tuple[str, ...]]:
    return {
        (each.body, each.grade, each.record["issued"], source)
        for each in JUDGMENTS
        if each.record.get("inspection") == name
        for source in each.sources
    }


def units_by_region() -> set[tuple[str, ...]]:
    judged = {each.body: each for each in JUDGMENTS if each.body.startswith("unit/")}
    found: set[tuple[str, ...]] = set()
    for row in rows("rocus"):
        place = f"region/{row['region']}", f"unit/{row['unit']}"
        if each := judged.get(place[1]):
            inspection = f"inspection/{each.record['inspection']}"
            found |= {(*place, "known", inspection, each.grade, it) for it in each.sources}
        else:
            found.add((*place, "not in this dataset", "", "", ""))
    return found


def durations(name: str, begins: str, ends: str) -> set[tuple[str, ...]]:
    return {
        (months(row[begins], row[ends]), f"force/{row['force']}", row[begins], row[ends], source)
        for row in rows(name)
        if row[ends] and row.get("phase", "engage") == "engage"
        for source in row["source"].split()
    }


def moves() -> set[tuple[str, ...]]:
    entered = Counter((row["begins"][:4], row["phase"]) for row in rows("monitoring"))
    left = Counter((row["ends"][:4], row["phase"]) for row in rows("monitoring") if row["ends"])
    return {
        (year, f"monitoring-phase/{phase}", str(entered[year, phase]), str(left[year, phase]))
        for year, phase in {*entered, *left}
    }


def round_of_cause(row: dict[str, str]) -> str:
    if row["inspection"]:
        return "round/serious-organised-crime-2022"
    return f"round/peel-{row['round']}" if row["round"] else ""


def causes(**wanted: str) -> set[tuple[str, ...]]:
    return {
        (f"demand/{row['cause']}", round_of_cause(row), row["closed"], source)
        for row in rows("causes-of-concern")
        if all(
            bool(row[column]) if value == "*" else row[column] == value
            for column, value in wanted.items()
        )
        for source in row["source"].split()
    }


def causes_counted(key: Callable[[dict[str, str]], str]) -> set[tuple[str, ...]]:
    every = Counter(key(row) for row in rows("causes-of-concern"))
    closed = Counter(key(row) for row in rows("causes-of-concern") if row["closed"])
    return {(name, str(number), str(closed[name])) for name, number in every.items()}


def pairs() -> list[tuple[Given, Given]]:
    """Judgments of one body on comparable questions, the earlier one first."""
    by_question: dict[str, dict[str, Given]] = {}
    for each in JUDGMENTS:
        by_question.setdefault(each.question, {})[each.body] = each
    return [
        (was, by_question[f"question/{row['later']}"][body])
        for row in rows("comparable-questions")
        for body, was in by_question.get(f"question/{row['earlier']}", {}).items()
        if body in by_question.get(f"question/{row['later']}", {})
    ]


def next_pairs() -> list[tuple[Given, Given]]:
    first: dict[tuple[str, str, str], str] = {}
    for was, became in pairs():
        first[was.key] = min(first.get(was.key, "z"), became.round)
    return [(was, became) for was, became in pairs() if first[was.key] == became.round]


def change(was: Given, became: Given) -> str:
    up = RANKS[was.grade] - RANKS[became.grade]
    return "better" if up > 0 else "worse" if up < 0 else "same"


def changes(found: list[tuple[Given, Given]]) -> set[tuple[str, ...]]:
    return {
        (change(was, became), was.question, was.grade, became.question, became.grade, source)
        for was, became in found
        for source in became.sources
    }


def followed() -> set[tuple[str, ...]]:
    counted = Counter((was.grade, became.grade) for was, became in next_pairs())
    return {(*key, str(number)) for key, number in counted.items()}


def of_some_forces() -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for row in rows("questions"):
        if row["graded_in"] == "some-forces":
            question = f"question/{row['question']}"
            mine = [each for each in JUDGMENTS if each.question == question]
            found |= {(question, each.body, each.grade, it) for each in mine for it in each.sources}
            found |= set() if mine else {(question, "", "", "")}
    return found


def published(name: str) -> set[tuple[str, ...]]:
    return {
        (
            f"{row['type']}/{row['id']}",
            f"force/{row['force']}" if row["force"] else "",
            row["issued"],
            row["address"],
        )
        for row in rows("publications")
        if f"peel-{row['round']}" == name
    }


def inspections(name: str) -> set[tuple[str, ...]]:
    reports = {
        inspection: row for row in rows("publications") for inspection in row["inspections"].split()
    }
    return {
        (
            f"inspection/{row['inspection']}",
            f"force/{row['force']}",
            reports.get(row["inspection"], {}).get("issued", ""),
            reports.get(row["inspection"], {}).get("address", ""),
        )
        for row in rows("inspections")
        if row["round"] == name
    }


OLD, NEW = "round:peel-2016", "round:peel-2023-25"
LATEST = [grade for grade in RANKS if grade.endswith("-2021")]
ASKED = {
    f"question/{row['question']}"
    for row in rows("questions")
    if row["round"] == "2023-25" and row["graded_in"] != "no-forces"
}
# A stored question, what it is given, its columns that are compared, and what they hold.
CASES: list[tuple[str, dict[str, str], str, set[tuple[str, ...]]]] = [
    ("judgments-with-best-grade", {}, "force question grade source",
     with_grade("round/peel-2023-25", "grade/outstanding-2021")),
    ("judgments-with-best-grade", {"round": OLD}, "force question grade source",
     with_grade("round/peel-2016", "grade/outstanding")),
    ("judgments-with-lowest-grade", {"round": OLD}, "force question grade source",
     with_grade("round/peel-2016", "grade/inadequate")),
    ("judgments-of-force-counted-by-grade", {"force": "force:wiltshire"},
     "round grade judgments questionsGraded", tallies("force/wiltshire")),
    ("judgments-in-round-counted-by-grade", {}, "question grade judgments forcesGraded",
     distribution("round/peel-2023-25", LATEST, ASKED)),
    ("grade-counts-with-judgments", {},
     "relation force round grade countKind published judgments source", numbers_against_grades()),
    ("judgments-counted-by-force", {},
     "force judgments questionsForAll questionsForSome publishedMost",
     counted_by_force("round/peel-2023-25")),
    ("judgments-counted-by-round", {}, "round forces units judgments",
     counted_by_round() | {("round/peel-2025-27", "0", "0", "0")}),
    ("forces-without-grade", {}, "coverage force",
     {("not in this dataset", each)
      for each in FORCES - {each.body for each in in_round("round/peel-2021-22")}}),
    ("grade-records-counted-by-source-kind", {}, "round sourceKind records recordsVerified",
     by_source_kind()),
    ("grade-records-with-one-source", {}, "force question grade source",
     on_one_source("round/peel-2023-25")),
    ("judgments-carried-over", {}, "force question grade judgment source", carried_over()),
    ("judgments-amended", {}, "force question grade amended source", amended()),
    ("judgments-in-inspection", {}, "body grade issued source",
     of_inspection("regional-response-north-west")),
    ("regional-units-by-region", {}, "region unit coverage inspection grade source",
     units_by_region()),
    ("monitoring-periods-by-duration", {}, "months force begins ends source",
     durations("monitoring", "begins", "ends")),
    ("monitoring-periods-counted-by-year", {}, "year phase forcesEntered forcesLeft", moves()),
    ("causes-of-concern-by-force", {}, "demand round closed source", causes()),
    ("causes-of-concern-by-force", {"force": "force:cleveland"}, "demand round closed source",
     causes(force="cleveland")),
    ("causes-of-concern-by-force", {"question": "question:2021-22-strategic"},
     "demand round closed source", causes(question="2021-22-strategic")),
    ("causes-of-concern-by-force", {"round": "round:peel-2021-22"}, "demand round closed source",
     causes(round="2021-22")),
    ("causes-of-concern-by-force", {"soughtClosing": "closed"}, "demand round closed source",
     causes(closed="*")),
    ("causes-of-concern-counted-by-round", {}, "round causes causesClosed",
     causes_counted(round_of_cause)),
    ("causes-of-concern-counted-by-force", {}, "force causes causesClosed",
     causes_counted(lambda row: f"force/{row['force']}")),
    ("causes-of-concern-by-duration", {}, "months force issued closed source",
     durations("causes-of-concern", "issued", "closed")),
    ("judgments-after-grade", {"force": "force:kent", "earlierGrade": "grade:good"},
     "change earlierQuestion earlierGrade question grade source",
     changes([each for each in next_pairs()
              if (each[0].body, each[0].grade) == ("force/kent", "grade/good")])),
    ("judgments-counted-by-earlier-grade", {}, "earlierGrade grade judgments", followed()),
    ("changes-of-force", {"force": "force:wiltshire"},
     "change earlierQuestion earlierGrade question grade source",
     changes([each for each in pairs() if each[0].body == "force/wiltshire"])),
    ("questions-graded-in-some-forces", {}, "question force grade source", of_some_forces()),
    ("inspections-of-round", {"round": NEW}, "inspection body issued page", inspections("2023-25")),
    ("publications-of-round", {}, "publication force issued page", published("peel-2021-22")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "chosen", "columns", "expected"), CASES)
def test_a_question_on_rounds_has_the_rows_that_the_tables_give(
    name: str,
    chosen: dict[str, str],
    columns: str,
    expected: set[tuple[str, ...]],
    project_store: Store,
) -> None:
    found = answers(project_store, name, **chosen)

    assert expected
    assert expected == {tuple(row.get(each, "") for each in columns.split()) for row in found}


def test_each_row_with_a_grade_has_a_scale_and_a_source(project_store: Store) -> None:
    for name in ("judgments-with-best-grade", "judgments-in-inspection", "changes-of-force",
                 "judgments-after-grade", "judgments-amended", "judgments-of-force"):  # fmt: skip
        found = answers(project_store, name)

        assert found, name
        assert all(row["scale"] and row["source"] for row in found), name


@pytest.mark.parametrize("name", ["judgments-of-force", "judgments-in-round-counted-by-grade"])
def test_questions_stand_in_the_order_of_their_numbers(name: str, project_store: Store) -> None:
    given = {"force": "force:wiltshire"} if name.endswith("force") else {}
    found = answers(project_store, name, **given)
    numbers = [int(row["questionNumber"]) for row in found if row["round"] == "round/peel-2023-25"]

    assert 10 in numbers
    assert sorted(numbers) == numbers
