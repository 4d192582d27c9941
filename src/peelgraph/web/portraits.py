"""The tables on the page of a thing of some kind: each the rows of one stored query.

A query binds `?thing`. Each of its columns is a variable, of which the first has a line of its own
for each value, and the others all the values that go with it; `?xName` is the text of `?x`,
`?passage` what states the line, and `?inferred` whether the value of the last column is inferred,
with `?subject`, `?link` and `?object` to ask why.
"""

from dataclasses import dataclass, field

from peelgraph.catalogue import StoredQuery
from peelgraph.web.cells import Cell, cell
from peelgraph.web.explained import why
from peelgraph.web.page_queries import Row, ask
from peelgraph.web.service import Service


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a line; `why` leads to the proof of one that is inferred."""

    cell: Cell
    why: str = ""


@dataclass(slots=True)
class Line:
    """One line of a table: the values under each head, and the passages that state it."""

    columns: tuple[list[Value], ...]
    passages: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Painted:
    """A table with its lines."""

    heading: str
    about: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def has_passages(self) -> bool:
        return any(line.passages for line in self.lines)


# The queries whose rows are tables on the page of each kind of thing, in their order.
_TABLES = {
    "force": ("works-with",),
    "unit": ("services-provided", "works-with", "partnerships", "statements-about"),
    "organisation": ("works-with", "partnerships", "services-provided", "statements-about"),
    "board": ("statements-about",),
    "scheme": ("figures-about", "statements-about"),
    "threat": ("tackled-by", "statements-about"),
    "judgment": ("reasons-for-judgment", "judgments-on-comparable-questions"),
    "observation": ("caveats-of-figure", "figures-of-same-measure"),
    "measure": ("figures-about",),
    "area": ("figures-about",),
    "report": ("grades-given-by-report", "sections"),
    "section": ("sections",),
    "passage": ("stated-by-passage",),
    "question": ("grades-on-question", "subquestions"),
}
_OF_ANY = ("statements-about",)


def paint(service: Service, kind: str, iri: str) -> list[Painted]:
    """The tables for a thing of that kind, those with no row left out."""
    painted = (_painted(service, service.pages[name], iri) for name in _TABLES.get(kind, _OF_ANY))
    return [one for one in painted if one.lines]


def _painted(service: Service, query: StoredQuery, iri: str) -> Painted:
    lines: dict[Cell, Line] = {}
    names = [name for name, _ in query.columns]
    for row in ask(service, query.name, thing=iri):
        cells = [_cell(row, name) for name in names]
        if cells[0] is None:
            continue
        line = lines.setdefault(cells[0], Line(tuple([] for _ in cells)))
        proof = ""
        if row["inferred"] == "true":
            proof = why(row["subject"], row["link"], row["object"])
        for name, found, values in zip(names, cells, line.columns, strict=True):
            value = Value(found, proof if name == names[-1] else "") if found else None
            if value and value not in values:
                values.append(value)
        passage = _cell(row, "passage")
        if passage and passage not in line.passages:
            line.passages.append(passage)
    heads = tuple(head for _, head in query.columns)
    return Painted(query.heading, query.note, heads, tuple(lines.values()))


def _cell(row: Row, name: str) -> Cell | None:
    term = row.term(name)
    return cell(term, row[f"{name}Name"]) if term is not None else None
