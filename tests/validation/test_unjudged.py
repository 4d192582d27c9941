"""What judges nothing is told with its shape and its place, and "conforms" rests on something."""

import csv
import io
import json
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph.sources import read_project
from peelgraph.validation import FORMATS, Report, Validator, render, validate
from tests.validation.world import GOOD as JUDGMENT
from tests.validation.world import ONTOLOGY, PREFIXES, SHAPES, source

HEAD = PREFIXES.count("\n")
GOOD = f"{JUDGMENT}grade:good a peel:Grade .\n"
LAST = SHAPES.count("\n")
TARGET = "psh:S a sh:NodeShape ; sh:targetClass peel:Judgment ;\n    {} .\n"
SPARQL = 'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this ?p 1 }" ]'
JAVASCRIPT = 'sh:js [ a sh:JSConstraint ; sh:jsFunctionName "check" ]'
RULE = "sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate peel:a ; sh:object 1 ]"
# What stands in the shapes, and the lines and words of the remarks on it.
CASES = [
    (TARGET.format("sh:property [ sh:path peel:gives ; sh:minCount 1 ]"), []),
    (
        "psh:S a sh:PropertyShape ; sh:path peel:count ; sh:datatype xsd:date .",
        [(1, "psh:S has no target")],
    ),
    # Of shapes that lead to others, the first; a shape of no constraint asks nothing.
    (
        "psh:B a sh:NodeShape ; sh:class peel:Grade . psh:Empty a sh:NodeShape .\n"
        "psh:A sh:node psh:B ; sh:or ( psh:B [ sh:class peel:Judgment ] ) .",
        [(2, "psh:A has no target")],
    ),
    (
        "psh:B sh:property [ sh:path peel:gives ; sh:node psh:A ] .\n"
        "psh:A sh:property [ sh:path peel:gives ; sh:node psh:B ] .",
        [(2, "psh:A has no target"), (2, "psh:A refers to itself, through psh:A, psh:B")],
    ),
    ("psh:S a sh:NodeShape ; sh:class peel:Grade ; sh:deactivated true .", []),
    ("psh:S a sh:NodeShape , rdfs:Class ; sh:class peel:Grade .", []),
    (f"psh:S a sh:NodeShape ;\n    {SPARQL} ; sh:class peel:Grade .", [(2, "sh:target names")]),
    (TARGET.format(f"{SPARQL} ; sh:class peel:Grade"), [(2, "is not run")]),
    (TARGET.format(JAVASCRIPT), [(2, "sh:js is a constraint in JavaScript")]),
    (TARGET.format(RULE), [(2, "sh:rule infers")]),
    (TARGET.format("sh:expression [ sh:path peel:a ]"), [(2, "sh:expression is a constraint")]),
    ("psh:S a sh:NodeShape ;\n    " + RULE + " .", [(1, "has no target"), (2, "sh:rule infers")]),
    (
        SHAPES + "peel:f a sh:SPARQLFunction ; sh:ask 'ASK {}' .",
        [(LAST + 1, "peel:f is a function")],
    ),
    (TARGET.format('sh:closed "1"^^xsd:boolean'), [(2, "write true")]),
    (TARGET.format("sh:qualifiedMinCount 1"), [(2, "without sh:qualifiedValueShape")]),
    (TARGET.format('sh:flags "i"'), [(2, "without sh:pattern")]),
    (TARGET.format("sh:node psh:Absent"), [(2, "psh:Absent, which is not in the shapes graph")]),
    (TARGET.format("sh:or ( psh:Absent [ sh:class peel:A ] )"), [(2, "every node conforms")]),
]
UNSPOKEN = "judgment:one peel:published 1 ."


def own(text: str, data: str = GOOD) -> Report:
    return validate([source(data)], [source(text, "own.ttl")])


@pytest.mark.parametrize(("shapes", "expected"), CASES)
def test_what_judges_nothing_is_told_at_its_place(
    shapes: str, expected: list[tuple[int, str]]
) -> None:
    report = own(shapes)

    remarks = [remark for remark in report.remarks if remark.file]
    assert [line + HEAD for line, _ in expected] == [r.position.line for r in remarks]
    told = render(report, "text")
    assert all(re.search(re.escape(words), told) for _, words in expected), told


@pytest.mark.parametrize(
    ("shapes", "data", "is_judged"),
    [
        (SHAPES, GOOD, True),
        (SHAPES, UNSPOKEN, False),
        ("psh:S sh:targetClass peel:Force ; sh:nodeKind sh:IRI .", GOOD, False),
        # A node that no data mention is judged as well; so is one whose shape is deactivated.
        ("psh:S sh:targetNode grade:none ; sh:nodeKind sh:IRI .", GOOD, True),
        ("psh:S sh:targetClass peel:Judgment ; sh:deactivated true .", GOOD, True),
        ("psh:S sh:targetObjectsOf peel:gives ; sh:nodeKind sh:IRI .", GOOD, True),
        (f"psh:S a sh:NodeShape ; {SPARQL} ; sh:class peel:Grade .", GOOD, False),
    ],
)
def test_a_verdict_that_rests_on_nothing_is_told(shapes: str, data: str, is_judged: bool) -> None:
    report = own(shapes, data)

    assert is_judged == report.is_judged
    assert is_judged == ("conforms: " in render(report, "text"))
    assert is_judged == json.loads(render(report, "json"))["conforms"]
    assert is_judged != ("nothing was judged" in render(report, "text"))


def test_with_an_ontology_terms_are_judged_and_it_is_told_that_nothing_else_was() -> None:
    report = validate([source(UNSPOKEN)], [source(SHAPES)], [source(ONTOLOGY)])

    assert report.is_judged
    assert ["only its terms and literals" in remark.message for remark in report.remarks] == [True]
    assert () == validate([source(GOOD)], [source(SHAPES)], [source(ONTOLOGY)]).remarks


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_tells_remarks(form: str) -> None:
    shapes = SHAPES + "psh:Lost a sh:NodeShape ; sh:class peel:Gr\u00e2d .\n"
    text = render(own(shapes), form)

    assert "psh:Lost has no target" in text
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(text))
        assert ("Remark", "own.ttl", str(HEAD + LAST + 1)) == (
            row["severity"],
            row["file"],
            row["line"],
        )
    elif form in {"turtle", "jsonld"}:
        syntax = ox.RdfFormat.TURTLE if form == "turtle" else ox.RdfFormat.JSON_LD
        told = [q.object.value for q in ox.parse(text, syntax) if "comment" in q.predicate.value]
        assert [f"own.ttl:{HEAD + LAST + 1}:1: "] == [each.partition("psh:")[0] for each in told]
    elif form == "sarif":
        (run,) = json.loads(text)["runs"]
        (told,) = run["invocations"][0]["toolConfigurationNotifications"]
        place = told["locations"][0]["physicalLocation"]
        assert ("own.ttl", HEAD + LAST + 1) == (
            place["artifactLocation"]["uri"],
            place["region"]["startLine"],
        )
        assert run["invocations"][0]["executionSuccessful"]


def test_a_limit_shortens_remarks_too() -> None:
    shapes = "".join(f"psh:S{n} sh:class peel:Grade .\n" for n in range(9))
    text = render(own(SHAPES + shapes).limited(2), "text")

    assert 2 == text.count("has no target")
    assert "and 7 more" in text


def test_the_projects_own_shapes_all_judge() -> None:
    project = read_project(Path(__file__).parents[2], data=False)
    report = Validator(project.shapes, project.ontology).validate([source(UNSPOKEN)])

    assert [None] == [remark.file for remark in report.remarks]
