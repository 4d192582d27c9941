"""Mechanical mistakes are corrected, the corrected text conforms, others are left alone."""

from pathlib import Path

import pytest

from peelgraph.sources import parse, parse_graphs
from peelgraph.terms import mint_graph
from peelgraph.validation import validate
from peelgraph.validation.autofix import repair
from tests.validation.world import GOOD, ONTOLOGY, PREFIXES, SHAPES, judged, source

PATH = Path("data/judgments.ttl")
MECHANICAL = [
    ("peel:gives", "peel:givs"),
    ("peel:Judgment", "peel:Judgement"),
    ('"2016-02-18"^^xsd:date', '"18/02/2016"^^xsd:date'),
    ('"2016-02-18"^^xsd:date', '"2016-02-18"'),
    ("3 .", "+03 ."),
]


@pytest.mark.parametrize(("right", "wrong"), MECHANICAL, ids=[case[1] for case in MECHANICAL])
def test_a_mechanical_mistake_is_corrected(right: str, wrong: str) -> None:
    text = GOOD.replace(right, wrong, 1)

    repaired = repair(PATH, PREFIXES + text, judged(text))

    assert PREFIXES + GOOD == repaired.text
    assert 1 == len(repaired.corrections)
    assert "\n+" in repaired.diff
    assert "a/data/judgments.ttl" in repaired.diff


@pytest.mark.parametrize("syntax", ["nt", "nq"])
@pytest.mark.parametrize(("right", "wrong"), MECHANICAL, ids=[case[1] for case in MECHANICAL])
def test_a_line_is_corrected_with_its_terms_written_out(
    right: str, wrong: str, syntax: str
) -> None:
    path, graph = Path(f"data/judgments.{syntax}"), mint_graph("judgments")
    good, bad = (
        parse((PREFIXES + text).encode(), "ttl", graph, PATH).triples.decode()
        for text in (GOOD, GOOD.replace(right, wrong, 1))
    )
    if syntax == "nq":
        good, bad = (text.replace(" .\n", f" <{graph}> .\n") for text in (good, bad))
    report = validate(
        parse_graphs(bad.encode(), syntax, graph, path),
        [source(SHAPES, "shapes/judgment.ttl", "shapes")],
        [source(ONTOLOGY, "ontology/judgment.ttl", "ontology")],
    )

    repaired = repair(path, bad, report, syntax=syntax)

    assert sorted(good.splitlines()) == sorted(repaired.text.splitlines())
    assert 1 == len(repaired.corrections)


@pytest.mark.parametrize(
    "wrong",
    [GOOD.replace("grade:good", "grade:goood"), GOOD.replace("peel:gives grade:good ;", "")],
)
def test_what_needs_a_decision_is_left_alone(wrong: str) -> None:
    repaired = repair(PATH, PREFIXES + wrong, judged(wrong))

    assert (PREFIXES + wrong, (), "") == (repaired.text, repaired.corrections, repaired.diff)


SPAN = """
psh:Span sh:targetSubjectsOf peel:ends ; a sh:NodeShape ; sh:sparql [
    sh:message "It ends after it begins."@en ; sh:prefixes psh:Prefixes ;
    sh:select '''SELECT $this (peel:ends AS ?path) ?value { $this peel:begins ?one ;
        peel:ends ?value FILTER(?one > ?value) }''' ] .
psh:Prefixes sh:declare [ sh:prefix "peel" ;
    sh:namespace "https://w3id.org/peelgraph/ontology#"^^xsd:anyURI ] .
"""


def test_swapped_dates_are_offered_and_not_applied() -> None:
    dates = '"2016-01-01"^^xsd:date', '"2015-01-01"^^xsd:date'
    text = f"judgment:span peel:begins {dates[0]} ;\n    peel:ends {dates[1]} .\n"
    report = judged(text, SPAN, "")

    alone = repair(PATH, PREFIXES + text, report)
    offered = repair(PATH, PREFIXES + text, report, offered=True)

    assert () == alone.corrections
    assert f"peel:begins {dates[1]} ;\n    peel:ends {dates[0]} ." in offered.text


def test_the_one_unit_of_a_measure_is_written() -> None:
    shape = SPAN.replace("psh:Span ", "psh:Observation-unitOfMeasureAgrees ").replace(
        "targetSubjectsOf peel:ends", "targetSubjectsOf peel:measure"
    )
    start, end = shape.index("sh:select '''"), shape.index("''' ]") + 2
    select = (
        "SELECT $this (peel:unitOfMeasure AS ?path) ?value { $this peel:unitOfMeasure ?value ; "
        "peel:measure ?m . FILTER NOT EXISTS { ?m peel:unitOfMeasure ?value } }"
    )
    shape = shape[:start] + f'sh:select "{select}"' + shape[end + 1 :]
    head = "@prefix unit-of-measure: <https://w3id.org/peelgraph/id/unit-of-measure/> .\n"
    wrong = (
        head + "judgment:m peel:unitOfMeasure unit-of-measure:count .\n"
        "judgment:o peel:measure judgment:m ; peel:unitOfMeasure unit-of-measure:percent .\n"
    )

    repaired = repair(PATH, PREFIXES + wrong, judged(wrong, shape, ""))

    assert PREFIXES + wrong.replace("measure:percent", "measure:count") == repaired.text


def test_a_head_without_licence_is_offered_one() -> None:
    shape = (
        "psh:Graph-license a sh:PropertyShape ; sh:targetClass peel:Judgment ;"
        " sh:path <http://purl.org/dc/terms/license> ; sh:minCount 1 ."
    )
    text = 'judgment:graph a peel:Judgment ;\n    rdfs:label "graph"@en .\n'
    report = judged(text, shape, "")

    assert () == repair(PATH, PREFIXES + text, report).corrections
    offered = repair(PATH, PREFIXES + text, report, offered=True)
    assert "a peel:Judgment ;\n    dcterms:license <http" in offered.text
