"""Every command, query and program that a page of the documentation shows does what it shows."""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from peelgraph import client
from peelgraph.catalogue import parse_query
from peelgraph.versions import Home

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"(http://)?(localhost|127\.0\.0\.1):8000")
# What is run elsewhere, or cannot be here: {kind: where}.
NOT_RUN = {
    "console": "the steps of a new user, run by .ci/new-user",
    "r": "no R on the machine of the tests; the page says so",
    "turtle": "data, not something to run",
    "toml": "options of a store that is not here",
    "text": "what something prints, or a drawing",
}


@dataclass(frozen=True)
class Example:
    """A block to run, and what the page says it prints."""

    kind: str
    text: str
    shown: str | None


def examples(page: Path) -> list[Example]:
    blocks = list(BLOCK.finditer(page.read_text(encoding="utf-8")))
    found = []
    for at, block in enumerate(blocks):
        after = blocks[at + 1] if at + 1 < len(blocks) else None
        follows = (
            after is not None
            and after[1] == "text"
            and not page.read_text(encoding="utf-8")[block.end() : after.start()].strip()
        )
        if block[1] not in NOT_RUN:
            found.append(Example(block[1], block[2], after[2] if follows and after else None))
    return found


@pytest.fixture
def copy(tmp_path: Path, project_home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, which a page may write into, and a home that holds its sources."""
    for name in ("ontology", "shapes", "data", "queries", "docs/notebooks", "tests/cases"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEELGRAPH_HOME", str(project_home.path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def printed(command: list[str], text: str) -> str:
    ran = subprocess.run([*command, text], capture_output=True, text=True, check=False)
    assert 0 == ran.returncode, f"{text}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout.replace("\r\n", "\n")


def asked(query: str, prologue: str) -> str:
    """The prefixes that later queries of the page go by; a query finds something, and adds none."""
    rest = [line for line in query.splitlines() if not line.startswith(("#", "PREFIX"))]
    if not rest:
        parse_query(f"{query}\nASK {{ ?force ?p ?o }}", Path("example.rq"))
        return query
    with client.connect(frame="polars") as graph:
        assert len(graph.query(prologue + query))
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_examples_print(
    page: Path, copy: Path, request: pytest.FixtureRequest
) -> None:
    names: dict[str, object] = {}
    out = prologue = ""
    for example in examples(page):
        text = example.text
        if ADDRESS.search(text):
            text = ADDRESS.sub(request.getfixturevalue("served"), text)
        if example.kind == "sh":
            out = printed(["bash", "-euo", "pipefail", "-c"], text).replace(f"{copy}/", "")
        elif example.kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as told:
                exec(compile(text, str(page), "exec"), names)
            out = told.getvalue()
        elif example.kind == "javascript":
            node = shutil.which("node")
            if node is None:
                pytest.skip("no node on this machine")
            out = printed([node, "--input-type=module", "--eval"], text)
        elif example.kind == "sparql":
            prologue += asked(text, prologue)
        else:
            raise AssertionError(f"{page.name}: a block of {example.kind} that nothing runs")
        if example.shown is not None:
            assert example.shown == out


def test_examples_are_found() -> None:
    kinds = {example.kind for page in PAGES for example in examples(page)}

    assert {"sh", "python", "javascript", "sparql"} <= kinds
