"""The page of one thing: what it is in a sentence, what is told of its kind, all that is said."""

from dataclasses import dataclass, field

from flask import render_template

from peelgraph import terms
from peelgraph.web.absence import NOT_READ
from peelgraph.web.cells import Cell, cell, link, short
from peelgraph.web.charts import Chart
from peelgraph.web.documents import ENDINGS, MOST_LINKS, path_of, unknown
from peelgraph.web.explained import why
from peelgraph.web.figures import read_measure
from peelgraph.web.forces import ForcePage
from peelgraph.web.names import kind_of
from peelgraph.web.page_queries import Row, ask, evaluate, read_result
from peelgraph.web.portraits import paint
from peelgraph.web.reports import read_reports
from peelgraph.web.sentences import sentence_of
from peelgraph.web.service import Service

# Of the links to a hub so many stand on its page; its documents and a query have the rest.
_MOST_SHOWN = 25
_RDFS, _SKOS, _DCTERMS = (terms.VOCABULARIES[name] for name in ("rdfs", "skos", "dcterms"))
_NAMES = (f"{_RDFS}label", f"{_SKOS}prefLabel")
_OTHER_NAMES = (f"{_SKOS}altLabel", f"{terms.PEEL}abbreviation")
_TEXTS = (f"{_DCTERMS}description", f"{_SKOS}definition", f"{_RDFS}comment")
_TYPE = f"{terms.VOCABULARIES['rdf']}type"
# The places that state a thing are told apart, with their report or table.
_PLACES = tuple(f"{terms.PEEL}{name}" for name in ("statedIn", "namedIn", "attestedIn"))
_READABLE = (terms.PEEL, _RDFS, _SKOS, _DCTERMS, terms.VOCABULARIES["foaf"])
# The narrower relation tells more than these, which follow from it or turn it round.
_WIDE = tuple(
    f"{terms.PEEL}{name}" for name in ("mentions", "isMentionedIn", "attests", "qualifies")
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property; `why` leads to the proof of one that is inferred."""

    cell: Cell
    inferred: bool
    why: str


@dataclass(slots=True)
class Property:
    """A property with its values, a value once; `total` counts those that were not read, too."""

    name: Cell
    iri: str
    values: dict[str, Value] = field(default_factory=dict)
    total: int = 0

    @property
    def is_readable(self) -> bool:
        """Whether it says in our own or in common words what no wider property need repeat."""
        return self.iri.startswith(_READABLE) and self.iri not in _WIDE

    @property
    def shown(self) -> list[Value]:
        return list(self.values.values())[:_MOST_SHOWN]

    @property
    def left(self) -> int:
        return max(self.total, len(self.values)) - len(self.shown)


@dataclass(slots=True)
class Thing:
    """All that is said of a thing and that names it, by property."""

    iri: str
    out: dict[str, Property] = field(default_factory=dict)
    back: dict[str, Property] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The type of thing that its IRI tells."""
        return self.iri.removeprefix(terms.ID).partition("/")[0]

    @property
    def measure(self) -> str:
        """The IRI of what a figure measures, or of the measure itself; "" for another thing."""
        if self.kind == "measure":
            return self.iri
        return next((value.cell.note for value in self._values(f"{terms.PEEL}measure")), "")

    @property
    def name(self) -> Cell:
        """The name it goes by: the English one, where it has names in several languages."""
        named = sorted(self._cells(_NAMES), key=lambda cell: cell.language)
        return named[0] if named else Cell(short(self.iri))

    @property
    def title(self) -> str:
        return self.name.text

    @property
    def others(self) -> list[Cell]:
        """Its other names, each in its language."""
        return [cell for cell in self._cells((*_NAMES, *_OTHER_NAMES)) if cell != self.name]

    @property
    def text(self) -> str:
        return next((cell.text for cell in self._cells(_TEXTS)), "")

    @property
    def classes(self) -> list[Cell]:
        """Its classes in our ontology as they were stated, without those that follow."""
        ours = (v for v in self._values(_TYPE) if v.cell.note.startswith(terms.PEEL))
        return [value.cell for value in ours if not value.inferred]

    @property
    def facts(self) -> list[Property]:
        """What is said of it in words, beyond names, texts, classes and places."""
        told = (*_NAMES, *_OTHER_NAMES, *_TEXTS, *_PLACES, _TYPE)
        return [one for iri, one in self.out.items() if iri not in told and one.is_readable]

    @property
    def links(self) -> list[Property]:
        """What names it, in words."""
        return [one for one in self.back.values() if one.is_readable and one.iri not in _PLACES]

    def _cells(self, properties: tuple[str, ...]) -> list[Cell]:
        return [value.cell for iri in properties for value in self._values(iri)]

    def _values(self, property_iri: str) -> list[Value]:
        return list(self.out[property_iri].values.values()) if property_iri in self.out else []


def thing_page(service: Service, iri: str) -> tuple[str, str]:
    """The page of a thing and the version it shows; UnknownName when nothing is said of it."""
    result = evaluate(service, service.pages["properties-and-links"], {"thing": iri})
    rows = read_result(result)
    if not rows:
        raise unknown(service, iri)
    thing = _gathered(iri, rows)
    if sum(row["to"] != "true" for row in rows) >= MOST_LINKS:
        _count_links(service, thing)
    page = render_template(
        "thing.html",
        thing=thing,
        iri=iri,
        kind=kind_of(iri),
        sentence=sentence_of(service, thing.kind, iri),
        charts=_charts(service, thing.measure),
        force=ForcePage(service, iri, thing.title) if thing.kind == "force" else None,
        portraits=paint(service, thing.kind, iri),
        sources=_sources(service, iri),
        reports=read_reports(service, thing.kind, iri),
        not_read=NOT_READ,
        path=path_of(iri),
        endings=ENDINGS,
        version=service.current(),
    )
    return page, result.version


def _charts(service: Service, measure: str) -> dict[str, Chart]:
    """A measure in all areas, for the periods that have more than one."""
    charts = read_measure(service, measure)[1] if measure else {}
    return {period: chart for period, chart in charts.items() if len(chart.bars) > 1}


def _gathered(iri: str, rows: list[Row]) -> Thing:
    thing = Thing(iri)
    for row in rows:
        term = row.term("other")
        assert term is not None  # noqa: S101 - the query binds it in every row
        property_iri, inferred = row["property"], row["inferred"] == "true"
        is_out = row["to"] == "true"
        place = thing.out if is_out else thing.back
        name = Cell(row["propertyName"] or short(property_iri), link(property_iri), property_iri)
        values = place.setdefault(property_iri, Property(name, property_iri)).values
        shown = cell(term, row["name"])
        proof = ""
        if inferred and term["type"] == "uri":
            ends = (iri, row["other"]) if is_out else (row["other"], iri)
            proof = why(ends[0], property_iri, ends[1])
        values.setdefault(
            row["other"] + ("" if shown.link else shown.note), Value(shown, inferred, proof)
        )
    return thing


def _count_links(service: Service, thing: Thing) -> None:
    """Tell how many things link to one that has more links than are read."""
    for row in ask(service, "link-counts", thing=thing.iri):
        iri = row["property"]
        name = Cell(row["propertyName"] or short(iri), link(iri), iri)
        thing.back.setdefault(iri, Property(name, iri)).total = int(row["total"])


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
