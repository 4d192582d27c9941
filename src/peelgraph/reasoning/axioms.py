"""Class and property expressions as values, read from the ontology's triples.

Anything that OWL 2 RL gives no rule for is refused here, with its term named.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pyoxigraph import RdfFormat, parse

from peelgraph.errors import OntologyOutsideRL
from peelgraph.reasoning.rules import THING, TYPE, iri, shorten

XSD = "<http://www.w3.org/2001/XMLSchema#"
OWL = "<http://www.w3.org/2002/07/owl#"
DATATYPE_NAMES = (
    "rdfs:Literal",
    "rdf:langString",
    "rdf:PlainLiteral",
    "rdf:XMLLiteral",
    "rdf:HTML",
)

# Restrictions of OWL 2 that are no part of its RL profile, on either side of an axiom.
NOT_RL = {
    iri(f"owl:{name}"): reason
    for name, reason in {
        "minCardinality": "a rule cannot make up the individuals that a minimum asks for",
        "minQualifiedCardinality": "a rule cannot make up the individuals that a minimum asks for",
        "cardinality": "say owl:maxCardinality here and leave the minimum to a shape",
        "qualifiedCardinality": "say owl:maxQualifiedCardinality here, the minimum in a shape",
        "hasSelf": "OWL 2 RL has no rule for it",
        "onProperties": "restrictions on several properties at once have no rule",
        "onDatatype": "demands on a literal's value belong to shapes/",
        "datatypeComplementOf": "demands on a literal's value belong to shapes/",
        "disjointUnionOf": "say rdfs:subClassOf and owl:AllDisjointClasses",
    }.items()
}


class Named(NamedTuple):
    """A class with a name."""

    iri: str


class AllOf(NamedTuple):
    """The intersection of classes."""

    of: "tuple[Expression, ...]"


class AnyOf(NamedTuple):
    """The union of classes."""

    of: "tuple[Expression, ...]"


class Not(NamedTuple):
    """The complement of a class."""

    of: "Expression"


class OneOf(NamedTuple):
    """The class of the individuals listed."""

    individuals: tuple[str, ...]


class Role(NamedTuple):
    """A property, or its inverse."""

    iri: str
    inverse: bool = False


class Some(NamedTuple):
    """The things with a value of a class."""

    role: Role
    filler: "Expression"


class Only(NamedTuple):
    """The things whose values are all of a class."""

    role: Role
    filler: "Expression"


class Has(NamedTuple):
    """The things with one given value."""

    role: Role
    value: str


class Max(NamedTuple):
    """The things with at most `number` values of a class."""

    number: int
    role: Role
    filler: "Expression"


Expression = Named | AllOf | AnyOf | Not | OneOf | Some | Only | Has | Max


@dataclass(frozen=True, slots=True)
class Ontology:
    """The ontology's triples by predicate, and by subject and predicate; terms in N-Triples."""

    pairs: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    objects: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def axioms(self, predicate: str) -> Iterator[tuple[str, str]]:
        """The subjects and objects of one predicate, in the order of the file."""
        yield from self.pairs.get(iri(predicate), ())

    def instances(self, class_: str) -> Iterator[str]:
        """The subjects said to be of one class."""
        wanted = iri(class_)
        yield from (subject for subject, object_ in self.pairs.get(TYPE, ()) if object_ == wanted)

    def values(self, subject: str, predicate: str) -> list[str]:
        """The objects of one subject and predicate."""
        return self.objects.get((subject, iri(predicate)), [])

    def value(self, subject: str, predicate: str) -> str | None:
        """The one object of a subject and predicate, None without any."""
        found = self.values(subject, predicate)
        if len(found) > 1:
            raise OntologyOutsideRL(
                f"{shorten(subject)}: {predicate} is given {len(found)} times, once was expected"
            )
        return found[0] if found else None

    def members(self, head: str) -> list[str]:
        """The members of an RDF list."""
        return list(self.cells(head).values())

    def cells(self, head: str) -> dict[str, str]:
        """The nodes of an RDF list, each with its member."""
        found: dict[str, str] = {}
        while head != iri("rdf:nil"):
            first, rest = self.value(head, "rdf:first"), self.value(head, "rdf:rest")
            if first is None or rest is None or head in found:
                raise OntologyOutsideRL(f"the list at {head} is broken: it has no clear end")
            found[head] = first
            head = rest
        return found

    def is_datatype(self, term: str) -> bool:
        """Whether `term` names a set of literals."""
        return (
            term.startswith(XSD)
            or term in map(iri, DATATYPE_NAMES)
            or iri("rdfs:Datatype") in self.values(term, "rdf:type")
        )


