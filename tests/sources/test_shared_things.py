"""What any report can name is described once, in data/reference, and no report or table holds up
the rest.

`data/tables` and `data/reports` hold facts, and each of them can be withdrawn. What others rest on
cannot: data/reference, and the tables that are listed here.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph.errors import SourceError
from peelgraph.sources import Project, Source
from peelgraph.sources.tables import read_tables, table_files
from peelgraph.terms import ID, PEEL, shorten
from peelgraph.validation import Validator

ROOT = Path(__file__).parents[2]
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
REPORTS = sorted(path.name for path in (ROOT / "data/reports").iterdir())
TABLES = sorted(path.stem for path in table_files(ROOT / "data/tables"))
# Tables that say which forces, regions, units, questions and inspections there are.
RESTED_ON = ("forces", "inspections", "questions", "regions", "rocus")
# A thing of one force that is called by its own name.
OWN_NAMES = {"crime-group/north-derbyshire-drug-group", "operation/rams"}

# Classes of things that are nobody's own: a report names them, and data/reference describes them.
SHARED = {
    *("Area", "Capability", "CaseKind", "Cohort", "CoreQuestion", "CrimeType", "DataSource"),
    *("DiagnosticQuestion", "Force", "Inspectorate", "InspectionMethod", "Legislation", "Measure"),
    *("OutcomeType", "OverallQuestion", "PoliceRank", "PostKind", "Power", "Round", "SchemeKind"),
    *("StaffKind", "Tactic", "Threat", "ThreatList", "UnitKind"),
}


def without(project: Project, name: str) -> tuple[Source, ...]:
    """The data of the project as it is read where the report or table `name` is not there."""
    kept = [
        each for each in project.data if each.path.suffix == ".ttl" and name not in each.path.parts
    ]
    files = [path for path in table_files(ROOT / "data/tables") if path.stem != name]
    return (*kept, *read_tables(files, ROOT, kept))


def parse(sources: Sequence[Source]) -> Iterator[ox.Quad]:
    for source in sources:
        yield from ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)


def find_undescribed(project: Project, data: Sequence[Source]) -> list[str]:
    """The things of ours that the data refers to, and that nothing gives a class."""
    described = {q.subject for q in parse((*project.ontology, *data)) if q.predicate == TYPE}
    used = {q.object for q in parse(data) if isinstance(q.object, ox.NamedNode)}
    return sorted(shorten(each.value) for each in used - described if each.value.startswith(ID))


@pytest.mark.parametrize("name", [*REPORTS, *(each for each in TABLES if each not in RESTED_ON)])
def test_without_a_report_or_a_table_of_facts_the_rest_conforms(
    name: str, project: Project, validator: Validator
) -> None:
    data = without(project, name)

    assert len({each.graph for each in data}) == len({each.graph for each in project.data}) - 1
    assert [] == find_undescribed(project, data)
    assert () == validator.validate(data).results


@pytest.mark.parametrize("name", RESTED_ON)
def test_a_table_that_others_rest_on_cannot_be_withdrawn(
    name: str, project: Project, validator: Validator
) -> None:
    try:
        data = without(project, name)
    except SourceError:  # another table refers to its rows
        return

    assert find_undescribed(project, data) or validator.validate(data).results


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_describes_only_what_bears_its_name_or_that_of_its_force(
    report: str, project: Project
) -> None:
    sources = [each for each in project.data if report in each.path.parts]
    (force, *_) = re.split(r"-\d{4}", report)

    described = {
        quad.subject.value.removeprefix(ID)
        for quad in parse(sources)
        if quad.predicate == TYPE and quad.subject.value.startswith(ID)
    }
    foreign = {
        each for each in described if not each.partition("/")[2].startswith((report, f"{force}-"))
    }

    assert described
    assert OWN_NAMES & described == foreign


@pytest.mark.parametrize("report", REPORTS)
def test_no_report_describes_a_thing_of_a_shared_class(report: str, project: Project) -> None:
    """Not under its own name either."""
    kinds = [
        quad.object.value.removeprefix(PEEL)
        for source in project.data
        if report in source.path.parts
        for quad in parse([source])
        if quad.predicate == TYPE
    ]

    assert kinds
    assert set() == SHARED & set(kinds)


def test_each_shared_class_has_things_in_the_shared_data(project: Project) -> None:
    shared = [
        each
        for each in project.data
        if each.path.parts[:2] == ("data", "reference") or each.path.stem in RESTED_ON
    ]

    assert {f"{PEEL}{kind}" for kind in SHARED} <= {
        quad.object.value for quad in parse(shared) if quad.predicate == TYPE
    }


def test_what_is_shared_does_not_rest_on_a_report_or_a_table_of_facts(project: Project) -> None:
    """A thing of data/reference refers to nothing that may go."""
    reference = [each for each in project.data if each.path.parts[:2] == ("data", "reference")]
    tables = [each for each in project.data if each.path.stem in RESTED_ON]
    described = {q.subject for q in parse((*project.ontology, *reference, *tables))}
    used = {q.object for q in parse(reference) if isinstance(q.object, ox.NamedNode)}

    assert reference
    assert [] == sorted(
        shorten(each.value) for each in used - described if each.value.startswith(ID)
    )
