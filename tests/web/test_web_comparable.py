"""Pages compare what the data call comparable, and say why a place is empty.

What is expected is computed from the tables, not by the queries behind the pages.
"""

import csv
import html
import io
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from werkzeug.utils import cached_property

from peelgraph import terms
from peelgraph.http import headers
from peelgraph.http.cells import Cell
from peelgraph.site.grades import (
    NOT_ASKED,
    NOT_GRADED,
    NOT_HERE,
    NOT_KNOWN,
    NOT_READ,
    Asked,
    group_comparable,
)

# The one grade that no table has: a report that was read gives it.
REPORTED = {("derbyshire", "2015-effectiveness-3"): "good"}
ROUNDS = ("2014", "2015", "2016", "2017", "2018-19")
# The question of the regional inspections, which stands in no table.
REGIONAL = "serious-organised-crime-2022"
# The pillars of which a round's sources show every graded question.
COMPLETE = {(year, "effectiveness") for year in ("2015", "2016", "2017", "2018-19")}


class Tables:
    """The tables of the project, read as a reader of spreadsheets would."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "data" / "tables"

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self._folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def names(self) -> dict[str, str]:
        return {row["name"]: row["force"] for row in self.rows("forces")}

    @cached_property
    def pairs(self) -> set[frozenset[str]]:
        return {frozenset((r["later"], r["earlier"])) for r in self.rows("comparable-questions")}

    @cached_property
    def records(self) -> dict[tuple[str, str], str]:
        """The grade, or `not-graded`, by force and question."""
        found = REPORTED | {
            (row["force"], f"{row['round']}-{row['pillar']}-{row['question']}"): row["grade"]
            for row in self.rows("grades")
        }
        for row in self.rows("grades-from-2021"):
            found[row["force"], f"{row['round']}-{row['question']}"] = row["grade"]
        for row in self.rows("regional-grades"):
            if row["body"] in self.names.values():
                found[row["body"], row["question"]] = row["grade"]
        return found

    @cached_property
    def carried(self) -> dict[tuple[str, str], str]:
        """The judgment whose grade is carried over, by force and question."""
        return {
            (row["force"], f"{row['round']}-{row['pillar']}-{row['question']}"): row["carries_over"]
            for row in self.rows("grades")
            if row["carries_over"]
        }

    @cached_property
    def areas(self) -> dict[str, str]:
        """The questions without a pillar that are graded, with the extent of it."""
        return {REGIONAL: ""} | {
            row["question"]: row["graded_in"]
            for row in self.rows("questions")
            if not row["pillar"] and row["graded_in"] != "no-forces"
        }

    @cached_property
    def questions(self) -> set[str]:
        asked = {r["question"] for r in self.rows("questions") if r["graded_in"] != "no-forces"}
        return {question for _, question in self.records} | self.areas.keys() | asked

    def grades(self, force: str) -> dict[str, str]:
        return {
            question: grade
            for (name, question), grade in self.records.items()
            if name == force and grade != "not-graded"
        }

    def word(self, force: str, question: str) -> str:
        """What a cell says of a force and a question that was asked."""
        grade = self.records.get((force, question), "")
        if grade == "not-graded":
            return NOT_GRADED.word
        if grade:
            return grade.replace("-", " ").capitalize()
        in_some = (question, "not-graded") in {(on, g) for (_, on), g in self.records.items()}
        in_some |= self.areas.get(question) == "some-forces"
        return NOT_KNOWN.word if in_some else NOT_HERE.word


@pytest.fixture(scope="module")
def tables(root: Path) -> Tables:
    return Tables(root)


def read(url: str) -> str:
    with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=60) as response:
        text: str = response.read().decode()
    return text


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def csv_of(url: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(read(url))))


def grade_rows(page: str) -> list[tuple[str, list[str]]]:
    """The rows of a force's grades: the head, then each cell as its judgment or its text."""
    tables = re.findall(r'<table class="matrix.*?<tbody>(.*?)</table>', page, re.DOTALL)
    rows = []
    for row in re.findall(r"<tr>(.*?)</tr>", "".join(tables), re.DOTALL):
        head = text_of(row.partition("</th>")[0])
        cells = [
            found[1]
            if (found := re.search(r'href="/doc/judgment/([^"]*)"', cell))
            else text_of(cell)
            for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
        ]
        rows.append((head, cells))
    return rows


