"""Headers of stored queries: what is read from them, and how a mistake is named."""

from pathlib import Path

import pytest

from peelgraph.catalogue import (
    Parameter,
    StoredQuery,
    find_renamed,
    read_catalogue,
    read_query,
)
from peelgraph.errors import RequestRefused, SourceError, UnknownName
from peelgraph.sparql import Query

HEADER = """\
#+ summary: Grades of a force
#+ description: One row a judgment;
#+   a force without any has none.
#+ tags: [judgment, force]
#+ parameter: force iri force:derbyshire The force asked about
"""
QUERY = "SELECT ?grade WHERE { ?force <p:gives> ?grade }\n"


def write(folder: Path, text: str, name: str = "grades.rq") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_header_is_read_whole(tmp_path: Path) -> None:
    question = read_query(write(tmp_path, HEADER + QUERY))

    expected = StoredQuery(
        name="grades",
        summary="Grades of a force",
        description="One row a judgment; a force without any has none.",
        tags=("judgment", "force"),
        parameters=(Parameter("force", "iri", "force:derbyshire", "The force asked about"),),
        query=Query(HEADER + QUERY),
    )
    assert expected == question


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("#+ summry: x\n", "grades.rq:1:1: header entry 'summry: x' is not known\n  did you mean"),
        ("#+ summary: x\n#+ summary: y\n", "grades.rq:2:1: summary is given twice"),
        ("#+ summary: x\n#+ inference: on\n", "grades.rq:2:1: inference is needed, or not given"),
        ("#+ formerly: Grades\n", "grades.rq:1:1: formerly 'Grades' cannot be read"),
        ("#+ formerly: marks a->b->c\n", "grades.rq:1:1: formerly 'marks a->b->c' cannot be"),
        ("#+ formerly: marks who->unit\n", "grades.rq:1:1: the query has no variable ?unit"),
        ("#+ tags: [x]\n", "grades.rq: the header lacks a summary"),
        ("#+ summary: x\n#+ check: yes\n", "grades.rq:2:1: check is true or false"),
        ("#+ summary: x\n#+ parameter: force\n", "grades.rq:2:1: parameter 'force' cannot be read"),
        ("#+ parameter: force name x About\n", "grades.rq:1:1: name is not the type"),
        ("#+ parameter: unit iri * About\n", "grades.rq:1:1: the query has no variable ?unit"),
        ("#+ parameter: force iri derbyshire About\n", "grades.rq:1:1: 'derbyshire' is no IRI"),
    ],
)
def test_a_malformed_header_is_named_at_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = write(tmp_path, text + QUERY)

    with pytest.raises(SourceError) as caught:
        read_query(path)

    assert f"{tmp_path}/{complaint}" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "bound"),
    [
        ({}, '"<https://w3id.org/peelgraph/id/force/derbyshire>"'),
        ({"force": "force:gwent"}, '"<https://w3id.org/peelgraph/id/force/gwent>"'),
        ({"force": "<urn:x>"}, '"<urn:x>"'),
        ({"force": "https://example.org/a%20b"}, '"<https://example.org/a%20b>"'),
    ],
)
def test_a_value_becomes_a_term(tmp_path: Path, values: dict[str, str], bound: str) -> None:
    question = read_query(write(tmp_path, HEADER + QUERY))

    assert (("force", bound.strip('"')),) == question.bind(values)


@pytest.mark.parametrize(
    ("type_name", "value", "term"),
    [
        ("string", 'Heddlu "Gwent" } DROP ALL', '"Heddlu \\"Gwent\\" } DROP ALL"'),
        ("text", "scheme", '"scheme"@en'),
        ("integer", "-5", '"-5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "20.6", '"20.6"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("date", "2016-02-18", '"2016-02-18"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("year", "2015", '"2015"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
    ],
)
def test_each_type_writes_its_own_terms(type_name: str, value: str, term: str) -> None:
    assert term == Parameter("x", type_name, "-", "any").bind(value)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"unit": "x"}, "grades has no parameter unit\n  it has: force"),
        ({"force": "<urn:x> } DROP ALL"}, "force: '<urn:x> } DROP ALL' is no iri"),
        ({"force": "<urn:{x}>"}, "force: '<urn:{x}>' is no IRI"),
    ],
)
def test_a_wrong_value_is_refused(tmp_path: Path, values: dict[str, str], complaint: str) -> None:
    question = read_query(write(tmp_path, HEADER + QUERY))

    with pytest.raises(RequestRefused) as caught:
        question.bind(values)

    assert complaint in str(caught.value)


def test_an_open_default_leaves_the_variable_free_and_a_needed_value_is_asked_for() -> None:
    assert Parameter("x", "iri", "*", "any").bind(None) is None
    with pytest.raises(RequestRefused, match="a value for x is needed: The thing"):
        Parameter("x", "iri", "-", "The thing").bind(None)


def test_an_unknown_name_tells_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, HEADER + QUERY, "grades-of-force.rq")
    catalogue = read_catalogue(tmp_path)

    with pytest.raises(UnknownName) as caught:
        catalogue.get("grade-of-forces")

    assert "did you mean grades-of-force?" in str(caught.value)


def test_an_older_name_asks_the_question_of_today(tmp_path: Path) -> None:
    former = "#+ formerly: marks body->force\n#+ formerly: top-marks grade=grade:good\n"
    (tmp_path / "judgments").mkdir()
    write(tmp_path / "judgments", HEADER + former + QUERY)
    questions = read_catalogue(tmp_path).questions

    marks = find_renamed(questions, "marks", [("body", "force:kent"), ("limit", "3")])
    top = find_renamed(questions, "top-marks", [])

    assert ["judgments"] == [each.subject for each in questions]
    assert marks and top
    assert (("force", "force:kent"), ("limit", "3")) == marks.values
    assert (("grade", "grade:good"),) == top.values
    assert marks.note == (
        "marks is called grades now, and its parameter body is called force now; "
        "the old name will go"
    )
    assert find_renamed(questions, "grades", [("force", "force:kent")]) is None


def test_two_questions_may_not_share_a_name(tmp_path: Path) -> None:
    write(tmp_path, HEADER + QUERY)
    write(tmp_path, "#+ formerly: grades\n" + HEADER + QUERY, "marks.rq")

    with pytest.raises(SourceError, match=r"marks\.rq: grades is a name of another question"):
        read_catalogue(tmp_path)


def test_a_folder_without_queries_and_a_malformed_query_fail(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no \.rq file here"):
        read_catalogue(tmp_path)
    write(tmp_path, "#+ summary: x\nSELECT ?x WHERE {")
    with pytest.raises(SourceError, match=r"grades\.rq: is no SPARQL 1\.1 query"):
        read_catalogue(tmp_path)
