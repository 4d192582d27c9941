"""The values that validation gives: results, the report of them, and the proof of passing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from peelgraph.errors import Position, PublicationRefused
from peelgraph.sources import Source

SH = "http://www.w3.org/ns/shacl#"
POLICY = "A result of severity Violation refuses the data; Warning and Info are reported."


class Severity(StrEnum):
    """How much a result weighs; a severity of somebody's own weighs as a violation."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"

    @classmethod
    def named(cls, iri: str) -> Severity:
        """The severity of an IRI such as sh:Warning."""
        name = iri.removeprefix(SH)
        return next((severity for severity in cls if severity == name), cls.VIOLATION)


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The other side of a clash: a thing that cannot stand together with the focus.

    `says` is what it states otherwise than the focus. Of a published thing `graph` names the graph
    and `page` the document that describes it; of one in the data, `place` says where it stands.
    """

    term: str
    label: str = ""
    says: str = ""
    graph: str = ""
    page: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class ShapeResult:
    """One result of one shape at one node; terms are held in N-Triples syntax, "" when absent.

    `label` names the focus for a person, `hint` says what to write instead, `file` and
    `position` tell where the offending statement stands (None when it stands nowhere), `line` is
    that line and `mark` the offset in it, and `pointer` is the JSON pointer in a JSON-LD
    document, the cell in a table. `node` is the result's own in pySHACL's report, if it gave it.

    `follows` are results that come of the same mistake, and go when this one does. `suggested` are
    the IRIs that the hint offers, `reads` those that the shape's query names. `rule` is the rule of
    OWL that `statements` break together.
    """

    severity: Severity
    shape: str
    focus: str
    path: str
    value: str
    message: str
    component: str = ""
    label: str = ""
    hint: str = ""
    file: Path | None = None
    position: Position | None = None
    line: str = field(default="", repr=False)
    mark: int = field(default=0, repr=False)
    pointer: str = ""
    node: str = field(default="", repr=False, compare=False)
    counterparts: tuple[Counterpart, ...] = ()
    follows: tuple[ShapeResult, ...] = field(default=(), repr=False)
    suggested: tuple[str, ...] = field(default=(), repr=False)
    reads: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    rule: str = ""
    statements: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)

    @property
    def identifier(self) -> str:
        """The same for the same fault in another run, so that two reports can be compared."""
        # Labels of blank nodes differ from run to run and tell nothing.
        parts = [self.shape, self.component, self.focus, self.path, self.value]
        known = ["_:" if part.startswith("_:") else part for part in parts]
        return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]

    @property
    def place(self) -> str:
        """File, line and column as an editor takes them; "" when the fault stands nowhere."""
        return _place(self.file, self.position)


@dataclass(frozen=True, slots=True)
class Remark:
    """What the verdict does not rest on: a shape, or a term of one, that judged nothing.

    `shape` is held in N-Triples syntax and `term` is an IRI; both are "" where a remark is about
    the data as a whole.
    """

    message: str
    shape: str = ""
    term: str = ""
    file: Path | None = None
    position: Position | None = None

    @property
    def place(self) -> str:
        """File, line and column as an editor takes them; "" when it stands nowhere."""
        return _place(self.file, self.position)


def _place(file: Path | None, where: Position | None) -> str:
    if file is None:
        return ""
    return f"{file}:{where.line}:{where.column}" if where else str(file)


@dataclass(frozen=True, slots=True)
class Report:
    """What validation found.

    `graph` is pySHACL's own report of these results as N-Triples, which renderings as RDF
    keep; results that pySHACL did not give (closed world, literals) are not in it. `revealed`
    are results that only the inferred statements show, `hidden` are those of `results` that
    would not be seen with them; neither changes the verdict. `most`
    limits how many a rendering lists; verdict and counts are always of all of them. What follows
    from one of `results` stands in it and is not counted. `remarks` tell
    what the verdict does not rest on; where not `is_judged`, it rests on nothing.
    """

    results: tuple[ShapeResult, ...]
    shapes_count: int = 0
    files_count: int = 0
    triples_count: int = 0
    graph: bytes = field(default=b"", repr=False)
    most: int | None = None
    revealed: tuple[ShapeResult, ...] = ()
    hidden: tuple[ShapeResult, ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_judged: bool = True

    @property
    def conforms(self) -> bool:
        """Whether nothing is a violation; warnings and information do not refuse data."""
        return not any(result.severity is Severity.VIOLATION for result in self.results)

    @property
    def is_clean(self) -> bool:
        """Whether there is no result of any severity: what SHACL 1.0 calls conforming."""
        return not self.results

    @property
    def counts(self) -> dict[Severity, int]:
        """How many results each severity has."""
        found = Counter(result.severity for result in self.results)
        return {severity: found[severity] for severity in Severity}

    @property
    def summary(self) -> str:
        """One sentence: how many results of which severity, in what."""
        parts = [f"{count} {name.lower()}{'s' * (count != 1)}" for name, count in _told(self)]
        judged = f"{self.files_count} file{'s' * (self.files_count != 1)}"
        judged += f", {self.triples_count} triples, {self.shapes_count} shapes"
        more = self.follows_count
        following = f", and {more} that follow{'s' * (more == 1)}," if more else ""
        return f"{', '.join(parts) or 'no fault'}{following} in {judged}"

    @property
    def follows_count(self) -> int:
        """How many results follow from those that are counted."""
        return sum(len(result.follows) for result in self.results)

    @property
    def listed(self) -> tuple[ShapeResult, ...]:
        """The results that a rendering lists."""
        return self.results[: self.most]

    @property
    def listed_remarks(self) -> tuple[Remark, ...]:
        """The remarks that a rendering lists."""
        return self.remarks[: self.most]

    @property
    def left_out(self) -> int:
        """How many results a rendering does not list."""
        return len(self.results) - len(self.listed)

    def limited(self, most: int) -> Report:
        """The same report, of which renderings list the first `most` results."""
        return replace(self, most=most)


def flatten(results: Iterable[ShapeResult]) -> Iterator[ShapeResult]:
    """Each result, and behind it those that follow from it."""
    for result in results:
        yield result
        yield from result.follows


def _told(report: Report) -> list[tuple[str, int]]:
    return [(severity.value, count) for severity, count in report.counts.items() if count]


class _Key:
    """What only this module holds, so that only `accept` can make a Validated."""


@dataclass(frozen=True, slots=True)
class Validated:
    """Sources that passed; only `accept` makes one."""

    sources: tuple[Source, ...]
    report: Report
    key: _Key = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.key, _Key):
            raise TypeError("only validation.accept makes a Validated")


class DataRefused(PublicationRefused):
    """The data does not conform; `report` tells each fault."""

    report: Report

    @classmethod
    def because(cls, report: Report) -> DataRefused:
        """The refusal of what `report` judged, led by its first fault."""
        first = next(r for r in report.results if r.severity is Severity.VIOLATION)
        error = cls(f"the data does not conform: {report.summary}", position=first.position)
        error.hint = f"first: {first.place or first.focus}: {first.message}"
        error.report = report
        return error


def accept(sources: Sequence[Source], report: Report) -> Validated:
    """The sources as validated data.

    Errors: DataRefused (a PublicationRefused carrying `report`) when a violation is in it.
    """
    if not report.conforms:
        raise DataRefused.because(report)
    return Validated(tuple(sources), report, _Key())
