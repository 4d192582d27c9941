"""The editor at /sparql in a real browser: written, completed, run, shared, cancelled."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import SCHEMES, WIDTHS, Noted, faults

PEEL = "PREFIX peel: <https://w3id.org/peelgraph/ontology#>"
GRADES = f"""{PEEL}
SELECT ?force ?grade (COUNT(*) AS ?judgments)
WHERE {{
  ?judgment peel:judges ?force ;
    peel:gives ?grade .
}}
GROUP BY ?force ?grade
ORDER BY ?force ?grade"""
FIELD = "main [role=textbox]"
TEXT = "document.querySelector('.CodeMirror').CodeMirror.getValue()"
HINTS = "[role=listbox][aria-label='Terms that fit here'] [role=option]"


def write(page: Page, text: str) -> None:
    """Paste `text` in place of what the editor holds."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.locator(FIELD).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+v")


def open_with(page: Page, query: str, view: str = "") -> None:
    page.goto(f"/sparql?query={quote(query)}{view}")
    expect(page.locator(".status")).to_contain_text("version")


@pytest.mark.parametrize("view", ["table", "chart", "network", "pivot"])
def test_every_view_of_a_result_serves_everybody(page: Page, view: str) -> None:
    open_with(page, GRADES, f"#{view}")
    expect(page.locator(f"#tab-{view}")).to_have_attribute("aria-selected", "true")
    drawn = {"table": "tbody tr", "chart": "canvas", "network": "svg .node", "pivot": "tbody th"}
    expect(page.locator(f"#view {drawn[view]}").first).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # A chart is drawn anew, a moment after its frame has changed.
        page.wait_for_function(f"document.documentElement.scrollWidth <= {width}")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert [] == faults(page)


def test_a_table_names_things_beside_their_iris_and_sorts(page: Page) -> None:
    open_with(page, GRADES)
    first = page.locator("#view tbody tr").first
    expect(first).to_contain_text("Avon and Somerset Constabulary")
    expect(first).to_contain_text("force:avon-and-somerset")
    page.get_by_role("button", name="judgments").click()
    page.get_by_role("button", name="judgments").click()

    expect(page.locator("th[aria-sort=descending]")).to_have_text("judgments")
    expect(page.locator("#view tbody tr").first).to_contain_text("Good")
    page.get_by_label("Find in the rows").fill("heddlu")
    expect(page.locator("#view caption")).to_contain_text("0 of")


def test_properties_and_values_are_completed_by_what_the_data_hold(page: Page) -> None:
    page.goto("/sparql")
    write(page, f"{PEEL}\nSELECT * WHERE {{ ?judgment a peel:Judgment ;\n")
    page.keyboard.type("peel:giv")
    page.keyboard.press("Control+Space")
    expect(page.locator(HINTS).first).to_contain_text("peel:gives")
    assert [] == faults(page)
    page.keyboard.press("Enter")
    page.keyboard.type(" ")
    # Of all things only the nine grades are given by judgments, the commonest first.
    expect(page.locator(HINTS).first).to_contain_text("grade:good")
    expect(page.locator(HINTS)).to_have_count(9)
    page.keyboard.press("Enter")
    page.keyboard.type(" }")

    text = page.evaluate(TEXT)
    assert "PREFIX grade: <https://w3id.org/peelgraph/id/grade/>" in text
    assert "peel:gives grade:good }" in text


def test_a_fault_is_marked_at_its_place(page: Page, noted: Noted) -> None:
    page.goto("/sparql")
    write(page, "SELECT ?x WHERE {\n  ?x a ] .\n}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("2")
    expect(page.locator(".fault-mark")).to_have_text("]")
    noted.errors.clear()  # The browser reports the status itself.
    assert [] == faults(page)
    page.get_by_role("button", name=re.compile("Go to line 2")).click()

    at = page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getCursor()")
    assert (1, 7) == (at["line"], at["ch"])


def test_asking_can_be_cancelled(page: Page) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
    page.goto("/sparql")
    page.evaluate(
        "text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", endless
    )
    page.get_by_role("button", name="Run").click()
    with page.expect_response(lambda told: told.request.method == "DELETE") as taken_back:
        page.get_by_role("button", name="Cancel").click()

    assert 204 == taken_back.value.status
    expect(page.locator(".status")).to_have_text("Cancelled.")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()


def test_a_short_address_names_the_query_and_its_view(page: Page) -> None:
    open_with(page, GRADES, "#chart")
    page.get_by_role("button", name="Link").click()
    field = page.get_by_label("for good")
    expect(field).to_have_value(re.compile(r"/q/[a-z2-7]{12}#chart$"))
    assert [] == faults(page)
    page.goto(field.input_value())

    expect(page.locator("#tab-chart")).to_have_attribute("aria-selected", "true")
    assert GRADES == page.evaluate(TEXT)
    assert "at=" in page.url


def test_the_query_is_copied_as_a_program(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_with(page, GRADES)
    page.get_by_role("button", name="Copy as").click()
    found = {}
    for language in ("curl", "python", "r"):
        page.get_by_label("For", exact=True).select_option(language)
        page.locator("dialog").get_by_role("button", name=re.compile("Cop")).click()
        found[language] = page.evaluate("navigator.clipboard.readText()")

    assert found["curl"].startswith("curl http://")
    assert "pandas.read_csv(address)" in found["python"]
    assert 'query <- r"-(' in found["r"]
    assert all(GRADES in text for text in found.values())


def test_the_keyboard_leaves_the_editor(page: Page) -> None:
    page.goto("/sparql")
    page.locator(FIELD).click()
    page.keyboard.press("Tab")

    assert "Run" == page.evaluate("document.activeElement.textContent")


def test_a_stored_question_is_found_and_run(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_label("Find a question").fill("who chairs")
    page.get_by_role("link", name=re.compile("^Edit")).first.click()

    expect(page.locator("#view tbody tr").first).to_be_visible()
    assert "peel:chair" in page.evaluate(TEXT)


def test_a_graph_is_shown_as_triples_and_as_a_network(page: Page) -> None:
    open_with(page, "DESCRIBE <https://w3id.org/peelgraph/id/unit/emsou>", "#network")

    expect(page.locator(".status")).to_contain_text("triples")
    expect(page.locator("#view svg .node").first).to_be_visible()


def test_the_plain_form_asks_without_scripts(plain: Page) -> None:
    plain.goto("/sparql")
    plain.get_by_label("Query").fill(GRADES)
    plain.get_by_role("button", name="Run").click()

    # As many as the graph has: more grades are added to it.
    expect(plain.locator("caption")).to_contain_text(re.compile(r"\b[1-9]\d+ rows"))
