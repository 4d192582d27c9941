"""What the graph of a report states, its passages print: each date, number, name and class.

Something that was computed, or read across from another passage, has a peel:derivation that says
how; only that may stand in the graph without being printed.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from peelgraph import terms
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store
from tests.printed import (
    Printed,
    join,
    read_dates,
    read_duration,
    read_numbers,
    read_report,
    read_words,
)

ROOT = Path(__file__).parents[1]
REPORT = "derbyshire-2015-effectiveness"
PEEL = Namespace(terms.PEEL)
ID = Namespace(terms.ID)
PASSAGE = f"{terms.ID}passage/{REPORT}-"
DATES = {XSD.date, XSD.gYearMonth, XSD.gYear}
# How a figure is given: as a value, a minimum, or a range.
FIGURES = (PEEL.value, PEEL.minimum, PEEL.lowerBound, PEEL.upperBound)
TEXTS = (
    *(RDFS.label, SKOS.altLabel, DCTERMS.title, DCTERMS.description),
    *(PEEL.extent, PEEL.condition, PEEL.frequency, PEEL.promptness),
)
# Numbers by which a text points at a question, a figure or a page, and counts of what it lists.
POINTERS = re.compile(r"(?i)\b(?:questions?|figure|page|footnote)(?: \d+(?:,| and|$)?)+")
COUNTED = 12
# What a passage has to print for a thing of the class, in one of these ways.
CLASSES = {
    "Area": ("derby", "derbyshire"),
    "AreaForImprovement": ("should",),
    "Board": ("board",),
    "Chairing": ("chair", "chaired"),
    "CollaborativeUnit": ("unit", "team"),
    "CrimeGroup": ("group", "OCG"),
    "DataSource": ("data",),
    "Demand": ("improvement",),
    "DiversionScheme": ("scheme", "project", "processes"),
    "Exercise": ("test", "tested", "exercise", "testing"),
    "Fieldwork": ("inspected",),
    "ForceUnit": ("unit", "team", "room", "centre", "intelligence function"),
    "GradeCriterion": ("effectiveness",),
    "Incident": ("fire",),
    "Inspection": ("inspection", "inspected"),
    "Legislation": ("act",),
    "Meeting": ("meeting",),
    "OffenderScheme": ("scheme", "programme", "arrangements"),
    "Operation": ("operation",),
    "Premises": ("site", "headquarters"),
    "Publication": ("report", "guidance", "requirement", "outcomes", "inspection", "review"),
    "Recommendation": ("recommended", "recommendation"),
    "RegionalOrganisedCrimeUnit": ("regional organised crime unit",),
    "Report": ("report", "inspection", "police effectiveness"),
    "ThreatList": ("threat",),
}
# The thing is called by its name; only words that join others may be ours.
NAMED = (
    "Organisation",
    "PartnerGroup",
    "PartnerOrganisation",
    "PoliceRank",
    "Post",
    "PostKind",
    "StaffKind",
)
JOINING = set(
    read_words("a at by derbyshire for from in member of on or other police provider the to with")
)
# Classes by which a reader sorts what the report says: they are no words of it.
SORTED = set(
    re.findall(
        r"\w+",
        "Capability CaseKind Caveat Cohort ContextStatement CoreQuestion CrimeType Definition"
        " Expectation FigureComparison Gap InspectionMethod Judgment JudgmentComparison Measure"
        " MethodNote Observation OutcomeType OverallQuestion Partnership Period Plan"
        " PlannedDevelopment Power Practice Programme Progress Provision Responsibility Strength"
        " System Tactic Threat Weakness",
    )
)
BODIES = ("board", "kind", "organisation", "scheme", "unit")
PLACES = {
    "area/derbyshire": ("derbyshire", "constabulary", "county-wide"),
    "area/england-and-wales": ("england and wales",),
    "region/east-midlands": ("east midlands",),
}
UNITS = {
    "count": "",
    "minutes": "minutes",
    "per-1000-households": "households",
    "per-1000-population": "population",
    "per-million-population": "million population",
    "per-quarter": "quarter",
    "percent": "percent",
    "percent-change": "percent",
    "weeks": "week",
    "years": "year",
}
RISKS = {
    "low": ("lower risk", "less complex"),
    "medium": ("medium-risk",),
    "high": ("high risk", "high-risk"),
    "highest": ("highest",),
}


@cache
def read_graph() -> Graph:
    """The graph of the report, with what data/reference says of the things that it names.

    What has a source of its own there is known from elsewhere, unless it is a statement.
    """
    graph, shared = Graph(), Graph()
    for path in sorted((ROOT / "data" / "reports" / REPORT).glob("*.ttl")):
        graph.parse(path)
    for path in sorted((ROOT / "data" / "reference").glob("*.ttl")):
        shared.parse(path)
    elsewhere = set(shared.subjects(DCTERMS.source)) - set(graph.subjects(PEEL.statedIn))
    for thing in set(graph.subjects()) - elsewhere:
        for triple in shared.triples((thing, None, None)):
            graph.add(triple)
    return graph


@cache
def printed() -> dict[str, Printed]:
    return read_report(REPORT)


def passages_of(graph: Graph, thing: Node) -> list[str]:
    """The slugs of the passages that state or name a thing; of a passage, its own."""
    if is_passage(thing):
        return [str(thing).removeprefix(PASSAGE)]
    given = [*graph.objects(thing, PEEL.statedIn), *graph.objects(thing, PEEL.namedIn)]
    return [str(each).removeprefix(PASSAGE) for each in given]


def is_passage(thing: Node) -> bool:
    return str(thing).startswith(PASSAGE)


def is_document(graph: Graph, thing: Node) -> bool:
    """Whether a thing is a part of the document, or of how the graph is published."""
    kinds = {terms.shorten(str(kind)) for kind in graph.objects(thing, RDF.type)}
    return bool(kinds & {"qb:DataSet", "dcat:Dataset", "peel:Section"})


def things(graph: Graph) -> Iterator[tuple[Node, Printed]]:
    """Each thing, with what its passages print."""
    for thing in sorted(set(graph.subjects()), key=str):
        if not is_document(graph, thing):
            yield thing, join(printed()[each] for each in passages_of(graph, thing))


def literals(graph: Graph, thing: Node, *properties: URIRef) -> Iterator[Literal]:
    for name in properties or sorted(set(graph.predicates(thing)), key=str):
        yield from (o for o in graph.objects(thing, name) if isinstance(o, Literal))


def words_of(graph: Graph, thing: Node) -> str:
    """The words in which the graph itself tells of a thing."""
    given = literals(graph, thing, RDFS.label, SKOS.altLabel, DCTERMS.description)
    return " ".join(map(str, given)).lower()


def find_dates(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for literal in literals(graph, thing):
        if literal.datatype in DATES and str(literal) not in found.dates:
            yield str(literal)


def find_numbers(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for literal in literals(graph, thing):
        text = str(literal)
        text = str(literal)
        if literal.datatype in {XSD.decimal, XSD.integer}:
            is_printed = abs(Decimal(text)) in found.numbers
        elif literal.datatype == XSD.duration:
            is_printed = read_duration(text) in found.durations
        else:
            continue
        if not is_printed:
            yield text


def find_printed_forms(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for form in literals(graph, thing, PEEL.statedAs):
        numbers = set(read_numbers(str(form)))
        if not (
            numbers <= found.numbers
            and set(read_dates(str(form))) <= found.dates
            and found.holds(re.sub(r"%", " percent", str(form)))
        ):
            yield str(form)
        for value in literals(graph, thing, *FIGURES):
            if abs(Decimal(str(value))) not in numbers:
                yield f"{value}, printed {form}"


def find_numbers_in_words(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    texts = TEXTS[1:] if is_passage(thing) else TEXTS  # the label of a passage counts it
    for literal in literals(graph, thing, *texts):
        text = POINTERS.sub(" ", str(literal))
        numbers = {each for each in read_numbers(text) if each > COUNTED or each % 1}
        if numbers - found.numbers or set(read_dates(text)) - found.dates:
            yield str(literal)


def find_names(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for name in literals(graph, thing, PEEL.abbreviation):
        if not found.holds(str(name)):
            yield str(name)
    for title in literals(graph, thing, DCTERMS.title):
        if not found.holds(str(title)):
            yield str(title)


def find_classes(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for kind in graph.objects(thing, RDF.type):
        name = str(kind).removeprefix(terms.PEEL)
        if not str(kind).startswith(terms.PEEL) or name in SORTED or is_passage(thing):
            continue
        if name in NAMED:
            (label,) = graph.objects(thing, RDFS.label)
            ours = set(read_words(str(label))) - JOINING
            if not all(map(found.holds, ours)):
                yield f"{name}: {label}"
            continue
        ours_too = words_of(graph, thing)
        if not any(
            found.holds(words) and (" " not in words or words in ours_too)
            for words in CLASSES.get(name, ())
        ):
            yield name


def find_grades(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for name in (PEEL.gives, PEEL.forGrade):
        for grade in graph.objects(thing, name):
            if not found.holds(str(grade).rpartition("/")[2].replace("-", " ")):
                yield str(grade)


def find_places(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for area in graph.objects(thing, PEEL.area):
        if not any(map(found.holds, PLACES[str(area).removeprefix(terms.ID)])):
            yield str(area)


def find_periods(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for name in (PEEL.period, PEEL.comparedWith):
        for period in graph.objects(thing, name):
            (end,) = graph.objects(period, PEEL.ends)
            if str(end) not in found.dates and name == PEEL.period:
                yield str(period)
            if not {str(end), "previous", "year"} & (found.dates | found.words):
                yield str(period)


def find_units(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    if any(
        (measure, PEEL.derivation, None) in graph for measure in graph.objects(thing, PEEL.measure)
    ):
        return
    for unit in graph.objects(thing, PEEL.unitOfMeasure):
        if not found.holds(UNITS[str(unit).rpartition("/")[2]]):
            yield str(unit)


def find_risks(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    for level in graph.objects(thing, PEEL.forRiskLevel):
        if not any(map(found.holds, RISKS[str(level).rpartition("/")[2]])):
            yield str(level)


def find_bodies(graph: Graph, thing: Node, found: Printed) -> Iterator[str]:
    """The bodies, schemes and kinds that a statement tells of, and none of its passages names."""
    passages = set(graph.objects(thing, PEEL.statedIn))
    for name, other in graph.predicate_objects(thing):
        is_body = str(other).removeprefix(terms.ID).partition("/")[0] in BODIES
        named = set(graph.objects(other, PEEL.namedIn))
        if passages and is_body and name != PEEL.concerns and not passages & named:
            yield str(other)


# What a peel:derivation may account for; figures, classes, grades and risks are always printed.
DERIVABLE = (
    *(find_dates, find_numbers_in_words, find_names, find_places, find_periods, find_units),
    find_bodies,
)
# What no check here sees: the passage prints the words, but of something else.
READ_ACROSS = {
    f"observation:{REPORT}-drug-activity-england-and-wales",
    f"observation:{REPORT}-domestic-abuse-perpetrators-in-integrated-offender-management",
    "publication:crime-inspection-2014-derbyshire",
    "publication:peel-efficiency-2015-derbyshire",
    "publication:peel-efficiency-reports-2015",
    "publication:peel-legitimacy-2015-derbyshire",
}
CHECKS = [each for name, each in list(globals().items()) if name.startswith("find_")]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_the_graph_states_its_passages_print(
    check: Callable[[Graph, Node, Printed], Iterator[str]],
) -> None:
    graph = read_graph()

    assert [] == [
        (terms.shorten(str(thing)), fault)
        for thing, found in things(graph)
        for fault in check(graph, thing, found)
        if check not in DERIVABLE or (thing, PEEL.derivation, None) not in graph
    ]


def test_each_derivation_accounts_for_something() -> None:
    graph = read_graph()
    derived = set(graph.subjects(PEEL.derivation))
    unprinted = {
        thing
        for thing, found in things(graph)
        if any(fault for check in DERIVABLE for fault in check(graph, thing, found))
    }

    assert derived
    assert {terms.shorten(str(thing)) for thing in derived - unprinted} == READ_ACROSS


def test_a_definition_defines_nothing_that_is_of_one_force() -> None:
    graph = read_graph()
    owned = {
        thing
        for name in (PEEL.unitOf, PEEL.runBy, PEEL.takesPlaceIn, PEEL.ofKind)
        for thing in graph.subjects(name)
        if str(thing).startswith((f"{ID}unit/", f"{ID}scheme/"))
    }

    assert owned
    assert set() == owned & set(graph.objects(None, PEEL.defines))


def test_what_a_kind_is_said_to_be_is_not_said_of_the_scheme_of_a_force() -> None:
    graph = read_graph()

    for own, kind in graph.subject_objects(PEEL.ofKind):
        assert not set(passages_of(graph, own)) & set(passages_of(graph, kind))
        for name in (PEEL.targets, PEEL.participant):
            assert not set(graph.objects(own, name)) & set(graph.objects(kind, name))


def test_what_qualifies_shares_does_not_qualify_counts() -> None:
    graph = read_graph()
    caveat = ID[f"caveat/{REPORT}-shares-rounded"]
    limited = {*graph.objects(caveat, PEEL.qualifies), *graph.subjects(PEEL.isQualifiedBy, caveat)}
    measured = {measure for each in limited for measure in graph.objects(each, PEEL.measure)}

    assert {ID[f"passage/{REPORT}-figure-7"]} == {
        each for each in limited if (each, RDF.type, PEEL.Observation) not in graph
    }
    assert measured
    assert set() == measured - set(graph.subjects(PEEL.shareOf))


def test_a_figure_without_a_printed_date_or_area_has_none() -> None:
    graph = read_graph()
    period = ID[f"period/{REPORT}-inspection"]
    figures = (f"observation/{REPORT}-in-depth-questions{n}" for n in ("", "-discussed"))

    assert [] == list(graph.subjects(PEEL.period, period))
    for each in map(ID.__getitem__, figures):
        assert (each, PEEL.value, None) in graph
        assert (each, PEEL.area, None) not in graph
        assert (each, PEEL.concerns, ID["force/derbyshire"]) not in graph


def test_the_local_teams_answer_for_the_highest_risk_alone() -> None:
    graph = read_graph()
    held = set(graph.subjects(PEEL.holder, ID["unit/derbyshire-local-offender-teams"]))

    assert held
    for each in held:
        assert [ID["risk-level/highest"]] == list(graph.objects(each, PEEL.forRiskLevel))
        assert [ID["cohort/highest-risk-offenders"]] == list(
            graph.objects(each, PEEL.responsibleFor)
        )


@pytest.mark.parametrize("other", ["developers", "businesses"])
def test_whom_architects_work_with_does_not_work_with_the_force(
    other: str, project_store: Store
) -> None:
    asked = f"ASK {{ <{ID}organisation/{other}> <{PEEL.worksWith}> <{ID}force/derbyshire> }}"
    answer = project_store.query(
        QueryRequest(Query(asked), results="application/sparql-results+json")
    )

    assert b"false" in answer.body


def test_a_grade_is_defined_no_further_than_in_annex_a() -> None:
    scheme = Graph().parse(ROOT / "ontology" / "schemes" / "grades-2014-to-2018.ttl")
    annex = join(printed()[f"annex-a-judgments-{number}"] for number in range(1, 10))
    ours = set(read_words("a all both by enough or than the there to what achieves exceeds"))

    defined = dict(scheme.subject_objects(SKOS.definition))
    grades = set(scheme.subjects(RDF.type, PEEL.Grade))
    assert 4 == len(grades)
    for grade in grades:
        words = set(read_words(str(defined[grade]))) - ours
        assert words <= annex.words, grade


def test_everything_is_stated_or_named_in_a_passage() -> None:
    graph = read_graph()

    assert [] == [
        thing
        for thing in set(graph.subjects())
        if not is_document(graph, thing) and not passages_of(graph, thing)
    ]
    assert set() == {s for t in set(graph.subjects()) for s in passages_of(graph, t)} - set(
        printed()
    )