def read_ontology(triples: bytes) -> Ontology:
    """The ontology whose N-Triples are given."""
    ontology = Ontology()
    for quad in parse(triples, format=RdfFormat.N_TRIPLES):
        triple = quad.triple
        subject, predicate, object_ = str(triple.subject), str(triple.predicate), str(triple.object)
        if object_ not in ontology.objects[subject, predicate]:
            ontology.objects[subject, predicate].append(object_)
            ontology.pairs[predicate].append((subject, object_))
    return ontology


def read_role(ontology: Ontology, term: str) -> Role:
    """The property, or inverse of one, that `term` stands for."""
    if term.startswith("<"):
        if term.startswith((f"{OWL}top", f"{OWL}bottom")):
            raise OntologyOutsideRL(f"{shorten(term)} has no rule in OWL 2 RL")
        return Role(term)
    inner = ontology.value(term, "owl:inverseOf")
    if inner is None:
        raise OntologyOutsideRL(f"{term} stands where a property is expected, and is none")
    role = read_role(ontology, inner)
    return Role(role.iri, not role.inverse)


def read_expression(ontology: Ontology, term: str) -> Expression:
    """The class expression that `term` stands for."""
    return Named(term) if term.startswith("<") else read_definition(ontology, term)


def read_definition(ontology: Ontology, term: str) -> Expression:
    """The class expression that the triples of `term` describe, whether it has a name or not."""
    for predicate, reason in NOT_RL.items():
        if (term, predicate) in ontology.objects:
            raise OntologyOutsideRL(
                f"{shorten(predicate)} on {_where(ontology, term)} is outside OWL 2 RL", hint=reason
            )
    if members := ontology.value(term, "owl:intersectionOf"):
        return AllOf(tuple(read_expression(ontology, m) for m in ontology.members(members)))
    if members := ontology.value(term, "owl:unionOf"):
        return AnyOf(tuple(read_expression(ontology, m) for m in ontology.members(members)))
    if members := ontology.value(term, "owl:oneOf"):
        return OneOf(tuple(ontology.members(members)))
    if inner := ontology.value(term, "owl:complementOf"):
        return Not(read_expression(ontology, inner))
    if property_ := ontology.value(term, "owl:onProperty"):
        return _read_restriction(ontology, term, read_role(ontology, property_))
    raise OntologyOutsideRL(f"{term} stands where a class is expected, and says nothing of itself")


def _read_restriction(ontology: Ontology, term: str, role: Role) -> Expression:
    if filler := ontology.value(term, "owl:someValuesFrom"):
        return Some(role, read_expression(ontology, filler))
    if filler := ontology.value(term, "owl:allValuesFrom"):
        return Only(role, read_expression(ontology, filler))
    if value := ontology.value(term, "owl:hasValue"):
        return Has(role, value)
    if number := ontology.value(term, "owl:maxCardinality"):
        return Max(_read_number(term, number), role, Named(THING))
    if number := ontology.value(term, "owl:maxQualifiedCardinality"):
        filler = ontology.value(term, "owl:onClass") or ontology.value(term, "owl:onDataRange")
        if filler is None:
            raise OntologyOutsideRL(f"a maximum on {shorten(role.iri)} names no owl:onClass")
        return Max(_read_number(term, number), role, read_expression(ontology, filler))
    raise OntologyOutsideRL(f"the restriction on {shorten(role.iri)} restricts nothing")


def _read_number(term: str, number: str) -> int:
    digits = number.split('"')[1] if '"' in number else ""
    if not digits.isdecimal():
        raise OntologyOutsideRL(f"{shorten(number)} at {term} is no number of values")
    return int(digits)


