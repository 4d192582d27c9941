"""A graph of shapes: what in it is a shape, and the terms that make it one (SHACL, section 2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from rdflib import RDF, RDFS, SH, XSD, Graph, Literal
from rdflib.term import Node

from peelgraph.sparql import Query

TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
REFERENCES = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
ALTERNATIVES = (SH["or"], SH["and"], SH.xone)
LISTS = (SH["in"], SH.languageIn, SH.ignoredProperties, *ALTERNATIVES)
BOUNDS = (SH.minExclusive, SH.minInclusive, SH.maxExclusive, SH.maxInclusive)
COUNTS = (
    SH.minCount,
    SH.maxCount,
    SH.minLength,
    SH.maxLength,
    SH.qualifiedMinCount,
    SH.qualifiedMaxCount,
)
# Parameters of components that have several: one value each (section 2.1.1, multiple parameters).
JOINED = (
    SH.pattern,
    SH.flags,
    SH.closed,
    SH.ignoredProperties,
    SH.qualifiedValueShape,
    SH.qualifiedValueShapesDisjoint,
    SH.qualifiedMinCount,
    SH.qualifiedMaxCount,
)
IN_PROPERTY_SHAPES = (
    SH.minCount,
    SH.maxCount,
    SH.uniqueLang,
    SH.lessThan,
    SH.lessThanOrEquals,
    SH.qualifiedValueShape,
)
# Every parameter of SHACL Core and SHACL-SPARQL: a node with one of them is a shape.
PARAMETERS = frozenset(
    {
        *REFERENCES,
        *LISTS,
        *BOUNDS,
        *COUNTS,
        *JOINED,
        *IN_PROPERTY_SHAPES,
        SH["class"],
        SH.datatype,
        SH.nodeKind,
        SH.equals,
        SH.disjoint,
        SH.hasValue,
        SH.sparql,
    }
)


class ShapesGraph:
    """A shapes graph, and which of its nodes are shapes (section 2.1)."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._instances: dict[Node, set[Node]] = {}

    def values(self, subject: Node, predicate: Node) -> list[Node]:
        """The values of a property, in a fixed order."""
        return sorted(self.graph.objects(subject, predicate), key=lambda node: node.n3())

    def instances(self, kind: Node) -> set[Node]:
        """The nodes of a class or of one below it."""
        if kind not in self._instances:
            kinds = self.graph.transitive_subjects(RDFS.subClassOf, kind)
            found = {node for each in kinds for node in self.graph.subjects(RDF.type, each)}
            self._instances[kind] = found
        return self._instances[kind]

    @cached_property
    def all(self) -> set[Node]:
        """Every shape: typed as one, with a target or a parameter, or named by another shape."""
        found = self.instances(SH.NodeShape) | self.instances(SH.PropertyShape)
        for predicate in (*TARGETS, *PARAMETERS):
            found.update(self.graph.subjects(predicate, None))
        for predicate in REFERENCES:
            found.update(self.graph.objects(None, predicate))
        for _, _, member in self.members(*ALTERNATIVES):
            found.add(member)
        return {shape for shape in found if not isinstance(shape, Literal)}

    @cached_property
    def node_shapes(self) -> set[Node]:
        """The shapes without a path, and those that say to be node shapes."""
        typed = self.instances(SH.NodeShape)
        without = {shape for shape in self.all if (shape, SH.path, None) not in self.graph}
        return typed | (without - self.instances(SH.PropertyShape))

    @cached_property
    def components(self) -> set[Node]:
        """The constraint components that the graph itself declares."""
        found = self.instances(SH.ConstraintComponent)
        return {node for node in found if not str(node).startswith(str(SH))}

    @cached_property
    def queries(self) -> list[tuple[Node, Node, Node, Query]]:
        """What has each query, the property that states it, the literal, and the query in it."""
        found: list[tuple[Node, Node, Node, Query]] = []
        for predicate in (SH.select, SH.ask):
            for subject, value in self.graph.subject_objects(predicate):
                if is_string(value):
                    found.append((subject, predicate, value, Query(str(value))))
        return found

    def items(self, head: Node) -> list[Node] | None:
        """The members of a list; None where it is not well-formed."""
        found: list[Node] = []
        seen: set[Node] = set()
        while head != RDF.nil:
            firsts = list(self.graph.objects(head, RDF.first))
            rests = list(self.graph.objects(head, RDF.rest))
            if head in seen or isinstance(head, Literal) or len(firsts) != 1 or len(rests) != 1:
                return None
            seen.add(head)
            found.append(firsts[0])
            head = rests[0]
        return found

    def members(self, *predicates: Node) -> Iterator[tuple[Node, Node, Node]]:
        """Shape, predicate and member of each list that is well-formed."""
        for predicate in predicates:
            for shape, head in self.graph.subject_objects(predicate):
                for member in self.items(head) or ():
                    yield shape, predicate, member


def is_string(node: Node) -> bool:
    """Whether it is a literal of xsd:string."""
    return isinstance(node, Literal) and not node.language and node.datatype in {None, XSD.string}
