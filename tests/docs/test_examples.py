"""Every command, query and program that a page of the documentation shows does what it shows."""

import contextlib
import csv
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt

from peelgraph import client
from peelgraph.catalogue import parse_query
from peelgraph.cli import COMMANDS, find_command
from peelgraph.repository import Home

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "data" / "tables" / "README.md",
    ROOT / "ontology" / "publication" / "README.md",
]
ADDRESS = re.compile(r"(http://)?(localhost|127\.0\.0\.1):8000")
PORT = "8001"  # of a service that an example starts itself
# How each kind of program is run; the last word is the program.
INTERPRETERS = {
    "sh": ("bash", "-euo", "pipefail", "-c"),
    "javascript": ("node", "--input-type=module", "--eval"),
    "r": ("Rscript", "-e"),
}
# What is not run where it stands, by page and beginning, and where it is tried instead.
ELSEWHERE = {
    ("README", "make serve "): "installing is .ci/run's; what is served, tests/cli/test_serving",
    ("README", "python3 -m venv"): ".ci/new-user walks these steps with Python 3.11 and 3.13",
    ("tutorial", "pip install"): "the same steps as in the README: compared with them below",
    (
        "validating",
        "peelgraph load kent",
    ): "it publishes; tests/cli/test_second_report walks the way",
    ("engines", "peelgraph build   --store"): "tests/cli/test_remote, on Oxigraph's server",
    ("engines", 'update   = "https'): "options of an engine that is not here; read as TOML below",
    ("architecture", "ontology/ shapes/"): "a drawing",
    ("clients", "let rows = Csv.Document"): "Excel is not here; its address is asked below",
    ("changelog", ""): "an instruction to Sphinx, as is that of the page after it",
    ("contributing", ""): "an instruction to Sphinx, as are those of the index",
    ("index", ""): "the tables of contents",
}


@dataclass(frozen=True)
class Block:
    """A block of code: its page, language, text, and the place that it begins at."""

    page: str
    kind: str
    text: str
    line: int

    @property
    def is_elsewhere(self) -> bool:
        return any(self.page == page and self.text.startswith(start) for page, start in ELSEWHERE)


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, fenced or indented."""
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    return [
        Block(page.stem, token.info, token.content, (token.map or [0])[0] + 1)
        for token in tokens
        if token.type in {"fence", "code_block"}
    ]


def shown_after(block: Block, page: Path) -> str | None:
    """What the page says that a block prints: the block of text that follows at once."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for after in blocks(page):
        if after.line > block.line and after.kind == "text":
            between = lines[block.line + block.text.count("\n") + 1 : after.line - 1]
            return after.text if not "".join(between).strip() else None
    return None


class Reader:
    """Somebody who runs one example of a page after the other."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {}
        self.prologue = ""
        self.missing: set[str] = set()

    def run(self, block: Block, text: str) -> str | None:
        """What is printed; None where this machine has nothing that runs it."""
        if block.kind == "sparql":
            self.prologue += asked(text, self.prologue)
            return ""
        if block.kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as told:
                exec(compile(text, block.page, "exec"), self.names)
            return told.getvalue()
        assert block.kind in INTERPRETERS, f"{block.page}:{block.line}: what runs {block.kind!r}?"
        command = INTERPRETERS[block.kind]
        if shutil.which(command[0]) is None:
            self.missing.add(command[0])
            return None
        ran = subprocess.run([*command, text], capture_output=True, text=True, check=False)
        assert 0 == ran.returncode, f"line {block.line}\n{text}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout.replace("\r\n", "\n")

    def close(self) -> None:
        """End what the page leaves open, as the end of a session does."""
        for graph in self.names.values():
            if isinstance(graph, client.Graph):
                graph.close()


def asked(query: str, prologue: str) -> str:
    """The prefixes that later queries of the page go by; a query finds something, and adds none."""
    rest = [line for line in query.splitlines() if not line.startswith(("#", "PREFIX"))]
    if not rest:
        parse_query(f"{query}\nASK {{ ?force ?p ?o }}", Path("example.rq"))
        return query
    with client.connect(frame="polars") as graph:
        assert len(graph.query(prologue + query))
    return ""


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def copy(tmp_path: Path, project_home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own, which a page may write into, and a home that holds its sources."""
    for name in ("ontology", "shapes", "data", "queries", "docs/notebooks", "tests/cases"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEELGRAPH_HOME", str(project_home.path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT).with_suffix(""))
)
def test_a_page_shows_what_its_examples_print(
    page: Path, copy: Path, request: pytest.FixtureRequest
) -> None:
    reader = Reader()
    follows = False
    for block in blocks(page):
        if block.is_elsewhere or block.kind == "text":
            assert block.is_elsewhere or follows, f"{page.name}:{block.line}: what prints this?"
            follows = False
            continue
        text = block.text.replace(PORT, free_port())
        if ADDRESS.search(text):
            text = ADDRESS.sub(request.getfixturevalue("served"), text)
        out = reader.run(block, text)
        shown = shown_after(block, page)
        follows = shown is not None
        if shown is not None and out is not None:
            assert shown == out.replace(f"{copy}/", "")
            # A head without rows is an example of nothing.
            assert "--format csv" not in text or shown.count("\n") > 1, f"line {block.line}"
    reader.close()
    if reader.missing:
        pytest.skip(f"all else was run; not on this machine: {', '.join(sorted(reader.missing))}")


