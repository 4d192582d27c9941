"""The shapes: read, checked for being well-formed, copied for every call."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph import tokens
from peelgraph.errors import Position, ShapesBroken
from peelgraph.sources import Source
from peelgraph.terms import shorten
from peelgraph.validation.backing import to_oxigraph, to_rdflib
from peelgraph.validation.languages import is_language_term, suggest_term

TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.target)
NODE_KINDS = {
    SH.IRI,
    SH.BlankNode,
    SH.Literal,
    SH.IRIOrLiteral,
    SH.BlankNodeOrIRI,
    SH.BlankNodeOrLiteral,
}
COUNTS = (
    SH.minCount,
    SH.maxCount,
    SH.minLength,
    SH.maxLength,
    SH.qualifiedMinCount,
    SH.qualifiedMaxCount,
)
LISTS = (SH["in"], SH.languageIn, SH["or"], SH["and"], SH.xone, SH.ignoredProperties)
REFERENCES = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
ALTERNATIVES = (SH["or"], SH["and"], SH.xone)
LINKS = {*REFERENCES, *ALTERNATIVES, SH.sparql, RDF.first, RDF.rest}
_DEEPEST = 30
_SH = str(SH)


def load_shapes(sources: Sequence[Source]) -> Graph:
    """All shapes as one rdflib graph, well-formed as far as can be told before they run.

    Errors: ShapesBroken with file and line: no shape at all, an sh: term that does not exist
            (it would pass in silence), a path, list, count or pattern that is none.
    """
    graph = Graph(bind_namespaces="none")
    for source in sources:
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            graph.add(
                (
                    to_rdflib(triple.subject),
                    to_rdflib(triple.predicate),
                    to_rdflib(triple.object),
                )
            )
    if not any(list_shapes(graph)):
        names = ", ".join(str(source.path) for source in sources) or "nothing"
        raise ShapesBroken(f"{names}: no shape here: a check over nothing proves nothing")
    _Checker(graph, sources).check()
    return graph


def list_shapes(graph: Graph) -> set[Node]:
    """The nodes that are typed as shapes, or have a target."""
    found: set[Node] = set(graph.subjects(RDF.type, SH.NodeShape))
    found.update(graph.subjects(RDF.type, SH.PropertyShape))
    for predicate in TARGETS:
        found.update(graph.subjects(predicate, None))
    return found


def copy_graph(graph: Graph) -> Graph:
    """A copy; pySHACL adds triples of its own to the graph it is given."""
    copy = Graph(bind_namespaces="none")
    for triple in graph:
        copy.add(triple)
    return copy


def name_shape(graph: Graph, shape: Node) -> str:
    """The IRI of a shape; for one without, that of the shape it stands in."""
    seen: set[Node] = set()
    while not isinstance(shape, URIRef) and shape not in seen:
        seen.add(shape)
        above = next(
            (
                subject
                for subject, predicate in graph.subject_predicates(shape)
                if predicate in LINKS
            ),
            None,
        )
        if above is None:
            break
        shape = above
    return shape.n3()


class _Checker:
    """What no constraint component may be given (SHACL, sections 2 to 4)."""

    def __init__(self, graph: Graph, sources: Sequence[Source]) -> None:
        self.graph = graph
        self.sources = sources

    def check(self) -> None:
        for subject, predicate, value in self.graph:
            if self.is_data(subject):
                continue
            for term in (predicate, value):
                if isinstance(term, URIRef) and term.startswith(_SH):
                    self.check_term(subject, predicate, value, term)
            self.check_value(subject, predicate, value)
        self.check_cycles()
        for shape in set(self.graph.subjects(RDF.type, SH.PropertyShape)):
            paths = list(self.graph.objects(shape, SH.path))
            if len(paths) != 1:
                self.refuse(shape, SH.path, None, f"has {len(paths)} sh:path; it needs one")

    def is_data(self, subject: Node) -> bool:
        """Whether a file of shapes states data too, as test suites do."""
        types = [str(kind) for kind in self.graph.objects(subject, RDF.type)]
        return bool(types) and not any(
            kind.startswith((_SH, str(RDFS), str(OWL))) for kind in types
        )

    def check_term(self, subject: Node, predicate: Node, value: Node, term: URIRef) -> None:
        if is_language_term(term):
            return
        near = suggest_term(term)
        hint = f"did you mean sh:{near}?" if near else "see https://www.w3.org/TR/shacl/"
        message = f"sh:{term.removeprefix(_SH)} does not exist; {hint}"
        self.refuse(subject, predicate, value, message)

    def check_value(self, subject: Node, predicate: Node, value: Node) -> None:
        if predicate in COUNTS and not _is_count(value):
            self.refuse(subject, predicate, value, f"{value.n3()} is no count")
        elif predicate == SH.nodeKind and value not in NODE_KINDS:
            self.refuse(subject, predicate, value, f"{value.n3()} is no node kind")
        elif predicate in LISTS and not self.is_list(value):
            self.refuse(subject, predicate, value, "is not a well-formed list: ( ... )")
        elif predicate == SH.pattern:
            self.check_pattern(subject, value)
        elif predicate in {SH.select, SH.ask}:
            self.check_query(subject, predicate, value)
        elif predicate in {SH["class"], SH.datatype, SH.targetClass} and isinstance(value, Literal):
            self.refuse(subject, predicate, value, f"{value.n3()} is a literal, not an IRI")

    def check_cycles(self) -> None:
        """SHACL leaves recursive shapes undefined (3.4.3), and pySHACL runs 15 deep into them."""
        done: set[Node] = set()
        for shape in sorted({*list_shapes(self.graph)}, key=str):
            self.follow(shape, [], done)

    def follow(self, shape: Node, above: list[Node], done: set[Node]) -> None:
        if shape in above or len(above) > _DEEPEST:
            self.refuse(shape, None, None, "refers to itself, or to others too deep, as a shape")
        if shape in done:
            return
        for predicate in REFERENCES:
            for inner in self.graph.objects(shape, predicate):
                self.follow(inner, [*above, shape], done)
        for predicate in ALTERNATIVES:
            for head in self.graph.objects(shape, predicate):
                for inner in self.graph.items(head):
                    self.follow(inner, [*above, shape], done)
        done.add(shape)

    def check_pattern(self, subject: Node, value: Node) -> None:
        try:
            re.compile(str(value))
        except re.error as error:
            self.refuse(subject, SH.pattern, value, f"{value.n3()} is no pattern: {error}")

    def check_query(self, subject: Node, predicate: Node, value: Node) -> None:
        text = str(value).replace("$PATH", "<urn:path>")
        for token in tokens.tokenise(text):
            # rdflib would read the file or call the address.
            if token.is_word("FROM", "SERVICE"):
                message = f"its query says {token.text.upper()}: a shape judges the data given"
                self.refuse(subject, predicate, value, message)
        try:
            ox.Store().query(find_prefixes(self.graph, subject) + text)
        except SyntaxError as error:
            self.refuse(subject, predicate, value, f"its query is malformed: {error}")

    def is_list(self, head: Node) -> bool:
        seen: set[Node] = set()
        while head != RDF.nil:
            rests = list(self.graph.objects(head, RDF.rest))
            firsts = list(self.graph.objects(head, RDF.first))
            if head in seen or len(rests) != 1 or len(firsts) != 1:
                return False
            seen.add(head)
            head = rests[0]
        return True

    def refuse(
        self, subject: Node, predicate: Node | None, value: Node | None, message: str
    ) -> None:
        name = name_shape(self.graph, subject)
        where, position = find_place(self.sources, subject, predicate, value)
        named = shorten(name.strip("<>")) if name.startswith("<") else "a shape without IRI"
        raise ShapesBroken(f"{where}{named}: {message}", position=position)


def find_place(
    sources: Sequence[Source], subject: Node, predicate: Node | None, value: Node | None
) -> tuple[str, Position | None]:
    """File, line and column as the head of a message, and the position; "" when none states it."""
    terms = [str(to_oxigraph(term)) for term in (subject, predicate, value) if term is not None]
    for source in sources:
        if f"{terms[0]} ".encode() in source.triples:
            position = source.positions.of(*terms)
            if position is not None:
                return f"{source.path}:{position.line}:{position.column}: ", position
    return "", None


def inherit_prefixes(graph: Graph) -> Graph:
    """`graph`, in which who imports declared prefixes declares them too.

    SHACL (5.2.1) follows owl:imports from sh:prefixes, pySHACL does not.
    """
    for owner in set(graph.objects(None, SH.prefixes)):
        for imported in list(graph.transitive_objects(owner, OWL.imports)):
            for declared in list(graph.objects(imported, SH.declare)):
                graph.add((owner, SH.declare, declared))
    return graph


def find_prefixes(graph: Graph, subject: Node) -> str:
    """The PREFIX lines that sh:prefixes gives the query at `subject`."""
    lines = []
    waiting = list(graph.objects(subject, SH.prefixes))
    seen: set[Node] = set()
    while waiting:
        owner = waiting.pop()
        if owner in seen:
            continue
        seen.add(owner)
        waiting.extend(graph.objects(owner, OWL.imports))
        for declared in graph.objects(owner, SH.declare):
            prefix = graph.value(declared, SH.prefix)
            namespace = graph.value(declared, SH.namespace)
            lines.append(f"PREFIX {prefix}: <{namespace}>\n")
    return "".join(sorted(lines))


def _is_count(value: Node) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, int) and value.value >= 0
