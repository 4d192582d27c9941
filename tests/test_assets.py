"""The scripts and styles of the pages: built from npm, once, or left out with a reason."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from peelgraph.http.assets import register_assets

ROOT = Path(__file__).parents[1]
SITE = ROOT / "src" / "peelgraph" / "site"
ASSETS = SITE / "assets"
TEMPLATES = sorted((ROOT / "src" / "peelgraph").glob("*/templates/*.html"))


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The build hook, which writes into a folder of the test's own."""
    spec = importlib.util.spec_from_file_location("hatch_build", ASSETS / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "BUILT", tmp_path / "built")
    return module


class Told:
    """What hatchling's application would print."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, text: str) -> None:
        self.warnings.append(text)


def run(hook: ModuleType) -> list[str]:
    """The warnings of one run of the hook."""
    told: Any = Told()
    made = hook.AssetsHook(str(ROOT), {}, None, None, str(ROOT), "wheel", app=told)
    made.initialize("standard", {})
    warnings: list[str] = told.warnings
    return warnings


def addresses(folder: Path, name: str) -> str:
    """What a page of an application with the assets of `folder` calls `name`."""
    app = Flask(__name__)
    register_assets(app, folder)
    address: str = app.jinja_env.globals["built"](name)
    return address


def test_every_asset_that_a_page_names_is_built() -> None:
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'built\("([^"]+)"\)', path.read_text(encoding="utf-8"))
    }
    built = SITE / "static" / "built"
    reason = built / "unbuilt.txt"

    assert named
    assert not reason.exists(), reason.read_text()
    assert {name: (built / name).is_file() for name in named} == dict.fromkeys(named, True)


def test_where_npm_is_out_of_reach_the_build_says_so(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Port 9 of this machine discards; nothing listens there.
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    warnings = run(hook)
    reason = (tmp_path / "built" / "unbuilt.txt").read_text()

    assert [reason.strip()] == warnings
    assert reason.startswith("The SPARQL editor is not built: ")
    assert addresses(tmp_path / "built", "unbuilt.txt") == ""


def test_what_is_built_is_not_built_again(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built = tmp_path / "built"
    built.mkdir()
    (built / "sources.sha256").write_text(hook.digest())
    (built / "editor.js").write_text("")
    monkeypatch.setattr(hook, "build", lambda: pytest.fail("built again"))

    assert run(hook) == []
    assert re.fullmatch(r"/static/built/editor\.js\?v=[0-9a-f]{12}", addresses(built, "editor.js"))


def test_another_source_is_another_digest(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = tmp_path / "sources"
    (one / "src").mkdir(parents=True)
    (one / "src" / "a.ts").write_text("1")
    monkeypatch.setattr(hook, "SOURCES", one)
    before = hook.digest()
    (one / "src" / "a.ts").write_text("2")

    assert before != hook.digest()


def test_the_lock_names_versions_and_digests_but_no_registry() -> None:
    text = (ASSETS / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    locked = [facts for name, facts in packages.items() if name]

    assert locked
    assert '"resolved"' not in text
    assert [] == [facts for facts in locked if not facts["integrity"].startswith("sha512-")]


def test_what_is_built_travels_in_packages_and_in_no_commit() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert build["build"]["artifacts"] == ["/src/peelgraph/site/static/built"]
    assert "src/peelgraph/site/static/built/" in ignored
