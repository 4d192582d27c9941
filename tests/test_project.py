"""The checkout itself: its files agree with each other, and the README tells the truth."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from peelgraph import __version__, terms
from peelgraph.commands.serve import serve
from peelgraph.settings import Settings, table
from peelgraph.versions import Home

ROOT = Path(__file__).parents[1]
FOLDERS = ("ontology", "shapes", "data", "queries", "tests/cases", "tests/checks")
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".ttl", ".rq"}
)
PREFIX = re.compile(r"^\s*@?PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)
# A block of commands, and what the one after it says they print.
BLOCKS = re.compile(r"```sh\n(.*?)```\s*```text\n(.*?)```", re.DOTALL)
SHOWN = BLOCKS.findall((ROOT / "README.md").read_text(encoding="utf-8"))
ADDRESS = re.compile(r"(http://)?(localhost|127\.0\.0\.1):8000")


def test_there_is_something_to_check() -> None:
    assert FILES
    assert SHOWN, "README.md shows a ```sh block with the ```text block that it prints"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_uses_the_one_prefix_of_each_namespace_sorted(path: Path) -> None:
    found = PREFIX.findall(path.read_text(encoding="utf-8"))
    text = PREFIX.sub("", path.read_text(encoding="utf-8"))

    assert found == sorted(found), "prefixes are sorted"
    assert len(found) == len(dict(found)), "each prefix is declared once"
    assert [] == [(p, ns) for p, ns in found if terms.PREFIXES.get(p) != ns], "as in terms.py"
    assert [] == [p for p, _ in found if not re.search(rf"(?<![\w-]){p}:", text)], "none unused"


def test_versions_agree() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"version: {__version__}\n" in citation
    assert f"\n## {__version__}" in changes


def test_what_the_layers_forbid_names_every_module() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {
        name.strip(" ()").removeprefix("peelgraph.") for row in layers for name in row.split("|")
    }
    package = ROOT / "src" / "peelgraph"
    modules = {p.stem for p in package.glob("*.py")} | {
        p.parent.name for p in package.glob("*/__init__.py")
    }

    assert {"__init__", "__main__", "client"} >= modules ^ named


@pytest.mark.parametrize("block", SHOWN)
def test_the_readme_shows_what_its_commands_print(
    block: tuple[str, str], project_home: Home, served: str
) -> None:
    """Commands run against a service of this checkout; only its address differs."""
    commands, shown = block
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PEELGRAPH_HOME": str(project_home.path),
    }
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", ADDRESS.sub(served, commands)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert shown == ran.stdout.replace("\r\n", "\n"), ran.stderr
    assert 0 == ran.returncode, ran.stderr


def test_the_readme_lists_every_setting_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [f"| `{name}` | {default} | {unit} | {why} |" for name, default, unit, why in table()]

    assert "\n".join(["| --- | --- | --- | --- |", *rows, ""]) in readme, "\n".join(rows)


def test_every_setting_is_an_option_with_its_default() -> None:
    options = {option.name: option for option in serve.params}
    defaults = Settings()

    for name, _, _, _ in table():
        assert f"PEELGRAPH_{name.upper()}" == options[name].envvar
        default = getattr(defaults, name)
        # A flag, or what need not be given, has a default of click's own.
        if default and not isinstance(default, bool):
            assert default == options[name].default, name
