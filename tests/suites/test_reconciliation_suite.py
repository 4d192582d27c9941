"""The runner of the Reconciliation API's schemas, on schemas of our own of a few lines."""

import json
from pathlib import Path

import pytest

from tests.suites import reconciliation_suite

ANSWERS = (
    "manifest",
    "reconciliation-query-batch",
    "reconciliation-result-batch",
    *(f"suggest-{what}-response" for what in ("entities", "properties", "types")),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "schemas").mkdir()
    for name in ANSWERS:
        (tmp_path / f"schemas/{name}.json").write_text('{"type": "object"}')
    examples = tmp_path / "examples/reconciliation-query-batch"
    for kind, batch in (("valid", {"q": {"query": "Kent"}}), ("invalid", {"q": {"limit": 1}})):
        (examples / kind).mkdir(parents=True)
        (examples / kind / "one.json").write_text(json.dumps(batch))
    return tmp_path


def test_every_answer_is_held_against_its_schema(served: str, folder: Path) -> None:
    told = dict(reconciliation_suite.check(served, folder))

    assert 8 == len(told)
    assert "one.json: 400" in told
    assert [] == [fault for faults in told.values() for fault in faults]


def test_what_a_schema_does_not_allow_is_told(served: str, folder: Path) -> None:
    (folder / "schemas/manifest.json").write_text('{"required": ["nothing like it"]}')

    told = dict(reconciliation_suite.check(served, folder))

    assert "nothing like it" in told["the manifest"][0]
    assert 1 == sum(map(bool, told.values()))


def test_a_folder_without_schemas_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="proves nothing"):
        reconciliation_suite.Schemas(tmp_path)
