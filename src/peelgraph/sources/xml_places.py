"""Where each statement of an RDF/XML document stands.

The parser gives triples without places. This walk reads the same document as its grammar does
(RDF 1.1 XML Syntax, section 7.2) over the elements that expat met, and says where each property
is stated. The triples of one predicate come in the order of the walk; a predicate that the parser
states more or less often has no places, so that no result stands at a wrong line.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import count

import pyoxigraph as ox

from peelgraph.sources.turtle import Place
from peelgraph.sources.xml_tree import Element, read_tree

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_SYNTAX = frozenset(
    f"{_RDF}{name}" for name in ("about", "ID", "nodeID", "resource", "datatype", "parseType", "li")
)


def locate_xml(text: str, triples: Iterable[ox.Triple]) -> list[tuple[ox.Triple, Place]]:
    """The triples that the parser made of `text`, each with its place, in the document's order."""
    walk = _Walk()
    root = read_tree(text)
    if root is not None:
        for node in root.children if root.name == f"{_RDF}RDF" else [root]:
            walk.node(node)
    stated: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        stated[triple.predicate.value].append(triple)
    placed = [
        pair
        for predicate, found in stated.items()
        if len(found) == len(walk.places[predicate])
        for pair in zip(found, walk.places[predicate], strict=True)
    ]
    return sorted(placed, key=lambda pair: pair[1].predicate)


class _Walk:
    """The places of each predicate, in the order of the parser: what is nested comes first."""

    def __init__(self) -> None:
        self.places: dict[str, list[Place]] = defaultdict(list)

    def node(self, node: Element) -> None:
        if node.name != f"{_RDF}Description":
            self._state(node, f"{_RDF}type", node.start + 1, node.start + 1)
        self._attributes(node)
        self._properties(node)

    def _attributes(self, element: Element) -> None:
        """Properties written as attributes."""
        for name, given in element.attributes.items():
            if _is_property(name):
                self._state(element, name, given.start, given.value_start)

    def _properties(self, node: Element) -> None:
        numbers = count(1)
        for child in node.children:
            is_item = child.name == f"{_RDF}li"
            self._property(child, node, f"{_RDF}_{next(numbers)}" if is_item else child.name)

    def _property(self, element: Element, node: Element, name: str) -> None:
        given, at = element.attributes, element.start
        kind = given[f"{_RDF}parseType"].value if f"{_RDF}parseType" in given else ""
        link = given.get(f"{_RDF}resource") or given.get(f"{_RDF}nodeID")
        value = link.value_start if link else element.text_start or at
        if kind in ("", "Collection") and element.children:
            for child in element.children:
                self.node(child)
            value = element.children[0].start
        elif not kind:
            self._attributes(element)
        self._state(node, name, at, at if kind == "Resource" else value)
        if f"{_RDF}ID" in given:
            for part in ("type", "subject", "predicate", "object"):
                self._state(element, f"{_RDF}{part}", at, at)
        if kind == "Resource":
            self._properties(element)
        elif kind == "Collection":
            for child in element.children:
                for part in ("first", "rest"):
                    self._state(child, f"{_RDF}{part}", child.start, child.start)

    def _state(self, node: Element, name: str, predicate: int, value: int) -> None:
        self.places[name].append(Place(node.start, predicate, value))


def _is_property(name: str) -> bool:
    """Whether an attribute states something, and is no part of the syntax."""
    return name not in _SYNTAX and not name.startswith(_XML)