def question_of(force: str, cell: str) -> str:
    return cell.removeprefix(f"{force}-") if cell.startswith(force) else ""


FORCES = ["humberside", "staffordshire", "derbyshire", "greater-manchester", "dyfed-powys"]


@pytest.mark.parametrize("force", FORCES)
def test_a_row_of_a_force_holds_only_comparable_questions(
    served: str, tables: Tables, force: str
) -> None:
    rows = grade_rows(read(f"{served}/doc/force/{force}"))
    by_row = [[on for cell in cells if (on := question_of(force, cell))] for _, cells in rows]
    # A grade carried over leads to the judgment that gave it.
    graded = tables.grades(force)
    given = [question_of(force, tables.carried.get((force, on), "")) or on for on in graded]

    assert sorted(given) == sorted(on for row in by_row for on in row)
    for row in by_row:
        for one in row:
            assert all(frozenset((one, other)) in tables.pairs for other in row if other != one)


@pytest.mark.parametrize("force", FORCES)
def test_each_empty_cell_of_a_force_says_why(served: str, tables: Tables, force: str) -> None:
    near: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for pair in tables.pairs:
        for one in pair:
            near[one] |= pair - {one}
    # The rows that the tables allow: what is comparable is so among all its rounds today.
    wanted: Counter[str] = Counter()
    for area in tables.areas:
        if area not in tables.grades(force):
            wanted[tables.word(force, area)] += 1
    for row in {frozenset({one, *near[one]}) for one in tables.questions - tables.areas.keys()}:
        pillar = next(iter(row)).removeprefix("2018-19-").split("-")[-2]
        for year in ROUNDS:
            asked = next((one for one in row if one.startswith(f"{year}-{pillar}")), "")
            if not asked:
                complete = (year, pillar) in COMPLETE
                wanted[NOT_ASKED.word if complete else NOT_HERE.word] += 1
            elif asked not in tables.grades(force):
                wanted[tables.word(force, asked)] += 1
    found = Counter(
        cell
        for _, cells in grade_rows(read(f"{served}/doc/force/{force}"))
        for cell in cells
        if not question_of(force, cell)
    )

    assert wanted == found


@pytest.mark.parametrize(
    ("force", "was", "protecting"),
    [("humberside", "good", "inadequate"), ("staffordshire", "outstanding", "inadequate")],
)
def test_anti_social_behaviour_is_no_protection_of_the_vulnerable(
    served: str, tables: Tables, force: str, was: str, protecting: str
) -> None:
    """The grade of 2014 on another question made these forces seem to fall."""
    grades = tables.grades(force)
    rows = grade_rows(read(f"{served}/doc/force/{force}"))
    vulnerable = next(cells for head, cells in rows if "those who are vulnerable" in head)
    behaviour = next(cells for head, cells in rows if "tackling anti-social behaviour?" in head)

    assert was == grades["2014-effectiveness-3"]
    assert protecting in {grades.get("2015-effectiveness-3"), grades.get("2016-effectiveness-3")}
    assert NOT_HERE.word == vulnerable[0]
    assert [f"{force}-2014-effectiveness-3", *[NOT_ASKED.word] * 4] == behaviour


