"""Constraints as SPARQL patterns that find every node which may break them.

A pattern may find too many nodes, never too few: pySHACL judges what it finds. What has no
safe pattern (xone, qualified shapes, components of somebody's own) is not compiled, and every
target of such a shape goes to pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations, count

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.validation.backing import to_oxigraph
from peelgraph.validation.bodies import NotCompiled, plain_body
from peelgraph.validation.judging import write_path
from peelgraph.validation.shapes import find_prefixes

_MOST_COUNTED = 3
_DEEPEST = 15
_MOST_VISITED = 1000
_KINDS = {
    SH.IRI: "isIRI({0})",
    SH.BlankNode: "isBlank({0})",
    SH.Literal: "isLiteral({0})",
    SH.IRIOrLiteral: "(isIRI({0}) || isLiteral({0}))",
    SH.BlankNodeOrIRI: "(isBlank({0}) || isIRI({0}))",
    SH.BlankNodeOrLiteral: "(isBlank({0}) || isLiteral({0}))",
}
_BOUNDS = {
    SH.minInclusive: ">=",
    SH.maxInclusive: "<=",
    SH.minExclusive: ">",
    SH.maxExclusive: "<",
}
_PAIRS = {SH.lessThan: "<", SH.lessThanOrEquals: "<="}
# What no node is refused for, and what is read together with another parameter.
_SILENT = {
    SH.path,
    SH.message,
    SH.severity,
    SH.name,
    SH.description,
    SH.order,
    SH.group,
    SH.defaultValue,
    SH.flags,
    SH.ignoredProperties,
    SH.targetClass,
    SH.targetNode,
    SH.targetObjectsOf,
    SH.targetSubjectsOf,
    SH.deactivated,
}


@dataclass(slots=True)
class Suspicion:
    """How to find the nodes that may break a shape: any pattern matches, or any test is true.

    `exact` says that it finds no other nodes; only then may sh:not turn it round.
    """

    patterns: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    exact: bool = True

    def add(self, other: Suspicion) -> None:
        """Suspect what `other` suspects too."""
        self.patterns += other.patterns
        self.tests += other.tests
        self.exact = self.exact and other.exact

    @property
    def test(self) -> str:
        """All of it as one expression."""
        tests = [*self.tests, *(f"EXISTS {{ {pattern} }}" for pattern in self.patterns)]
        return "(" + " || ".join(tests or ["false"]) + ")"

    @property
    def groups(self) -> list[str]:
        """All of it as patterns."""
        tested = [f"FILTER({' || '.join(self.tests)})"] if self.tests else []
        return [*self.patterns, *tested]


class Compiler:
    """Turns the shapes of one graph into patterns.

    `subclasses` gives a class with all its subclasses; `doubtful` are literals that any value
    constraint may refuse whatever its pattern says: ill-typed, or altered by the engine.
    """

    def __init__(
        self,
        shapes: Graph,
        subclasses: Callable[[str], Iterable[str]],
        doubtful: Iterable[str] = (),
    ) -> None:
        self._shapes = shapes
        self._subclasses = subclasses
        self._doubtful = tuple(doubtful)
        self._number = count(1)
        self._visits = 0
        self._own = {
            str(path)
            for parameter in shapes.objects(None, SH.parameter)
            for path in shapes.objects(parameter, SH.path)
        }

    def suspect(self, shape: Node, focus: str, within: tuple[Node, ...] = ()) -> Suspicion:
        """How to find nodes at the variable `focus` that may break `shape`.

        Errors: NotCompiled.
        """
        if shape in within:
            raise NotCompiled("a shape refers to itself")
        # Two ways to each inner shape double with each step; brackets in brackets parse slowly.
        self._visits = self._visits + 1 if within else 1
        if len(within) > _DEEPEST or self._visits > _MOST_VISITED:
            raise NotCompiled("shapes inside one another, too many for one query")
        if self._shapes.value(shape, SH.deactivated) == Literal(True):
            return Suspicion()
        within = (*within, shape)
        path = self._shapes.value(shape, SH.path)
        if path is None:
            return self._doubted(self._constraints(shape, focus, within, ""), focus)
        if self._may_stay(path):
            raise NotCompiled("a path of no step, which also leads nowhere from outside the graph")
        value = self._fresh()
        written = write_path(self._shapes, path)
        found = self._doubted(self._constraints(shape, value, within, written, focus), value)
        step = f"{focus} {written} {value} ."
        patterns = [f"{step} {group}" for group in found.groups]
        whole = Suspicion(patterns + self._counts(shape, focus, written), [], found.exact)
        for constraint in self._shapes.objects(shape, SH.sparql):
            whole.add(self._query(constraint, focus, written))
        return whole

    def _doubted(self, found: Suspicion, value: str) -> Suspicion:
        """What finds the doubtful literals as well, where values are looked at at all."""
        if found.tests or found.patterns:
            found.tests += [f"sameTerm({value}, {term})" for term in self._doubtful]
            found.exact = found.exact and not self._doubtful
        return found

    def _may_stay(self, path: Node) -> bool:
        """Whether a path can lead from a node to itself without a step."""
        if isinstance(path, URIRef):
            return False
        if any(
            (path, kind, None) in self._shapes for kind in (SH.zeroOrMorePath, SH.zeroOrOnePath)
        ):
            return True
        for kind in (SH.inversePath, SH.oneOrMorePath):
            inner = self._shapes.value(path, kind)
            if inner is not None:
                return self._may_stay(inner)
        choices = self._shapes.value(path, SH.alternativePath)
        if choices is not None:
            return any(self._may_stay(item) for item in self._shapes.items(choices))
        return all(self._may_stay(item) for item in self._shapes.items(path))

    def _fresh(self) -> str:
        return f"?v{next(self._number)}"

    def _constraints(
        self, shape: Node, value: str, within: tuple[Node, ...], path: str, focus: str = ""
    ) -> Suspicion:
        """What is asked of each value; of the focus itself in a node shape."""
        found = Suspicion()
        for predicate, parameter in self._shapes.predicate_objects(shape):
            if self._is_silent(predicate):
                continue
            if predicate in {SH.equals, SH.disjoint, *_PAIRS}:
                found.add(self._relation(predicate, parameter, focus or value, value, path))
            elif predicate == SH.sparql:
                # In a property shape a query is asked of the focus, whether it has values or not.
                if not path:
                    found.add(self._query(parameter, value, ""))
            elif predicate in {SH.node, SH.property}:
                found.add(self.suspect(parameter, value, within))
            elif predicate in {SH["or"], SH["and"], SH["not"]}:
                found.add(self._logic(predicate, parameter, value, within))
            elif predicate == SH.hasValue:
                if not path:
                    found.tests.append(f"!sameTerm({value}, {self._term(parameter)})")
            elif predicate == SH.closed:
                found.add(self._closed(shape, parameter, value))
            else:
                found.add(self._value(shape, predicate, parameter, value))
        return found

    def _is_silent(self, predicate: Node) -> bool:
        """Whether a property of a shape asks nothing of one value."""
        if str(predicate) in self._own:
            raise NotCompiled("a component of somebody's own")
        return (
            predicate in _SILENT or predicate in _COUNTED or not str(predicate).startswith(str(SH))
        )

    def _logic(
        self, predicate: Node, parameter: Node, value: str, within: tuple[Node, ...]
    ) -> Suspicion:
        if predicate == SH["not"]:
            inner = self.suspect(parameter, value, within)
            if not inner.exact:
                raise NotCompiled("the negation of a pattern that finds too many")
            return Suspicion(tests=[f"!{inner.test}"])
        members = [self.suspect(m, value, within) for m in self._shapes.items(parameter)]
        exact = all(member.exact for member in members)
        joined = (" && " if predicate == SH["or"] else " || ").join(m.test for m in members)
        return Suspicion(tests=[f"({joined})"], exact=exact)

    def _value(self, shape: Node, predicate: Node, parameter: Node, value: str) -> Suspicion:
        """The constraints that look at one value alone."""
        if predicate == SH["class"]:
            kinds = " ".join(f"<{name}>" for name in self._subclasses(str(parameter)))
            kind = self._fresh()
            there = f"VALUES {kind} {{ {kinds} }} {value} <{RDF.type}> {kind}"
            return Suspicion(tests=[f"NOT EXISTS {{ {there} }}"])
        if predicate == SH.datatype:
            return self._datatype(parameter, value)
        if predicate == SH.nodeKind:
            return Suspicion(tests=[f"!{_KINDS[URIRef(str(parameter))].format(value)}"])
        if predicate == SH["in"]:
            same = [f"sameTerm({value}, {term})" for term in self._terms(parameter)]
            return Suspicion(tests=[f"!({' || '.join(same) or 'false'})"])
        if predicate == SH.languageIn:
            tags = [f"LANGMATCHES(LANG({value}), {term})" for term in self._terms(parameter)]
            fits = f"COALESCE({' || '.join(tags) or 'false'}, false)"
            return Suspicion(tests=[f"!({fits})"], exact=False)
        if predicate == SH.pattern:
            flags = self._shapes.value(shape, SH.flags) or Literal("")
            return self._pattern(str(parameter), str(flags), value)
        if predicate in {SH.minLength, SH.maxLength}:
            sign = ">=" if predicate == SH.minLength else "<="
            fits = (
                f"(!isBlank({value}) && COALESCE(STRLEN(STR({value})) {sign} {parameter}, false))"
            )
            return Suspicion(tests=[f"!{fits}"], exact=False)
        if predicate in _BOUNDS:
            sign = _BOUNDS[URIRef(str(predicate))]
            fits = f"COALESCE({value} {sign} {self._term(parameter)}, false)"
            return Suspicion(tests=[f"!{fits}"], exact=False)
        raise NotCompiled(f"{predicate} has no pattern")

    def _datatype(self, parameter: Node, value: str) -> Suspicion:
        typed = f"(isLiteral({value}) && DATATYPE({value}) = <{parameter}>)"
        return Suspicion(tests=[f"!{typed}"], exact=not self._doubtful)

    def _pattern(self, pattern: str, flags: str, value: str) -> Suspicion:
        # The engine's expressions take linear time, but know no look-around and no references.
        if re.search(r"\(\?[^:]|\\[1-9]", pattern) or not set(flags) <= set("imsx"):
            raise NotCompiled("a regular expression beyond the engine's")
        terms = str(to_oxigraph(Literal(pattern))), str(to_oxigraph(Literal(flags)))
        matches = f"COALESCE(REGEX(STR({value}), {terms[0]}, {terms[1]}), false)"
        return Suspicion(tests=[f"(isBlank({value}) || !{matches})"], exact=False)

    def _relation(
        self, predicate: Node, parameter: Node, focus: str, value: str, path: str
    ) -> Suspicion:
        """The constraints that look at the focus and its values together."""
        other = self._fresh()
        step = f"{focus} <{parameter}> {other} ."
        if predicate == SH.disjoint:
            return Suspicion([f"{focus} <{parameter}> {value} ."])
        if predicate == SH.equals:
            if not path:
                raise NotCompiled("equals in a node shape")
            return Suspicion(tests=["true"], exact=False)
        sign = _PAIRS[URIRef(str(predicate))]
        return Suspicion([f"{step} FILTER(!COALESCE({value} {sign} {other}, false))"], [], False)

    def _query(self, constraint: Node, focus: str, path: str) -> Suspicion:
        """A query of the shape's own, asked of the focus by putting it into its pattern."""
        text = self._shapes.value(constraint, SH.select)
        if text is None or self._shapes.value(constraint, SH.deactivated) == Literal(True):
            raise NotCompiled("no SELECT")
        prefixes = find_prefixes(self._shapes, constraint)
        body = plain_body(
            prefixes + str(text).replace("$PATH", path or "$PATH"), next(self._number)
        )
        return Suspicion([body.replace("?this ", f"{focus} ")], [], False)

    def _closed(self, shape: Node, parameter: Node, value: str) -> Suspicion:
        if parameter != Literal(True):
            return Suspicion()
        allowed = {
            path
            for inner in self._shapes.objects(shape, SH.property)
            for path in self._shapes.objects(inner, SH.path)
            if isinstance(path, URIRef)
        }
        ignored = self._shapes.value(shape, SH.ignoredProperties)
        if ignored is not None:
            allowed |= {item for item in self._shapes.items(ignored) if isinstance(item, URIRef)}
        predicate, other = self._fresh(), self._fresh()
        listed = ", ".join(f"<{iri}>" for iri in sorted(allowed))
        # The engine finds that nothing is NOT IN an empty list (pyoxigraph 0.5.13).
        other_than = f"FILTER({predicate} NOT IN ({listed}))" if listed else ""
        return Suspicion([f"{value} {predicate} {other} {other_than}"])

    def _counts(self, shape: Node, focus: str, path: str) -> list[str]:
        """Patterns for too few, too many, missing and doubly tagged values."""
        patterns = []
        for parameter in self._shapes.objects(shape, SH.minCount):
            least = int(str(parameter))
            if least:
                patterns.append(f"FILTER NOT EXISTS {{ {self._several(focus, path, least)} }}")
        for parameter in self._shapes.objects(shape, SH.maxCount):
            patterns += [self._several(focus, path, int(str(parameter)) + 1)]
        for parameter in self._shapes.objects(shape, SH.hasValue):
            patterns += [f"FILTER NOT EXISTS {{ {focus} {path} {self._term(parameter)} }}"]
        if self._shapes.value(shape, SH.equals) is not None:
            patterns.append(f"{focus} <{self._shapes.value(shape, SH.equals)}> {self._fresh()} .")
        if self._shapes.value(shape, SH.uniqueLang) == Literal(True):
            one, two = self._fresh(), self._fresh()
            patterns.append(
                f"{focus} {path} {one} , {two} . FILTER(!sameTerm({one}, {two}) && LANG({one}) "
                f'!= "" && LCASE(LANG({one})) = LCASE(LANG({two})))'
            )
        return patterns

    def _several(self, focus: str, path: str, number: int) -> str:
        """A pattern that matches a focus with at least `number` different values."""
        if number > _MOST_COUNTED:
            raise NotCompiled("counts too high for a join")
        values = [self._fresh() for _ in range(number)]
        differ = [f"!sameTerm({one}, {two})" for one, two in combinations(values, 2)]
        pattern = " ".join(f"{focus} {path} {value} ." for value in values)
        return pattern + (f" FILTER({' && '.join(differ)})" if differ else "")

    def _terms(self, head: Node) -> list[str]:
        return [self._term(item) for item in self._shapes.items(head)]

    def _term(self, node: Node) -> str:
        if isinstance(node, BNode):
            raise NotCompiled("a blank node as a value")
        return str(to_oxigraph(node))


_COUNTED = {SH.minCount, SH.maxCount, SH.uniqueLang}
