"""Constraints as SPARQL patterns that find every node which may break them.

A pattern may find too many nodes, never too few: pySHACL judges what it finds. What has no
safe pattern (xone, qualified shapes, components of somebody's own) is not compiled, and every
target of such a shape goes to pySHACL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.validation.literal_forms import (
    DATATYPE,
    IS_ILL_TYPED,
    IS_RESPELLED,
    IS_SEVERAL,
    TEXT,
    Doubts,
    find_stored,
    is_typed,
)
from peelgraph.validation.pyshacl_runner import write_path
from peelgraph.validation.rdflib_store import to_oxigraph
from peelgraph.validation.shapes import find_prefixes
from peelgraph.validation.sparql_constraints import NotCompiled, plain_body

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
# What tells one spelling of a value from another.
_OF_TYPE = re.compile(r"\b(DATATYPE|SAMETERM)\s*\(", re.IGNORECASE)
_OF_FORM = re.compile(
    r"\b(STR\w*|REGEX|REPLACE|CONTAINS|CONCAT|SUBSTR|[UL]CASE|COUNT)\s*\(", re.IGNORECASE
)
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

    `subclasses` gives a class with all its subclasses. Where there are `doubts`, the patterns call
    the functions of LiteralForms.
    """

    def __init__(
        self,
        shapes: Graph,
        subclasses: Callable[[str], Iterable[str]],
        doubts: Doubts,
    ) -> None:
        self._shapes = shapes
        self._subclasses = subclasses
        self._doubts = doubts
        self._places: dict[str, str] = {}
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
            return self._constraints(shape, focus, within, "")
        if self._may_stay(path):
            raise NotCompiled("a path of no step, which also leads nowhere from outside the graph")
        written = write_path(self._shapes, path)
        value = self._value_at(focus, path, written)
        if self._doubts.count and "^" in written[1:]:
            raise NotCompiled("a path that may lead through one spelling to another")
        found = self._constraints(shape, value, within, written, focus)
        step = f"{focus} {written} {value} ."
        patterns = [f"{step} {group}" for group in found.groups]
        whole = Suspicion(patterns, [], found.exact)
        whole.add(self._counts(shape, focus, written, self._value_at(focus, path, written)))
        for constraint in self._shapes.objects(shape, SH.sparql):
            whole.add(self._query(constraint, focus, written))
        return whole

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

    def _value_at(self, focus: str, path: Node, written: str) -> str:
        """A new variable for the values that a path leads to, its place kept where there is one."""
        value = self._fresh()
        if isinstance(path, URIRef):
            self._places[value] = f", {focus}, {written}"
        return value

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
                    found.add(self._differs([parameter], value))
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
        choices = list(self._shapes.items(parameter))
        classes = [self._only_class(choice) for choice in choices]
        if predicate == SH["or"] and all(classes):
            return self._class([kind for kind in classes if kind], value)
        members = [self.suspect(choice, value, within) for choice in choices]
        exact = all(member.exact for member in members)
        joined = (" && " if predicate == SH["or"] else " || ").join(m.test for m in members)
        return Suspicion(tests=[f"({joined})"], exact=exact)

    def _only_class(self, shape: Node) -> Node | None:
        """The class that a shape asks of a node, where it asks nothing else."""
        asked = list(self._shapes.predicate_objects(shape))
        is_class = len(asked) == 1 and asked[0][0] == SH["class"]
        return asked[0][1] if is_class else None

    def _class(self, classes: list[Node], value: str) -> Suspicion:
        """What finds the values that are of none of some classes."""
        names = {name for parameter in classes for name in self._subclasses(str(parameter))}
        kind = self._fresh()
        listed = ", ".join(f"<{name}>" for name in sorted(names))
        # A thing has few types: each is looked up in the list, not each of the list in the store.
        there = f"{value} <{RDF.type}> {kind} FILTER({kind} IN ({listed}))"
        return Suspicion(tests=[f"NOT EXISTS {{ {there} }}"])

    def _value(self, shape: Node, predicate: Node, parameter: Node, value: str) -> Suspicion:
        """The constraints that look at one value alone."""
        if predicate == SH["class"]:
            return self._class([parameter], value)
        if predicate == SH.datatype:
            return self._datatype(parameter, value)
        if predicate == SH.nodeKind:
            return Suspicion(tests=[f"!{_KINDS[URIRef(str(parameter))].format(value)}"])
        if predicate == SH["in"]:
            return self._differs(list(self._shapes.items(parameter)), value)
        if predicate == SH.languageIn:
            tags = [f"LANGMATCHES(LANG({value}), {term})" for term in self._terms(parameter)]
            fits = f"COALESCE({' || '.join(tags) or 'false'}, false)"
            return Suspicion(tests=[f"!({fits})"], exact=False)
        if predicate == SH.pattern:
            flags = self._shapes.value(shape, SH.flags) or Literal("")
            return self._pattern(str(parameter), str(flags), value)
        if predicate in {SH.minLength, SH.maxLength}:
            sign = ">=" if predicate == SH.minLength else "<="
            length = f"STRLEN({self._text(value)})"
            fits = f"(!isBlank({value}) && COALESCE({length} {sign} {parameter}, false))"
            return Suspicion(tests=[f"!{fits}"], exact=False)
        if predicate in _BOUNDS:
            sign = _BOUNDS[URIRef(str(predicate))]
            fits = f"COALESCE({value} {sign} {self._term(parameter)}, false)"
            return Suspicion([], [f"!{fits}", *self._ill_typed(value)], exact=False)
        raise NotCompiled(f"{predicate} has no pattern")

    def _datatype(self, parameter: Node, value: str) -> Suspicion:
        if not (self._doubts.datatype or self._doubts.well_typed):
            return Suspicion(tests=[f"!(isLiteral({value}) && DATATYPE({value}) = <{parameter}>)"])
        fits = f"COALESCE({self._as_spelled(DATATYPE, value)} = <{parameter}>, false)"
        return Suspicion(tests=[f"!{fits}"], exact=False)

    def _ill_typed(self, value: str) -> list[str]:
        return [f"<{IS_ILL_TYPED}>({value})"] if self._doubts.well_typed else []

    def _text(self, value: str) -> str:
        return self._as_spelled(TEXT, value) if self._doubts.text else f"STR({value})"

    def _as_spelled(self, function: str, value: str) -> str:
        """What a function of LiteralForms says of a value, at its place where that is known."""
        return f"<{function}>({value}{self._places.get(value, '')})"

    def _differs(self, allowed: list[Node], value: str) -> Suspicion:
        """What finds the values that are none of some terms."""
        kept = [node for node in allowed if _is_stored(node)]
        same = " || ".join(f"sameTerm({value}, {self._term(node)})" for node in kept) or "false"
        respelled = [self._as_spelled(IS_RESPELLED, value)] if self._doubts.text else []
        exact = kept == allowed and not self._doubts.text
        return Suspicion([], [f"!({same})", *respelled], exact)

    def _pattern(self, pattern: str, flags: str, value: str) -> Suspicion:
        terms = str(to_oxigraph(Literal(pattern))), str(to_oxigraph(Literal(flags)))
        matches = f"COALESCE(REGEX({self._text(value)}, {terms[0]}, {terms[1]}), false)"
        return Suspicion(tests=[f"(isBlank({value}) || !{matches})"], exact=False)

    def _relation(
        self, predicate: Node, parameter: Node, focus: str, value: str, path: str
    ) -> Suspicion:
        """The constraints that look at the focus and its values together."""
        other = self._fresh()
        step = f"{focus} <{parameter}> {other} ."
        if predicate == SH.disjoint:
            return Suspicion([f"{focus} <{parameter}> {value} ."], [], not self._doubts.text)
        if predicate == SH.equals:
            if not path:
                raise NotCompiled("equals in a node shape")
            return Suspicion(tests=["true"], exact=False)
        sign = _PAIRS[URIRef(str(predicate))]
        less = f"COALESCE({value} {sign} {other}, false)"
        tests = [f"!{less}", *self._ill_typed(value), *self._ill_typed(other)]
        return Suspicion([f"{step} FILTER({' || '.join(tests)})"], [], False)

    def _query(self, constraint: Node, focus: str, path: str) -> Suspicion:
        """A query of the shape's own, asked of the focus by putting it into its pattern."""
        text = self._shapes.value(constraint, SH.select)
        if not isinstance(text, Literal) or self._shapes.value(
            constraint, SH.deactivated
        ) == Literal(True):
            raise NotCompiled("no SELECT")
        doubts = self._doubts
        if (doubts.datatype and _OF_TYPE.search(text)) or (
            doubts.queries and _OF_FORM.search(text)
        ):
            raise NotCompiled("a query that sees the spelling of a literal")
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

    def _counts(self, shape: Node, focus: str, path: str, value: str) -> Suspicion:
        """Patterns for too few, too many, missing and doubly tagged values."""
        patterns = []
        for parameter in self._shapes.objects(shape, SH.minCount):
            least = int(str(parameter))
            if least:
                patterns.append(f"FILTER NOT EXISTS {{ {self._several(focus, path, least)} }}")
        for parameter in self._shapes.objects(shape, SH.maxCount):
            patterns += [self._several(focus, path, int(str(parameter)) + 1)]
            if self._doubts.count:
                several = self._as_spelled(IS_SEVERAL, value)
                patterns += [f"{focus} {path} {value} FILTER({several})"]
        for parameter in self._shapes.objects(shape, SH.hasValue):
            absent = f"FILTER NOT EXISTS {{ {focus} {path} {self._term(parameter)} }}"
            patterns += [absent if _is_stored(parameter) else ""]
            if self._doubts.text:
                respelled = self._as_spelled(IS_RESPELLED, value)
                patterns += [f"{focus} {path} {value} FILTER({respelled})"]
        if self._shapes.value(shape, SH.equals) is not None:
            patterns.append(f"{focus} <{self._shapes.value(shape, SH.equals)}> {self._fresh()} .")
        if self._shapes.value(shape, SH.uniqueLang) == Literal(True):
            other = self._fresh()
            same = f"!sameTerm({value}, {other}) && LCASE(LANG({value})) = LCASE(LANG({other}))"
            twice = f"EXISTS {{ {focus} {path} {other} . FILTER({same}) }}"
            patterns.append(f'{focus} {path} {value} . FILTER(LANG({value}) != "" && {twice})')
        return Suspicion(patterns, [], not (self._doubts.count or self._doubts.text))

    def _several(self, focus: str, path: str, number: int) -> str:
        """A pattern that matches a focus with at least `number` different values."""
        if number > _MOST_COUNTED:
            raise NotCompiled("counts too high for a join")
        pattern = ""
        values = [self._fresh() for _ in range(number)]
        while values:
            # A join would make every pair of a thing's thousands of values.
            value = values.pop()
            tests = [f"!sameTerm({value}, {other})" for other in values]
            tests += [f"EXISTS {{ {pattern} }}"] if pattern else []
            filtered = f" FILTER({' && '.join(tests)})" if tests else ""
            pattern = f"{focus} {path} {value} .{filtered}"
        return pattern

    def _terms(self, head: Node) -> list[str]:
        return [self._term(item) for item in self._shapes.items(head)]

    def _term(self, node: Node) -> str:
        if isinstance(node, BNode):
            raise NotCompiled("a blank node as a value")
        return str(to_oxigraph(node))


def _is_stored(node: Node) -> bool:
    """Whether the engine takes a term of a shape for itself, not for another spelling of it."""
    term = to_oxigraph(node)
    return not is_typed(term) or find_stored([term])[term] == term


_COUNTED = {SH.minCount, SH.maxCount, SH.uniqueLang}
