"""Monitoring, causes of concern, regional units and coverage, as pages and as CSV.

What is expected is computed from the tables, not by the queries behind the pages.
"""

import csv
import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from peelgraph.site.app import PEEL
from peelgraph.site.grades import NOT_GRADED

LISTINGS = ("/monitoring", "/causes-of-concern", "/units")


def read(url: str) -> str:
    with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=60) as response:
        text: str = response.read().decode()
    return text


def text_of(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def csv_of(url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(url))))


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def table(root: Path, name: str) -> list[dict[str, str]]:
    with (root / f"data/tables/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def interval(written: str) -> tuple[date, date]:
    """The first and the last day of a day, a month or a year."""
    year, month, day = (*map(int, written.split("-")), 0, 0)[:3]
    if day:
        return (date(year, month, day),) * 2
    if month:
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    return date(year, 1, 1), date(year, 12, 31)


def certainty(on: date, begins: str, ends: str, last_seen: str = "") -> str:
    """Whether something lasted on a day, by what is known of its beginning and its end."""
    first, begun = interval(begins)
    ended, last = interval(ends) if ends else (None, None)
    if on < first or (last and on > last):
        return "certainly not"
    is_seen = last_seen and on <= interval(last_seen)[0]
    return "certainly" if on >= begun and ((ended and on < ended) or is_seen) else "not known"


DAYS = ["2019-06-01", "2021-12-15", "2022-09-01", "2023-09-01", "2023-09-15", "2024-12-06"]


@pytest.mark.parametrize("day", DAYS)
def test_monitoring_on_a_day_is_certain_excluded_or_not_known(
    served: str, root: Path, day: str
) -> None:
    on = date.fromisoformat(day)
    wanted = {
        row["period"]: certainty(on, row["begins"], row["ends"])
        for row in table(root, "monitoring")
    }
    rows = csv_of(f"{served}/monitoring?day={day}&format=csv")

    held = {row["monitoringPeriod"]: row["certainty"] for row in rows if row["monitoringPeriod"]}
    assert wanted == {slug(period): told for period, told in held.items()}
    assert {row["force"] for row in table(root, "forces")} == {slug(row["force"]) for row in rows}
    assert {"not known"} == {row["certainty"] for row in rows if not row["monitoringPeriod"]}


@pytest.mark.parametrize("day", DAYS)
def test_causes_of_concern_on_a_day_are_certain_excluded_or_not_known(
    served: str, root: Path, day: str
) -> None:
    on = date.fromisoformat(day)
    wanted = {
        row["cause"]: certainty(on, row["issued"], row["closed"], row["open_on"])
        for row in table(root, "causes-of-concern")
    }
    found: dict[str, str] = {}
    for status in ("certainly", "certainly-not", "not-known"):
        for row in csv_of(f"{served}/causes-of-concern?day={day}&state={status}&format=csv"):
            assert status == row["certainty"].replace(" ", "-")
            found[slug(row["demand"])] = row["certainty"]

    assert wanted == found


def test_a_cause_without_a_closing_is_never_called_open(served: str, root: Path) -> None:
    causes = {row["cause"]: row for row in table(root, "causes-of-concern")}
    rows = csv_of(f"{served}/causes-of-concern?format=csv")

    assert causes.keys() == {slug(row["demand"]) for row in rows}
    for row in rows:
        cause = causes[slug(row["demand"])]
        seen = f"open on {cause['open_on']}, " if cause["open_on"] else ""
        assert (cause["closed"] or f"{seen}not known whether closed") == row["closing"]
        assert ("closed" if cause["closed"] else "not known whether closed") == row["state"]
        assert cause["issued"] == row["issued"]
        assert row["source"] in cause["source"].split()


def round_of(cause: dict[str, str]) -> str:
    """The round of a cause of concern; that of its inspection where the row names one."""
    if cause["inspection"]:
        return "serious-organised-crime-2022"
    return f"peel-{cause['round']}" if cause["round"] else "none"


@pytest.mark.parametrize(
    "chosen",
    [
        {"force": "wiltshire"},
        {"round": "peel-2021-22", "state": "closed"},
        {"round": "none"},
        {"state": "not-known-whether-closed", "force": "lincolnshire"},
        {"question": "2021-22-preventing"},
    ],
)
def test_causes_are_chosen_by_force_round_and_status(
    served: str, root: Path, chosen: dict[str, str]
) -> None:
    wanted = {
        row["cause"]
        for row in table(root, "causes-of-concern")
        if chosen.get("force", row["force"]) == row["force"]
        and chosen.get("round") in (None, round_of(row))
        and ("question" not in chosen or chosen["question"] in row["question"].split())
        and chosen.get("state") in (None, "closed" if row["closed"] else "not-known-whether-closed")
    }
    address = f"{served}/causes-of-concern?{urlencode(chosen)}"
    page = read(address)

    assert wanted
    assert wanted == {slug(row["demand"]) for row in csv_of(f"{address}&format=csv")}
    assert wanted == set(re.findall(r'href="/doc/demand/([^"]*)"', page))
    assert f"{len(wanted)} line" in text_of(page)
    assert "43 causes of concern of 18 forces are known" in text_of(page)


def test_two_questions_of_one_name_are_told_apart(served: str) -> None:
    page = read(f"{served}/causes-of-concern")
    options = re.findall(r'<option value="(?!none")([^"]+)"[^>]*>([^<]*)</option>', page)

    assert options
    assert len(options) == len(set(options)) == len({text for _, text in options})


CHOICES = [
    "/monitoring?day=2022-09-01&certainty=certainly&phase=engage",
    "/monitoring?force=kent",
    "/causes-of-concern?round=none&day=2023-09-01&state=not-known",
    "/causes-of-concern?state=closed&round=peel-2023-25",
    "/causes-of-concern?question=2021-22-preventing",
    "/units?grade=good-2021",
    "/units?grade=none",
]


@pytest.mark.parametrize("address", CHOICES)
def test_the_query_shown_gives_the_rows_of_the_csv(served: str, address: str) -> None:
    page = read(served + address)
    query = html.unescape(re.search(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)[1])
    asked = urlencode({"query": query, "format": "json"})
    with urlopen(f"{served}/sparql?{asked}", timeout=60) as response:
        found = json.load(response)["results"]["bindings"]
    rows = csv_of(f"{served}{address}{'&' if '?' in address else '?'}format=csv")

    assert rows
    assert [{name: cell["value"] for name, cell in row.items()} for row in found] == [
        {name: cell for name, cell in row.items() if cell or name in answer}
        for row, answer in zip(rows, found, strict=True)
    ]


def test_no_day_and_no_choice_is_made_up(served: str) -> None:
    wrong = ("/monitoring?day=soon", "/causes-of-concern?day=2023-9-1", "/units?day=2023-09-01")
    for address in wrong:
        with pytest.raises(HTTPError, match="400"):
            read(served + address)
    nothing = text_of(read(f"{served}/causes-of-concern?force=atlantis"))

    assert "which is not to say that there was none" in nothing
    assert "In this period on the day" not in text_of(read(f"{served}/monitoring"))
    assert "Kent Police no move is in this dataset" in text_of(read(f"{served}/monitoring"))


def test_units_stand_by_grade_with_scale_and_source(served: str, root: Path) -> None:
    order = ["outstanding", "good", "adequate", "requires-improvement", "inadequate", ""]
    grades = {
        row["body"]: (row["grade"], row["source"].split())
        for row in table(root, "regional-grades")
        if row["type"] == "unit"
    }
    rows = csv_of(f"{served}/units?format=csv")
    found = [grades.get(slug(row["unit"]), ("", []))[0] for row in rows]
    page = text_of(read(f"{served}/units"))

    assert {row["unit"] for row in table(root, "rocus")} == {slug(row["unit"]) for row in rows}
    assert found == sorted(found, key=order.index)
    for row in rows:
        grade, sources = grades.get(slug(row["unit"]), ("", []))
        assert (grade.replace("-", " ") or "not in this dataset") == row["judgmentName"].lower()
        assert (row["source"] in sources) == bool(grade)
        assert bool(row["scaleName"]) == bool(grade)
    assert f"Grades of {len(grades)} of {len({slug(r['unit']) for r in rows})} units" in page


def test_a_unit_shows_its_judgment_with_scale_and_source(served: str) -> None:
    page = read(f"{served}/doc/unit/emsou")
    graded = text_of(page).partition("How it was graded")[2].partition("What it does")[0]

    assert "Inadequate Tackling serious and organised crime" in graded
    assert "Grades since PEEL 2021/22 2023-03-02" in graded
    assert 'href="/doc/judgment/emsou-serious-organised-crime-2022"' in page


def known_grades(root: Path, round_name: str) -> dict[str, Counter[str]]:
    """The grades of each force in a round of the five-step scale; "" counts all."""
    found: dict[str, Counter[str]] = {}
    for row in table(root, "grades-from-2021"):
        if row["round"] == round_name and row["grade"] not in ("", "not-graded"):
            found.setdefault(row["force"], Counter()).update((row["grade"], ""))
    for row in table(root, "regional-grades"):
        if row["carries_over"] and row["question"].startswith(round_name):
            found.setdefault(row["body"], Counter()).update((row["grade"], ""))
    return found


@pytest.mark.parametrize("round_name", ["2021-22", "2023-25"])
@pytest.mark.parametrize("kind", ["first-publication", "list-of-grades", "report-page"])
def test_published_numbers_stand_beside_the_grades_known(
    served: str, root: Path, round_name: str, kind: str
) -> None:
    names = {row["name"]: row["force"] for row in table(root, "forces")}
    published = {
        (row["force"], row["grade"]): row["questions"]
        for row in table(root, "grade-counts")
        if (row["round"], row["counted_by"]) == (round_name, kind)
    }
    known = known_grades(root, round_name)
    rows = csv_of(f"{served}/compare/coverage?round=peel-{round_name}&count={kind}&format=csv")
    found = {
        (names[row["force"]], row["grade"].lower().replace(" ", "-").removeprefix("all-grades")): (
            row["known"],
            row["published"],
        )
        for row in rows
    }

    assert 43 * 6 == len(found)
    assert published
    for (force, grade), (here, there) in found.items():
        assert str(known.get(force, Counter())[grade]) == here
        assert published.get((force, grade), "") == there


def test_a_round_without_published_numbers_says_so(served: str) -> None:
    page = text_of(read(f"{served}/compare/coverage?round=peel-2016"))

    assert "no source here gives published numbers" in page
    assert "All grades Outstanding Good Requires improvement Inadequate Avon" in page
    assert "published 0" not in page


def test_grades_of_two_scales_are_not_taken_for_one(served: str) -> None:
    caution = "the same word of two scales is not the same grade"

    assert caution in text_of(read(f"{served}/compare?round="))
    assert caution in text_of(read(f"{served}/compare/forces?one=kent&other=gwent"))
    assert caution not in text_of(read(f"{served}/compare?round=peel-2016"))


def test_a_force_shows_monitoring_causes_and_numbers_of_grades(served: str) -> None:
    page = text_of(read(f"{served}/doc/force/cleveland"))

    assert "PEEL 2021/22: 4 grades known here; first publication: 10 published" in page
    assert "Strengths and weaknesses: report not read yet" in page
    assert "Engage 2019-04 2023-09-20" in page
    assert "Scan 2023-09-20 not known" in page
    assert "anti-social behaviour 2023-03-17 not known whether closed" in page
    assert "Police effectiveness 2015 \N{EN DASH} Cleveland Police not yet" in page
    assert "PEEL 2021-22: inspection of Cleveland Police not yet" in page
    assert "Inspection of Cleveland Police, 2023-25: no publication of it is in this" in page


def test_a_force_of_which_nothing_is_known_may_have_been_monitored(served: str) -> None:
    page = text_of(read(f"{served}/doc/force/kent"))

    assert "No move of this force between phases of monitoring is in this dataset" in page
    assert "No cause of concern of this force is in this dataset: it may have had some." in page


def pages_of_forces(root: Path) -> Iterator[str]:
    for row in table(root, "forces"):
        yield row["force"]


def test_no_page_calls_a_force_not_graded_of_which_no_source_says_so(
    served: str, root: Path
) -> None:
    """The words stand once a record without a grade, and once in the legend that explains them."""
    records = Counter(
        row["force"] for row in table(root, "grades") if row["grade"] == "not-graded"
    ) + Counter(
        row["force"] for row in table(root, "grades-from-2021") if row["grade"] == "not-graded"
    )
    for force in pages_of_forces(root):
        page = text_of(read(f"{served}/doc/force/{force}"))
        told = page.partition("All that is said of it")[0]

        assert records[force] + bool(records[force]) == len(re.findall(r"\bnot graded\b", told)), (
            force
        )
        assert not re.search(r"\b(?:was|were) not (?:graded|monitored|inspected)\b", told), force
    for address in (*LISTINGS, "/compare/coverage", "/compare/coverage?round=peel-2025-27"):
        assert "not graded" not in text_of(read(served + address))
    assert NOT_GRADED.word == "asked and not graded"


def test_the_map_of_a_round_begins_with_the_question_known_of_most_forces(served: str) -> None:
    page = read(f"{served}/?round=peel-2021-22")
    shown = re.search(r"Grades of (\d+) of 43 forces", text_of(page))
    matrix = csv_of(f"{served}/compare?round=peel-2021-22&format=csv")
    words = {"outstanding", "good", "adequate", "requires improvement", "inadequate"}
    known = [
        sum(row[name].lower() in words for row in matrix) for name in matrix[0] if name != "force"
    ]

    assert shown
    assert max(known) == int(shown[1])


def test_views_are_linked_listed_and_lead_nowhere_wrong(served: str) -> None:
    home = read(served)
    listed = read(f"{served}/sitemap-1.xml")
    for path in (*LISTINGS, "/compare/coverage"):
        assert f'href="{path}"' in home
        assert f'href="{path}"' in read(f"{served}/compare")
    for path in PEEL.pages:
        assert f"<loc>{served}{path}</loc>" in listed
    seen: set[str] = set()
    for path in (*LISTINGS, "/compare/coverage", "/doc/force/british-transport-police"):
        page = read(served + path)
        assert "<script" not in page.partition("<main")[2].partition("</main>")[0]
        main = page.partition("<main")[2].partition("</main>")[0]
        links = set(re.findall(r'href="(/[^"#]*)["#]', main)) - seen
        # Of each kind of address a few.
        kinds = Counter[str]()
        for address in sorted(links):
            kind = re.sub(r"/[^/?]*(\?.*)?$", "", address)
            kinds[kind] += 1
            if kinds[kind] <= 3:
                seen.add(address)
                assert read(served + html.unescape(address))
