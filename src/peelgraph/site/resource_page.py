"""The page of one thing: what it is in a sentence, tables for its kind, all that is said.

A table shows the rows of one stored query, whose first parameter is the thing (`site/tables`).
"""

from dataclasses import dataclass
from typing import ClassVar

from flask import render_template

from peelgraph import terms
from peelgraph.http.cells import Cell, link
from peelgraph.http.documents import ENDINGS, path_of
from peelgraph.http.page_queries import Row, ask
from peelgraph.http.resource import Property, Resource, read_resource
from peelgraph.http.service import Service, StoredQuestion
from peelgraph.site.figures import Chart, read_measure
from peelgraph.site.force_page import ForcePage
from peelgraph.site.grades import NOT_READ
from peelgraph.site.name_index import kind_of
from peelgraph.site.tables import Table, table_by_first

_TYPE = f"{terms.VOCABULARIES['rdf']}type"
# The places that state a thing are told apart, with their report or table.
_PLACES = tuple(f"{terms.PEEL}{name}" for name in ("statedIn", "namedIn", "attestedIn"))
_READABLE = (
    terms.PEEL,
    *(terms.VOCABULARIES[name] for name in ("rdfs", "skos", "dcterms", "foaf")),
)
# The narrower relation tells more than these, which follow from it or turn it round; the rows of
# links elsewhere, too, have the thing as their subject, and stand in their own table.
_WIDE = (
    *(f"{terms.PEEL}{name}" for name in ("mentions", "isMentionedIn", "attests", "qualifies")),
    *(f"{terms.VOCABULARIES['dcterms']}{name}" for name in ("subject", "replaces")),
)
# These lead to things of other datasets, too, which have a table of their own.
_LINKING = (
    f"{terms.VOCABULARIES['rdfs']}seeAlso",
    *(f"{terms.VOCABULARIES['skos']}{name}" for name in ("exactMatch", "closeMatch")),
)
# What is a report itself, and what has reports: a force those of all its inspections.
_THEMSELVES = ("publication", "report")
_REPORTED = ("force", "inspection", "judgment")


@dataclass(slots=True)
class Thing(Resource):
    """A resource of the dataset, as its page shows it."""

    OTHER_NAMES: ClassVar[tuple[str, ...]] = (*Resource.OTHER_NAMES, f"{terms.PEEL}abbreviation")

    @property
    def kind(self) -> str:
        """The type of thing that its IRI tells."""
        return self.iri.removeprefix(terms.ID).partition("/")[0]

    @property
    def measure(self) -> str:
        """The IRI of what a figure measures, or of the measure itself; "" for another thing."""
        if self.kind == "measure":
            return self.iri
        return next((value.cell.note for value in self.read(f"{terms.PEEL}measure")), "")

    @property
    def classes(self) -> list[Cell]:
        """Its classes in our ontology as they were stated, without those that follow."""
        ours = (v for v in self.read(_TYPE) if v.cell.note.startswith(terms.PEEL))
        return [value.cell for value in ours if not value.inferred]

    @property
    def facts(self) -> list[Property]:
        """What is said of it in words, beyond names, texts, classes, places and links elsewhere."""
        told = (*self.NAMES, *self.OTHER_NAMES, *self.TEXTS, *_PLACES, _TYPE)
        facts = [one for iri, one in self.out.items() if iri not in told and _is_readable(iri)]
        return [one for one in map(_without_links_elsewhere, facts) if one.values]

    @property
    def links(self) -> list[Property]:
        """What names it, in words."""
        return [one for iri, one in self.back.items() if iri not in _PLACES and _is_readable(iri)]


def _without_links_elsewhere(one: Property) -> Property:
    """The property with those values alone that the table of links elsewhere does not show."""
    if one.iri not in _LINKING:
        return one
    own = {key: value for key, value in one.values.items() if value.cell.link.startswith("/")}
    return Property(one.name, one.iri, own)


def _is_readable(iri: str) -> bool:
    """Whether a property says in our own or in common words what no wider one need repeat."""
    return iri.startswith(_READABLE) and iri not in _WIDE


def thing_page(service: Service, iri: str) -> tuple[str, str]:
    """The page of a thing and the version it shows; UnknownName when nothing is said of it."""
    thing, version = read_resource(service, iri, Thing)
    page = render_template(
        "thing.html",
        thing=thing,
        iri=iri,
        kind=kind_of(iri),
        sentence=sentence_of(service, thing.kind, iri),
        charts=_charts(service, thing.measure),
        force=ForcePage(service, iri, thing.title) if thing.kind == "force" else None,
        tables=read_tables(service, thing.kind, iri),
        sources=_sources(service, iri),
        reports=read_reports(service, thing.kind, iri),
        not_read=NOT_READ,
        path=path_of(iri),
        endings=ENDINGS,
        version=service.current(),
    )
    return page, version


def _charts(service: Service, measure: str) -> dict[str, Chart]:
    """A measure in all areas, for the periods that have more than one."""
    charts = read_measure(service, measure)[1] if measure else {}
    return {period: chart for period, chart in charts.items() if len(chart.bars) > 1}


@dataclass(slots=True)
class Source:
    """A passage that states a thing: its place in a report, or a row of a table and its sources."""

    passage: Cell
    section: Cell | None
    report: Cell | None
    addresses: list[str]
    verified: bool


