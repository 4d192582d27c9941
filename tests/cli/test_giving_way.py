"""A report of the project is judged as a build judges it: the project's tables give way to it."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.cli_world import REPORT, World, grades_table

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
METADATA = grades_table(
    {
        "name": "label",
        "virtual": True,
        "propertyUrl": LABEL,
        "peel:text": "Judgment {judgment}: {grade}",
        "lang": "en",
    },
    **{"peel:yields": True},
)
ONE = f"""
psh:Judgment sh:property psh:Judgment-one ;
    sh:property psh:Judgment-label ;
    sh:property psh:Judgment-after .
psh:Judgment-after a sh:PropertyShape ;
    sh:path peel:after ;
    sh:class peel:Judgment ;
    sh:severity sh:Violation ;
    sh:message "A judgment comes after another."@en .
psh:Judgment-one a sh:PropertyShape ;
    sh:path peel:gives ;
    sh:minCount 1 ;
    sh:maxCount 1 ;
    sh:severity sh:Violation ;
    sh:message "A judgment gives one grade."@en .
psh:Judgment-label a sh:PropertyShape ;
    sh:path <{LABEL}> ;
    sh:minCount 1 ;
    sh:maxCount 1 ;
    sh:severity sh:Violation ;
    sh:message "A judgment has one label."@en .
"""
REPORT_TWO = (
    REPORT.replace("judgment:one", "judgment:two") + f'judgment:two <{LABEL}> "Dyfarniad"@cy .\n'
)
CASES = {
    "as the table": REPORT_TWO.replace("Dyfarniad", "Judgment two: good").replace("@cy", "@en"),
    "another grade and label": REPORT_TWO.replace("grade:good", "grade:poor"),
    "neither grade nor label": REPORT_TWO.replace("    peel:gives grade:good ;\n", "").partition(
        "judgment:two <"
    )[0],
    "an unknown grade": REPORT_TWO.replace("grade:good", "grade:goood"),
}
RIGHT = {"as the table", "another grade and label"}
# Outside of data/ what is published of a judgment counts: it need not be stated again.
RIGHT_BESIDE = {"as the table", "neither grade nor label"}


def add(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text()}{text}")


@pytest.fixture
def tabled(world: World) -> World:
    """The small project, published, with a table that states two judgments more."""
    add(world.root / "data" / "reference" / "forces.ttl", "grade:poor a peel:Grade .\n")
    add(
        world.root / "ontology" / "ontology.ttl",
        "<http://www.w3.org/ns/dcat#Dataset> a owl:Class .\npeel:after a owl:ObjectProperty .\n",
    )
    add(world.root / "shapes" / "shapes.ttl", ONE)
    add(world.report, f'judgment:one <{LABEL}> "Dyfarniad"@cy .\n')
    folder = world.root / "data" / "tables"
    folder.mkdir()
    (folder / "grades.csv").write_text("judgment,grade\ntwo,good\nthree,good\n")
    (folder / "grades.csv-metadata.json").write_text(json.dumps(METADATA))
    assert 0 == world.run("build")[0]
    return world


@pytest.mark.parametrize("case", CASES)
def test_a_report_in_data_is_judged_as_a_build_judges_it(case: str, tabled: World) -> None:
    folder = tabled.root / "data" / "reports" / "kent-2015"
    folder.mkdir()
    (folder / "report.ttl").write_text(CASES[case])
    verdicts = [
        tabled.run("validate", way)[0]
        for way in (folder / "report.ttl", folder, tabled.root / "data")
    ]
    code, _, told = tabled.run("build")

    assert [code] * 3 == verdicts
    assert (case in RIGHT) == (code == 0), told
    # The verdict stays when the report is published, and the table has given way to it.
    assert code == tabled.run("validate", folder)[0]


@pytest.mark.parametrize("case", CASES)
def test_elsewhere_what_is_published_counts(
    case: str, tabled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tabled.root / "report.ttl").write_text(CASES[case])
    beside = tabled.run("validate", tabled.root / "report.ttl")[0]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CASES[case].encode())))

    assert beside == tabled.run("validate", "-")[0]
    assert (case in RIGHT_BESIDE) == (beside == 0)


def test_what_a_report_no_longer_describes_the_table_states_again(tabled: World) -> None:
    alone = f"{tabled.report.read_text()}judgment:one peel:after judgment:two .\n"
    tabled.report.write_text(alone + REPORT_TWO.partition("\n\n")[2])
    assert 0 == tabled.run("build")[0]
    tabled.report.write_text(alone)

    assert (0, 0) == (tabled.run("validate", tabled.report)[0], tabled.run("build")[0])


def test_a_table_that_is_judged_stands_for_itself(tabled: World) -> None:
    table = tabled.root / "data" / "tables" / "grades.csv"
    table.write_text("judgment,grade\ntwo,goood\n")

    assert 1 == tabled.run("validate", tabled.report, table)[0]
    assert 1 == tabled.run("build")[0]
    # Beside another file it is read, and not judged.
    assert 0 == tabled.run("validate", tabled.report)[0]
