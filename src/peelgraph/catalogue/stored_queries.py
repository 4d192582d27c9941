"""Stored queries: the header of a .rq file, its parameters, and all files of a folder by name."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pyoxigraph import Literal, NamedNode, Store

from peelgraph import terms
from peelgraph.errors import Position, RequestRefused, SourceError, UnknownName
from peelgraph.sparql import Query

OPEN = "*"
REQUIRED = "-"

_XSD = terms.VOCABULARIES["xsd"]

# Type: datatype ("" where a value is no plain typed literal), pattern of a value, an example.
TYPES = {
    "iri": ("", r"\S+", terms.PROJECT.example_thing),
    "string": ("", r"(?s:.*)", "a name"),
    "text": ("", r"(?s:.*)", "some words"),
    "integer": (f"{_XSD}integer", r"[+-]?[0-9]+", "42"),
    "decimal": (f"{_XSD}decimal", r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", "20.6"),
    "boolean": (f"{_XSD}boolean", r"true|false", "true"),
    "date": (f"{_XSD}date", r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}", "2016-02-18"),
    "year": (f"{_XSD}gYear", r"-?[0-9]{4,}", "2015"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One variable that a caller may bind; `default` is written as a caller would write it."""

    name: str
    type: str
    default: str
    about: str

    def bind(self, value: str | None) -> str | None:
        """The term for `value`, or for the default; None where the variable stays open.

        Errors: RequestRefused when the value is no such term, or is needed and not given.
        """
        chosen = self.default if value is None else value
        if value is None and chosen == REQUIRED:
            raise RequestRefused(f"a value for {self.name} is needed: {self.about}")
        if chosen == OPEN:
            return None
        try:
            return read_term(self.type, chosen)
        except RequestRefused as error:
            raise RequestRefused(f"{self.name}: {error.message}", hint=error.hint) from error


def read_term(type_name: str, value: str) -> str:
    """`value` as a term of the named type, in N-Triples syntax; RequestRefused when it is none."""
    datatype, pattern, example = TYPES[type_name]
    if not re.fullmatch(pattern, value):
        raise RequestRefused(f"{value!r} is no {type_name}", hint=f"write it like this: {example}")
    if type_name == "iri":
        return _read_iri(value)
    if type_name == "text":
        return str(Literal(value, language="en"))
    return str(Literal(value, datatype=NamedNode(datatype)) if datatype else Literal(value))


def read_node(value: str) -> str:
    """An IRI, a prefixed name, `a` or a literal in quotes as a term; RequestRefused if none."""
    if value == "a":  # as Turtle and our own explanations write rdf:type
        return f"<{terms.PREFIXES['rdf']}type>"
    return value if value.startswith('"') else _read_iri(value)


def _read_iri(value: str) -> str:
    iri = value[1:-1] if value.startswith("<") and value.endswith(">") else value
    prefix, _, local = iri.partition(":")
    if iri == value and prefix in terms.PREFIXES and not local.startswith("//"):
        iri = terms.PREFIXES[prefix] + local
    try:
        if ":" in iri:
            return str(NamedNode(iri))
    except ValueError:
        pass
    raise RequestRefused(
        f"{value!r} is no IRI",
        hint=f"write <https://...>, or a prefixed name as {terms.PROJECT.example_thing}",
    )


_KEYS = (
    "summary",
    "description",
    "tags",
    "parameter",
    "inference",
    "check",
    "formerly",
    "heading",
    "note",
    "column",
)
_PARAMETER = re.compile(r'(?P<name>\w+)\s+(?P<type>\S+)\s+(?P<default>"[^"]*"|\S+)\s+(?P<about>.+)')
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FORMERLY = re.compile(rf"(?P<name>{_NAME.pattern})(?P<rest>( +\w+(->\w+|=\S+))*)")


@dataclass(frozen=True, slots=True)
class Former:
    """An older name of a question, with its older parameters, and values that it implied."""

    name: str
    parameters: Mapping[str, str]
    values: Mapping[str, str]


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
    needs_inference: bool = False
    former: tuple[Former, ...] = ()
    subject: str = ""
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
    former: list[Former] = field(default_factory=list)
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
        needs_inference=header.values.get("inference") == "needed",
        former=tuple(header.former),
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
    elif key == "formerly":
        header.former.append(_read_former(header, value, position))
    elif key in header.values:
        raise SourceError(header.path, f"{key} is given twice", position=position)
    elif key == "inference" and value != "needed":
        raise SourceError(
            header.path, f"inference is needed, or not given: not {value!r}", position=position
        )
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


