"""Every case under tests/cases breaks the shapes it expects to break, and no other.

A case is cases/<shapes file>/{valid,invalid}.<why>.ttl; an invalid one names what it breaks in
lines such as `# expect: psh:Judgment-gives`.
"""

import re
from pathlib import Path

import pytest

from peelgraph.embedded import Embedded
from peelgraph.sources import Project, read_turtle
from peelgraph.terms import PSH, mint_graph
from peelgraph.validation import Validator
from peelgraph.validation.model import flatten

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.ttl"))
EXPECT = re.compile(r"^# expect: psh:(\S+)$", re.MULTILINE)


def expected(path: Path) -> set[str]:
    return {f"<{PSH}{name}>" for name in EXPECT.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CASES)))
def test_case_breaks_exactly_what_it_expects(
    path: Path, validator: Validator, reference: Embedded
) -> None:
    report = validator.validate([read_turtle(path, mint_graph("case"))], reference)

    assert expected(path) == {result.shape for result in flatten(report.results)}
    assert path.name.startswith("valid.") == report.is_clean


def test_every_shapes_file_has_a_valid_and_an_invalid_case(project: Project) -> None:
    kinds = {(path.parent.name, path.name.partition(".")[0]) for path in FILES}
    stems = {s.path.stem for s in project.shapes if b"ns/shacl#path>" in s.triples}

    assert {(stem, kind) for stem in stems for kind in ("invalid", "valid")} <= kinds
    assert {folder.name for folder in CASES.iterdir() if folder.is_dir()} == stems
