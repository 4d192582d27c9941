"""A term of the data comes out of a report letter by letter."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import SH, Graph

from peelgraph.sources import Source, parse
from peelgraph.validation import Report, render, repair, validate
from tests.validation.world import GOOD, PREFIXES, SHAPES, judged

XSD = "http://www.w3.org/2001/XMLSchema#"
ONLY_IRIS = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ;
    sh:property [ sh:path <urn:p> ; sh:nodeKind sh:IRI ] .
<urn:other> a sh:NodeShape ; sh:targetObjectsOf <urn:q> ; sh:nodeKind sh:IRI .
"""
SPELLED = [
    f'"1"^^<{XSD}boolean>',
    f'"1"^^<{XSD}decimal>',
    f'"20.60"^^<{XSD}decimal>',
    f'"5"^^<{XSD}int>',
    f'"007"^^<{XSD}integer>',
    f'"+1"^^<{XSD}integer>',
    f'"2026-04-27T12:00:00+00:00"^^<{XSD}dateTime>',
    f'"1E3"^^<{XSD}double>',
    f'"12345678901234567890.12345678901234567890"^^<{XSD}decimal>',
    f'"PT90M"^^<{XSD}duration>',
    f'" two  spaces "^^<{XSD}token>',
    f'"a\\tb"^^<{XSD}normalizedString>',
    f'"nonsense"^^<{XSD}boolean>',
    '"x"@en-GB',
    '"a\\nb \\\\ \\"c\\""@cy-GB',
    '"plain"',
    '"1"^^<urn:of-my-own>',
]
TYPES = ["boolean", "decimal", "integer", "int", "double", "date", "dateTime", "duration", "token"]


def read(text: str, syntax: str = "ttl") -> Source:
    return parse(text.encode(), syntax, "urn:g", Path(f"data.{syntax}"), base="http://e/")


def judge(text: str, syntax: str = "ttl") -> Report:
    return validate([read(text, syntax)], [read(ONLY_IRIS)])


def values(report: Report, form: str) -> list[str]:
    """The values in a report in RDF, as an engine reads them."""
    syntax = {"turtle": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD}[form]
    return [
        str(quad.object)
        for quad in ox.parse(render(report, form), syntax)
        if quad.predicate.value == str(SH.value)
    ]


@pytest.mark.parametrize("literal", SPELLED)
def test_a_value_is_reported_letter_by_letter(literal: str) -> None:
    report = judge(f"<urn:a> <urn:p> {literal} .")

    (result,) = report.results
    assert literal == result.value
    # An engine reads every language tag in lower case.
    read_back = literal.replace("-GB", "-gb")
    assert [read_back] == values(report, "turtle") == values(report, "jsonld")
    assert literal == json.loads(render(report, "json"))["results"][0]["value"]


@pytest.mark.parametrize("literal", SPELLED)
def test_a_focus_is_reported_letter_by_letter(literal: str) -> None:
    (result,) = judge(f"<urn:a> <urn:q> {literal} .").results

    assert (literal, literal) == (result.focus, result.value)


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
    | st.from_regex(r"[+-]?[0-9]{1,3}(\.[0-9]{0,3})?([eE][0-9])?", fullmatch=True),
    kind=st.sampled_from([*(f"{XSD}{name}" for name in TYPES), "urn:of-my-own", ""]),
)
def test_any_literal_reads_back_as_it_was(text: str, kind: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(kind)) if kind else ox.Literal(text)
    report = judge(f"<urn:a> <urn:p> {literal} .")

    assert str(literal) == report.results[0].value
    assert [str(literal)] == values(report, "turtle") == values(report, "jsonld")


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        ("ttl", '<urn:a> <urn:p> """x"""@en-GB . <urn:b> <urn:p> "en-gb"@EN-gb .'),
        ("nt", '<urn:a> <urn:p> "x"@en-GB .\n<urn:b> <urn:p> "en-gb"@EN-gb .'),
        (
            "jsonld",
            '[{"@id": "urn:a", "urn:p": {"@value": "x", "@language": "en-GB"}},'
            ' {"@id": "urn:b", "urn:p": {"@value": "en-gb", "@language": "EN-gb"}}]',
        ),
        (
            "jsonld",
            '{"@context": {"p": {"@id": "urn:p", "@container": "@language"}}, "@graph": ['
            '{"@id": "urn:a", "p": {"en-GB": "x"}}, {"@id": "urn:b", "p": {"EN-gb": "en-gb"}}]}',
        ),
        (
            "rdf",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            '<r:Description r:about="urn:a"><u:p xml:lang="en-GB">x</u:p></r:Description>'
            '<r:Description r:about="urn:b"><u:p xml:lang="EN-gb">en-gb</u:p></r:Description>'
            "</r:RDF>",
        ),
    ],
)
def test_a_language_tag_is_reported_as_its_file_spells_it(syntax: str, text: str) -> None:
    report = judge(text, syntax)

    assert ['"x"@en-GB', '"en-gb"@EN-gb'] == [result.value for result in report.results]
    for form in ("turtle", "jsonld", "json", "csv", "text", "html"):
        assert "en-GB" in render(report, form)
        assert "EN-gb" in render(report, form)


