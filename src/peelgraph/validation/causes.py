"""One mistake, one result: results that come of the same mistake stand in the one that names it.

A misspelt name breaks the shape of each statement that has it, a misspelt class leaves things
that others name without theirs, and a date that is none is compared with others in vain. What names
the mistake stays, with the rest in it, so that nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from rdflib import RDF, SH, Graph, Literal, URIRef

from peelgraph.terms import PROJECT, SHAPE, expand
from peelgraph.validation.model import ShapeResult

_TYPE = f"<{RDF.type}>"
_NAMESPACE = f"<{SHAPE}declared-namespace>"
_CLASS, _PROPERTY = f"<{SHAPE}declared-class>", f"<{SHAPE}declared-property>"
_TERM, _THING = f"<{SHAPE}declared-term>", f"<{SHAPE}described-thing>"
_LITERAL = f"<{SHAPE}typed-literal>"
_CONSISTENT = f"<{SHAPE}consistent>"
# How near to the mistake a constraint is: what looks at the value alone comes first.
_RANKS = {
    f"{SH}{name}ConstraintComponent": rank
    for rank, names in enumerate(
        (
            ("NodeKind", "Datatype", "LanguageIn", "And", "Class", "In", "Or", "Xone"),
            ("Pattern", "MinLength", "MaxLength"),
        ),
        start=1,
    )
    for name in names
}
_FAR = 9
_CLASS_LIKE = frozenset(
    f"{SH}{name}ConstraintComponent" for name in ("Class", "Or", "Xone", "And", "Node")
)
_SPARQL = f"{SH}SPARQLConstraintComponent"
_WEIGHTS = {"Violation": 0, "Warning": 1, "Info": 2}


def find_reported_once(shapes: Graph) -> frozenset[str]:
    """The shapes with a constraint whose message names all that a mistake touches.

    Things that are part of one another in a ring, or shares that do not add up, are each at fault
    as far as SHACL can tell, and one of them is mistaken. A constraint says so by the project's
    property `reported-once` (ontology/project.toml).
    """
    if not PROJECT.reported_once:
        return frozenset()
    constraints = shapes.subjects(URIRef(expand(PROJECT.reported_once)), Literal(True))
    return frozenset(
        shape.n3() for each in constraints for shape in shapes.subjects(SH.sparql, each)
    )


def fold(results: Sequence[ShapeResult], once: frozenset[str] = frozenset()) -> list[ShapeResult]:
    """The results that name a mistake, each with those that follow from it.

    `once` are the shapes whose results with one message are one mistake.
    """
    # The same order whatever gave them, so that of two alike the same one stays.
    ordered = sorted(results, key=_place)
    causes = _Causes(ordered)
    for find in (
        _uses,
        _wrong_values,
        _untyped,
        _excluded,
        _misspelt,
        _compared,
        _same_triple,
        _clashes,
    ):
        find(ordered, causes)
    _shared(ordered, causes, once)
    return causes.joined()


def _place(result: ShapeResult) -> tuple[object, ...]:
    at = result.position
    where = (at.line, at.column) if at else (0, 0)
    return (
        result.file is None,
        str(result.file),
        where,
        result.shape,
        result.focus,
        result.path,
        result.value,
    )


class _Causes:
    """Which result follows from which, by their numbers."""

    def __init__(self, results: Sequence[ShapeResult]) -> None:
        self._results = results
        self._numbers = {id(result): number for number, result in enumerate(results)}
        self._above: dict[int, int] = {}

    def add(self, result: ShapeResult, cause: ShapeResult) -> None:
        """Note a cause, unless that weighs less, or follows itself from the result."""
        number, other = self._numbers[id(result)], self._root(self._numbers[id(cause)])
        weighs = _WEIGHTS[result.severity] >= _WEIGHTS[self._results[other].severity]
        if weighs and number not in self._above and other != number:
            self._above[number] = other

    def is_free(self, result: ShapeResult) -> bool:
        """Whether nothing is known that it follows from."""
        return self._numbers[id(result)] not in self._above

    def _root(self, number: int) -> int:
        while number in self._above:
            number = self._above[number]
        return number

    def joined(self) -> list[ShapeResult]:
        """Each result that has no cause, with all that follow from it."""
        below: dict[int, list[ShapeResult]] = defaultdict(list)
        for number in self._above:
            below[self._root(number)].append(self._results[number])
        return [
            self._with(result, below[number])
            for number, result in enumerate(self._results)
            if number not in self._above
        ]

    def _with(self, result: ShapeResult, follows: list[ShapeResult]) -> ShapeResult:
        if not follows:
            return result
        told = [each for each in follows if each.suggested and each.value == result.value]
        others = (part for each in follows for part in each.counterparts)
        known = {result.focus, *(part.term for part in result.counterparts)}
        counterparts = {part.term: part for part in others if part.term not in known}
        if told and not result.suggested and (result.shape == _THING or result.component in _RANKS):
            # Another shape that says of what class the value is knows its name.
            result = replace(result, hint=told[0].hint, suggested=told[0].suggested)
        return replace(
            result,
            follows=(*result.follows, *sorted(follows, key=_place)),
            counterparts=(*result.counterparts, *counterparts.values()),
        )


def _uses(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """A term or a thing that is not known is one mistake, however often it is used."""
    first: dict[Hashable, ShapeResult] = {}
    for result in results:
        if result.shape in {_CLASS, _TERM, _THING, _PROPERTY}:
            term = result.path if result.shape == _PROPERTY else result.value
            causes.add(result, first.setdefault((result.shape, term), result))


def _wrong_values(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Whatever a shape asks of a thing that is not known."""
    unknown: dict[str, ShapeResult] = {}
    for result in results:
        if result.shape in {_TERM, _THING}:
            unknown.setdefault(result.value, result)
    for result in results:
        if result.value in unknown and result.shape != _PROPERTY:
            causes.add(result, unknown[result.value])


