"""What is said of one resource and what links to it, and a plain page that shows both."""

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from flask import render_template

from peelgraph import terms
from peelgraph.http.cells import Cell, cell, link, short, why
from peelgraph.http.documents import ENDINGS, MOST_LINKS, path_of, unknown
from peelgraph.http.page_queries import Row, ask, evaluate, read_result
from peelgraph.http.service import Service

# Of the links to a hub so many stand on its page; its documents and a query have the rest.
_MOST_SHOWN = 25
_RDFS, _SKOS, _DCTERMS = (terms.VOCABULARIES[name] for name in ("rdfs", "skos", "dcterms"))


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
    def shown(self) -> list[Value]:
        """The values that a page shows."""
        return list(self.values.values())[:_MOST_SHOWN]

    @property
    def left(self) -> int:
        """How many more there are."""
        return max(self.total, len(self.values)) - len(self.shown)


@dataclass(slots=True)
class Resource:
    """All that is said of a resource and that names it, by property."""

    NAMES: ClassVar[tuple[str, ...]] = (f"{_RDFS}label", f"{_SKOS}prefLabel")
    OTHER_NAMES: ClassVar[tuple[str, ...]] = (f"{_SKOS}altLabel",)
    TEXTS: ClassVar[tuple[str, ...]] = (
        f"{_DCTERMS}description",
        f"{_SKOS}definition",
        f"{_RDFS}comment",
    )

    iri: str
    out: dict[str, Property] = field(default_factory=dict)
    back: dict[str, Property] = field(default_factory=dict)

    @property
    def name(self) -> Cell:
        """The name it goes by: the English one, where it has names in several languages."""
        named = sorted(self._cells(self.NAMES), key=lambda cell: cell.language)
        return named[0] if named else Cell(short(self.iri))

    @property
    def title(self) -> str:
        """The text of its name."""
        return self.name.text

    @property
    def others(self) -> list[Cell]:
        """Its other names, each in its language."""
        named = self._cells((*self.NAMES, *self.OTHER_NAMES))
        return [cell for cell in named if cell != self.name]

    @property
    def text(self) -> str:
        """What describes it; "" where nothing does."""
        return next((cell.text for cell in self._cells(self.TEXTS)), "")

    def read(self, property_iri: str) -> list[Value]:
        """The values of one of its properties."""
        return list(self.out[property_iri].values.values()) if property_iri in self.out else []

    def _cells(self, properties: tuple[str, ...]) -> list[Cell]:
        return [value.cell for iri in properties for value in self.read(iri)]


Kind = TypeVar("Kind", bound=Resource)


def read_resource(service: Service, iri: str, kind: type[Kind]) -> tuple[Kind, str]:
    """The resource and the version it is read from; UnknownName when nothing is said of it."""
    values = {"thing": iri, "terms": terms.TERM, "inferences": terms.INFERRED}
    result = evaluate(service, service.pages["properties-and-links"], values)
    rows = read_result(result)
    if not rows:
        raise unknown(service, iri)
    resource = kind(iri)
    _gather(resource, rows)
    if sum(row["to"] != "true" for row in rows) >= MOST_LINKS:
        _count_links(service, resource)
    return resource, result.version


def resource_page(service: Service, iri: str) -> tuple[str, str]:
    """The page of a resource and the version it shows; UnknownName when nothing is said of it."""
    resource, version = read_resource(service, iri, Resource)
    page = render_template("resource.html", resource=resource, path=path_of(iri), endings=ENDINGS)
    return page, version


def _gather(resource: Resource, rows: list[Row]) -> None:
    for row in rows:
        term = row.term("other")
        assert term is not None  # noqa: S101 - the query binds it in every row
        property_iri, inferred = row["property"], row["inferred"] == "true"
        is_out = row["to"] == "true"
        place = resource.out if is_out else resource.back
        name = Cell(row["propertyName"] or short(property_iri), link(property_iri), property_iri)
        values = place.setdefault(property_iri, Property(name, property_iri)).values
        shown = cell(term, row["otherName"])
        proof = ""
        if inferred and term["type"] == "uri":
            ends = (resource.iri, row["other"]) if is_out else (row["other"], resource.iri)
            proof = why(ends[0], property_iri, ends[1])
        values.setdefault(
            row["other"] + ("" if shown.link else shown.note), Value(shown, inferred, proof)
        )


def _count_links(service: Service, resource: Resource) -> None:
    """Tell how many things link to one that has more links than are read."""
    for row in ask(service, "link-counts", thing=resource.iri):
        iri = row["property"]
        name = Cell(row["propertyName"] or short(iri), link(iri), iri)
        resource.back.setdefault(iri, Property(name, iri)).total = int(row["total"])
