"""Every page in a real browser: accessible, within the screen, quiet, still, and light."""

import pytest
from playwright.sync_api import Page

from tests.browser.looking import WIDTHS, Noted, check_everywhere

PAGES = [
    "/",
    "/?pillar=legitimacy&question=4&round=peel-2014",
    "/search",
    "/search?q=derbishire",
    "/search?q=zzzzzz",
    "/compare",
    "/compare?pillar=&question=&region=wales",
    "/compare?pillar=effectiveness&question=3",
    "/compare/changes?region=east-midlands",
    "/compare/changes?change=worse",
    "/compare/forces?one=kent&other=gwent",
    "/compare/figures?area=derbyshire&measure=burglary-in-a-dwelling-rate",
    "/compare/coverage",
    "/monitoring?day=2022-09-01",
    "/causes-of-concern",
    "/causes-of-concern?day=2023-09-01&state=certainly",
    "/units",
    "/network",
    "/network?about=unit/emsou&links=inferred",
    "/network?about=all",
    "/network?about=threat/gangs&links=stated",
    "/doc/force/derbyshire",
    "/doc/force/dyfed-powys",
    "/doc/force/humberside",
    "/doc/force/cleveland",
    "/doc/force/british-transport-police",
    "/doc/unit/emsou",
    "/doc/organisation/probation-services",
    "/doc/scheme/derbyshire-custody-referral",
    "/doc/threat/serious-and-organised-crime",
    "/doc/judgment/derbyshire-2015-effectiveness-4",
    "/doc/judgment/dorset-2014-efficiency-overall",
    "/doc/judgment/kent-2016-effectiveness-overall",
    "/doc/topic/judgments",
    "/doc/finding/derbyshire-2015-effectiveness-well-developed-understanding",
    "/doc/observation/derbyshire-2015-effectiveness-burglary-in-a-dwelling-rate-derbyshire",
    "/doc/report/derbyshire-2015-effectiveness",
    "/doc/question/2015-effectiveness-4",
    "/queries",
    "/queries/boards-chaired-by-role",
    "/sparql",
    "/validate",
    "/explain",
    "/explain?subject=unit:emsou&predicate=peel:supports&object=force:derbyshire",
    "/versions",
    "/ontology",
    "/shapes",
    "/nothing-here",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_serves_everybody(page: Page, noted: Noted, path: str) -> None:
    response = page.goto(path)

    assert response is not None
    assert (404 if path == "/nothing-here" else 200) == response.status
    if path == "/nothing-here":
        noted.errors.clear()  # The browser reports the status itself.
    check_everywhere(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/", "/compare", "/doc/force/derbyshire", "/network"])
def test_nothing_moves_while_a_page_loads(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path, wait_until="networkidle")

    assert 0 == page.evaluate("window.shifted")


def test_the_home_page_is_light(page: Page, noted: Noted) -> None:
    page.goto("/", wait_until="networkidle")
    sizes = {one.url: one.sizes()["responseBodySize"] for one in noted.requests}

    assert len(sizes) >= 3, "the page, its style, its script"
    assert sum(sizes.values()) < 100_000


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/sparql")])
def test_a_page_reads_without_scripts(plain: Page, path: str) -> None:
    plain.goto(path)

    assert plain.locator("h1").inner_text()
    assert plain.locator("main").inner_text().strip()


@pytest.mark.parametrize("path", ["/", "/compare", "/doc/force/derbyshire", "/network"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, path: str) -> None:
    page.goto(path)
    page.keyboard.press("Tab")
    assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
    assert page.locator(".skip").is_visible()
    places = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        outline, place = page.evaluate(
            """() => {
                const at = document.activeElement, box = at.getBoundingClientRect();
                const style = getComputedStyle(at);
                const place = [box.x, box.y + scrollY].join();
                return [style.outlineStyle, place];
            }"""
        )
        assert not outline.startswith("none"), f"no outline at {place}"
        places.add(place)

    assert len(places) > 20, "the keyboard goes on"


@pytest.mark.parametrize("path", ["/", "/doc/force/derbyshire", "/compare"])
def test_paper_shows_the_content_alone(page: Page, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")

    assert not page.locator("header nav").is_visible()
    assert not page.locator("main form").first.is_visible() or path.startswith("/doc")
    assert page.locator("h1").is_visible()
