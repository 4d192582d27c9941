"""A skeleton parses, and validation says of it what is still to fill in, and nothing else."""

from pathlib import Path

import pytest

from peelgraph.commands.new import draft, write_grades, write_turtle
from peelgraph.embedded import Embedded
from peelgraph.errors import UnknownName
from peelgraph.sources import Project, find_root, parse, read_project
from peelgraph.terms import PSH, mint_graph
from peelgraph.validation import validate

TO_FILL = {"Graph-source", "Judgment-gives", "Statement-attested"}


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(find_root())


@pytest.mark.parametrize(("force", "round_"), [("kent", "2015"), ("Gwent Police", "peel-2016")])
def test_what_is_missing_in_a_skeleton_is_what_a_person_has_to_fill_in(
    project: Project, force: str, round_: str
) -> None:
    made = draft(project, force, round_, "effectiveness")
    source = parse(
        write_turtle(made, "report.ttl").encode(), "ttl", mint_graph(made.name), Path("report.ttl")
    )
    context = Embedded.memory()
    for each in project.data:
        context.insert(each.triples, "")

    assert "#   peelgraph validate report.ttl\n" in write_turtle(made, "report.ttl")
    report = validate([source], project.shapes, project.ontology, context)

    found = {result.shape.strip("<>").removeprefix(PSH) for result in report.results}
    assert "Graph-source" in found
    assert found <= TO_FILL
    for question in made.questions:
        assert f"peel:onQuestion {question.name} ;" in write_turtle(made, "report.ttl")
    assert write_grades(made).startswith("force,round,pillar,question,grade,")


def test_where_it_is_built_a_skeleton_offers_the_grade_that_a_table_records(
    project: Project,
) -> None:
    made = draft(project, "kent", "2015", "effectiveness")
    text = write_turtle(made, "report.ttl", is_built=True)

    assert "    # Good, as data/tables records it\n    # peel:gives grade:good ;\n" in text
    assert len(made.questions) == text.count("    # peel:gives ") == text.count('"Judgment on')
    assert "published already: Good" in write_turtle(made, "report.ttl")


def test_units_that_are_known_are_listed(project: Project) -> None:
    assert "#   unit:derbyshire-" in write_turtle(
        draft(project, "derbyshire", "2015", "effectiveness"), "report.ttl"
    )


def test_an_unknown_name_is_answered_with_the_nearest(project: Project) -> None:
    with pytest.raises(UnknownName) as caught:
        draft(project, "derbyshyre", "2015", "effectiveness")

    assert "did you mean derbyshire?" == caught.value.hint
