"""Checking data, proofs and versions in a real browser."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import Noted, check_everywhere

CASE = Path(__file__).parents[1] / "cases" / "inspection" / "invalid.two-grades.ttl"
MISSPELT = CASE.read_text(encoding="utf-8").replace("peel:onQuestion", "peel:onQuestoin", 1)
PROOF = "/explain?subject=unit:emsou&predicate=peel:supports&object=force:derbyshire"


@pytest.mark.parametrize("visitor", ["page", "plain"])
def test_mistakes_stand_beside_their_lines_and_are_mended(
    visitor: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(visitor)
    page.goto("/validate")
    page.get_by_label("Data", exact=True).fill(MISSPELT)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict")).to_have_text("The data do not conform")
    wrong = page.locator(".lines .marked", has_text="peel:onQuestoin")
    expect(wrong).to_contain_text("did you mean peel:onQuestion?")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator(".lines")).not_to_contain_text("peel:onQuestoin")
    expect(page.locator(".lines .marked").first).to_contain_text("peel:gives")


def test_the_page_of_mistakes_serves_everybody(page: Page, tmp_path: Path) -> None:
    page.goto("/validate")
    page.get_by_label("Data", exact=True).fill(MISSPELT)
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".correct")).to_be_visible()
    check_everywhere(page)
    page.get_by_label("The report as").select_option("turtle")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    waiting.value.save_as(tmp_path / "report.ttl")

    assert "report.ttl" == waiting.value.suggested_filename
    assert "sh:ValidationReport" in (tmp_path / "report.ttl").read_text()


def test_what_cannot_be_read_is_shown_at_its_line(page: Page, noted: Noted) -> None:
    page.goto("/validate")
    page.get_by_label("Data", exact=True).fill("@prefix a: <http://a#> .\na:b a:c 'x .\n")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".lines .marked")).to_contain_text("a:b a:c")
    noted.errors.clear()  # The browser reports the status itself.

    check_everywhere(page)


def test_a_file_is_dropped(page: Page) -> None:
    page.goto("/validate")
    content = base64.b64encode(CASE.read_bytes()).decode()
    data = page.evaluate_handle(
        """(content) => {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "case.ttl"));
            return data;
        }""",
        content,
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": data})
    expect(page.locator("#text")).to_have_value(CASE.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Check").click()

    expect(page.locator("#verdict")).to_have_text("The data do not conform")


def test_a_proof_is_a_tree_that_folds(page: Page) -> None:
    page.goto(PROOF)
    root = page.locator(".tree > li > details")
    expect(root.locator("summary").first).to_contain_text("supports")
    assert page.locator(".tree .stated").first.is_visible()
    assert page.locator(".tree .reason a[href*='/doc/passage/']").count() > 0
    root.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tree .stated").first).to_be_hidden()
    page.keyboard.press("Enter")
    check_everywhere(page)
    page.get_by_role("link", name="Other proofs").click()

    expect(page.locator(".tree").first).to_be_visible()


def test_versions_are_listed_and_compared(page: Page) -> None:
    page.goto("/versions")
    page.locator("td a").first.click()
    expect(page.locator("h1")).to_contain_text("Version")
    number = page.url.rpartition("/")[2]
    page.goto(f"/versions/{number}..{number}")

    expect(page.locator("main")).to_contain_text("Nothing that was asserted differs")
    check_everywhere(page)
