"""Each kind of mistake is found at its place, with its remedy, and nothing beside it."""

import pytest

from peelgraph.embedded import Embedded
from peelgraph.errors import PublicationRefused, ShapesBroken, SourceError
from peelgraph.validation import Severity, Validated, accept, validate
from peelgraph.validation.model import flatten
from tests.validation.world import GOOD, ONTOLOGY, PREFIXES, SHAPES, judged, source

HEAD = PREFIXES.count("\n")

# What is written for what, and then: shape, line and column below the prefixes, part of the hint.
MISTAKES = [
    ("grade:good", "grade:goood", "Judgment-gives", 3, 16, "did you mean grade:good?"),
    ("peel:gives grade:good ;\n", "\n", "Judgment-gives", 1, 1, "add peel:gives with a peel:Grade"),
    ("grade:good", "grade:good, grade:inadequate", "Judgment-gives", 3, 5, ""),
    ("grade:good", '"good"', "Judgment-gives", 3, 16, "did you mean grade:good?"),
    ('"2016-02-18"^^xsd:date', '"2016-02-18"', "Judgment-published", 4, 20, '8"^^xsd:date'),
    ('"2016-02-18"', '"18/02/2016"', "typed-literal", 4, 20, 'write "2016-02-18"^^xsd:date'),
    ("peel:gives", "peel:givs", "declared-property", 3, 5, "did you mean peel:gives?"),
    ("peel:Judgment", "peel:Judgement", "declared-class", 1, 16, "did you mean peel:Judgment?"),
    ("peel:count 3", "peel:count peel:Grad", "declared-term", 5, 16, "did you mean peel:Grade?"),
    ("grade:good", "grade:goood", "described-thing", 3, 16, "did you mean grade:good?"),
    ("3 .", "+03 .", "canonical-literal", 5, 16, "write 3"),
]


@pytest.mark.parametrize("case", MISTAKES, ids=[f"{case[2]}:{case[1]}" for case in MISTAKES])
def test_a_mistake_is_found_at_its_place(case: tuple[str, str, str, int, int, str]) -> None:
    right, wrong, shape, line, column, hint = case
    report = judged(GOOD.replace(right, wrong, 1))

    # One mistake is one result, whatever else comes of it.
    assert 1 == len(report.results)
    results = [result for result in flatten(report.results) if result.shape.endswith(f"#{shape}>")]
    places = {(r.position.line - HEAD, r.position.column) for r in results if r.position}
    assert {(line, column)} == places
    assert any(hint in result.hint for result in results)
    assert {"data/judgments.ttl"} == {str(result.file) for result in results}


def test_right_data_has_no_result() -> None:
    report = judged(GOOD)

    assert () == report.results
    assert report.conforms
    assert (1, 5, 3) == (report.files_count, report.triples_count, report.shapes_count)


def test_a_warning_does_not_refuse_and_a_violation_does() -> None:
    warned = judged(GOOD.replace('"2016-02-18"^^xsd:date', '"in February"@en'))
    refused = judged(GOOD.replace("peel:gives grade:good ;", ""))

    assert [Severity.WARNING] == [result.severity for result in warned.results]
    assert isinstance(accept([source(GOOD)], warned), Validated)
    with pytest.raises(PublicationRefused, match="does not conform") as caught:
        accept([source(GOOD)], refused)
    assert refused is getattr(caught.value, "report", None)


def test_only_accept_makes_a_validated() -> None:
    with pytest.raises(TypeError):
        Validated((), judged(GOOD), None)  # type: ignore[arg-type]


def test_results_are_called_the_same_in_another_run() -> None:
    text = GOOD.replace("grade:good", "[ a peel:Judgment ]")

    assert [r.identifier for r in judged(text).results] == [
        r.identifier for r in judged("\n\n" + text).results
    ]


def test_names_come_from_labels() -> None:
    (result,) = judged(GOOD.replace("peel:gives grade:good ;", "")).results

    assert "Barn ar Heddlu" == result.label


def test_without_ontology_the_world_is_open() -> None:
    report = judged(GOOD.replace("peel:count", "peel:cuont"), ontology="")

    assert {"<https://w3id.org/peelgraph/shapes#Judgment-gives>"} == {
        result.shape for result in report.results
    }


def test_context_is_read_but_not_judged() -> None:
    context = Embedded.memory()
    text = "grade:requires-improvement a peel:Grade .\njudgment:old a peel:Judgment ."
    context.insert(source(text).triples, "")
    new = GOOD.replace("grade:good", "grade:requires-improvement") + (
        "judgment:two a peel:Judgment ; peel:gives grade:good ; peel:count judgment:old ."
    )
    shapes = [source(SHAPES, "shapes/judgment.ttl")]

    report = validate([source(new)], shapes, [source(ONTOLOGY)], context)

    assert () == report.results