def test_a_literal_focus_is_judged_by_the_datatype_it_is_written_with() -> None:
    shapes = ONLY_IRIS.replace("sh:nodeKind sh:IRI", f"sh:datatype <{XSD}int>")
    data = read(f'<urn:a> <urn:q> "5"^^<{XSD}int> .')

    assert validate([data], [read(shapes)]).conforms


def test_two_spellings_of_one_value_are_two_values() -> None:
    report = judge(f'<urn:a> <urn:p> "1"^^<{XSD}boolean> , true , "01"^^<{XSD}integer> , 1 .')

    assert sorted(result.value for result in report.results) == sorted(values(report, "turtle"))
    assert 4 == len(set(values(report, "jsonld")))


def test_a_number_is_reported_as_written_by_our_own_shapes_too() -> None:
    text = GOOD.replace('"2016-02-18"^^xsd:date', "20.60")
    (result,) = judged(text, SHAPES).results

    assert f'"20.60"^^<{XSD}decimal>' == result.value
    assert "20.60" in render(judged(text, SHAPES), "turtle")


def test_a_blank_node_and_an_iri_with_escapes_are_the_same_in_every_form() -> None:
    shapes = ONLY_IRIS.replace("sh:nodeKind sh:IRI", "sh:nodeKind sh:Literal")
    data = read("<urn:a> <urn:p> <http://e/%20\\u00e9> . <urn:b> <urn:p> [ <urn:x> 1 ] .")
    report = validate([data], [read(shapes)])
    graph = Graph().parse(data=render(report, "turtle"), format="turtle")

    assert "<http://e/%20é>" in {result.value for result in report.results}
    assert "<http://e/%20é>" in values(report, "turtle")
    assert "<http://e/%20é>" in values(report, "jsonld")
    assert 2 == len(list(graph.objects(None, SH.value)))


def test_a_path_of_several_steps_stays_a_path_in_the_report() -> None:
    shapes = ONLY_IRIS.replace("sh:path <urn:p>", "sh:path ( <urn:p> <urn:p> )")
    report = validate([read("<urn:a> <urn:p> <urn:b> . <urn:b> <urn:p> 1 .")], [read(shapes)])
    graph = Graph().parse(data=render(report, "turtle"), format="turtle")
    (path,) = graph.objects(None, SH.resultPath)

    assert 2 == len(list(graph.items(path)))


def test_a_correction_keeps_what_a_text_says() -> None:
    shapes = SHAPES.replace("sh:datatype xsd:date", 'sh:languageIn ( "en" )')
    text = GOOD.replace('"2016-02-18"^^xsd:date', r'"C:\\new \"x\""')
    (result,) = judged(text, shapes).results

    assert r'write "C:\\new \"x\""@en' == result.hint


def test_a_correction_keeps_the_datatype_of_a_number() -> None:
    text = GOOD.replace("peel:count 3", 'peel:count "+1"^^xsd:decimal')
    report = judged(text)
    corrected = repair(Path("data/judgments.ttl"), PREFIXES + text, report)

    assert PREFIXES + text.replace("+1", "1") == corrected.text