def test_one_question_is_compared_over_the_rounds_that_asked_it(served: str) -> None:
    view = f"{served}/compare?format=csv&question="
    protecting = [f"{year}-effectiveness-3" for year in ROUNDS[1:]]

    assert ["force", *protecting] == csv_of(view + "2018-19-effectiveness-3")[0]
    assert ["force", *protecting] == csv_of(view + "2015-effectiveness-3")[0]
    assert ["force", "2014-effectiveness-3"] == csv_of(view + "2014-effectiveness-3")[0]
    assert ["force", "2017-efficiency-3", "2018-19-efficiency-2"] == csv_of(
        view + "2018-19-efficiency-2"
    )[0]


def test_heads_of_columns_name_the_question_and_part_what_is_not_comparable(served: str) -> None:
    page = read(f"{served}/compare?pillar=effectiveness&question=3")
    heads = re.findall(r'<th scope="col"(.*?)</th>', page, re.DOTALL)[1:]
    told = [text_of(head.partition(">")[2]) for head in heads]

    assert 5 == len(heads)
    assert ["vulnerable" in head for head in told] == [True, True, True, True, False]
    assert (
        "PEEL 2014 Effectiveness, question 3 How effective is the force at tackling anti-social"
        in (told[4])
    )
    assert ["apart" in head for head in heads] == [False, False, False, False, True]


def test_the_map_leads_to_the_table_of_its_own_question(served: str) -> None:
    page = read(f"{served}/?pillar=effectiveness&question=3&round=peel-2014")

    assert "/compare?pillar=effectiveness&amp;question=2014-effectiveness-3" in page


def test_every_cell_of_the_csv_has_a_grade_or_the_reason_why_not(
    served: str, tables: Tables
) -> None:
    head, *rows = csv_of(f"{served}/compare?pillar=&question=&format=csv")
    given = {
        (tables.names[row[0]], on): cell for row in rows for on, cell in zip(head, row, strict=True)
    }
    wanted = {
        (force, on): tables.word(force, on) for force in tables.names.values() for on in head[1:]
    }

    assert 43 == len(rows)
    assert sorted(tables.questions) == sorted(head[1:])
    assert wanted == {key: cell for key, cell in given.items() if key[1] != "force"}
    assert {NOT_GRADED.word, NOT_KNOWN.word, NOT_HERE.word} < set(wanted.values())


def test_a_column_says_on_how_many_forces_it_rests(served: str, tables: Tables) -> None:
    graded = Counter(on for (_, on), grade in tables.records.items() if grade != "not-graded")
    page = text_of(read(f"{served}/compare?pillar=effectiveness&question=overall"))
    home = text_of(read(f"{served}/?pillar=effectiveness&round=peel-2018-19"))
    question = text_of(read(f"{served}/doc/question/2018-19-effectiveness-overall"))
    known = graded["2018-19-effectiveness-overall"]

    assert f"grades of {graded['2017-effectiveness-overall']} of 43 forces" in page
    assert f"grades of {known} of 43 forces" in page
    assert f"Grades of {known} of 43 forces." in home
    assert f"the grades of {known} of 43 forces on it" in question


def test_two_forces_side_by_side_say_why_one_has_no_grade(served: str, tables: Tables) -> None:
    pair = ("kent", "greater-manchester")
    rows = csv_of(f"{served}/compare/forces?one={pair[0]}&other={pair[1]}&format=csv")[1:]
    page = read(f"{served}/compare/forces?one={pair[0]}&other={pair[1]}")
    asked = {on for force in pair for on in tables.grades(force)}

    assert {on: [tables.word(force, on) for force in pair] for on in asked} == {
        row[0]: row[2:] for row in rows
    }
    assert f'<span class="missing">{NOT_GRADED.word}</span>' in page
    assert f"{len(asked)} of {len(tables.questions)} questions" in page


