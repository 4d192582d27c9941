"""The runner of W3C's SPARQL suites, on one case of our own for each kind of test."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.suites import sparql_suite

OWN = Path(__file__).with_name("own_sparql")

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(root: Path, *words: str) -> tuple[int, str]:
        monkeypatch.setenv(sparql_suite.VARIABLE, str(root))
        monkeypatch.setattr(sys, "argv", ["sparql_suite.py", *words])
        return sparql_suite.main(), capsys.readouterr().out

    return run


def test_every_case_of_our_own_passes(run: Run) -> None:
    status, told = run(OWN)

    assert 0 == status, told
    assert "13 tests; peelgraph passes 13; worse in 0" in told
    assert "we fail" not in told
    assert "left out: service/calls: calls other endpoints" in told


def test_the_runner_tells_what_fails(run: Run, tmp_path: Path) -> None:
    root = Path(shutil.copytree(OWN, tmp_path / "own"))
    for path, old, new in (
        ("query/rows.srj", "Metropolitan", "City"),
        ("query/moved.ttl", "Heddlu", "Police"),
        ("query/csv.csv", "gwent", "kent"),
        ("query/broken.rq", "?p }", "?p ?o }"),
        ("query/whole.ru", "CLEAR", "CLEER"),
        ("protocol/manifest.ttl", "hts:Created", "hts:OK"),
        ("protocol/manifest.ttl", "expectedBoolean true", "expectedBoolean false"),
        ("protocol/manifest.ttl", "DESCRIBE", "ASK"),
        ("prose/manifest.ttl", "201 Created", "204 No Content"),
    ):
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new))
    status, told = run(root)

    assert 1 == status
    assert "query/rows: we fail, the engine too" in told
    assert "13 tests; peelgraph passes 4; worse in 4" in told


def test_a_suite_of_nothing_is_no_success(run: Run, tmp_path: Path) -> None:
    (tmp_path / "manifest.ttl").write_text("<a:a> <a:a> <a:a> .")

    assert 2 == run(tmp_path)[0]