def _read_former(header: _Header, value: str, position: Position) -> Former:
    """An older name; `old->new` for each renamed parameter, `name=value` for an implied one."""
    match = _FORMERLY.fullmatch(value)
    if match is None:
        raise SourceError(
            header.path,
            f"formerly {value!r} cannot be read",
            position=position,
            hint="write: #+ formerly: OLD-NAME old->new parameter=value",
        )
    former = Former(
        match["name"],
        dict(re.findall(r"(\w+)->(\w+)", match["rest"])),
        dict(re.findall(r"(\w+)=(\S+)", match["rest"])),
    )
    for parameter in (*former.parameters.values(), *former.values):
        _check_variable(header, parameter, position)
    return former


def _check_variable(header: _Header, name: str, position: Position) -> None:
    if name not in header.query.variables:
        found = f"the query has no variable ?{name}"
        raise SourceError(header.path, found, position=position)


class HasFormer(Protocol):
    """What is known of the older names of a stored question."""

    @property
    def name(self) -> str: ...
    @property
    def former(self) -> tuple[Former, ...]: ...


Stored = TypeVar("Stored", bound=HasFormer)


@dataclass(frozen=True, slots=True)
class Renamed(Generic[Stored]):
    """What an older name asks, by the names of today, and what to say of it."""

    stored: Stored
    values: tuple[tuple[str, str], ...]
    note: str


def find_renamed(
    questions: Iterable[Stored], name: str, values: Iterable[tuple[str, str]]
) -> Renamed[Stored] | None:
    """The question that goes by an older name, or older parameters; None where all are current."""
    for stored in questions:
        for former in stored.former:
            if former.name == name:
                return _rename(stored, former, tuple(values))
    return None


def _rename(
    stored: Stored, former: Former, values: tuple[tuple[str, str], ...]
) -> Renamed[Stored] | None:
    old = [key for key, _ in values if key in former.parameters]
    if stored.name == former.name and not old:
        return None
    notes = [f"{former.name} is called {stored.name} now"] if stored.name != former.name else []
    notes += [f"its parameter {key} is called {former.parameters[key]} now" for key in old]
    named = [(former.parameters.get(key, key), value) for key, value in values]
    implied = [pair for pair in former.values.items() if pair[0] not in dict(named)]
    return Renamed(stored, (*implied, *named), f"{', and '.join(notes)}; the old name will go")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The stored queries, sorted by name."""

    questions: tuple[StoredQuery, ...]

    def get(self, name: str) -> StoredQuery:
        """The query called `name`; UnknownName tells the nearest ones."""
        by_name = {question.name: question for question in self.questions}
        if name in by_name:
            return by_name[name]
        near = difflib.get_close_matches(name, by_name, n=3, cutoff=0.5)
        raise UnknownName(
            f"the catalogue has no query called {name!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else f"it has: {', '.join(by_name)}",
        )


def read_catalogue(folder: Path) -> Catalogue:
    """Every .rq file of `folder`; SourceError when there is none, or one is malformed."""
    files = sorted(folder.rglob("*.rq"))
    if not files:
        raise SourceError(folder, "no .rq file here: a catalogue of nothing answers nothing")
    questions: list[StoredQuery] = []
    empty = Store()
    for path in files:
        question = replace(read_query(path), subject="/".join(path.relative_to(folder).parts[:-1]))
        try:
            empty.query(question.text)
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise SourceError(path, f"is no SPARQL 1.1 query: {error}") from error
        _check_names(path, question, questions)
        questions.append(question)
    return Catalogue(tuple(sorted(questions, key=lambda question: question.name)))


def _check_names(path: Path, question: StoredQuery, others: Iterable[StoredQuery]) -> None:
    """Names are one flat space, older ones included: two files may not claim one."""
    mine = {question.name, *(former.name for former in question.former)}
    for other in others:
        taken = mine & {other.name, *(former.name for former in other.former)}
        if taken:
            raise SourceError(
                path, f"{min(taken)} is a name of another question", hint=f"see {other.name}.rq"
            )
