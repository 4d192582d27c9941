"""The checkout itself: its files agree with each other, and the README lists what there is."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from peelgraph import __version__, terms
from peelgraph.commands.serve import serve
from peelgraph.settings import Settings, table

ROOT = Path(__file__).parents[1]
FOLDERS = (
    *("ontology", "shapes", "data", "queries"),
    *("src/peelgraph/http/queries", "src/peelgraph/site/queries"),
    *("tests/cases", "tests/checks"),
)
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".ttl", ".rq"}
)
PREFIX = re.compile(r"^\s*@?PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)


def test_there_is_something_to_check() -> None:
    assert FILES


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
    archived = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"version: {__version__}\n" in citation
    assert __version__ == archived["version"]
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
