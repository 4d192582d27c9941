"""What the tests of several folders share: the project itself, built once."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peelgraph.commands.publish import publish_project
from peelgraph.embedded import Embedded
from peelgraph.repository import Home
from peelgraph.sources import Project, read_project
from peelgraph.store import Store
from peelgraph.validation import Validator
from tests.services import serving
from tests.under_test import ENGINE, published_store

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On an engine, leave out the tests of what only the embedded store does; they are counted."""
    left_out = {"embedded": (), "fuseki": ("embedded",), "virtuoso": ("embedded", "writing")}[
        ENGINE
    ]
    if "PEELGRAPH_TEST_ENGINE" not in os.environ:
        left_out = (*left_out, "installing")
    gone = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    if ENGINE == "virtuoso":
        _expect_known(items)
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


_SLOW = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Count the slow tests that this run leaves out, by their reason."""
    config.stash[_SLOW] = Counter()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Note the reason of each slow test that is left out."""
    for item in items:
        if marker := item.get_closest_marker("slow"):
            item.config.stash[_SLOW].update([marker.args[0]])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the counts from a process of xdist to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["slow"] = dict(session.config.stash[_SLOW])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the counts of a process of xdist; each of them collects every test."""
    counted = getattr(node, "workeroutput", {}).get("slow", {})
    node.config.stash[_SLOW] = node.config.stash[_SLOW] | Counter(counted)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print how many slow tests were left out, and why each is one."""
    left_out = config.stash[_SLOW]
    if left_out:
        terminalreporter.section(
            f"{left_out.total()} slow tests left out; make test-slow runs them"
        )
        for reason, number in sorted(left_out.items()):
            terminalreporter.line(f"{number:5} {reason}")


def _expect_known(items: list[pytest.Item]) -> None:
    """Mark what Virtuoso is known to answer otherwise: it is told, and fails once it is right."""
    listed = (ROOT / "tests/engines/virtuoso.tsv").read_text(encoding="utf-8").splitlines()
    known = dict(line.split("\t") for line in listed)
    for item in items:
        name = item.name.partition("[")[2].rstrip("]")
        if item.name.startswith("test_a_query_gives") and name in known:
            item.add_marker(pytest.mark.xfail(reason=known[name], strict=True))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="module")
def project() -> Project:
    """The project's own sources."""
    return read_project(ROOT)


@pytest.fixture(scope="module")
def validator(project: Project) -> Validator:
    """The project's own shapes and ontology, compiled."""
    return Validator(project.shapes, project.ontology)


@pytest.fixture(scope="module")
def reference(project: Project) -> Embedded:
    """What the project holds in data/reference, in one graph."""
    store = Embedded.memory()
    for source in project.data:
        if source.path.parts[:2] == ("data", "reference"):
            store.insert(source.triples, "")
    return store


@pytest.fixture(scope="session")
def project_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that holds the project's own sources; all processes of one test run share it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    home = Home(base / "project-home")
    with (base / "project-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        publish_project(home, lambda _: None)
    return home


@pytest.fixture(scope="session")
def project_store(project_home: Home) -> Store:
    """The project's own graph, in the engine that the tests run on."""
    return published_store(project_home)


@pytest.fixture(scope="session")
def served(project_home: Home) -> Iterator[str]:
    """The address of a service over the project's own graph."""
    with serving(project_home.path, ROOT) as url:
        yield url