def test_examples_are_found_and_none_is_excused_in_vain() -> None:
    found = [block for page in PAGES for block in blocks(page)]

    assert {"sh", "python", "javascript", "r", "sparql", "console"} <= {b.kind for b in found}
    for page, start in ELSEWHERE:
        assert any(b.page == page and b.text.startswith(start) for b in found), (page, start)


def named(pattern: str) -> list[tuple[str, str]]:
    """What the prose of the pages names in passing, with the page."""
    return [
        (page.name, match)
        for page in PAGES
        for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
        for child in token.children or ()
        if child.type == "code_inline"
        for match in re.findall(pattern, child.content)
    ]


def test_a_command_named_in_passing_has_these_options() -> None:
    found = named(r"^peelgraph \w.*")

    assert len(found) > 20
    for page, text in found:
        words = text.split()[1:]
        assert words[0] in COMMANDS, (page, text)
        command = find_command(words[0])
        if isinstance(command, click.Group) and len(words) > 1:
            command = command.commands[words[1]]
        options = {option for param in command.params for option in param.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, (page, text)


def test_a_target_named_in_passing_is_one_of_the_makefile() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    found = named(r"^make ([\w-]+)")

    assert len(found) > 5
    assert [] == [(page, target) for page, target in found if target not in targets]


def test_the_tutorial_begins_as_the_readme_does() -> None:
    steps = next(b.text for b in blocks(ROOT / "README.md") if b.kind == "console").splitlines()
    known = {step.removesuffix(" &").replace(" --quiet", "") for step in steps}
    begins = next(b.text for b in blocks(ROOT / "docs/tutorial.md") if b.kind == "console")

    assert begins
    assert set(begins.splitlines()) <= known


def test_the_pythons_that_are_claimed_are_those_that_the_pages_name_and_ci_runs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [re.search(r"Python :: (3\.\d+)$", each) for each in project["classifiers"]]
    claimed = [version[1] for version in found if version]
    oldest, newest = claimed[0], claimed[-1]
    text = {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in ("README.md", "docs/policy.md", "docs/deploy/Containerfile", ".ci/run")
    }

    assert f">={oldest}" == project["requires-python"]
    assert f"With Python {oldest} or later" in text["README.md"]
    assert f"with Python {oldest} and {newest}" in text["docs/policy.md"]
    assert {newest} == {*re.findall(r"python:(3\.\d+)", text["docs/deploy/Containerfile"])}
    assert '.ci/two-commands "$python"' in text[".ci/run"]


def test_options_of_an_engine_are_toml() -> None:
    told = next(b.text for b in blocks(ROOT / "docs/engines.md") if b.kind == "toml")

    assert {"update", "graphs", "auth", "user", "password", "timeout"} == tomllib.loads(told).keys()


def test_the_address_that_excel_opens_answers_as_a_table(served: str) -> None:
    page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
    address = re.search(r'Web\.Contents\("([^"]+)"\)', page)

    assert address is not None
    with urllib.request.urlopen(ADDRESS.sub(served, address[1])) as answer:
        assert "text/csv" == answer.headers.get_content_type()
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert ["digital innovation board", "evidence-based policing board"] == [
        row["boardName"] for row in rows
    ]
