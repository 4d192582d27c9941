"""A real browser over a service of the project's own graph, and what each look at a page notes."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.looking import Noted

_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


# What is asked for first takes longest: the names of all things are read for the first search.
_PATIENCE = 30_000
expect.set_options(timeout=_PATIENCE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how long each task of a visitor took; nothing depends on it."""
    told = [
        (report.nodeid.rpartition("::")[2], value)
        for report in terminalreporter.getreports("")
        for name, value in report.user_properties
        if name == "task" and report.when == "teardown"
    ]
    if told:
        terminalreporter.section("the visitor's tasks")
    for task, value in told:
        terminalreporter.line(f"{value}  {task.removeprefix('test_').replace('_', ' ')}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium as the system has it: CHROMIUM names another."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no chromium here: apt-get install chromium, or name one in CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, served: str) -> Iterator[BrowserContext]:
    """A visitor at a desk, with scripts."""
    with chromium.new_context(base_url=served, viewport={"width": 1440, "height": 1000}) as context:
        context.add_init_script(_SHIFTS)
        yield context


@pytest.fixture
def noted(served: str) -> Noted:
    return Noted(served)


@pytest.fixture
def page(context: BrowserContext, noted: Noted) -> Iterator[Page]:
    """A page that must end without an error and without a request to another host."""
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    noted.watch(page)
    yield page

    assert [] == noted.errors
    assert [] == noted.foreign


@pytest.fixture
def plain(chromium: Browser, served: str) -> Iterator[Page]:
    """The same without scripts."""
    with chromium.new_context(
        base_url=served, java_script_enabled=False, viewport={"width": 390, "height": 844}
    ) as context:
        yield context.new_page()