def _where(ontology: Ontology, term: str) -> str:
    property_ = ontology.value(term, "owl:onProperty")
    return shorten(property_) if property_ else term


def write_role(role: Role) -> str:
    """`role` in Manchester syntax."""
    return f"inverse {shorten(role.iri)}" if role.inverse else shorten(role.iri)


def write_expression(expression: Expression, *, nested: bool = False) -> str:
    """`expression` in Manchester syntax."""
    text = _write(expression)
    return f"({text})" if nested and " " in text and not text.startswith("{") else text


def _write(expression: Expression) -> str:
    match expression:
        case Named(iri=name):
            return shorten(name)
        case AllOf(of=parts):
            return " and ".join(write_expression(part, nested=True) for part in parts)
        case AnyOf(of=parts):
            return " or ".join(write_expression(part, nested=True) for part in parts)
        case Not(of=part):
            return f"not {write_expression(part, nested=True)}"
        case OneOf(individuals=individuals):
            return "{" + ", ".join(map(shorten, individuals)) + "}"
        case Some(role=role, filler=filler):
            return f"{write_role(role)} some {write_expression(filler, nested=True)}"
        case Only(role=role, filler=filler):
            return f"{write_role(role)} only {write_expression(filler, nested=True)}"
        case Has(role=role, value=value):
            return f"{write_role(role)} value {shorten(value)}"
        case Max(number=number, role=role, filler=filler):
            return f"{write_role(role)} max {number} {write_expression(filler, nested=True)}"
    raise AssertionError(f"an expression without a notation: {expression!r}")


# First those with a rule, then those of the ontology and its terms, not of instances.
PREDICATE_NAMES = """
    equivalentClass disjointWith intersectionOf unionOf oneOf complementOf onProperty
    someValuesFrom allValuesFrom hasValue maxCardinality maxQualifiedCardinality onClass
    onDataRange equivalentProperty inverseOf propertyChainAxiom propertyDisjointWith hasKey
    members distinctMembers sourceIndividual assertionProperty targetIndividual targetValue
    sameAs differentFrom
    imports versionIRI versionInfo priorVersion backwardCompatibleWith incompatibleWith
    deprecated annotatedSource annotatedProperty annotatedTarget
"""

CLASS_NAMES = """
    Class Restriction ObjectProperty DatatypeProperty AnnotationProperty OntologyProperty
    Ontology NamedIndividual Thing DeprecatedClass DeprecatedProperty Axiom Annotation
    FunctionalProperty InverseFunctionalProperty SymmetricProperty AsymmetricProperty
    TransitiveProperty IrreflexiveProperty AllDisjointClasses AllDisjointProperties
    AllDifferent NegativePropertyAssertion
"""


def check_vocabulary(ontology: Ontology) -> None:
    """Raise OntologyOutsideRL unless each OWL term of the ontology has a rule or needs none."""
    predicates = {f"{OWL}{name}>" for name in PREDICATE_NAMES.split()}
    classes = {f"{OWL}{name}>" for name in CLASS_NAMES.split()}
    for predicate, pairs in ontology.pairs.items():
        if predicate.startswith(OWL) and predicate not in predicates and pairs:
            _refuse(predicate, pairs[0][0], ontology)
    for subject, class_ in ontology.pairs.get(TYPE, ()):
        if class_.startswith(OWL) and class_ not in classes:
            _refuse(class_, subject, ontology)


def _refuse(term: str, subject: str, ontology: Ontology) -> None:
    owners = [f"{OWL}onProperty>", f"{OWL}onClass>"]
    named = [found for owner in owners for found in ontology.objects.get((subject, owner), [])]
    where = shorten(subject) if subject.startswith("<") else ", ".join(map(shorten, named))
    raise OntologyOutsideRL(
        f"outside OWL 2 RL: {shorten(term)}" + (f" on {where}" if where else ""),
        hint=NOT_RL.get(term, "OWL 2 RL has no rule for it, or this is no term of OWL"),
    )
