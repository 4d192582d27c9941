"""A syntax rule of SHACL: what breaks it, and the kinds of rules that most of them are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rdflib import SH, XSD, BNode, Literal, URIRef
from rdflib.term import Node

from peelgraph.validation.shapes_graph import ShapesGraph, is_string

_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """A statement that breaks a rule; `predicate` and `value` are None where none is to blame."""

    subject: Node
    predicate: Node | None
    value: Node | None
    message: str


Check = Callable[["ShapesGraph"], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One syntax rule: its name, and what finds the statements that break it."""

    name: str
    check: Check


def write(node: Node) -> str:
    """A node as messages name it."""
    if isinstance(node, BNode):
        return "a blank node"
    return f"sh:{local_name(node)}" if str(node).startswith(str(SH)) else node.n3()


def local_name(predicate: Node) -> str:
    """A term of SHACL without its namespace."""
    return str(predicate).removeprefix(str(SH))


# What a value has to be ----------------------------------------------------------------------


def is_iri(node: Node) -> bool:
    """Whether it is an IRI."""
    return isinstance(node, URIRef)


def is_integer(node: Node) -> bool:
    """Whether it is an integer by the letter: a literal of xsd:integer, of no derived datatype."""
    is_typed = isinstance(node, Literal) and node.datatype == XSD.integer
    return is_typed and _INTEGER.fullmatch(str(node)) is not None


def is_boolean(node: Node) -> bool:
    """Whether it is a literal of xsd:boolean."""
    is_typed = isinstance(node, Literal) and node.datatype == XSD.boolean
    return is_typed and str(node) in {"true", "false", "1", "0"}


def is_truth(node: Node) -> bool:
    """Whether it is true or false, by the letter."""
    return is_boolean(node) and str(node) in {"true", "false"}


def is_namespace(node: Node) -> bool:
    """Whether it is a literal of xsd:anyURI; SHACL 1.2 and pySHACL take a string as well."""
    is_typed = isinstance(node, Literal) and node.datatype == XSD.anyURI
    return is_typed or is_string(node)


def is_text(node: Node) -> bool:
    """Whether it is a string, with or without a language tag."""
    return is_string(node) or (isinstance(node, Literal) and bool(node.language))


def is_literal(node: Node) -> bool:
    """Whether it is a literal."""
    return isinstance(node, Literal)


def is_resource(node: Node) -> bool:
    """Whether it is an IRI or a blank node."""
    return not isinstance(node, Literal)


_WORDS: Mapping[Callable[[Node], bool], str] = {
    is_iri: "not an IRI",
    is_integer: "not an xsd:integer",
    is_boolean: "not an xsd:boolean",
    is_truth: "neither true nor false",
    is_string: "not an xsd:string",
    is_namespace: "not an xsd:anyURI",
    is_text: "neither an xsd:string nor a text with a language tag",
    is_literal: "not a literal",
    is_resource: "neither an IRI nor a blank node",
}


# Kinds of rules ------------------------------------------------------------------------------


def each_value(predicate: Node, is_right: Callable[[Node], bool], name: str) -> Rule:
    """Every value of a property is of a kind."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if not is_right(value):
                message = f"{write(predicate)} {write(value)} is {_WORDS[is_right]}"
                if isinstance(value, Literal) and is_right is is_iri:
                    message = f"{write(predicate)} {write(value)} is a literal, not an IRI"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{local_name(predicate)}-{name}", check)


def at_most_one(predicate: Node, name: str = "maxCount") -> Rule:
    """A property has one value at most."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        many = Counter(shapes.graph.subjects(predicate, None))
        for subject in (subject for subject, count in many.items() if count > 1):
            values = shapes.values(subject, predicate)
            told = ", ".join(map(write, values))
            message = f"has {len(values)} {write(predicate)}, one at most: {told}"
            yield Fault(subject, predicate, values[-1], message)

    return Rule(f"{local_name(predicate)}-{name}", check)


def in_property_shapes(predicate: Node) -> Rule:
    """A node shape has no value of a property."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if subject in shapes.node_shapes:
                message = f"{write(predicate)} counts for the values of a path, and it has no path"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{local_name(predicate)}-scope", check)


def each_list(predicate: Node) -> Rule:
    """The values of a property are lists."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if shapes.items(value) is None:
                message = f"{write(predicate)} is not a well-formed list: ( ... )"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{local_name(predicate)}-node", check)


def each_member(predicate: Node, is_right: Callable[[Node], bool], name: str) -> Rule:
    """The members of the lists of a property are of a kind."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, _, member in shapes.members(predicate):
            if not is_right(member):
                message = f"{write(member)} in {write(predicate)} is {_WORDS[is_right]}"
                yield Fault(subject, predicate, None, message)

    return Rule(f"{local_name(predicate)}-members-{name}", check)


def exactly_one(
    kind: str, predicate: Node, subjects: Callable[[ShapesGraph], Iterable[Node]]
) -> Rule:
    """Each of some nodes has one value of a property."""

    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject in set(subjects(shapes)):
            count = len(shapes.values(subject, predicate))
            if count != 1 and is_resource(subject):
                message = f"{write(subject)} has {count} {write(predicate)}; it needs one"
                yield Fault(subject, predicate if count else None, None, message)

    return Rule(f"{kind}-count", check)