def changes(tables: Tables, earlier: str, later: str, forces: set[str]) -> Counter[str]:
    """How many grades got better, worse or stayed."""
    order = ("outstanding", "good", "requires-improvement", "inadequate")
    # A grade carried over is no second judgment, and so no grade that stayed.
    found: Counter[str] = Counter()
    for pair in tables.pairs:
        before = next((one for one in pair if one.startswith(earlier)), "")
        after = next((one for one in pair if one.startswith(later)), "")
        for force in forces if before and after else ():
            grades = tables.grades(force)
            if before in grades and after in grades and (force, after) not in tables.carried:
                was, now = order.index(grades[before]), order.index(grades[after])
                found["worse" if now > was else "better" if now < was else "stayed"] += 1
    return found


@pytest.mark.parametrize("change", ["", "worse", "better", "same"])
@pytest.mark.parametrize("region", ["", "east-midlands"])
def test_the_tally_of_changes_is_over_all_that_was_compared(
    served: str, tables: Tables, change: str, region: str
) -> None:
    forces = {row["force"] for row in tables.rows("forces") if region in ("", row["region"])}
    counted = changes(tables, "2016", "2018-19", forces)
    asked = {"earlier": "peel-2016", "later": "peel-2018-19", "change": change, "region": region}
    page = text_of(read(f"{served}/compare/changes?{urlencode(asked)}"))
    shown = counted.total() if not change else counted["stayed" if change == "same" else change]

    assert (
        f"{counted['worse']} grades got worse, {counted['better']} better, "
        f"{counted['stayed']} stayed."
    ) in page
    assert f"{shown} grades shown" in page or f"{shown} grade shown" in page
    if not region:
        assert {"worse": 35, "better": 38, "stayed": 116} == counted


def test_a_round_without_a_comparable_question_is_told(served: str) -> None:
    same = text_of(read(f"{served}/compare/changes?earlier=peel-2016&later=peel-2016"))

    assert "no force graded on comparable questions in both rounds" in same
    assert "got worse" not in same


def test_what_links_to_a_thing_is_counted_whole(served: str) -> None:
    """More links than a page reads are counted as many as they are."""
    topic = f"{terms.ID}topic/judgments"
    query = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s <{terms.PEEL}hasTopic> <{topic}> }}"
    asked = urlencode({"query": query, "format": "json"})
    with urlopen(f"{served}/sparql?{asked}") as response:
        total = int(json.load(response)["results"]["bindings"][0]["n"]["value"])
    page = text_of(read(f"{served}/doc/topic/judgments"))

    assert total > 1000
    assert f"and {total - 25} more" in page


def test_a_chart_has_only_changes_since_the_same_period(served: str) -> None:
    page = read(f"{served}/doc/measure/recorded-crime-excluding-fraud-change")
    charts = re.findall(r'<svg class="chart"[^>]*aria-label="([^"]*)"', page)

    assert charts
    for chart in charts:
        bars = chart.partition(", since ")[2].partition(": ")[2].split(", ")
        areas = [re.sub(r" [-+\d.]+$", "", bar) for bar in bars]
        assert len(areas) == len(set(areas)) > 1


ABSENCES = (NOT_ASKED, NOT_GRADED, NOT_KNOWN, NOT_HERE, NOT_READ)


def test_five_kinds_of_empty_have_five_words_and_signs() -> None:
    assert 5 == len({one.word for one in ABSENCES}) == len({one.sign for one in ABSENCES})


@pytest.mark.parametrize(
    "force", ["kent-2016-effectiveness-overall", "humberside-2015-efficiency-overall"]
)
def test_a_judgment_without_reasons_says_that_its_report_was_not_read(
    served: str, tables: Tables, force: str
) -> None:
    inspection, _, _ = force.rpartition("-")
    addresses = [
        r["address"] for r in tables.rows("publications") if inspection in r["inspections"].split()
    ]
    page = read(f"{served}/doc/judgment/{force}")

    assert addresses
    assert f"Why: {NOT_READ.word}" in page
    for address in addresses:
        assert f'href="{html.escape(address)}"' in page


