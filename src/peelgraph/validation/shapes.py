"""The shapes: read, checked for being well-formed, copied for every call."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from peelgraph.errors import Position, ShapesBroken
from peelgraph.sources import Source
from peelgraph.sparql import Query
from peelgraph.terms import shorten
from peelgraph.validation.rdflib_store import to_oxigraph, to_rdflib
from peelgraph.validation.recursion import (
    MAX_DEPTH,
    MAX_WAYS,
    find_deepest,
    find_entangled,
    find_references,
)
from peelgraph.validation.regex import find_ill_formed, is_regex
from peelgraph.validation.shapes_graph import ALTERNATIVES, REFERENCES, TARGETS, ShapesGraph
from peelgraph.validation.syntax_rules import find_syntax_faults
from peelgraph.validation.undeclared_terms import is_language_term, suggest_term

LINKS = {*REFERENCES, *ALTERNATIVES, SH.sparql, RDF.first, RDF.rest}
_MOST = 20  # faults told of one shapes graph; who mends them sees the next
_SH = str(SH)


def load_shapes(sources: Sequence[Source]) -> Graph:
    """All shapes as one rdflib graph, well-formed as far as can be told before they run.

    Errors: ShapesBroken with file and line: no shape at all, an sh: term that does not exist
            (it would pass in silence), a pattern or a query that is none, and whatever breaks a
            rule of syntax_rules.py; the first of them in full, the others below it.
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
    _Checker(graph, sources).check()
    if not ShapesGraph(graph).all:
        names = ", ".join(str(source.path) for source in sources) or "nothing"
        raise ShapesBroken(f"{names}: no shape here: a check over nothing proves nothing")
    return graph


def list_shapes(graph: Graph) -> set[Node]:
    """The nodes that are typed as shapes, or have a target."""
    found: set[Node] = set(graph.subjects(RDF.type, SH.NodeShape))
    found.update(graph.subjects(RDF.type, SH.PropertyShape))
    for predicate in (*TARGETS, SH.target):
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
    """What is wrong with the shapes, whatever the data."""

    def __init__(self, graph: Graph, sources: Sequence[Source]) -> None:
        self.graph = graph
        self.sources = sources
        self.faults: list[tuple[tuple[int, int, int], str, Position | None]] = []

    def check(self) -> None:
        for subject, predicate, value in self.graph:
            if self.is_data(subject):
                continue
            for term in (predicate, value):
                if isinstance(term, URIRef) and term.startswith(_SH):
                    self.check_term(subject, predicate, value, term)
            if predicate == SH.pattern:
                self.check_pattern(subject, value)
            elif predicate in {SH.select, SH.ask}:
                self.check_query(subject, predicate, value)
        for fault, rule in find_syntax_faults(self.graph):
            message = f"{fault.message} (syntax rule {rule})"
            self.refuse(fault.subject, fault.predicate, fault.value, message)
        self.raise_first()
        self.check_depth()
        self.raise_first()

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

    def check_depth(self) -> None:
        """Shapes inside one another: pySHACL would end in the middle, and only with some data."""
        references = find_references(ShapesGraph(self.graph))
        shape, depth = find_deepest(references)
        if shape is not None and depth > MAX_DEPTH:
            message = f"{depth} shapes stand inside one another from here; {MAX_DEPTH} are judged"
            self.refuse(shape, None, None, f"{message}: refer to fewer, or give inner ones targets")
            return
        shape = find_entangled(references)
        if shape is not None:
            message = f"leads through other shapes in more than {MAX_WAYS:,} ways: refer to fewer"
            self.refuse(shape, None, None, message)

    def check_pattern(self, subject: Node, value: Node) -> None:
        flags = str(self.graph.value(subject, SH.flags) or "")
        if not is_regex(str(value), flags):
            flagged = f" with the flags {flags}" if flags else ""
            message = f"{value.n3()}{flagged} is no regular expression of SPARQL"
            self.refuse(subject, SH.pattern, value, message)

    def check_query(self, subject: Node, predicate: Node, value: Node) -> None:
        query = Query(str(value).replace("$PATH", "<urn:path>"))
        for token in query.tokens:
            # rdflib would read the file or call the address.
            if token.is_word("FROM", "SERVICE"):
                message = f"its query says {token.text.upper()}: a shape judges the data given"
                self.refuse(subject, predicate, value, message)
        ill_formed = find_ill_formed(query)
        if ill_formed:
            message = f"its query says {ill_formed}, which is no regular expression of SPARQL"
            self.refuse(subject, predicate, value, message)
        try:
            ox.Store().query(find_prefixes(self.graph, subject) + query.text)
        except SyntaxError as error:
            self.refuse(subject, predicate, value, f"its query is malformed: {error}")

    def refuse(
        self, subject: Node, predicate: Node | None, value: Node | None, message: str
    ) -> None:
        """Note a fault; the first by its place is raised, when all are known."""
        name = name_shape(self.graph, subject)
        where, position = find_place(self.sources, subject, predicate, value)
        if not where:
            # What nothing is said of stands where it is named.
            for naming in sorted(self.graph.subject_predicates(subject), key=str):
                where, position = find_place(self.sources, *naming, subject)
                if where:
                    break
        named = shorten(name.strip("<>")) if name.startswith("<") else "a shape without IRI"
        file = next((n for n, s in enumerate(self.sources) if where.startswith(f"{s.path}:")), -1)
        at = (position.line, position.column) if position else (0, 0)
        self.faults.append(((file, *at), f"{where}{named}: {message}", position))

    def raise_first(self) -> None:
        if not self.faults:
            return
        # Of faults at one place, that of the term or the query itself tells most: it was first.
        told = {text: position for _, text, position in sorted(self.faults, key=lambda f: f[0])}
        (first, position), *others = told.items()
        listed = [text for text, _ in others[: _MOST - 1]]
        if len(others) > len(listed):
            listed.append(f"and {len(others) - len(listed)} more")
        raise ShapesBroken(first, position=position, hint="\n  ".join(listed) or None)


def find_place(
    sources: Sequence[Source], subject: Node, predicate: Node | None, value: Node | None
) -> tuple[str, Position | None]:
    """File, line and column as the head of a message, and the position; "" when none states it."""
    source, position = find_source(sources, subject, predicate, value)
    if source is None or position is None:
        return "", None
    return f"{source.path}:{position.line}:{position.column}: ", position


def find_source(
    sources: Sequence[Source], subject: Node, predicate: Node | None, value: Node | None
) -> tuple[Source | None, Position | None]:
    """The source that states something, and where in it; None when none does."""
    terms = [str(to_oxigraph(term)) for term in (subject, predicate, value) if term is not None]
    for source in sources:
        if f"{terms[0]} ".encode() in source.triples:
            position = source.positions.of(*terms)
            if position is not None:
                return source, position
    return None, None


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
