"""Each kind of mistake gives one result at its line, in every syntax, and none beside it."""

import json
from collections.abc import Callable, Sequence

import pytest

from peelgraph.sources import Project, Source, find_root, read_project
from peelgraph.terms import PSH
from peelgraph.validation import Report, Validator
from tests.mistakes.planting import (
    GRAPH,
    PLANTS,
    SYNTAXES,
    Document,
    expected,
    lines_of,
    plant,
    reference,
    rewrite,
    triples,
)

Judge = Callable[[Sequence[Source]], Report]


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(find_root())


@pytest.fixture(scope="module")
def judge(project: Project) -> Judge:
    validator, context = Validator(project.shapes, project.ontology), reference(project)
    return lambda data: validator.validate(data, context, replaced=[GRAPH])


@pytest.fixture(scope="module")
def planted() -> list[Document]:
    return plant(PLANTS)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_mistake_is_found_at_its_line_and_none_beside(
    syntax: str, planted: list[Document], judge: Judge
) -> None:
    documents = planted if syntax == "ttl" else [rewrite(triples(planted), syntax)]
    wanted = sorted(
        (found[0], found[1], *place) for found in expected() for place in lines_of(documents, found)
    )

    report = judge([source for document in documents for source in document.read()])

    assert len(expected()) == len(wanted) == len(report.results)
    assert sorted(f"<{PSH}{shape}>" for plant in PLANTS for shape in plant.get("follows", ())) == (
        sorted(each.shape for result in report.results for each in result.follows)
    )
    assert wanted == sorted(
        (r.shape, r.focus, str(r.file), r.position.line if r.position else 0)
        for r in report.results
    )


def test_results_in_json_carry_their_pointer(planted: list[Document], judge: Judge) -> None:
    document = rewrite(triples(planted), "jsonld")
    tree = json.loads(document.text)

    report = judge(document.read())

    assert report.results
    for result in report.results:
        _, graph, number, *_ = result.pointer.split("/")
        assert result.focus == f"<{tree[graph][int(number)]['@id']}>"


@pytest.mark.parametrize("syntax", ["trig", "nq"])
def test_graphs_of_a_dataset_are_told_apart(syntax: str, planted: list[Document]) -> None:
    (source,) = rewrite(triples(planted), syntax).read()

    assert GRAPH == source.graph