def _sources(service: Service, iri: str) -> list[Source]:
    sources: dict[str, Source] = {}
    for row in ask(service, "places-of-thing", thing=iri):
        source = sources.setdefault(
            row["passage"],
            Source(
                Cell(row["passageName"], link(row["passage"])),
                _part(row, "section"),
                _part(row, "report"),
                [],
                row["verified"] != "false",
            ),
        )
        if row["source"] and row["source"] not in source.addresses:
            source.addresses.append(row["source"])
    return list(sources.values())


def _part(row: Row, name: str) -> Cell | None:
    return Cell(row[f"{name}Name"], link(row[name])) if row[name] else None


# The queries whose rows are tables on the page of each kind of thing, in their order; those of the
# catalogue answer readers and pages alike.
_TABLES = {
    "force": ("partners-of-organisation",),
    "unit": (
        *("judgments-of-unit", "services-of-organisation", "partners-of-organisation"),
        *("partnerships", "statements-about"),
    ),
    "organisation": (
        *("partners-of-organisation", "partnerships"),
        *("services-of-organisation", "statements-about"),
    ),
    "board": ("statements-about",),
    "scheme": ("figures-about", "statements-about"),
    "threat": ("organisations-that-tackle-threat", "statements-about"),
    "judgment": ("findings-behind-judgment", "judgments-on-comparable-questions"),
    "observation": ("caveats-of-figure", "figures-of-same-measure"),
    "measure": ("figures-about",),
    "area": ("figures-about",),
    "report": ("grades-given-by-report", "sections"),
    "section": ("sections",),
    "passage": ("stated-by-passage",),
    "question": ("grades-on-question", "subquestions"),
}
_OF_ANY = ("statements-about",)
# A question of the catalogue, which stands last on the page of a thing of any kind.
_ELSEWHERE = "links-to-other-datasets"


def read_tables(service: Service, kind: str, iri: str) -> list[Table]:
    """The tables for a thing of that kind, those with no row left out."""
    names = (*_TABLES.get(kind, _OF_ANY), _ELSEWHERE)
    queries = (query for name in names if (query := service.find_query(name)) is not None)
    painted = (_table(service, query, iri) for query in queries)
    return [one for one in painted if one.lines]


def _table(service: Service, query: StoredQuestion, iri: str) -> Table:
    return table_by_first(query, ask(service, query.name, **{query.parameters[0].name: iri}))


def _force(row: Row) -> str:
    where = f" ({row['regionName']})" if row["region"] else ""
    unit = f" It is one of the forces of the {row['unitName']}." if row["unit"] else ""
    return f"The police force of the {row['areaName']}{where}.{unit}"


def _judgment(row: Row) -> str:
    asked = f"{_number(row)}{_of_pillar(row)}: " if row["questionNumber"] else ""
    return (
        f"In {row['roundName']}, {row['forceName']} was judged {row['gradeName'].lower()} on "
        f"{asked}“{row['questionName']}”"
    )


def _observation(row: Row) -> str:
    held = [row[name] for name in ("measureName", "areaName", "periodName") if row[name]]
    unit = "" if row["unitOfMeasureName"] == "number" else f" {row['unitOfMeasureName']}"
    return f"{row['statedAs']}{unit}: {', '.join(held)}."


def _question(row: Row) -> str:
    asked = _number(row) if row["questionNumber"] else "a question"
    if not row["kind"]:
        asked = "a diagnostic question"
    told = f"{asked[0].upper()}{asked[1:]}{_of_pillar(row)} in {row['roundName']}."
    if row["gradingExtent"]:
        told = f"{told} Graded in {row['gradingExtentName']}."
    # A diagnostic question is not graded.
    if not row["kind"]:
        return told
    return f"{told} This dataset has the grades of {row['graded']} of {row['forces']} forces on it."


def _of_pillar(row: Row) -> str:
    return f" of {row['pillarName'].lower()}" if row["pillar"] else ""


def _number(row: Row) -> str:
    number = row["questionNumber"]
    return "the overall question" if number == "overall" else f"question {number}"


_SENTENCES = {
    "force": ("force-in-words", _force),
    "judgment": ("judgment-in-words", _judgment),
    "observation": ("figure-in-words", _observation),
    "question": ("question-in-words", _question),
}


def sentence_of(service: Service, kind: str, iri: str) -> str:
    """The sentence for a thing of that kind; "" where its description has to do."""
    if kind not in _SENTENCES:
        return ""
    name, say = _SENTENCES[kind]
    rows = ask(service, name, thing=iri)
    return say(rows[0]) if rows else ""


@dataclass(frozen=True, slots=True)
class Report:
    """One publication that reports an inspection: its page here, and its own address if known."""

    name: Cell
    address: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Reports:
    """The publications on a thing, or the thing itself where it is one."""

    found: tuple[Report, ...]
    is_unread: bool

    @property
    def read(self) -> int:
        """How many of them were read."""
        return sum(report.is_read for report in self.found)


def read_reports(service: Service, kind: str, iri: str) -> Reports:
    """The publications on an inspection, a judgment or a force; none for another kind of thing.

    `is_unread` says that there is something to read and that none of it is in the data.
    """
    if kind not in (*_THEMSELVES, *_REPORTED):
        return Reports((), is_unread=False)
    found: dict[str, Report] = {}
    for row in ask(service, "publications-about", thing=iri):
        name = Cell(row["title"], link(row["publication"]))
        found.setdefault(row["publication"], Report(name, row["page"], row["isRead"] == "true"))
    is_read = any(report.is_read for report in found.values())
    return Reports(tuple(found.values()), not is_read and (bool(found) or kind in _REPORTED))