TWINS = (
    """
psh:Judgment sh:sparql [
    sh:message "Another judgment was published on the same day."@en ;
    sh:prefixes psh:Prefixes ;
    sh:select """
    + '"""'
    + """SELECT $this ?value WHERE {
        $this peel:published ?value ; peel:gives ?grade .
        ?other peel:gives ?grade ; peel:published ?value . FILTER (?other != $this)
    }"""
    + '"""'
    + """ ] .
psh:Prefixes sh:declare [ sh:prefix "peel" ;
    sh:namespace "https://w3id.org/peelgraph/ontology#"^^xsd:anyURI ] .
"""
)


@pytest.mark.parametrize(("day", "clashes"), [("2016-02-18", True), ("2016-02-19", False)])
def test_a_published_twin_clashes_with_a_new_thing(day: str, clashes: bool) -> None:
    context = Embedded.memory()
    published = GOOD.replace("judgment:one", "judgment:published").replace("2016-02-18", day)
    context.insert(source(published).triples, "")
    shapes = [source(SHAPES + TWINS, "shapes/judgment.ttl")]

    report = validate([source(GOOD)], shapes, [source(ONTOLOGY)], context)

    assert clashes == (
        ["<https://w3id.org/peelgraph/id/judgment/one>"] == [r.focus for r in report.results]
    )
    assert clashes != report.is_clean


def test_a_check_over_nothing_fails() -> None:
    with pytest.raises(SourceError, match="proves nothing"):
        validate([], [source(SHAPES)])
    with pytest.raises(ShapesBroken, match="proves nothing"):
        validate([source(GOOD)], [])
    with pytest.raises(ShapesBroken, match="no shape here"):
        validate([source(GOOD)], [source(GOOD)])


BROKEN = [
    ("sh:minCount 1", "sh:mincount 1", "did you mean sh:minCount?"),
    ("sh:minCount 1", "sh:minCount -1", "is no count"),
    ("sh:path peel:gives ;", "", "has 0 sh:path"),
    ("sh:class peel:Grade", 'sh:class "Grade"', "is a literal"),
    ("sh:class peel:Grade", 'sh:pattern "("', "is no regular expression"),
    ("sh:class peel:Grade", "sh:in grade:good", "not a well-formed list"),
    ("sh:class peel:Grade", "sh:nodeKind sh:Iri", "sh:Iri does not exist"),
    ("sh:class peel:Grade", "sh:node psh:Judgment-gives", "write sh:property"),
    ("sh:class peel:Grade", 'sh:sparql [ sh:select "SELECT" ]', "malformed"),
    ("sh:class peel:Grade", 'sh:sparql [ sh:select "SELECT * FROM <a:b> {}" ]', "FROM"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), BROKEN, ids=[case[1] for case in BROKEN])
def test_broken_shapes_are_a_failure_with_their_line(right: str, wrong: str, message: str) -> None:
    with pytest.raises(ShapesBroken, match=r"shapes/judgment\.ttl:\d+:\d+: ") as caught:
        judged(GOOD, SHAPES.replace(right, wrong, 1))

    assert message in caught.value.message


TOTAL = (
    """
psh:Total sh:targetClass peel:Grade ; sh:sparql [
    sh:message "At most two judgments of three and more give this grade."@en ;
    sh:prefixes psh:Prefixes ;
    sh:select """
    + '"""'
    + """SELECT $this ?value WHERE {
        { SELECT $this (COUNT(?judgment) AS ?value) WHERE {
            ?judgment peel:gives $this ; peel:count ?count
        } GROUP BY $this }
        FILTER (?value > 2)
    }"""
    + '"""'
    + """ ] .
psh:Total a sh:NodeShape .
"""
)


@pytest.mark.parametrize(("published", "clashes"), [(1, False), (2, True)])
def test_new_data_clash_on_a_published_thing_once_they_cause_it(
    published: int, clashes: bool
) -> None:
    context = Embedded.memory()
    text = "grade:fair a peel:Grade .\n" + "".join(
        f"judgment:old-{n} peel:gives grade:fair ; peel:count {n} .\n" for n in range(published)
    )
    context.insert(source(text).triples, "")
    new = GOOD.replace("grade:good", "grade:fair")
    prefixes = TWINS[TWINS.index("psh:Prefixes sh:declare") :]
    shapes = [source(SHAPES + TOTAL + prefixes, "shapes/judgment.ttl")]

    report = validate([source(new)], shapes, [source(ONTOLOGY)], context)

    found = ["<https://w3id.org/peelgraph/id/grade/fair>"] if clashes else []
    assert found == [result.focus for result in report.results]


def test_what_only_inference_shows_or_hides_is_told_apart() -> None:
    new = GOOD.replace("judgment:one a peel:Judgment", "judgment:one peel:count 4")
    untyped = new + "judgment:two a peel:Judgment ; peel:gives grade:none .\n"
    typed = source("judgment:one a peel:Judgment . grade:none a peel:Grade .").triples

    report = validate(
        [source(untyped.replace("grade:good", "grade:bad"))],
        [source(SHAPES)],
        infer=lambda asserted: typed,
    )

    assert ["<https://w3id.org/peelgraph/id/judgment/one>"] == [r.focus for r in report.revealed]
    assert ["<https://w3id.org/peelgraph/id/judgment/two>"] == [r.focus for r in report.hidden]
    assert list(report.hidden) == list(report.results)
