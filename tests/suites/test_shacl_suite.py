"""The runner of W3C's SHACL suite, on cases of our own for what the suite showed."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.suites import shacl_suite

OWN = Path(__file__).with_name("own")

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(root: Path, *words: str) -> tuple[int, str]:
        monkeypatch.setenv(shacl_suite.VARIABLE, str(root))
        monkeypatch.setattr(sys, "argv", ["shacl_suite.py", *words])
        return shacl_suite.main(), capsys.readouterr().out

    return run


def test_every_case_of_our_own_passes(run: Run) -> None:
    status, told = run(OWN)

    assert 0 == status
    assert "4 tests; peelgraph passes 4, " in told
    assert "we fail" not in told


def test_the_runner_tells_a_failure_and_what_it_skipped(run: Run, tmp_path: Path) -> None:
    root = Path(shutil.copytree(OWN, tmp_path / "own"))
    message, other = root / "message.ttl", root / "ill-typed.ttl"
    message.write_text(message.read_text().replace("sh:nodeKind sh:Literal", "sh:nodeKind sh:IRI"))
    other.write_text(other.read_text().replace("a sht:Validate", "a sht:Other"))

    _, told = run(root, "message")

    assert "message.ttl: we fail, pySHACL fails" in told
    assert "skipped: ill-typed.ttl: not a validation test" in told
    assert "1 tests; peelgraph passes 0, " in told


def test_a_suite_of_nothing_is_no_success(run: Run, tmp_path: Path) -> None:
    (tmp_path / "manifest.ttl").write_text("<a:a> <a:a> <a:a> .")

    assert 2 == run(tmp_path)[0]
