"""What is looked at on every page: faults of access, errors, requests to other hosts."""

from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

# The phone and the desk that every page is looked at on, each by day and by night.
WIDTHS = (390, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

# What WCAG 2.2 AA asks for, and what axe calls good practice.
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@dataclass
class Noted:
    """What went wrong while a page was open, and how much came over the wire."""

    base: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.errors.append(said.text)

    def _note(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.foreign.append(request.url)


def faults(page: Page) -> list[str]:
    """What axe finds, each rule with the elements that break it."""
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


# What stands over the next cell of its row.
_OVERFLOWING = """
[...document.querySelectorAll("td, th")]
    .filter(cell => cell.scrollWidth > cell.clientWidth + 1)
    .map(cell => cell.innerText)
"""


def check_everywhere(page: Page) -> None:
    """The page as it stands fits each width and has no fault, by day and by night."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [] == page.evaluate(_OVERFLOWING)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = faults(page)
            assert [] == found, "\n".join(found)
