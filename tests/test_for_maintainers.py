"""What those who carry on rely on: the sections of CI, the hooks, the templates, the decisions."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from peelgraph import errors
from peelgraph.errors import PeelgraphError

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "peelgraph"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts)
RUN = ROOT / ".ci" / "run"
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
PARTS = ["Situation", "Measured", "Decision", "Instead", "Consequences", "Open again"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RUN, *arguments], capture_output=True, text=True, check=False)


def test_each_section_of_ci_is_a_function_with_a_title() -> None:
    text = RUN.read_text(encoding="utf-8")
    sections = run("--list").stdout.split()

    assert {"check", "tests", "slow", "browser", "engines"} <= {*sections}
    assert len(sections) == len({*sections})
    for section in sections:
        name = section.replace("-", "_")
        assert re.search(rf"^{name}\(\) {{", text, re.MULTILINE), section
        assert re.search(rf"^title_{name}=", text, re.MULTILINE), section


def test_a_section_that_ci_does_not_have_is_refused_before_any_runs() -> None:
    ran = run("check", "chek")

    assert (2, "") == (ran.returncode, ran.stdout)
    assert "no section chek" in ran.stderr


def test_the_workflow_runs_each_section_of_ci_on_the_newest_python() -> None:
    path = ROOT / ".github" / "workflows" / "checks.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    newest = re.findall(r"Python :: (3\.\d+)", project)[-1]
    listing, section = workflow["jobs"]["sections"], workflow["jobs"]["section"]

    assert any(".ci/run --list" in step.get("run", "") for step in listing["steps"])
    assert ".ci/run ${{ matrix.section }}" == section["steps"][-1]["run"]
    assert section["container"]["image"].startswith(f"python:{newest}-")


def test_the_hooks_for_this_checkout_call_what_is_installed() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = [hook for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]]

    assert hooks
    for hook in hooks:
        assert "system" == hook["language"]
        assert hook["entry"].startswith(".venv/bin/"), hook["id"]
        assert (ROOT / hook["entry"].split()[0]).is_file(), hook["id"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_an_issue_template_asks_for_something(path: Path) -> None:
    template = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        return
    asked = [field for field in template["body"] if field["type"] != "markdown"]

    assert template["name"]
    assert template["description"]
    assert any(field["validations"]["required"] for field in asked if "validations" in field)
    assert len(asked) == len({field["id"] for field in asked})


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_its_parts_and_a_place_in_the_list(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    listed = (path.parent / "index.md").read_text(encoding="utf-8")
    number = DECISIONS.index(path) + 1

    assert path.name.startswith(f"{number:04}-")
    assert text.startswith(f"# {number}. ")
    assert "\nStatus: " in text
    assert PARTS == re.findall(r"^\*\*([\w ]+?)\.?\*\*", text, re.MULTILINE)
    assert f"({path.name})" in listed


def failures(cls: type[PeelgraphError] = PeelgraphError) -> Iterator[type[PeelgraphError]]:
    for each in cls.__subclasses__():
        if each.__module__ == "peelgraph.errors":
            yield each
            yield from failures(each)


def test_the_tree_of_failures_is_whole_and_each_kind_is_one() -> None:
    # One of two bases is found twice.
    found = {*failures()}
    kinds = [each.kind for each in found if "kind" in vars(each)]
    listed = re.findall(r"^[│ ]*[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)

    assert len(found) > 20
    assert sorted({*listed}) == sorted(each.__name__ for each in found)
    assert len(kinds) == len({*kinds})


def public(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, str]]:
    """The public functions, methods and classes, each with the first line of its docstring."""
    for each in body:
        if not isinstance(each, ast.FunctionDef | ast.ClassDef) or each.name.startswith("_"):
            continue
        yield f"{owner}{each.name}", (ast.get_docstring(each) or "").partition("\n")[0]
        # A member of a protocol is told where it is implemented.
        if isinstance(each, ast.ClassDef) and "Protocol" not in map(ast.unparse, each.bases):
            yield from public(each.body, f"{each.name}.")


def test_every_public_function_has_a_plain_first_line() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}: {name}": line
        for path in MODULES
        for name, line in public(ast.parse(path.read_text(encoding="utf-8")).body)
    }

    assert len(found) > 1000
    assert [] == [name for name, line in found.items() if not line]


def test_the_ways_name_modules_that_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    ways = text.partition("## Six ways")[2].partition("\n## ")[0]
    types = text.partition("## Five types")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+|building|embedded|formats|rdf12|errors|cli)`", ways)
    told = re.findall(r"^\| `(\w+)` \| `([a-z_/]+)` \|", types, re.MULTILINE)
    there = {path.relative_to(PACKAGE).with_suffix("").as_posix() for path in MODULES}
    there |= {path.removesuffix("/__init__") for path in there}

    assert len(named) > 40
    assert set() == {*named} - there
    assert 5 == len(told)
    for name, module in told:
        source = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
        assert re.search(rf"^class {name}\b", source, re.MULTILINE), name
