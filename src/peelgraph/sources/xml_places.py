"""Where each statement of an RDF/XML document stands.

The parser gives triples without places. This walk reads the same document as its grammar does
(RDF 1.1 XML Syntax, section 7.2) over the elements that expat met, and says where each triple
begins. XML literals and the inner nodes of collections have no place of their own; a result there
falls back to its predicate or its subject, never to a wrong line.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urljoin

import pyoxigraph as ox

from peelgraph.sources.turtle import Place
from peelgraph.sources.xml_tree import Attribute, Element, read_tree

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_TYPE = f"{_RDF}type"
_SYNTAX = frozenset(
    f"{_RDF}{name}" for name in ("about", "ID", "nodeID", "resource", "datatype", "parseType", "li")
)

Terms = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for an element and those inside it."""

    base: str
    language: str = ""

    def within(self, element: Element) -> "Scope":
        """This scope with what an element adds."""
        base, language = (element.attributes.get(f"{_XML}{name}") for name in ("base", "lang"))
        scope = replace(self, base=urljoin(self.base, base.value)) if base else self
        return replace(scope, language=language.value) if language else scope

    def iri(self, written: str) -> str:
        """An IRI in N-Triples syntax."""
        return f"<{urljoin(self.base, written) if written else self.base.partition('#')[0]}>"

    def text(self, written: str) -> str:
        """A literal in the language of the scope, in N-Triples syntax."""
        return str(ox.Literal(written, language=self.language or None))


class XmlPlaces:
    """The statements of one document, in its order, each with its place."""

    def __init__(self, text: str, base: str) -> None:
        self.stated: list[tuple[Terms, Place]] = []
        self._number = count(1)
        root = read_tree(text)
        if root is None:
            return
        scope = Scope(base).within(root)
        nodes = root.children if root.name == f"{_RDF}RDF" else [root]
        for node in nodes:
            self._node(node, self._subject(node, scope), scope)

    def named_as(self, triples: Iterable[ox.Triple]) -> list[tuple[Terms, Place]]:
        """The statements, their blank nodes called as in `triples`; a parser has its own names.

        The first that `triples` state of a subject and predicate is the first in the document.
        """
        waiting: dict[tuple[str, str], list[str]] = defaultdict(list)
        for triple in triples:
            if isinstance(triple.object, ox.BlankNode):
                waiting[str(triple.subject), str(triple.predicate)].append(str(triple.object))
        known: dict[str, str] = {}
        named = []
        for (subject, predicate, value), place in self.stated:
            owner = known.get(subject, subject)
            if value.startswith("_:") and value not in known and waiting[owner, predicate]:
                known[value] = waiting[owner, predicate].pop(0)
            named.append(((owner, predicate, known.get(value, value)), place))
        return named

    def _blank(self) -> str:
        return f"_:place-{next(self._number)}"

    def _subject(self, node: Element, scope: Scope) -> str:
        inner = scope.within(node)
        for name in ("about", "ID", "nodeID"):
            given = node.attributes.get(f"{_RDF}{name}")
            if given is not None:
                return self._name(name, given, inner)
        return self._blank()

    def _name(self, name: str, given: Attribute, scope: Scope) -> str:
        if name == "nodeID":
            return f"_:place-{given.value}"
        return scope.iri(f"#{given.value}" if name == "ID" else given.value)

    def _node(self, node: Element, subject: str, scope: Scope) -> None:
        scope = scope.within(node)
        if node.name != f"{_RDF}Description":
            self._state(node, (subject, _TYPE, f"<{node.name}>"), node.start + 1, node.start + 1)
        self._attributes(node, subject, scope)
        self._properties(node, subject, scope)

    def _properties(self, node: Element, subject: str, scope: Scope) -> None:
        numbers = count(1)
        for child in node.children:
            is_item = child.name == f"{_RDF}li"
            name = f"{_RDF}_{next(numbers)}" if is_item else child.name
            self._property(child, node, (subject, name), scope.within(child))

    def _attributes(self, node: Element, subject: str, scope: Scope) -> None:
        """Properties written as attributes."""
        for name, given in node.attributes.items():
            if _is_property(name):
                is_type = name == _TYPE
                value = scope.iri(given.value) if is_type else scope.text(given.value)
                self._state(node, (subject, name, value), given.start, given.value_start)

    def _property(
        self, element: Element, node: Element, about: tuple[str, str], scope: Scope
    ) -> None:
        given = element.attributes
        kind = given[f"{_RDF}parseType"].value if f"{_RDF}parseType" in given else ""
        at = element.start
        if kind == "Resource":
            value = self._blank()
            self._state(node, (*about, value), at, at)
            self._properties(element, value, scope)
        elif kind:
            self._state(node, (*about, ""), at, element.text_start or at)
            for child in element.children if kind == "Collection" else ():
                self._node(child, self._subject(child, scope), scope)
        elif element.children:
            child = element.children[0]
            value = self._subject(child, scope)
            self._state(node, (*about, value), at, child.start)
            self._node(child, value, scope)
        else:
            self._leaf(element, node, about, scope)

    def _leaf(self, element: Element, node: Element, about: tuple[str, str], scope: Scope) -> None:
        """A property element that holds no element: a link, a literal, or attributes."""
        at = element.start
        for name in ("resource", "nodeID"):
            link = element.attributes.get(f"{_RDF}{name}")
            if link is not None:
                value = self._name(name, link, scope)
                self._state(node, (*about, value), at, link.value_start)
                self._attributes(element, value, scope)
                return
        datatype = element.attributes.get(f"{_RDF}datatype")
        others = any(_is_property(name) for name in element.attributes)
        if datatype is not None:
            kind = ox.NamedNode(scope.iri(datatype.value)[1:-1])
            value = str(ox.Literal(element.text, datatype=kind))
        elif others:
            value = self._blank()
        else:
            value = scope.text(element.text)
        self._state(node, (*about, value), at, element.text_start or at)
        if datatype is None and others:
            self._attributes(element, value, scope)

    def _state(self, node: Element, terms: Terms, predicate: int, value: int) -> None:
        subject, name, stated = terms
        self.stated.append(((subject, f"<{name}>", stated), Place(node.start, predicate, value)))


def _is_property(name: str) -> bool:
    """Whether an attribute states something, and is no part of the syntax."""
    return name not in _SYNTAX and not name.startswith(_XML)
