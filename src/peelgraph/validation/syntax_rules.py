"""The syntax rules of SHACL, which a shapes graph follows or is ill-formed, whatever the data.

Each rule has its name in the specification (https://www.w3.org/TR/shacl/#syntax-rule-NAME, listed
in its appendix "Summary of SHACL Syntax Rules"). Those after `_OURS` have none: without them the
same shapes would fail with some data (pySHACL 0.40.1 finds them when it comes to the shape).
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.validation.shapes_graph import (
    ALTERNATIVES,
    BOUNDS,
    COUNTS,
    IN_PROPERTY_SHAPES,
    JOINED,
    LISTS,
    TARGETS,
    ShapesGraph,
    is_string,
)
from peelgraph.validation.sparql_syntax_rules import OUR_SPARQL_RULES, SPARQL_RULES
from peelgraph.validation.syntax_rule import (
    Fault,
    Rule,
    at_most_one,
    each_list,
    each_member,
    each_value,
    in_property_shapes,
    is_boolean,
    is_integer,
    is_iri,
    is_literal,
    is_text,
    is_truth,
    local_name,
    write,
)

NODE_KINDS = {
    SH.IRI,
    SH.BlankNode,
    SH.Literal,
    SH.IRIOrLiteral,
    SH.BlankNodeOrIRI,
    SH.BlankNodeOrLiteral,
}
STEPS = (
    SH.alternativePath,
    SH.inversePath,
    SH.zeroOrMorePath,
    SH.oneOrMorePath,
    SH.zeroOrOnePath,
)
_DEEPEST_PATH = 11  # pySHACL follows 12 paths inside one another, and then fails


def find_syntax_faults(graph: Graph) -> Iterator[tuple[Fault, str]]:
    """Every statement of a shapes graph that breaks a rule, with the name of the rule."""
    shapes = ShapesGraph(graph)
    for rule in RULES:
        for fault in rule.check(shapes):
            yield fault, rule.name


def _check_node_kinds(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.nodeKind):
        if value not in NODE_KINDS:
            kinds = ", ".join(sorted(map(write, NODE_KINDS)))
            message = f"{write(value)} is no node kind; there are {kinds}"
            yield Fault(subject, SH.nodeKind, value, message)


def _check_target_nodes(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.targetNode):
        if isinstance(value, BNode):
            message = "sh:targetNode is a blank node, which no data can hold"
            yield Fault(subject, SH.targetNode, value, message)


def _check_classes(shapes: ShapesGraph) -> Iterator[Fault]:
    typed = shapes.instances(SH.NodeShape) | shapes.instances(SH.PropertyShape)
    for shape in typed & (shapes.instances(RDFS.Class) | shapes.instances(OWL.Class)):
        if isinstance(shape, BNode):
            message = "is a class and a shape, and has no IRI by which data could name it"
            yield Fault(shape, RDF.type, None, message)


def _check_typed_paths(shapes: ShapesGraph) -> Iterator[Fault]:
    for shape in shapes.instances(SH.PropertyShape):
        if (shape, SH.path, None) not in shapes.graph:
            yield Fault(shape, None, None, "has 0 sh:path; it needs one")


def _check_node_shapes(shapes: ShapesGraph) -> Iterator[Fault]:
    for shape in shapes.instances(SH.NodeShape):
        for path in shapes.values(shape, SH.path):
            yield Fault(shape, SH.path, path, "is a sh:NodeShape and has a sh:path; it may not")


def _check_paths(shapes: ShapesGraph) -> Iterator[Fault]:
    for shape, path in shapes.graph.subject_objects(SH.path):
        wrong = _find_wrong_step(shapes, path, ())
        if wrong:
            yield Fault(shape, SH.path, path, f"sh:path {wrong}")


def _find_wrong_step(shapes: ShapesGraph, path: Node, within: tuple[Node, ...]) -> str:
    """What is wrong with a path (section 2.3.1); "" where it is well-formed."""
    if isinstance(path, URIRef):
        return ""
    if isinstance(path, Literal):
        return f"leads to the literal {write(path)}"
    if path in within:
        return "contains itself"
    if len(within) >= _DEEPEST_PATH:
        return f"has more than {_DEEPEST_PATH} paths inside one another"
    within = (*within, path)
    # W3C's suite takes a list as a sequence, whatever else is said of it (path-strange-001).
    if (path, RDF.first, None) in shapes.graph:
        return _find_wrong_list(shapes, path, within, "a sequence")
    stated = list(shapes.graph.predicate_objects(path))
    if len(stated) != 1 or stated[0][0] not in STEPS:
        names = ", ".join(map(write, STEPS))
        return f"is a blank node that is no list and has not exactly one of {names}"
    if stated[0][0] == SH.alternativePath:
        return _find_wrong_list(shapes, stated[0][1], within, "sh:alternativePath")
    return _find_wrong_step(shapes, stated[0][1], within)


def _find_wrong_list(shapes: ShapesGraph, head: Node, within: tuple[Node, ...], what: str) -> str:
    items = shapes.items(head)
    if items is None or len(items) <= 1:
        return f"is not well-formed: {what} is a list of two paths at least"
    wrong = (_find_wrong_step(shapes, item, within) for item in items)
    return next((each for each in wrong if each), "")


def _check_property_shapes(shapes: ShapesGraph) -> Iterator[Fault]:
    typed = shapes.instances(SH.PropertyShape)  # of these PropertyShape-path-minCount tells
    for subject, value in shapes.graph.subject_objects(SH.property):
        if isinstance(value, Literal):
            message = f"sh:property {write(value)} is a literal, not a property shape"
        elif (value, None, None) not in shapes.graph:
            message = f"sh:property names {write(value)}, which is not in the shapes graph"
        elif (value, SH.path, None) not in shapes.graph and value not in typed:
            message = f"sh:property names {write(value)}, which has no sh:path"
        else:
            continue
        yield Fault(subject, SH.property, value, message)


def _check_node_references(shapes: ShapesGraph) -> Iterator[Fault]:
    typed = shapes.instances(SH.PropertyShape)
    for subject, value in shapes.graph.subject_objects(SH.node):
        if isinstance(value, Literal):
            message = f"sh:node {write(value)} is a literal, not a node shape"
        elif value in typed or (value, SH.path, None) in shapes.graph:
            message = f"sh:node names {write(value)}, a property shape: write sh:property"
        else:
            continue
        yield Fault(subject, SH.node, value, message)


def _check_reference(predicate: Node) -> Rule:
    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, value in shapes.graph.subject_objects(predicate):
            if isinstance(value, Literal):
                message = f"{write(predicate)} {write(value)} is a literal, not a shape"
                yield Fault(subject, predicate, value, message)

    return Rule(f"{local_name(predicate)}-node", check)


def _check_members(predicate: Node) -> Rule:
    def check(shapes: ShapesGraph) -> Iterator[Fault]:
        for subject, _, member in shapes.members(predicate):
            if isinstance(member, Literal):
                message = f"{write(member)} in {write(predicate)} is a literal, not a shape"
                yield Fault(subject, predicate, None, message)

    return Rule(f"{local_name(predicate)}-members-node", check)


def _check_counts(shapes: ShapesGraph) -> Iterator[Fault]:
    for predicate in COUNTS:
        for subject, value in shapes.graph.subject_objects(predicate):
            if is_integer(value) and int(str(value)) < 0:
                yield Fault(subject, predicate, value, f"{write(value)} is no count")


def _check_qualified(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.qualifiedValueShape):
        if not any(
            (subject, each, None) in shapes.graph
            for each in (SH.qualifiedMinCount, SH.qualifiedMaxCount)
        ):
            message = "sh:qualifiedValueShape needs sh:qualifiedMinCount or sh:qualifiedMaxCount"
            yield Fault(subject, SH.qualifiedValueShape, value, message)
    for predicate in (SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint):
        for subject, value in shapes.graph.subject_objects(predicate):
            # A node shape may have them, without effect (W3C's suite, qualified-001).
            lacks = (subject, SH.qualifiedValueShape, None) not in shapes.graph
            if lacks and subject not in shapes.node_shapes:
                message = f"{write(predicate)} says nothing without sh:qualifiedValueShape"
                yield Fault(subject, predicate, value, message)


def _check_ignored(shapes: ShapesGraph) -> Iterator[Fault]:
    for subject, value in shapes.graph.subject_objects(SH.ignoredProperties):
        if (subject, SH.closed, None) not in shapes.graph:
            message = "sh:ignoredProperties says nothing without sh:closed"
            yield Fault(subject, SH.ignoredProperties, value, message)


def _check_empty_lists(shapes: ShapesGraph) -> Iterator[Fault]:
    for predicate in ALTERNATIVES:
        for subject in shapes.graph.subjects(predicate, RDF.nil):
            message = f"{write(predicate)} names no shape"
            yield Fault(subject, predicate, RDF.nil, message)


def _check_entailment(shapes: ShapesGraph) -> Iterator[Fault]:
    """Section 1.5: who does not support a regime must say so."""
    for subject, value in shapes.graph.subject_objects(SH.entailment):
        message = (
            f"sh:entailment asks for {write(value)}; data is judged as it is asserted: "
            "leave the statement out"
        )
        yield Fault(subject, SH.entailment, value, message)


_OURS = (
    Rule("count-not-negative", _check_counts),
    Rule("qualifiedValueShape-count", _check_qualified),
    Rule("ignoredProperties-closed", _check_ignored),
    Rule("members-count", _check_empty_lists),
)
RULES: tuple[Rule, ...] = (
    # Targets and what any shape may say.
    Rule("targetNode-nodeKind", _check_target_nodes),
    *(
        each_value(predicate, is_iri, "nodeKind")
        for predicate in TARGETS
        if predicate != SH.targetNode
    ),
    Rule("implicit-targetClass-nodeKind", _check_classes),
    each_value(SH.severity, is_iri, "nodeKind"),
    at_most_one(SH.severity),
    each_value(SH.message, is_text, "datatype"),
    each_value(SH.deactivated, is_truth, "datatype"),
    at_most_one(SH.deactivated),
    each_value(SH.shapesGraph, is_iri, "nodeKind"),
    Rule("entailment", _check_entailment),
    # Paths.
    Rule("NodeShape-path-maxCount", _check_node_shapes),
    Rule("PropertyShape-path-minCount", _check_typed_paths),
    at_most_one(SH.path),
    Rule("path-node", _check_paths),
    # Parameters of the core.
    *(
        each_value(predicate, is_iri, "nodeKind")
        for predicate in (
            SH["class"],
            SH.datatype,
            SH.equals,
            SH.disjoint,
            SH.lessThan,
            SH.lessThanOrEquals,
        )
    ),
    *(each_value(predicate, is_literal, "nodeKind") for predicate in BOUNDS),
    *(each_value(predicate, is_integer, "datatype") for predicate in COUNTS),
    *(
        each_value(predicate, is_boolean, "datatype")
        for predicate in (SH.closed, SH.uniqueLang, SH.qualifiedValueShapesDisjoint)
    ),
    *(each_value(predicate, is_string, "datatype") for predicate in (SH.pattern, SH.flags)),
    Rule("nodeKind-in", _check_node_kinds),
    *(
        at_most_one(predicate)
        for predicate in (
            SH.datatype,
            SH.nodeKind,
            SH.minCount,
            SH.maxCount,
            SH.minLength,
            SH.maxLength,
            *BOUNDS,
            SH.languageIn,
            SH.uniqueLang,
            SH["in"],
        )
    ),
    *(at_most_one(predicate, "multiple-parameters") for predicate in JOINED),
    *map(in_property_shapes, IN_PROPERTY_SHAPES),
    *map(each_list, LISTS),
    each_member(SH.languageIn, is_string, "datatype"),
    each_member(SH.ignoredProperties, is_iri, "nodeKind"),
    # Shapes that shapes name.
    Rule("property-node", _check_property_shapes),
    Rule("node-node", _check_node_references),
    _check_reference(SH["not"]),
    _check_reference(SH.qualifiedValueShape),
    *map(_check_members, ALTERNATIVES),
    *SPARQL_RULES,
    *_OURS,
    *OUR_SPARQL_RULES,
)
