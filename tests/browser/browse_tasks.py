"""Five tasks as a new visitor does them, each in at most five clicks from the home page."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

MOST = 5


class Visitor:
    """Somebody who clicks, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()


@pytest.fixture
def visitor(page: Page, record_property: Callable[[str, object], None]) -> Iterator[Visitor]:
    began = time.perf_counter()
    page.goto("/")
    visitor = Visitor(page)
    yield visitor

    # What the run tells at its end: how long the pages keep somebody who knows where to click.
    record_property("task", f"{time.perf_counter() - began:.1f} s, {visitor.clicks} clicks")
    assert 0 < visitor.clicks <= MOST


def test_how_was_derbyshire_judged_on_organised_crime_and_why(visitor: Visitor) -> None:
    page = visitor.page
    visitor.click(page.get_by_role("link", name="Derbyshire Constabulary:"))
    row = page.locator("tr", has_text="tackling serious and organised crime")
    visitor.click(row.get_by_role("link", name="Outstanding").first)

    expect(page.locator("main")).to_contain_text("was judged outstanding on question 4")
    expect(page.get_by_role("heading", name="Why: the findings it rests on")).to_be_visible()
    expect(page.locator("main")).to_contain_text(
        "Organised crime, summary of findings, paragraph 2"
    )


def test_which_east_midlands_forces_got_worse(visitor: Visitor) -> None:
    page = visitor.page
    visitor.click(page.get_by_role("link", name="Which forces got worse?"))
    visitor.click(page.locator("main").get_by_role("link", name="East Midlands", exact=True))

    expect(page.get_by_label("From")).to_have_value("peel-2017")
    expect(page.get_by_label("To", exact=True)).to_have_value("peel-2018-19")
    names = set(page.locator("tbody th").all_inner_texts())
    assert {"Derbyshire Constabulary", "Northamptonshire Police"} == names


def test_what_does_emsou_do_and_for_whom(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("combobox").first.fill("EMSOU")
    visitor.click(page.locator("[role=option]").first)

    section = page.locator("section", has_text="What it does, and for whom").first
    expect(section).to_contain_text("mapping of organised crime groups")
    expect(section).to_contain_text("Derbyshire Constabulary")


def test_chart_burglary_against_england_and_wales(visitor: Visitor) -> None:
    page = visitor.page
    visitor.click(page.get_by_role("link", name="Crime figures in charts"))
    visitor.click(page.get_by_role("link", name="burglary in a dwelling rate").first)

    chart = page.get_by_role("img", name="Derbyshire 6.1, England and Wales 8.4").first
    expect(chart).to_be_visible()
    first, second = (bar.bounding_box() for bar in chart.locator("rect").all())
    assert first and second
    assert 6.1 / 8.4 == pytest.approx(first["width"] / second["width"], abs=0.01)


def test_check_my_file(visitor: Visitor, root: Path) -> None:
    page = visitor.page
    visitor.click(page.get_by_role("link", name="Check my file"))
    faulty = root / "tests/cases/inspection/invalid.two-grades.ttl"
    visitor.clicks += 1  # The chooser of files opens with a click.
    page.locator("input[type=file]").first.set_input_files(faulty)
    visitor.click(page.locator("main").get_by_role("button", name="Check"))

    expect(page.locator("main")).to_contain_text("A judgment gives exactly one grade")
    expect(page.locator("main")).to_contain_text("24")