def test_reasons_that_are_here_are_told_and_nothing_else_is_said(served: str) -> None:
    page = read(f"{served}/doc/judgment/derbyshire-2015-effectiveness-4")

    assert "Why: the findings it rests on" in page
    assert NOT_READ.word not in page


def test_a_judgment_whose_report_is_not_known_says_so(served: str) -> None:
    query = f"""SELECT ?j {{ ?j a <{terms.PEEL}Judgment> ; <{terms.PEEL}madeIn> ?i
        FILTER NOT EXISTS {{ ?i <{terms.PEEL}reportedIn> ?p }} }} ORDER BY ?j LIMIT 1"""
    with urlopen(f"{served}/sparql?{urlencode({'query': query, 'format': 'json'})}") as response:
        found = json.load(response)["results"]["bindings"][0]["j"]["value"]
    page = text_of(read(f"{served}/doc/{found.removeprefix(terms.ID)}"))

    assert f"Why: {NOT_READ.word}" in page
    assert "nor where it was published." in page


def test_a_publication_that_was_not_read_says_so(served: str) -> None:
    unread = text_of(read(f"{served}/doc/publication/peel-assessment-2016-kent"))
    read_one = text_of(read(f"{served}/doc/report/derbyshire-2015-effectiveness"))

    assert f"What it says: {NOT_READ.word}" in unread
    assert NOT_READ.word not in read_one


def test_a_force_of_which_no_report_was_read_says_so(served: str) -> None:
    unread = text_of(read(f"{served}/doc/force/humberside"))
    read_one = text_of(read(f"{served}/doc/force/derbyshire"))

    assert f"Strengths and weaknesses: {NOT_READ.word}" in unread
    assert NOT_READ.word not in read_one
    assert re.search(r"From 1 of \d+ reports and pages on its inspections", read_one)


def test_a_question_of_no_round_says_why_its_map_is_empty(served: str) -> None:
    never = text_of(read(f"{served}/?pillar=effectiveness&question=5&round=peel-2015"))
    unknown = text_of(read(f"{served}/?pillar=efficiency&question=2&round=peel-2016"))

    assert f"This question is {NOT_ASKED.word}." in never
    for year in ("2016", "2017", "2018-19"):
        place = f"{served}/?pillar=effectiveness&question=5&round=peel-{year}"
        assert f"This question is {NOT_GRADED.word}." in text_of(read(place))
    assert f"This question is {NOT_HERE.word}." in unknown


def question(name: str, year: str, round_name: str = "") -> Asked:
    in_round = Cell(f"Round {year}", "", f"{terms.ID}round/{round_name or year}")
    return Asked(f"{terms.ID}question/{name}", name, "1", Cell(""), in_round, year, 0)


def test_what_is_comparable_with_one_question_is_not_so_with_another() -> None:
    """comparableWith is symmetric and not transitive."""
    first, middle, last = question("a", "2014"), question("b", "2015"), question("c", "2016")
    alone = question("d", "2016")
    pairs = [(middle.iri, first.iri), (last.iri, middle.iri), (middle.iri, last.iri)]
    rows = group_comparable([first, middle, last, alone], pairs)

    assert {("a", "b"), ("b", "c"), ("d",)} == {
        tuple(one.wording for one in row.asked) for row in rows
    }


def test_rounds_of_one_number_are_two_rounds() -> None:
    here, there = question("a", "2018/19", "one"), question("b", "2018/19", "other")
    (row,) = group_comparable([here, there], [(here.iri, there.iri)])

    assert here == row.asked_in(here.round.note)
    assert there == row.asked_in(there.round.note)


def test_questions_of_one_round_never_share_a_row() -> None:
    here, there = question("a", "2016"), question("b", "2016")

    assert 2 == len(group_comparable([here, there], [(here.iri, there.iri)]))


def test_another_release_has_other_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no browser keeps showing what an older release said."""
    before = headers.entity_tag("home", 1)
    monkeypatch.setattr(headers, "__version__", "another")

    assert before != headers.entity_tag("home", 1)
