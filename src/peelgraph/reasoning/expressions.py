"""Class expressions as the bodies and the conclusions of rules: the grammar of OWL 2 RL.

What may stand on the left of an axiom becomes bodies, what may stand on the right conclusions
(https://www.w3.org/TR/owl2-profiles/#OWL_2_RL, tables 6 and 8); no anonymous class is ever written
into the data.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, count, product

from peelgraph.errors import OntologyOutsideRL
from peelgraph.reasoning.axioms import (
    AllOf,
    AnyOf,
    Expression,
    Has,
    Max,
    Named,
    Not,
    OneOf,
    Only,
    Ontology,
    Role,
    Some,
    write_expression,
)
from peelgraph.reasoning.rules import (
    THING,
    Constraint,
    Pattern,
    Rule,
    iri,
    is_variable,
    shorten,
    substitute,
    typed,
)

# Datatypes that share their values; RL's value spaces are disjoint otherwise
# (https://www.w3.org/TR/xmlschema11-2/#value-space, https://www.w3.org/TR/owl2-profiles/#Feature_Overview_3).
FAMILIES = (
    (
        "xsd:decimal",
        "xsd:integer",
        "xsd:nonNegativeInteger",
        "xsd:nonPositiveInteger",
        "xsd:positiveInteger",
        "xsd:negativeInteger",
        "xsd:long",
        "xsd:int",
        "xsd:short",
        "xsd:byte",
        "xsd:unsignedLong",
        "xsd:unsignedInt",
        "xsd:unsignedShort",
        "xsd:unsignedByte",
    ),
    (
        "xsd:string",
        "xsd:normalizedString",
        "xsd:token",
        "xsd:language",
        "xsd:Name",
        "xsd:NCName",
        "xsd:NMTOKEN",
    ),
    ("xsd:float",),
    ("xsd:double",),
    ("xsd:boolean",),
    ("xsd:dateTime", "xsd:dateTimeStamp"),
    ("xsd:date",),
    ("xsd:gYear",),
    ("xsd:gYearMonth",),
    ("xsd:anyURI",),
    ("rdf:langString",),
)


def outside_datatype(datatype: str) -> str | None:
    """The SPARQL test, with {} for the variable, that a literal has no value of `datatype`.

    None when nothing is known of the datatype, or everything is of it. A value within the family
    but outside a narrower type's range (-1 as xsd:nonNegativeInteger) is left to the shapes.
    """
    for family in FAMILIES:
        names = [iri(name) for name in family]
        if datatype in names:
            return f"isLiteral({{0}}) && datatype({{0}}) NOT IN ({', '.join(names)})"
    return None


@dataclass(frozen=True, slots=True)
class Body:
    """A body in the making: its patterns, the rules at work, variables that equal an individual."""

    patterns: tuple[Pattern, ...] = ()
    names: tuple[str, ...] = ()
    equal: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: "Body") -> "Body":
        return Body(
            self.patterns + other.patterns, self.names + other.names, self.equal + other.equal
        )

    def named(self, name: str) -> "Body":
        """The same body by one rule more."""
        return replace(self, names=(*self.names, name))


def pattern(role: Role, subject: str, object_: str) -> Pattern:
    """The pattern that `role` leads from `subject` to `object_`."""
    if role.inverse:
        return Pattern(object_, role.iri, subject)
    return Pattern(subject, role.iri, object_)


# Neither one term nor one value: "05" and "5" as integers are the same number.
DIFFER = "!sameTerm({0}, {1}) && !COALESCE({0} = {1}, false)"


class Translator:
    """Turns the expressions of one axiom into rules and constraints."""

    def __init__(self, ontology: Ontology, axiom: str) -> None:
        self.ontology = ontology
        self.axiom = axiom
        self._numbers = count(1)

    def fresh(self) -> str:
        """A variable not used before in this axiom."""
        return f"?v{next(self._numbers)}"

    def refuse(self, what: str, hint: str) -> OntologyOutsideRL:
        """The exception that names this axiom."""
        return OntologyOutsideRL(f"outside OWL 2 RL: {self.axiom}: {what}", hint=hint)

    def left(self, expression: Expression, at: str) -> list[Body]:
        """The bodies, one of which holds for `at` when it is an instance of `expression`."""
        match expression:
            case Named(iri=name) if name == THING:
                return [Body()]
            case Named(iri=name) if self.ontology.is_datatype(name):
                raise self.refuse(
                    f"the datatype {shorten(name)} on the left",
                    "no rule looks at types of literals",
                )
            case Named(iri=name):
                return [Body((typed(at, name),))]
            case AllOf(of=parts):
                bodies = product(*(self.left(part, at) for part in parts))
                return [sum(found, Body()).named("cls-int1") for found in bodies]
            case AnyOf(of=parts):
                found = chain.from_iterable(self.left(part, at) for part in parts)
                return [body.named("cls-uni") for body in found]
            case OneOf(individuals=individuals):
                self._check_individuals(individuals)
                return [Body((), ("cls-oo",), ((at, one),)) for one in individuals]
            case Some(role=role, filler=filler):
                value, name = self.fresh(), "cls-svf2" if filler == Named(THING) else "cls-svf1"
                step = Body((pattern(role, at, value),))
                return [(step + body).named(name) for body in self.left(filler, value)]
            case Has(role=role, value=value):
                return [Body((self._given(role, at, value),), ("cls-hv2",))]
        raise self.refuse(
            f"'{write_expression(expression)}' cannot stand on the left",
            "a subclass may be a class, an intersection, a union, a list of individuals, or a "
            "someValuesFrom or hasValue restriction",
        )

    def right(self, expression: Expression, at: str, body: Body) -> Iterator[Rule | Constraint]:
        """What follows for `at` from `body`, when `at` is an instance of `expression`."""
        match expression:
            case Named(iri=name) if name == THING:
                return
            case Named(iri=name) if self.ontology.is_datatype(name):
                yield from self._check_datatype(name, at, body)
            case Named(iri=name):
                yield from self.rule(typed(at, name), body)
            case AllOf(of=parts):
                for part in parts:
                    yield from self.right(part, at, body.named("cls-int2"))
            case Not(of=part):
                for other in self.left(part, at):
                    yield from self.constraint((body + other).named("cls-com"))
            case Only(role=role, filler=filler):
                value = self.fresh()
                step = (body + Body((pattern(role, at, value),))).named("cls-avf")
                yield from self.right(filler, value, step)
            case Has(role=role, value=value):
                yield from self.rule(self._given(role, at, value), body.named("cls-hv1"))
            case Max(number=number, role=role, filler=filler):
                yield from self._at_most(number, role, filler, at, body)
            case _:
                raise self.refuse(
                    f"'{write_expression(expression)}' cannot stand on the right",
                    "a superclass may be a class, an intersection, a complement, or an "
                    "allValuesFrom, hasValue or maximum 0 or 1 restriction; a shape can ask for "
                    "more",
                )

    def rule(self, head: Pattern, body: Body) -> Iterator[Rule]:
        """The rule from `body` to `head`; none when the body cannot hold."""
        settled = _settle(body)
        if settled is None:
            return
        patterns, bindings = settled
        head = substitute(head, bindings)
        if head in patterns or head.subject.startswith('"'):
            return
        names = _rename((*patterns, head))
        yield Rule(
            " ".join(dict.fromkeys(body.names)) or "cax-sco",
            self.axiom,
            substitute(head, names),
            tuple(substitute(each, names) for each in patterns),
        )

    def constraint(self, body: Body, *tests: tuple[str, tuple[str, ...]]) -> Iterator[Constraint]:
        """The constraint that `body` never holds together with `tests` (templates and terms)."""
        settled = _settle(body)
        if settled is None:
            return
        patterns, bindings = settled
        names = _rename(patterns)
        filters = []
        for template, terms in tests:
            given = [bindings.get(term, term) for term in terms]
            filters.append(template.format(*(names.get(term, term) for term in given)))
        yield Constraint(
            " ".join(dict.fromkeys(body.names)) or "cax-dw",
            self.axiom,
            tuple(substitute(each, names) for each in patterns),
            tuple(filters),
        )

    def _given(self, role: Role, at: str, value: str) -> Pattern:
        if role.inverse and value.startswith('"'):
            raise self.refuse(f"the inverse of {shorten(role.iri)} has a literal", "give an IRI")
        return pattern(role, at, value)

    def _check_individuals(self, individuals: tuple[str, ...]) -> None:
        for one in individuals:
            if one.startswith('"'):
                raise self.refuse(f"a list of literals, as {one}", "say sh:in in a shape")

    def _check_datatype(self, datatype: str, at: str, body: Body) -> Iterator[Constraint]:
        if test := outside_datatype(datatype):
            yield from self.constraint(body.named("dt-not-type"), (test, (at,)))

    def _at_most(
        self, number: int, role: Role, filler: Expression, at: str, body: Body
    ) -> Iterator[Constraint]:
        if number > 1:
            raise self.refuse(f"a maximum of {number}", "OWL 2 RL allows 0 and 1; use sh:maxCount")
        unqualified = filler == Named(THING)
        name = f"cls-maxc{number + 1}" if unqualified else f"cls-maxqc{2 * number + 1}"
        values = [self.fresh() for _ in range(number + 1)]
        bodies = [body]
        for value in values:
            step = Body((pattern(role, at, value),))
            bodies = [b + step + f for b in bodies for f in self.left(filler, value)]
        for found in bodies:
            tests = [(DIFFER, tuple(values))] if number else []
            yield from self.constraint(found.named(name), *tests)


def _settle(body: Body) -> tuple[tuple[Pattern, ...], dict[str, str]] | None:
    """The body's patterns with each enumerated individual in place; None when two clash."""
    bindings: dict[str, str] = {}
    for variable, individual in body.equal:
        target = bindings.get(variable, variable)
        if is_variable(target):
            bindings[target] = individual
        elif target != individual:
            return None
    patterns = (substitute(each, bindings) for each in body.patterns)
    return tuple(dict.fromkeys(patterns)), bindings


def _rename(patterns: tuple[Pattern, ...]) -> dict[str, str]:
    """Names for the variables by their order, so that two equal rules look the same."""
    found = dict.fromkeys(term for each in patterns for term in each if is_variable(term))
    names = chain(("?x", "?y", "?z", "?w"), (f"?w{number}" for number in count(1)))
    return dict(zip(found, names, strict=False))
