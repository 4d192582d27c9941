"""Reading one stored query: the lines marked `#+` above it, and its text.

    #+ summary: Members of a club, by name                    one line; required
    #+ description: One row a member; a club that nobody      what a row is
    #+   joined has none.                                     two spaces continue a line
    #+ tags: [member, club]
    #+ parameter: club iri club:chess The club                name, type, default, what it is
    #+ check: true                                            rows are mistakes: it should find none

A query of a page tells how its rows are shown as a table:

    #+ heading: Who works with it                             the heading of the table
    #+ note: What its parts do is counted with it.            a sentence below the heading
    #+ column: who Who                                        a variable and the head of its column

The type of a parameter is one of `parameters.TYPES`. Its default is written as a value is given,
in double quotes where it holds a space; `*` leaves the variable open, `-` demands a value.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.catalogue.parameters import OPEN, REQUIRED, TYPES, Parameter, read_term
from peelgraph.errors import Position, RequestRefused, SourceError
from peelgraph.sparql import Query

_KEYS = ("summary", "description", "tags", "parameter", "check", "heading", "note", "column")
_PARAMETER = re.compile(r'(?P<name>\w+)\s+(?P<type>\S+)\s+(?P<default>"[^"]*"|\S+)\s+(?P<about>.+)')
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """One question of the catalogue."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    query: Query
    is_check: bool = False
    heading: str = ""
    note: str = ""
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """Its text, header and all."""
        return self.query.text

    @property
    def form(self) -> str:
        """SELECT, ASK, CONSTRUCT or DESCRIBE."""
        return self.query.form

    def bind(self, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Each parameter that has a value, given or default, with its term in N-Triples syntax.

        Errors: RequestRefused for an unknown parameter, one without a value, or a wrong value.
        """
        unknown = sorted(set(values) - {parameter.name for parameter in self.parameters})
        if unknown:
            raise RequestRefused(
                f"{self.name} has no parameter {', '.join(unknown)}",
                hint=f"it has: {', '.join(p.name for p in self.parameters) or 'none'}",
            )
        bound = ((p.name, p.bind(values.get(p.name))) for p in self.parameters)
        return tuple((name, term) for name, term in bound if term is not None)


@dataclass(slots=True)
class _Header:
    """The header of one file, as read so far."""

    path: Path
    query: Query
    values: dict[str, str] = field(default_factory=dict)
    parameters: list[Parameter] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)


def read_query(path: Path) -> StoredQuery:
    """The stored query in `path`; SourceError with the line where its header is malformed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(path, "is not UTF-8 text", hint="save it as UTF-8") from error
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror}") from error
    if not _NAME.fullmatch(path.stem):
        raise SourceError(
            path, "a query is named in lower case with hyphens, as names-of-things.rq"
        )
    question = parse_query(text, path)
    if not question.summary:
        raise SourceError(path, "the header lacks a summary", hint="begin with: #+ summary: ...")
    return question


def parse_query(text: str, path: Path) -> StoredQuery:
    """A query of somebody's own, with or without a header; SourceError as read_query."""
    header = _Header(path, Query(text))
    for number, key, value in _entries(path, text):
        _take(header, key, value, Position(number, 1))
    return StoredQuery(
        name=path.stem,
        summary=header.values.get("summary", ""),
        description=header.values.get("description", ""),
        tags=tuple(re.findall(r"[^\s,\[\]]+", header.values.get("tags", ""))),
        parameters=tuple(header.parameters),
        query=header.query,
        is_check=header.values.get("check") == "true",
        heading=header.values.get("heading", ""),
        note=header.values.get("note", ""),
        columns=tuple(header.columns),
    )


def _entries(path: Path, text: str) -> list[tuple[int, str, str]]:
    """Line number, key and value of each entry, continued lines joined."""
    entries: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#+"):
            continue
        content = line.removeprefix("#+")
        if content.startswith("  ") and entries:
            first, key, value = entries[-1]
            entries[-1] = (first, key, f"{value} {content.strip()}".strip())
            continue
        key, colon, value = _split(content.strip())
        if not colon or key.strip() not in _KEYS:
            near = difflib.get_close_matches(key.strip(), _KEYS, n=1)
            raise SourceError(
                path,
                f"header entry {content.strip()!r} is not known",
                position=Position(number, 1),
                hint=f"did you mean {near[0]}:?" if near else f"known: {', '.join(_KEYS)}",
            )
        entries.append((number, key.strip(), value.strip()))
    return entries


def _split(entry: str) -> tuple[str, str, str]:
    """Key, colon and value; a parameter may do without its colon."""
    key, space, value = entry.partition(" ")
    if key == "parameter" and space:
        return key, ":", value
    return entry.partition(":")


def _take(header: _Header, key: str, value: str, position: Position) -> None:
    if key == "parameter":
        header.parameters.append(_read_parameter(header, value, position))
    elif key == "column":
        name, _, head = value.partition(" ")
        _check_variable(header, name, position)
        header.columns.append((name, head))
    elif key in header.values:
        raise SourceError(header.path, f"{key} is given twice", position=position)
    elif key == "check" and value not in {"true", "false"}:
        raise SourceError(header.path, f"check is true or false, not {value!r}", position=position)
    else:
        header.values[key] = value


def _read_parameter(header: _Header, value: str, position: Position) -> Parameter:
    match = _PARAMETER.fullmatch(value)
    if match is None:
        raise SourceError(
            header.path,
            f"parameter {value!r} cannot be read",
            position=position,
            hint="write: #+ parameter: NAME TYPE DEFAULT WHAT IT IS",
        )
    parameter = Parameter(
        match["name"], match["type"], match["default"].strip('"'), match["about"].strip()
    )
    if parameter.type not in TYPES:
        raise SourceError(
            header.path,
            f"{parameter.type} is not the type of a parameter",
            position=position,
            hint=f"one of {', '.join(TYPES)}",
        )
    _check_variable(header, parameter.name, position)
    if parameter.default not in {OPEN, REQUIRED}:
        try:
            read_term(parameter.type, parameter.default)
        except RequestRefused as error:
            raise SourceError(
                header.path, error.message, position=position, hint=error.hint
            ) from error
    return parameter


def _check_variable(header: _Header, name: str, position: Position) -> None:
    if name not in header.query.variables:
        found = f"the query has no variable ?{name}"
        raise SourceError(header.path, found, position=position)
