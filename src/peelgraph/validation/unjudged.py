"""What in some shapes judges nothing, so that "conforms" does not say more than it knows.

None of it is an error in SHACL: a processor of SHACL Core passes over terms of SHACL Advanced
Features and SHACL JavaScript Extensions, and over a shape without a target that nobody names.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.sources import Source
from peelgraph.terms import shorten
from peelgraph.validation.model import Remark
from peelgraph.validation.recursion import find_references, find_rings
from peelgraph.validation.shapes import find_source, name_shape
from peelgraph.validation.shapes_graph import (
    ALTERNATIVES,
    PARAMETERS,
    REFERENCES,
    TARGETS,
    ShapesGraph,
)

_SKIPPED = {
    SH.target: "names targets by a query or a script, which is not run: use sh:targetClass, "
    "sh:targetNode, sh:targetSubjectsOf or sh:targetObjectsOf",
    SH.rule: "infers statements, which is not done: data is judged as it is asserted",
    SH.js: "is a constraint in JavaScript, which is not run",
    SH.expression: "is a constraint of SHACL Advanced Features, which is not judged",
    SH.resultAnnotation: "adds to results, which is not done",
}
_FUNCTIONS = (SH.SPARQLFunction, SH.JSFunction)
_ONE = Literal("1", datatype=XSD.boolean, normalize=False)
# A parameter that asks nothing alone, and what it belongs to.
_DEPENDENT = {
    SH.flags: SH.pattern,
    SH.qualifiedMinCount: SH.qualifiedValueShape,
    SH.qualifiedMaxCount: SH.qualifiedValueShape,
    SH.qualifiedValueShapesDisjoint: SH.qualifiedValueShape,
}
NOTHING = "No shape speaks of anything in the data: nothing was judged."
ONLY_TERMS = "No shape speaks of anything in the data: only its terms and literals were checked."

# Shape, predicate and value of what judges nothing, and what to say of it.
Found = tuple[Node, Node | None, Node | None, str]


def find_remarks(graph: Graph, sources: Sequence[Source]) -> tuple[Remark, ...]:
    """A remark on each shape and term that judges nothing, in the order of their places."""
    shapes = ShapesGraph(graph)
    found = [
        *_find_untargeted(shapes),
        *_find_skipped(shapes),
        *_find_ineffective(shapes),
        *_find_absent(shapes),
        *_find_recursive(shapes),
    ]
    remarks = [remark_on(graph, sources, each) for each in found]
    return tuple(sorted(set(remarks), key=_key))


def remark_on(graph: Graph, sources: Sequence[Source], found: Found) -> Remark:
    """The remark on a statement of some shapes, with its place."""
    shape, predicate, value, message = found
    source, position = find_source(sources, shape, predicate, value)
    return Remark(
        shape=name_shape(graph, shape),
        term=str(predicate) if predicate is not None and predicate != RDF.type else "",
        message=message,
        file=source.path if source else None,
        position=position,
    )


def _find_untargeted(shapes: ShapesGraph) -> Iterator[Found]:
    """The shapes that ask something and that no shape with a target leads to.

    Of those that lead to others, the first alone.
    """
    graph = shapes.graph
    roots: set[Node] = {s for kind in (*TARGETS, SH.target) for s in graph.subjects(kind, None)}
    roots |= shapes.all & (shapes.instances(RDFS.Class) | shapes.instances(OWL.Class))
    # What judges nothing on purpose, and what components and functions are made of.
    roots |= set(graph.subjects(SH.deactivated, Literal(True))) | shapes.components
    roots |= {node for kind in _FUNCTIONS for node in shapes.instances(kind)}
    reached = _reach(graph, roots)
    asking = {shape for shape in shapes.all - reached if _asks(shapes, shape)}
    named = {node for shape in asking for node in _reach(graph, {shape}, until=shapes.all)}
    # Shapes that only name each other come last, and are told once.
    for shape in sorted(asking, key=lambda s: (s in named, isinstance(s, BNode), str(s))):
        if shape not in reached:
            yield _untargeted(shape)
            reached |= _reach(graph, {shape}, but=reached)


def _asks(shapes: ShapesGraph, shape: Node) -> bool:
    return any(p in PARAMETERS or p in _SKIPPED for p in shapes.graph.predicates(shape, None))


def _untargeted(shape: Node) -> Found:
    message = "has no target, and no shape with a target leads to it: it judges nothing"
    return shape, None, None, message


def _reach(
    graph: Graph, roots: set[Node], but: Container[Node] = (), until: Container[Node] = ()
) -> set[Node]:
    """`roots`, and every node that SHACL's terms and lists lead to from there, except `but`.

    With `until`, what is among these is not followed, and the roots are not part of the answer.
    """
    found, waiting = set(roots), list(roots)
    while waiting:
        node = waiting.pop()
        if node in until and node not in roots:
            continue
        for predicate, value in graph.predicate_objects(node):
            leads = str(predicate).startswith(str(SH)) or predicate in {RDF.first, RDF.rest}
            is_new = value not in found and value not in but and not isinstance(value, Literal)
            if leads and is_new:
                found.add(value)
                waiting.append(value)
    return found - roots if until else found


def _find_skipped(shapes: ShapesGraph) -> Iterator[Found]:
    for predicate, message in _SKIPPED.items():
        for shape, value in shapes.graph.subject_objects(predicate):
            yield shape, predicate, value, f"{shorten(str(predicate))} {message}"
    for kind in _FUNCTIONS:
        for function in shapes.instances(kind):
            message = "is a function, which is not offered: a query that calls it finds nothing"
            yield function, RDF.type, kind, message


def _find_ineffective(shapes: ShapesGraph) -> Iterator[Found]:
    for predicate in (SH.closed, SH.uniqueLang):
        for shape in shapes.graph.subjects(predicate, _ONE):
            # W3C's suite, core/property/uniqueLang-002.
            message = f'{shorten(str(predicate))} "1"^^xsd:boolean asks nothing: write true'
            yield shape, predicate, _ONE, message
    for predicate, other in _DEPENDENT.items():
        for shape, value in shapes.graph.subject_objects(predicate):
            if (shape, other, None) not in shapes.graph:
                message = f"{shorten(str(predicate))} asks nothing without {shorten(str(other))}"
                yield shape, predicate, value, message


def _find_absent(shapes: ShapesGraph) -> Iterator[Found]:
    """The shapes that are named and not there: every node conforms to them."""
    for predicate in REFERENCES:
        for shape, value in shapes.graph.subject_objects(predicate):
            if isinstance(value, URIRef) and (value, None, None) not in shapes.graph:
                yield shape, predicate, value, _absent(predicate, value)
    for shape, stated, member in shapes.members(*ALTERNATIVES):
        if isinstance(member, URIRef) and (member, None, None) not in shapes.graph:
            yield shape, stated, None, _absent(stated, member)


def _absent(predicate: Node, named: Node) -> str:
    return (
        f"{shorten(str(predicate))} names {shorten(str(named))}, which is not in the shapes graph: "
        "every node conforms to it"
    )


def _find_recursive(shapes: ShapesGraph) -> Iterator[Found]:
    """What refers to itself is judged, though not to its end."""
    for ring in find_rings(find_references(shapes)):
        first = min(ring, key=lambda shape: (isinstance(shape, BNode), str(shape)))
        others = [shorten(str(shape)) for shape in ring if isinstance(shape, URIRef)]
        through = f", through {', '.join(others)}" if len(others) > 1 else ""
        message = (
            f"refers to itself{through}: SHACL does not define that (3.4.3); as in pySHACL, what a "
            "further round through it would find is taken to conform"
        )
        yield first, None, None, message


def _key(remark: Remark) -> tuple[str, tuple[int, int], str]:
    where = remark.position
    at = (where.line, where.column) if where else (0, 0)
    return str(remark.file or "~"), at, remark.message
