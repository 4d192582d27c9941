"""Every form of a report says the same, and none of them runs what the data says."""

import csv
import io
import json

import pyoxigraph as ox
import pytest
from pyoxigraph import RdfFormat
from rdflib import DCTERMS, RDF, RDFS, SH, Graph, Literal, Namespace

from peelgraph.errors import NotAcceptable
from peelgraph.terms import shorten
from peelgraph.validation import FORMATS, render
from tests.validation.world import GOOD, SHAPES, judged

EARL, PTR = Namespace("http://www.w3.org/ns/earl#"), Namespace("http://www.w3.org/2009/pointers#")
WRONG = GOOD.replace("grade:good", "grade:goood")


def test_text_shows_the_line_with_a_caret() -> None:
    text = render(judged(WRONG), "text")

    line, caret = (row for row in text.splitlines()[2:4])
    assert "peel:gives grade:goood ;" in line
    assert line.index("grade:goood") == caret.index("^")
    assert "Barn ar Heddlu (judgment:one)" in text
    assert "write: did you mean grade:good?" in text
    assert "\x1b" not in text
    assert "\x1b[31mviolation" in render(judged(WRONG), "text", colour=True)


@pytest.mark.parametrize(
    ("form", "syntax"), [("turtle", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)]
)
def test_rdf_is_one_report_with_all_that_shacl_asks(form: str, syntax: RdfFormat) -> None:
    triples = ox.serialize(
        [quad.triple for quad in ox.parse(render(judged(WRONG), form), syntax)],
        format=ox.RdfFormat.N_TRIPLES,
    )
    graph = Graph().parse(data=triples, format="nt")

    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert [Literal(False)] == list(graph.objects(report, SH.conforms))
    (result,) = graph.objects(report, SH.result)
    (detail,) = graph.objects(result, SH.detail)
    for each in (result, detail):
        for predicate in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent):
            assert 1 == len(list(graph.objects(each, predicate)))


def test_rdf_tells_place_remedy_and_identifier_beside_the_one_message() -> None:
    report = judged(WRONG)
    graph = Graph().parse(data=render(report, "turtle"), format="turtle")

    for result in report.results:
        node = graph.value(None, DCTERMS.identifier, Literal(result.identifier))
        place = graph.value(node, EARL.pointer)
        assert [Literal(result.message, lang="en")] == list(graph.objects(node, SH.resultMessage))
        assert Literal(result.hint, lang="en") == graph.value(node, RDFS.comment)
        assert Literal("data/judgments.ttl") == graph.value(place, PTR.reference)
        assert result.position.line == int(graph.value(place, PTR.lineNumber))
        assert result.position.column == int(graph.value(place, PTR.charNumber))


def test_a_clean_report_conforms_in_rdf() -> None:
    graph = Graph().parse(data=render(judged(GOOD), "turtle"), format="turtle")

    assert [Literal(True)] == list(graph.objects(None, SH.conforms))


def test_json_and_csv_hold_the_place() -> None:
    (first, *_) = json.loads(render(judged(WRONG), "json"))["results"]
    (row, *_) = csv.DictReader(io.StringIO(render(judged(WRONG), "csv"), newline=""))

    assert ["psh:Judgment-gives"] == [shorten(each["shape"]) for each in first["follows"]]
    told = {**first, "follows": len(first["follows"]), "against": ""}
    assert {name: "" if told[name] is None else str(told[name]) for name in row} == row
    assert ("data/judgments.ttl", 16) == (first["file"], first["column"])


def test_sarif_points_to_the_line() -> None:
    (run,) = json.loads(render(judged(WRONG), "sarif"))["runs"]

    (first, *_) = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    place = first["locations"][0]["physicalLocation"]
    assert "data/judgments.ttl" == place["artifactLocation"]["uri"]
    assert 16 == place["region"]["startColumn"]
    assert "error" == first["level"]


def test_a_limit_says_what_it_left_out_and_keeps_the_verdict() -> None:
    report = judged(WRONG).limited(0)

    assert not report.conforms
    for form in ("text", "turtle", "csv", "html"):
        assert "1 more result left out" in render(report, form)
    assert 1 == json.loads(render(report, "json"))["left_out"]


def test_labels_are_data() -> None:
    evil = WRONG.replace("Barn ar Heddlu", "=<script>\\u001B[2J\\u202E")
    report = judged(evil)

    assert "<script>" not in render(report, "html")
    assert "\x1b" not in render(report, "text")
    assert "\u202e" not in render(report, "text")
    assert ",=<script>" not in render(report, "csv")


def test_every_form_is_made_and_no_other() -> None:
    for form in FORMATS:
        assert render(judged(WRONG), form)
    with pytest.raises(NotAcceptable, match="offered: text"):
        render(judged(GOOD), "docx")


def test_what_reads_alike_is_told_once() -> None:
    # A label without language breaks two constraints of the one shape, in the same words.
    shapes = SHAPES + (
        "psh:Judgment sh:property psh:Judgment-label .\n"
        "psh:Judgment-label a sh:PropertyShape ; sh:path rdfs:label ; sh:languageIn ( 'en' ) ;\n"
        "    sh:datatype <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> ;\n"
        '    sh:message "A judgment has an English label."@en .\n'
    )
    report = judged(GOOD.replace('"Barn ar Heddlu"@cy', '"plain"'), shapes)
    text, page = render(report, "text"), render(report, "html")

    (told,) = json.loads(render(report, "json"))["results"]
    assert 1 == len(report.results) == len(told["follows"])
    for form in (text, page):
        assert 1 == form.count("A judgment has an English label.")
        assert report.results[0].identifier in form
        assert "1 more result, at line 10" in form
    assert '   write: "plain"@en\n' in text
