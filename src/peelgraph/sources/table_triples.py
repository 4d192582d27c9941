"""The triples that the rows of a table state, each with the cell it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from peelgraph.sources.dates import read_dates
from peelgraph.sources.table_checks import Table, Values
from peelgraph.sources.table_schema import ROW, SLOT, Column
from peelgraph.terms import VOCABULARIES

Lookup = Mapping[str, Mapping[str, Values]]
_TYPE = f"<{VOCABULARIES['rdf']}type>"
_DATASET = f"<{VOCABULARIES['dcat']}Dataset>"


def state_head(graph: str, head: Mapping[str, Any]) -> Iterator[str]:
    """What the graph of a table says of itself, as lines of N-Triples."""
    yield f"<{graph}> {_TYPE} {_DATASET} ."
    for key, given in sorted(head.items()):
        predicate = VOCABULARIES["dcterms"] + key.partition(":")[2]
        for value in given if isinstance(given, list) else [given]:
            if not isinstance(value, dict):
                term = str(ox.Literal(value))
            elif "@id" in value:
                term = str(ox.NamedNode(value["@id"]))
            else:
                term = str(ox.Literal(value["@value"], language=value.get("@language")))
            yield f"<{graph}> <{predicate}> {term} ."


@dataclass(frozen=True, slots=True)
class Described:
    """What the Turtle files say: the IRIs with a type, and each IRI with each property it has."""

    things: frozenset[str]
    values: frozenset[tuple[str, str]]


class Stating:
    """States the rows of one table, which gives way to what Turtle files say."""

    def __init__(self, table: Table, lookup: Lookup, described: Described) -> None:
        self._table = table
        self._lookup = lookup
        self._described = described
        self._columns = [column for column in table.schema.columns if column.property]
        self._words = {column.name for column in table.schema.columns if column.words}
        self._cells = {column.name: _find_cell(column) for column in self._columns}

    def state(self, row: int) -> Iterator[tuple[str, str]]:
        """Each line of N-Triples that a row states, with the name of the column it comes from.

        A cell that makes no IRI is noted among the faults of the table.
        """
        values = self._table.values[row]
        known: dict[str, str] = {}
        for column in self._columns:
            cell = self._cells[column.name]
            for about in self._subjects(column, values, known):
                if not self._holds(column, values, about):
                    continue
                try:
                    for value in self._objects(column, values, known):
                        yield f"{ox.NamedNode(about)} <{column.property}> {value} .", cell
                except ValueError as error:
                    self._table.faults.add(
                        f"{cell}: {error}",
                        self._table.cell(row, cell).position,
                        "write the whole address: https://...",
                    )

    def _subjects(self, column: Column, values: Values, known: dict[str, str]) -> Iterator[str]:
        """The IRIs a column speaks of: one, or one for each value of a cell that names them."""
        own = values.get(column.name)
        if isinstance(own, list) and column.name in column.about.variable_names:
            for item in own:
                yield str(column.about.expand(**{**values, column.name: item}))
        elif about := self._expand(column.about, values, known):
            yield about

    def _holds(self, column: Column, values: Values, about: str) -> bool:
        if column.only_with and values[column.only_with] is None:
            return False
        if column.only_without and values[column.only_without] is not None:
            return False
        match column.yields:
            case "never":
                return True
            case "thing":
                return about not in self._described.things
            case "value":
                return (about, column.property) not in self._described.values

    def _expand(self, template: Any, values: Values, known: dict[str, str]) -> str:
        """The IRI of a template, "" where a cell it names is null; each is made once a row."""
        made = known.get(template.uri)
        if made is None:
            wanted = {name: values[name] for name in template.variable_names}
            made = "" if None in wanted.values() else str(template.expand(**wanted))
            known[template.uri] = made
        return made

    def _objects(self, column: Column, values: Values, known: dict[str, str]) -> Iterator[str]:
        if column.text:
            if all(values[found[1]] is not None for found in SLOT.finditer(column.text)):
                text = self._fill(column.text, values)
                yield str(ox.Literal(text, language=column.language or None))
            return
        own = values.get(column.name)
        stated = own if isinstance(own, list) else [own] if own is not None else []
        if column.value is not None and not (
            isinstance(own, list) and column.name in column.value.variable_names
        ):
            iri = self._expand(column.value, values, known)
            if iri:
                yield str(ox.NamedNode(iri))
            return
        for item in stated:
            if column.value is not None:
                yield str(ox.NamedNode(column.value.expand(**{**values, column.name: item})))
            else:
                yield _literal(column, item)

    def _fill(self, text: str, values: Values) -> str:
        """A text with its slots filled: a cell, or the cell of the row that a cell refers to."""

        def fill(found: Any) -> str:
            name, other = found[1], found[2]
            cell = str(values[name])
            if other:
                return str(self._lookup[name][cell][other])
            return cell.replace("-", " ") if name in self._words else cell

        return SLOT.sub(fill, text)


def _literal(column: Column, text: str) -> str:
    if column.language:
        return str(ox.Literal(text, language=column.language))
    if column.dates:
        (date,) = read_dates(text)
        return str(ox.Literal(text, datatype=ox.NamedNode(VOCABULARIES["xsd"] + date.datatype)))
    if column.datatype:
        return str(ox.Literal(text, datatype=ox.NamedNode(column.datatype)))
    return str(ox.Literal(text))


def _find_cell(column: Column) -> str:
    """The column of the file whose cell decides what this one states."""
    if not column.virtual:
        return column.name
    names = [found[1] for found in SLOT.finditer(column.text)]
    for template in (column.value, column.about):
        names += list(template.variable_names) if template is not None else []
    return next((name for name in names if name != ROW), "")
