"""Rows and graphs as pages show them: prefixed names, links, labels."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from peelgraph import terms

_LINKED = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Cell:
    """One term of a page: its text, where it leads, its language or datatype."""

    text: str
    link: str = ""
    note: str = ""

    @property
    def language(self) -> str:
        """The language of a text that is not in English, "" for all else."""
        return "" if self.link or ":" in self.note else self.note


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a page: `total` counts those that are not shown, too."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    total: int


def link(iri: str) -> str:
    """Where a page leads for an IRI: our own documents for our own; "" where no link is safe."""
    for namespace, path in (
        (terms.ID, "/doc/"),
        (terms.TERM, "/ontology#"),
        (terms.SHAPE, "/shapes#"),
        (terms.GRAPH, "/graph/"),
        (f"{terms.EXAMPLES}/", "/queries/"),
        (f"{terms.BASE}.well-known/", "/.well-known/"),
    ):
        if iri.startswith(namespace):
            return path + iri.removeprefix(namespace)
    if iri in (terms.ONTOLOGY, terms.SHAPES):
        return "/" + iri.rpartition("/")[2]
    return iri if iri.startswith(_LINKED) else ""


def short(iri: str) -> str:
    """An IRI for reading: a prefixed name, or the IRI without brackets."""
    return terms.shorten(iri).strip("<>")


def cell(term: dict[str, str], label: str = "") -> Cell:
    """A term of SPARQL's JSON results as a cell."""
    value = term["value"]
    if term["type"] == "uri":
        return Cell(label or short(value), link(value), value if label else "")
    if term["type"] == "bnode":
        return Cell(f"_:{value}")
    datatype, language = term.get("datatype", ""), term.get("xml:lang", "")
    # A number, a date or English shows what it is; another language or datatype is told.
    if language == "en" or datatype.startswith(terms.VOCABULARIES["xsd"]):
        return Cell(value)
    return Cell(value, "", language or (short(datatype) if datatype else ""))


def read_rows(body: bytes) -> list[dict[str, dict[str, str]]]:
    """The rows of SPARQL's JSON results."""
    rows: list[dict[str, dict[str, str]]] = json.loads(body)["results"]["bindings"]
    return rows


def read_table(body: bytes, most: int) -> Table:
    """SPARQL's JSON results as a table of at most `most` rows."""
    columns = tuple(json.loads(body)["head"]["vars"])
    rows = read_rows(body)
    shown = tuple(
        tuple(cell(row[name]) if name in row else None for name in columns) for row in rows[:most]
    )
    return Table(columns, shown, len(rows))


def why(subject: str, predicate: str, value: str) -> str:
    """The address of the proof of a triple of three IRIs."""
    named = {"subject": subject, "predicate": predicate, "object": value}
    return "/explain?" + urlencode({part: f"<{iri}>" for part, iri in named.items()})
