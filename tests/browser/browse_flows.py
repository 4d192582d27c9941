"""What a visitor does: search, the map, comparisons, the network; with scripts and without."""

from pathlib import Path

from playwright.sync_api import Page, expect


def test_suggestions_are_chosen_by_keyboard(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Search").first.fill("emsou")
    expect(page.locator("[role=option]").first).to_contain_text(
        "East Midlands Special Operations Unit"
    )
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")

    expect(page).to_have_url("/doc/unit/emsou")


def test_suggestions_close_and_the_form_still_searches(page: Page) -> None:
    page.goto("/")
    field = page.get_by_role("combobox", name="Search").first
    field.fill("derbyshire")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_hidden()
    page.keyboard.press("Enter")

    expect(page).to_have_url("/search?q=derbyshire")
    expect(page.locator(".results li").first).to_contain_text("Derbyshire Constabulary")


def test_the_map_changes_with_the_question(plain: Page) -> None:
    plain.goto("/")
    plain.locator("#map-question").select_option("4")
    plain.locator("#map-round").select_option("peel-2015")
    plain.get_by_role("button", name="Show").click()

    expect(plain.get_by_role("link", name="Derbyshire Constabulary: Outstanding")).to_be_visible()
    expect(plain.get_by_role("link", name="Gwent Police: not in this dataset")).to_be_visible()


def test_search_works_without_scripts(plain: Page) -> None:
    plain.goto("/")
    plain.get_by_label("Search forces").first.fill("derbishire")
    plain.get_by_role("button", name="Search").click()

    expect(plain.locator("main")).to_contain_text("This is what was found for derbyshire")
    plain.get_by_role("link", name="Derbyshire Constabulary").first.click()
    expect(plain.locator("h1")).to_have_text("Derbyshire Constabulary")


def test_the_matrix_is_filtered_sorted_and_taken_away(page: Page, tmp_path: Path) -> None:
    page.goto("/compare?pillar=effectiveness&question=overall")
    page.get_by_label("Region", exact=True).select_option("east-midlands")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("table.matrix tbody tr")).to_have_count(5)
    page.locator("thead a", has_text="2018/19").click()
    head = page.locator("th[aria-sort=descending]")
    expect(head).to_contain_text("2018/19")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="This view as CSV").click()
    taken = tmp_path / "grades.csv"
    waiting.value.save_as(taken)

    assert 6 == len(taken.read_text().splitlines())
    page.get_by_text("Show the query").click()
    expect(page.locator("details pre")).to_contain_text("peel:judges ?force")


def test_a_row_of_a_force_is_one_question_and_its_gaps_say_why(plain: Page) -> None:
    plain.goto("/doc/force/humberside")
    row = plain.locator(".matrix tr", has_text="those who are vulnerable").locator("td")
    heads = plain.locator(".matrix", has_text="PEEL 2014").locator("thead th")

    expect(heads).to_have_text(
        ["Question", "PEEL 2014", "PEEL 2015", "PEEL 2016", "PEEL 2017", "PEEL 2018/19"]
    )
    expect(row.nth(0)).to_have_text("not in this dataset")
    expect(row.nth(2)).to_have_text("Inadequate")
    expect(plain.get_by_role("heading", name="report not read yet")).to_be_visible()


def test_one_question_is_chosen_over_its_rounds(plain: Page) -> None:
    plain.goto("/compare")
    plain.get_by_label("Question").select_option("2018-19-effectiveness-3")
    plain.get_by_role("button", name="Show").click()

    expect(plain.locator(".matrix thead th")).to_have_count(5)
    expect(plain.locator(".matrix thead")).to_contain_text("those who are vulnerable")
    expect(plain.locator(".matrix thead")).not_to_contain_text("PEEL 2014")


def test_two_forces_are_chosen(plain: Page) -> None:
    plain.goto("/compare/forces")
    plain.get_by_label("Force", exact=True).select_option("kent")
    plain.get_by_label("beside").select_option("gwent")
    plain.get_by_role("button", name="Show").click()

    expect(plain.locator("h1")).to_have_text("Kent beside Gwent")


def test_the_network_is_walked_and_lights_up(page: Page) -> None:
    page.goto("/network?about=unit/emsou")
    page.locator(".hub a", has_text="Derbyshire Constabulary").focus()
    expect(page.locator(".hub.pointed path.lit").first).to_be_attached()
    expect(page.locator("tr.lit").first).to_be_attached()
    page.keyboard.press("Enter")

    expect(page).to_have_url("/network?about=force/derbyshire")
    expect(page.get_by_label("In the middle")).to_have_value("force/derbyshire")


def test_the_network_reads_without_scripts(plain: Page) -> None:
    plain.goto("/network?about=unit/emsou")
    plain.locator("#links").select_option("stated")
    plain.get_by_role("button", name="Show").click()

    expect(plain.locator("table")).to_contain_text("Nottinghamshire Police")
    expect(plain.locator(".hub path.spoke.dashed")).to_have_count(0)


def test_why_is_one_click_from_what_is_inferred(page: Page) -> None:
    page.goto("/doc/threat/serious-and-organised-crime")
    page.get_by_role("link", name="inferred: why").first.click()

    expect(page.locator("main")).to_contain_text("This is inferred.")
