"""What is offered is nearest, known somewhere, and true."""

from pathlib import Path

import pytest

from peelgraph.embedded import Embedded
from peelgraph.sources import parse
from peelgraph.terms import BASE, ID, PEEL, mint_graph
from peelgraph.validation import ShapeResult, validate
from peelgraph.validation.literals import remedy
from tests.validation.world import GOOD, ONTOLOGY, SHAPES, source

PUBLISHED = "\n".join(
    f'grade:requires-{name} a peel:Grade ; rdfs:label "Requires {name}"@en .'
    for name in ("improvement", "attention", "nothing", "patience", "thought")
)
XSD = "http://www.w3.org/2001/XMLSchema#"


def result_of(text: str, published: str = PUBLISHED, replaced: tuple[str, ...] = ()) -> ShapeResult:
    """The one result of a judgment beside what is published."""
    context = Embedded.memory()
    for graph in (mint_graph("grades"), ""):
        context.insert(source(published).triples, graph)
    report = validate(
        [source(text)],
        [source(SHAPES, "shapes/judgment.ttl", "shapes")],
        [source(ONTOLOGY, "ontology/judgment.ttl", "ontology")],
        context,
        replaced=replaced,
    )
    (result,) = report.results
    return result


def hint_of(text: str, replaced: tuple[str, ...] = ()) -> str:
    return result_of(text, replaced=replaced).hint


def test_names_come_from_all_that_is_published() -> None:
    wrong = GOOD.replace("grade:good", "grade:requires-improvment")

    assert "did you mean grade:requires-improvement?" == hint_of(wrong)


def test_names_come_from_labels() -> None:
    wrong = GOOD.replace("grade:good", '"Requires improvement"')

    told = "did you mean grade:requires-improvement? Name it by its IRI, not by a text."
    assert told == hint_of(wrong)


@pytest.mark.parametrize(
    "text",
    ["grade:requires-improvement", "https://w3id.org/peelgraph/id/grade/requires-improvement"],
)
def test_a_name_given_as_a_text_is_known(text: str) -> None:
    wrong = GOOD.replace("grade:good", f'"{text}"')

    assert "did you mean grade:requires-improvement?" in hint_of(wrong)


def test_names_come_from_the_data_too() -> None:
    wrong = GOOD.replace("grade:good", "grade:outstandig") + "grade:outstanding a peel:Grade .\n"

    assert "did you mean grade:outstanding?" == hint_of(wrong)


def test_what_would_be_replaced_is_not_offered() -> None:
    wrong = GOOD.replace("grade:good", "grade:requires-improvment")

    assert "requires" not in hint_of(wrong, replaced=(mint_graph("grades"),))


def test_of_what_is_another_kind_of_thing_the_kind_is_told() -> None:
    wrong = GOOD.replace("grade:good", "judgment:one")

    assert "judgment:one is a peel:Judgment: write a peel:Grade" == hint_of(wrong)


def test_what_no_name_is_near_to_is_described() -> None:
    wrong = GOOD.replace("grade:good", "grade:splendid-in-every-way")

    assert "describe it, with its type and label" == hint_of(wrong)


def test_of_two_values_the_published_one_is_named() -> None:
    published = PUBLISHED + "\njudgment:one peel:gives grade:inadequate ."

    (other,) = result_of(GOOD, published).counterparts

    assert ("peel:gives grade:inadequate", mint_graph("grades")) == (other.says, other.graph)
    assert f"{BASE}doc/judgment/one" == other.page


@pytest.mark.parametrize(
    ("text", "datatypes", "told"),
    [
        ("40", ["decimal"], "write 40.0"),
        ("-4.50", ["decimal"], "write -4.50"),
        ("4e1", ["decimal"], "write 40.0"),
        ("5.0", ["integer"], "write 5"),
        ("5.5", ["integer"], "write a whole number, in digits alone"),
        ("62%", ["decimal"], "write 62.0, if that is the number: "),
        ("£1,040", ["decimal"], "write 1040.0, if that is the number: "),
        ("TRUE", ["boolean"], "write true"),
        ("April 2017", ["date"], "write year, month and day: YYYY-MM-DD"),
        ("April 2017", ["date", "gYearMonth"], 'write "2017-04"^^xsd:gYearMonth'),
    ],
)
def test_a_literal_is_offered_as_what_it_exactly_says(
    text: str, datatypes: list[str], told: str
) -> None:
    assert remedy(text, [XSD + name for name in datatypes]).startswith(told)


@pytest.mark.parametrize(
    ("syntax", "text", "told"),
    [
        (
            "jsonld",
            f'{{"@id": "urn:a", "@type": "{PEEL}Judgment", "{PEEL}published": "18 February 2016",'
            f' "{PEEL}gives": {{"@id": "{ID}grade/good"}}}}',
            " (as Turtle writes it)",
        ),
        (
            "rdf",
            f'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="{PEEL}">'
            '<p:Judgment r:about="urn:a"><p:published>18 February 2016</p:published>'
            f'<p:gives r:resource="{ID}grade/good"/></p:Judgment></r:RDF>',
            " (as Turtle writes it)",
        ),
        (
            "ttl",
            f'<urn:a> a <{PEEL}Judgment> ; <{PEEL}published> "18 February 2016" ;'
            f" <{PEEL}gives> <{ID}grade/good> .",
            "",
        ),
    ],
)
def test_a_literal_is_offered_as_turtle_writes_it_and_a_hint_says_so(
    syntax: str, text: str, told: str
) -> None:
    report = validate(
        [parse(text.encode(), syntax, mint_graph("judgments"), Path(f"judgments.{syntax}"))],
        [source(SHAPES, "shapes/judgment.ttl", "shapes")],
        [source(ONTOLOGY, "ontology/judgment.ttl", "ontology")],
    )

    assert [f'write "2016-02-18"^^xsd:date{told}'] == [each.hint for each in report.results]
