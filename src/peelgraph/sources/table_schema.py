"""What a table's columns are and what they state, from its CSVW metadata.

The metadata (`<table>.csv-metadata.json`, W3C "Metadata Vocabulary for Tabular Data") is read by
csvw. Annotations say what CSVW has no word for, each with the prefix of the project's ontology;
other tools pass over them:

text              the text of a virtual column, with names of columns in braces; {owner.name} is
                  the cell `name` of the row that the foreign key `owner` leads to
onlyWith          states nothing where that cell is null; onlyWithout, where it is not
yields            true: states nothing about a thing that a Turtle file of data/ describes;
                  "value": nothing where such a file states the same property of the thing
words             in texts, hyphens of the cell are spaces
dates             the cell is a day, a month or a year, each stated in its own datatype

A template that names a null cell states nothing, and a cell of several values states each.
"""

import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from csvw.metadata import Table

from peelgraph.errors import Position, SourceError
from peelgraph.sources.reading import decode, read_bytes
from peelgraph.terms import PROJECT

ROW = "_sourceRow"  # CSVW's name for the number of a row in its file
SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TEXT, _ONLY_WITH, _ONLY_WITHOUT, _YIELDS, _WORDS, _DATES = _OURS = tuple(
    f"{PROJECT.ontology_prefix}:{name}"
    for name in ("text", "onlyWith", "onlyWithout", "yields", "words", "dates")
)
_KNOWN = frozenset({*_OURS, "dcterms:description"})

Yields = Literal["never", "thing", "value"]
_HOW_IT_YIELDS: dict[Any, Yields] = {False: "never", True: "thing", "value": "value"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and what each states."""

    name: str
    virtual: bool
    required: bool
    separator: str
    datatype: str
    language: str
    about: Any  # csvw.metadata.URITemplate, or None
    property: str
    value: Any
    text: str
    only_with: str
    only_without: str
    yields: Yields
    words: bool
    dates: bool
    described: Any  # csvw.metadata.Column, which reads cells


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose cells are those of another table's column."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of one table, its key, its references, and what its graph says of itself."""

    path: Path
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    head: dict[str, Any]

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that the file holds."""
        return tuple(column for column in self.columns if not column.virtual)


def read_schema(path: Path, shown: Path) -> Schema:
    """The schema of a table from the metadata beside it.

    Errors: SourceError when there is none, it is no JSON, no CSVW, or names an unknown column.
    """
    if not path.exists():
        raise SourceError(
            shown, "no such file", hint="describe the table's columns in it: see data/tables"
        )
    document = _load(path, shown)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = Table.fromvalue(document)
    except (ValueError, TypeError, KeyError, Warning) as error:
        raise SourceError(shown, f"is no CSVW metadata of a table: {error}") from error
    schema = Schema(
        path=shown,
        columns=tuple(_column(column, shown) for column in table.tableSchema.columns),
        key=tuple(table.tableSchema.primaryKey or ()),
        references=tuple(_references(table)),
        head={key: value for key, value in document.items() if key.startswith("dcterms:")},
    )
    _check(schema)
    return schema


def _load(path: Path, shown: Path) -> dict[str, Any]:
    try:
        document = json.loads(decode(read_bytes(path, shown), shown))
    except json.JSONDecodeError as error:
        where = Position(error.lineno, error.colno)
        raise SourceError(shown, f"is no JSON: {error.msg}", position=where) from error
    if not isinstance(document, dict) or "tableSchema" not in document:
        raise SourceError(shown, "describes no table: it lacks a tableSchema")
    return document


def _column(column: Any, shown: Path) -> Column:
    notes = column.common_props
    unknown = sorted(set(notes) - _KNOWN)
    if unknown:
        known = ", ".join(sorted(_KNOWN))
        raise SourceError(
            shown, f"column {column}: {unknown[0]} is no annotation we read", hint=f"known: {known}"
        )
    yields = _HOW_IT_YIELDS.get(notes.get(_YIELDS, False))
    if yields is None:
        raise SourceError(
            shown,
            f"column {column}: {notes[_YIELDS]!r} is no value of {_YIELDS}",
            hint='write true, or "value"',
        )
    base = column.datatype.base if column.datatype else "string"
    language = column.lang if column.lang != "und" else ""
    return Column(
        name=str(column),
        virtual=bool(column.virtual),
        required=bool(column.required),
        separator=column.separator or "",
        datatype="" if base == "string" else _XSD + base,
        language=language,
        about=column.aboutUrl,
        property=column.propertyUrl.uri if column.propertyUrl else "",
        value=column.valueUrl,
        text=notes.get(_TEXT, ""),
        only_with=notes.get(_ONLY_WITH, ""),
        only_without=notes.get(_ONLY_WITHOUT, ""),
        yields=yields,
        words=bool(notes.get(_WORDS, False)),
        dates=bool(notes.get(_DATES, False)),
        described=column,
    )


def _references(table: Any) -> list[Reference]:
    return [
        Reference(
            key.columnReference[0],
            str(key.reference.resource),
            key.reference.columnReference[0],
        )
        for key in table.tableSchema.foreignKeys
    ]


def _check(schema: Schema) -> None:
    """Every column that a template, a text, a condition or a key names is one of the file."""
    names = {column.name for column in schema.read} | {ROW}
    for column in schema.columns:
        used = {found[1] for found in SLOT.finditer(column.text)}
        used |= {name for name in (column.only_with, column.only_without) if name}
        for template in (column.about, column.value):
            used |= set(template.variable_names) if template is not None else set()
        _refuse(schema, column.name, used - names)
        if column.property and column.about is None:
            raise SourceError(schema.path, f"column {column.name}: it lacks an aboutUrl")
    _refuse(schema, "primaryKey", set(schema.key) - names)
    _refuse(schema, "foreignKeys", {one.column for one in schema.references} - names)


def _refuse(schema: Schema, where: str, unknown: set[str]) -> None:
    if unknown:
        raise SourceError(schema.path, f"{where} names {min(unknown)}, which is no column")
