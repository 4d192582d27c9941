"""A report as SHACL defines it (section 3.6), in Turtle or JSON-LD.

A result is stated in SHACL's own terms alone. What SHACL has no word for is added in those of
W3C's vocabularies of test results: its place as earl:pointer (Pointers in RDF 1.0), the remedy as
rdfs:comment, and the identifier by which two reports are compared as dcterms:identifier.
"""

import pyoxigraph as ox
from rdflib import DCTERMS, RDF, RDFS, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node
from rdflib.util import from_n3

from peelgraph.terms import PREFIXES, PSH
from peelgraph.validation.backing import to_oxigraph, to_rdflib
from peelgraph.validation.model import POLICY, Report, ShapeResult
from peelgraph.validation.rendering.wording import remainder

EARL = Namespace("http://www.w3.org/ns/earl#")
PTR = Namespace("http://www.w3.org/2009/pointers#")
_SEARCHED = (SH.focusNode, SH.value, SH.sourceConstraintComponent)


def to_turtle(report: Report) -> str:
    """The report in Turtle; sh:conforms is SHACL 1.0's, false on a result of any severity."""
    notes = [f"# Policy: {POLICY}\n"]
    if report.left_out:
        notes.append(f"# {remainder(report)}\n")
    return "".join(notes) + _serialise(build(report))


def _serialise(graph: Graph) -> str:
    """The graph in Turtle with nested blank nodes, where rdflib writes that rightly."""
    text = graph.serialize(format="turtle")
    try:
        for _ in ox.parse(text, ox.RdfFormat.TURTLE):
            pass
    except SyntaxError:
        # rdflib writes an ill-typed boolean without quotes, which no parser takes.
        triples = [
            ox.Triple(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o))  # type: ignore[arg-type]
            for s, p, o in graph
        ]
        prefixes = {prefix: str(namespace) for prefix, namespace in graph.namespaces()}
        written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
        return (written or b"").decode()
    return text


def to_jsonld(report: Report) -> str:
    """The report in JSON-LD with its context inline."""
    graph = build(report)
    context = {str(prefix): str(namespace) for prefix, namespace in graph.namespaces()}
    return graph.serialize(format="json-ld", context=context, ensure_ascii=False) + "\n"


def build(report: Report) -> Graph:
    """One sh:ValidationReport with its results."""
    graph = Graph(bind_namespaces="none")
    # rdflib's own parser would rename blank nodes, by which results are known.
    for triple in ox.parse(report.graph, ox.RdfFormat.N_TRIPLES):
        graph.add(
            (to_rdflib(triple.subject), to_rdflib(triple.predicate), to_rdflib(triple.object))
        )
    head = BNode()
    known = _index(graph)
    for result in report.listed:
        waiting = known.get(_identity(result), [])
        node = waiting.pop() if waiting else _state(graph, result)
        graph.add((head, SH.result, node))
        _describe(graph, node, result)
    for nodes in known.values():
        for node in nodes:
            graph.remove((node, None, None))
    graph.add((head, RDF.type, SH.ValidationReport))
    graph.add((head, SH.conforms, Literal(report.is_clean)))
    used = {str(term) for triple in graph for term in triple if isinstance(term, URIRef)}
    for prefix, namespace in {**PREFIXES, "earl": str(EARL), "ptr": str(PTR)}.items():
        if any(iri.startswith(namespace) for iri in used):
            graph.bind(prefix, namespace)
    return graph


def _identity(result: ShapeResult) -> tuple[str, str, str]:
    return result.focus, result.value, result.component


def _index(graph: Graph) -> dict[tuple[str, str, str], list[Node]]:
    """The result nodes that pySHACL gave, by what tells them apart."""
    found: dict[tuple[str, str, str], list[Node]] = {}
    for node in graph.subjects(RDF.type, SH.ValidationResult):
        focus, value, component = (graph.value(node, predicate) for predicate in _SEARCHED)
        key = (
            focus.n3() if focus is not None else "",
            value.n3() if value is not None else "",
            str(component),
        )
        found.setdefault(key, []).append(node)
    return found


def _state(graph: Graph, result: ShapeResult) -> Node:
    """State a result that pySHACL did not give."""
    node = BNode()
    graph.add((node, RDF.type, SH.ValidationResult))
    component = URIRef(result.component or f"{PSH}ClosedWorldConstraintComponent")
    graph.add((node, SH.sourceConstraintComponent, component))
    graph.add((node, SH.resultSeverity, SH[result.severity.value]))
    graph.add((node, SH.resultMessage, Literal(result.message, lang="en")))
    for predicate, term in (
        (SH.focusNode, result.focus),
        (SH.sourceShape, result.shape),
        (SH.resultPath, result.path),
        (SH.value, result.value),
    ):
        if term:
            graph.add((node, predicate, _term(term)))
    return node


def _term(text: str) -> Node:
    term = from_n3(text)
    if not isinstance(term, Node):
        raise TypeError(f"{text!r} is no RDF term")
    return term


def _describe(graph: Graph, node: Node, result: ShapeResult) -> None:
    """State the identifier, the remedy and the place of a result."""
    graph.add((node, DCTERMS.identifier, Literal(result.identifier)))
    if result.hint:
        graph.add((node, RDFS.comment, Literal(result.hint, lang="en")))
    if result.file is None:
        return
    place = BNode()
    graph.add((node, EARL.pointer, place))
    graph.add((place, RDF.type, PTR.LineCharPointer))
    graph.add((place, PTR.reference, Literal(result.file.as_posix())))
    if result.position is not None:
        graph.add((place, PTR.lineNumber, Literal(result.position.line)))
        graph.add((place, PTR.charNumber, Literal(result.position.column)))
    if result.pointer:
        graph.add((place, PTR.expression, Literal(result.pointer)))
