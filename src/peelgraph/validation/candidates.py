"""Which nodes may break which shape, found by the engine; only these go to pySHACL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal
from rdflib.term import Node

from peelgraph.validation.literal_forms import (
    IS_SEVERAL,
    Doubts,
    Function,
    LiteralForms,
    find_stored,
)
from peelgraph.validation.rdflib_store import as_graph, to_oxigraph, to_rdflib
from peelgraph.validation.shacl_to_sparql import Compiler
from peelgraph.validation.shapes import copy_graph
from peelgraph.validation.shapes_graph import TARGETS
from peelgraph.validation.sparql_constraints import NotCompiled

_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))
_TYPE = ox.NamedNode(str(RDF.type))
_ENDS = (
    (SH.targetSubjectsOf, "?this <{}> ?any ."),
    (SH.targetObjectsOf, "?any <{}> ?this ."),
)


class Narrower:
    """Finds suspects for one graph of shapes; the patterns last made are kept for the next data.

    They depend on the shapes, on the classes below those that shapes name, and on whether the
    engine respells literals; all three are mostly the same from one document to the next.
    """

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._targeted = find_targeted(shapes)
        self._made: tuple[object, dict[Node, list[str]]] = (None, {})

    def narrow(
        self,
        store: ox.Store,
        concerns: Callable[[Node], bool],
        spellings: LiteralForms | None = None,
        *,
        forms: bool = True,
        among: Collection[str] = (),
    ) -> Graph:
        """A copy of the shapes that targets only nodes which `concerns` and which may break them.

        Its verdict is that of the shapes on the nodes that concern. It is empty, when none may.
        Without `forms`, no query of the shapes tells "20.60" from "20.6". With `among`, only
        these nodes, in N-Triples syntax, are looked at.
        """
        known = spellings or LiteralForms(store, ())
        groups = self._patterns(store, known.doubts(forms=forms))
        functions = known.functions()
        suspects: dict[Node, list[Node]] = {}
        listed = f"VALUES ?this {{ {' '.join(sorted(among))} }} " if among else ""
        for shape in self._targeted:
            targets = [listed + target for target in write_targets(store, self._shapes, shape)]
            nodes = _find(store, targets, groups[shape], functions)
            found = [node for node in nodes if concerns(node)]
            if found:
                suspects[shape] = self._spelled(shape, found, store, known)
        return self._focused(suspects) if suspects else Graph(bind_namespaces="none")

    def has_focus(self, store: ox.Store, concerns: Callable[[Node], bool]) -> bool:
        """Whether any shape targets a node which `concerns`, though it may break nothing."""
        return any(
            concerns(to_rdflib(row["this"]))
            for shape in self._targeted
            for target in write_targets(store, self._shapes, shape)
            for row in _rows(store, target)
        )

    def _spelled(
        self, shape: Node, nodes: list[Node], store: ox.Store, spellings: LiteralForms
    ) -> list[Node]:
        """Targets of a shape as the data spell them, not as the engine stores them.

        "5"^^xsd:int would be judged as the xsd:integer that it is stored as.
        """
        literals = [node for node in nodes if isinstance(node, Literal)]
        if not literals:
            return nodes
        named = [n for n in self._shapes.objects(shape, SH.targetNode) if isinstance(n, Literal)]
        stored = find_stored({to_oxigraph(node) for node in named})
        spelled: dict[object, list[Node]] = defaultdict(list)
        for node in named:
            spelled[stored[to_oxigraph(node)]].append(node)
        paths = list(self._shapes.objects(shape, SH.targetObjectsOf))
        data = as_graph(store, spellings)
        found = {node for node in nodes if not isinstance(node, Literal)}
        for literal in literals:
            value = to_oxigraph(literal)
            found.update(spelled[value])
            written = [to_rdflib(term) for term in spellings.of_value(value)]
            found.update(node for node in written for path in paths if (None, path, node) in data)
        return list(found)

    def _patterns(self, store: ox.Store, doubts: Doubts) -> dict[Node, list[str]]:
        below = {
            f"{quad.subject} {quad.object}"
            for quad in store.quads_for_pattern(None, _SUBCLASS, None, None)
        }
        key = (below, doubts)
        if self._made[0] != key:
            compiler = Compiler(self._shapes, lambda name: list_subclasses(store, name), doubts)
            # The engine takes literals that differ in their spelling alone for one.
            merged = [f"FILTER(<{IS_SEVERAL}>(?this))"] if doubts.count else []
            made = {shape: _compile(compiler, shape) + merged for shape in self._targeted}
            self._made = (key, made)
        return self._made[1]

    def _focused(self, suspects: Mapping[Node, list[Node]]) -> Graph:
        narrowed = _select(self._shapes, suspects)
        for shape in self._targeted:
            for predicate in TARGETS:
                narrowed.remove((shape, predicate, None))
            if shape in suspects and _is_class(self._shapes, shape):
                for kind in (RDFS.Class, OWL.Class):
                    narrowed.remove((shape, RDF.type, kind))
                narrowed.add((shape, RDF.type, SH.NodeShape))
            for node in suspects.get(shape, ()):
                narrowed.add((shape, SH.targetNode, node))
        return narrowed


def narrow(
    store: ox.Store,
    shapes: Graph,
    concerns: Callable[[Node], bool],
    spellings: LiteralForms | None = None,
) -> Graph:
    """As Narrower.narrow, for shapes that are asked once."""
    return Narrower(shapes).narrow(store, concerns, spellings)


def _select(shapes: Graph, wanted: Iterable[Node]) -> Graph:
    """Some shapes and what they lead to; all where the graph has components of its own, which are
    found by their parameters and not by a link."""
    if (None, RDF.type, SH.ConstraintComponent) in shapes:
        return copy_graph(shapes)
    selected = Graph(bind_namespaces="none")
    waiting, seen = list(wanted), set(wanted)
    while waiting:
        subject = waiting.pop()
        for predicate, value in shapes.predicate_objects(subject):
            selected.add((subject, predicate, value))
            if value not in seen and not isinstance(value, Literal):
                seen.add(value)
                waiting.append(value)
    return selected


def _compile(compiler: Compiler, shape: Node) -> list[str]:
    """The patterns that find suspects of a shape; one that finds every target, where none do."""
    try:
        return compiler.suspect(shape, "?this").groups
    except NotCompiled:
        return [""]


def has_targets(shapes: Graph) -> bool:
    """Whether any shape has a node to judge."""
    return any(True for predicate in TARGETS for _ in shapes.subjects(predicate, None))


def find_targeted(shapes: Graph) -> list[Node]:
    """The shapes that have targets, in a fixed order."""
    found: set[Node] = set()
    for predicate in TARGETS:
        found.update(shapes.subjects(predicate, None))
    for kind in (SH.NodeShape, SH.PropertyShape):
        found.update(shape for shape in shapes.subjects(RDF.type, kind) if _is_class(shapes, shape))
    return sorted(found, key=str)


def write_targets(store: ox.Store, shapes: Graph, shape: Node) -> list[str]:
    """The targets of a shape as patterns that bind ?this; those that the store has none of are
    left out: most shapes are about something that a small file does not speak of."""
    patterns = []
    classes = [str(name) for name in shapes.objects(shape, SH.targetClass)]
    if _is_class(shapes, shape):
        classes.append(str(shape))
    kinds = {
        name
        for target in classes
        for name in list_subclasses(store, target)
        if _is_stated(store, _TYPE, ox.NamedNode(name))
    }
    if kinds:
        listed = " ".join(f"<{name}>" for name in sorted(kinds))
        patterns.append(f"VALUES ?kind {{ {listed} }} ?this <{RDF.type}> ?kind .")
    nodes = [str(to_oxigraph(node)) for node in shapes.objects(shape, SH.targetNode)]
    if nodes:
        patterns.append(f"VALUES ?this {{ {' '.join(nodes)} }}")
    patterns += [
        form.format(name)
        for target, form in _ENDS
        for name in shapes.objects(shape, target)
        if _is_stated(store, ox.NamedNode(str(name)))
    ]
    return patterns


def _is_stated(store: ox.Store, predicate: ox.NamedNode, value: ox.NamedNode | None = None) -> bool:
    return next(iter(store.quads_for_pattern(None, predicate, value)), None) is not None


def list_subclasses(store: ox.Store, name: str) -> list[str]:
    """A class and every class below it that the store states."""
    found, waiting = {name}, [name]
    while waiting:
        above = ox.NamedNode(waiting.pop())
        for quad in store.quads_for_pattern(None, _SUBCLASS, above, None):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value not in found:
                found.add(quad.subject.value)
                waiting.append(quad.subject.value)
    return sorted(found)


def _find(
    store: ox.Store,
    targets: list[str],
    groups: list[str],
    functions: dict[ox.NamedNode, Function],
) -> set[Node]:
    try:
        return _ask(store, targets, groups, functions)
    except SyntaxError:
        # A query of somebody's own may not stand the rewriting; then every target is suspected.
        return _ask(store, targets, [""], functions)


def _ask(
    store: ox.Store,
    targets: list[str],
    groups: list[str],
    functions: dict[ox.NamedNode, Function],
) -> set[Node]:
    found: set[Node] = set()
    for target in targets:
        for group in groups:
            rows = _rows(store, f"{target} {group}", functions)
            found.update(to_rdflib(row["this"]) for row in rows)
    return found


def _rows(
    store: ox.Store, pattern: str, functions: dict[ox.NamedNode, Function] | None = None
) -> ox.QuerySolutions:
    query = f"SELECT DISTINCT ?this WHERE {{ {pattern} }}"
    rows = store.query(query, custom_functions=functions)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - a SELECT
    return rows


def _is_class(shapes: Graph, shape: Node) -> bool:
    return not isinstance(shape, Literal) and any(
        (shape, RDF.type, kind) in shapes for kind in (RDFS.Class, OWL.Class)
    )
