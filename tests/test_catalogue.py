"""The catalogue as a whole: one name one meaning, in questions, parameters and columns alike."""

import re
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph import terms
from peelgraph.catalogue import StoredQuery, read_catalogue
from peelgraph.store import Store
from tests.test_queries import QUERIES, ask, lines

HERE = Path(__file__).parent
QUESTIONS = read_catalogue(HERE.parent / "queries").questions
# What a literal is to a reader, by its datatype.
KINDS = {
    **dict.fromkeys(("integer", "decimal", "double"), "number"),
    **dict.fromkeys(("date", "gYear", "gYearMonth"), "date"),
}

# What a property may lead to, whatever it is.
OF_ANY_KIND = {"object", "other"}
OTHERS = {"boolean", "date", "number", "words"}
# Types of thing that are of a wider one, whose name a column has.
NARROWER = {
    "area": {"region"},
    "organisation": {"board", "force", "unit"},
    "outcomeType": {"power"},
    "plan": {"system"},
    "publication": {"report"},
    "scheme": {"kind"},
}
# Own properties that no stored question names, each with why. Inverses of those asked need none.
NOT_ASKED = {
    "attestedIn": "statedIn and namedIn, which imply it, are asked",
    "attests": "the inverse of attestedIn",
    "chairs": "follows from a chairing, whose body and role are asked",
    "handles": "follows from a provision, whose provider and kind of case are asked",
    "hasChair": "the inverse of chairs",
    "isMentionedIn": "the inverse of mentions",
    "mentions": "statements-about-thing asks by every property, those that imply it too",
    "partOfCause": "no source read prints a recommendation under a cause of concern",
    "revisits": "no source read tells of a revisit",
    "within": "inSection, subsectionOf and sectionOf, which imply it, are asked",
    "yearlyChange": "a tolerance by which shapes hold figures against one another",
}


def kind(cell: str) -> str:
    """What a cell of SPARQL's TSV holds: an IRI, a number, a date, words, a boolean."""
    if cell.startswith("<"):
        return "IRI"
    if typed := re.search(r"\^\^<[^<>]*#(\w+)>$", cell):
        return KINDS.get(typed[1], typed[1])
    if cell in ("true", "false"):
        return "boolean"
    return "number" if re.fullmatch(r"-?[0-9.]+(e[-+]?[0-9]+)?", cell) else "words"


def tables() -> dict[str, list[list[str]]]:
    """The expected table of each query that has one, of pages too, its head without question marks.

    Checks find nothing, and what is asked of the version itself has no words of ours.
    """
    paths = {path.stem: HERE / "expected" / f"{path.stem}.tsv" for path in QUERIES}
    read = {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.exists()}
    return {
        name: [[cell.removeprefix("?") for cell in line.split("\t")] for line in text.splitlines()]
        for name, text in read.items()
    }


def columns() -> dict[str, dict[str, list[str]]]:
    """Each column with the kinds of its cells, and the questions that have such."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for question, (head, *rows) in tables().items():
        for at, name in enumerate(head):
            for each in sorted({kind(row[at]) for row in rows if row[at]}):
                found[name].setdefault(each, []).append(question)
    return found


def test_a_column_holds_one_kind_of_value_in_all_questions() -> None:
    assert len(columns()) > 100
    mixed = {name: kinds for name, kinds in columns().items() if len(kinds) > 1}
    assert {} == {name: kinds for name, kinds in mixed.items() if name not in OF_ANY_KIND}


def test_a_column_called_as_a_type_of_thing_holds_such_things() -> None:
    """`period` is a period of figures in all questions, and never one of monitoring."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for head, *rows in tables().values():
        for row in rows:
            for name, cell in zip(head, row, strict=True):
                if cell.startswith(f"<{terms.ID}"):
                    found[name].add(cell.removeprefix(f"<{terms.ID}").partition("/")[0])
    types = set().union(*found.values())
    called = {name: re.sub(r"([A-Z])", r"-\1", name).lower() for name in found}

    assert len(types) > 30
    assert {
        name: held - {called[name]} - NARROWER.get(name, set())
        for name, held in found.items()
        if called[name] in types and held - {called[name]} - NARROWER.get(name, set())
    } == {}


def test_no_column_is_called_for_what_any_thing_has() -> None:
    """A label is that of a thing, as forceName, and the class of things is a kind."""
    bare = {"name", "label", "class", "says", "number", "wording"}

    assert {name: found for name, found in columns().items() if name in bare} == {}


def test_a_column_that_ends_in_name_holds_the_labels_of_another() -> None:
    kinds = {name: set(found) for name, found in columns().items()}
    named = [
        (question, name)
        for question, (head, *_) in tables().items()
        for name in head
        if name.endswith("Name")
    ]

    assert named
    for question, name in named:
        assert {"words"} == kinds[name], (question, name)
        thing = name.removesuffix("Name")
        assert {"IRI"} == kinds[thing] - (OTHERS if thing in OF_ANY_KIND else set())
        assert name.removesuffix("Name") in tables()[question][0], (question, name)


def test_every_question_stands_in_the_folder_of_its_subject() -> None:
    for question in QUESTIONS:
        assert re.fullmatch(r"[a-z]+", question.subject), question.name
        assert question.is_check == (question.subject == "checks"), question.name


def test_a_parameter_that_is_a_column_too_is_that_column() -> None:
    """A parameter is named for what it is, so that its default is such a thing."""
    kinds = columns()
    for question in QUESTIONS:
        for parameter in question.parameters:
            if parameter.name in kinds:
                expected = {"iri": "IRI"}.get(parameter.type, "words")
                assert {expected} == set(kinds[parameter.name]), (question.name, parameter.name)


@pytest.mark.embedded
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_only_what_says_so_needs_inference(question: StoredQuery, project_store: Store) -> None:
    answers = [
        lines(ask(project_store, question, inference=inference)) for inference in (True, False)
    ]

    assert question.needs_inference == (answers[0] != answers[1])
    assert question.needs_inference == ("inference" in question.tags)


def test_every_own_property_is_in_a_question_or_has_a_reason() -> None:
    ontology = ox.Store()
    for file in sorted((HERE.parent / "ontology").glob("*.ttl")):
        ontology.load(path=file, format=ox.RdfFormat.TURTLE)
    inverses = defaultdict(set)
    for quad in ontology.quads_for_pattern(None, ox.NamedNode(terms.expand("owl:inverseOf")), None):
        inverses[quad.subject.value].add(quad.object.value)
        inverses[quad.object.value].add(quad.subject.value)
    kinds = ("owl:ObjectProperty", "owl:DatatypeProperty")
    own = {
        quad.subject.value
        for kind in kinds
        for quad in ontology.quads_for_pattern(None, None, ox.NamedNode(terms.expand(kind)))
        if quad.subject.value.startswith(terms.PEEL)
    }
    deprecated = ox.NamedNode(terms.expand("owl:deprecated"))
    own -= {quad.subject.value for quad in ontology.quads_for_pattern(None, deprecated, None)}
    asked = {
        terms.PEEL + name
        for question in QUESTIONS
        for name in re.findall(r"\bpeel:(\w+)", question.text)
    }
    missing = {each for each in own - asked if not inverses[each] & asked}

    assert len(own) > 150
    assert {each.removeprefix(terms.PEEL) for each in missing} == set(NOT_ASKED)