def _untyped(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Whatever asks for the class of a thing whose class is misspelt."""
    untyped = {result.focus: result for result in reversed(results) if result.shape == _CLASS}
    for result in results:
        if result.component in _CLASS_LIKE and (result.value or result.focus) in untyped:
            causes.add(result, untyped[result.value or result.focus])


def _excluded(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Whatever a class asks of a thing that cannot be of that class beside its other one."""
    excluded = {
        result.focus: result
        for result in reversed(results)
        if result.statements and all(name == _TYPE for _, name, _ in result.statements)
    }
    for result in results:
        if result.focus in excluded and not result.value:
            causes.add(result, excluded[result.focus])


def _misspelt(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Whatever misses the property that another one was meant to be."""
    meant: dict[str, list[ShapeResult]] = defaultdict(list)
    for result in results:
        if result.shape == _PROPERTY:
            meant[result.focus].append(result)
    for result in results:
        if result.value or result.shape == _PROPERTY:
            continue
        for cause in meant[result.focus]:
            if any(f"<{iri}>" in result.path or iri in result.reads for iri in cause.suggested):
                causes.add(result, cause)


def _compared(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Whatever compares a value that may not stand there, of the thing or of its counterpart."""
    wrong: dict[str, list[ShapeResult]] = defaultdict(list)
    for result in results:
        is_wrong = result.shape in {_LITERAL, _TERM, _THING} or result.component in _RANKS
        if is_wrong and result.value:
            wrong[result.focus].append(result)
    for result in results:
        if result.component != _SPARQL:
            continue
        for term in (result.focus, *(part.term for part in result.counterparts)):
            for cause in wrong[term]:
                if cause.path[1:-1] in result.reads:
                    causes.add(result, cause)


def _same_triple(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Several shapes that find the same fault with one statement, or miss the same one."""
    alike: dict[Hashable, list[ShapeResult]] = defaultdict(list)
    for result in results:
        # Where nothing is wrong with one value, a shape may find too few or too many of them.
        what = result.value or result.component
        if result.path and (result.value or result.component != _SPARQL):
            alike[result.focus, result.path, what].append(result)
    for group in alike.values():
        free = sorted(filter(causes.is_free, group), key=_distance)
        for result in free[1:]:
            causes.add(result, free[0])


def _distance(result: ShapeResult) -> tuple[object, ...]:
    is_own = result.shape in {_NAMESPACE, _CLASS, _PROPERTY, _TERM, _THING, _LITERAL}
    rank = 0 if is_own else _RANKS.get(result.component, _FAR)
    # What is wrong by itself is nearer to the mistake than what is wrong beside something else.
    is_beside = bool(result.counterparts)
    return _WEIGHTS[result.severity], rank, is_beside, not result.hint, _place(result)


def _shared(results: Sequence[ShapeResult], causes: _Causes, once: frozenset[str]) -> None:
    """What several things share, and each is told in the same words; the last one stays."""
    told: dict[Hashable, ShapeResult] = {}
    for result in reversed(results):
        if result.shape in once and causes.is_free(result):
            last = told.setdefault((result.shape, result.message), result)
            if last is not result:
                causes.add(result, last)


def _clashes(results: Sequence[ShapeResult], causes: _Causes) -> None:
    """Both sides of a clash, and an axiom that says what a shape has said."""
    clashing: dict[Hashable, ShapeResult] = {}
    for result in results:
        for other in result.counterparts:
            pair = (result.shape, frozenset({result.focus, other.term}))
            earlier = clashing.setdefault(pair, result)
            if earlier is not result:
                # What stands further down came later, and is more likely the one too many.
                causes.add(earlier, result)
    said: dict[Hashable, ShapeResult] = {}
    for result in results:
        if result.shape != _CONSISTENT:
            said.setdefault((result.focus, result.path), result)
    for result in results:
        for subject, predicate, _ in result.statements:
            # That two things have one class tells of no mistake.
            if predicate != _TYPE and (subject, predicate) in said:
                causes.add(result, said[subject, predicate])
