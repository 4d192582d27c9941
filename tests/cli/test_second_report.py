"""A steward's way with a second report, by the guide: from a skeleton to a published graph."""

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from peelgraph.cli import run
from peelgraph.sources import find_root, project

NAME = "kent-2015-effectiveness"
NEW = ("new", "report", "--force", "kent", "--round", "2015", "--pillar", "effectiveness")

Steward = Callable[..., tuple[int, str, str]]


@pytest.fixture
def steward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Steward:
    """The command line of somebody outside any checkout, with everything published."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEELGRAPH_HOME", str(tmp_path / "home"))

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        printed = capfd.readouterr()
        return code, printed.out, printed.err

    assert 0 == command("build")[0]
    return command


def fill_in(text: str) -> str:
    """The skeleton with its source, one section, one paragraph, and what each judgment lacks."""
    text = text.replace("# dcterms:source <address of the report>", "dcterms:source <urn:report>")
    text = re.sub(r"#\n(# section:.*?)\n#\n(# passage:.*?) \.\n", r"\1\n\n\2 .\n", text, flags=re.S)
    start, end = text.index("# section:"), text.index("# Judgments:")
    passages = text[start:end].replace("# ", "")
    judgments = re.sub(r"# (peel:statedIn|peel:gives|dcterms:description)", r"\1", text[end:])
    return text[:start] + passages + judgments


def test_a_second_report_goes_from_skeleton_to_published(steward: Steward, tmp_path: Path) -> None:
    code, out, told = steward(*NEW)
    file = tmp_path / NAME / "report.ttl"
    steps = [shlex.split(line.partition(": ")[2]) for line in told.splitlines()]
    validate, load = (step[1:] for step in steps)

    assert (0, f"{NAME}/report.ttl\n{NAME}/grades.csv\n") == (code, out)
    assert ["validate", f"{NAME}/report.ttl"] == validate
    assert 1 == steward(*validate)[0]
    file.write_text(fill_in(file.read_text()).replace("peel:statedIn", "peel:statedin"))
    code, out, _ = steward(*validate)
    assert 1 == code
    assert "did you mean peel:statedIn?" in out
    assert 0 == steward(*validate, "--fix")[0]
    assert 0 == steward(*load)[0]
    # The file says of which graph it is, so that it does not clash with what is published of it.
    file.write_text(file.read_text().replace("gives grade:outstanding", "gives grade:good"))
    assert 0 == steward(*validate)[0]
    code, _, told = steward(*load)
    assert 1 == code
    assert re.search(r"write: keep 1 of 2: grade:good, grade:outstanding", told)
    assert "--replace puts the files in its place" in told
    assert 0 == steward(*load, "--replace")[0]


@pytest.mark.slow("a second report as an installed package has it")
def test_nothing_is_written_among_installed_files(steward: Steward, tmp_path: Path) -> None:
    root = find_root()
    before = sorted((root / "data" / "reports").iterdir())

    assert 0 == steward(*NEW)[0]
    assert before == sorted((root / "data" / "reports").iterdir())
    assert "exists already" in steward(*NEW)[2]


def test_in_a_checkout_it_is_written_where_it_is_built(steward: Steward, tmp_path: Path) -> None:
    root = find_root()
    for name in project.FOLDERS:
        shutil.copytree(root / name, tmp_path / name)
    code, _, told = steward(*NEW)

    assert 0 == code
    assert (tmp_path / "data" / "reports" / NAME / "report.ttl").is_file()
    assert told.endswith("peelgraph build\n")
