"""What to write instead, told from the value and the shape that refuses it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.terms import PROJECT, expand, shorten
from peelgraph.validation.literals import as_date, fits, write_literal
from peelgraph.validation.pyshacl_runner import LABELS, Verdict
from peelgraph.validation.rdflib_store import to_oxigraph

_INHERITED = {f"<{expand(own)}>": expand(by) for own, by in PROJECT.inherited.items()}
_PERIODS = {
    f"<{expand(end)}>": (expand(start), expand(end)) for start, end in PROJECT.periods.items()
}
_ONE_IRI = re.compile(r"<[^<>]*>")
_MOST = 5
_MANY = 2000  # candidates compared; beyond it the comparison would cost more than it tells
_MANY_IN_ALL = 200_000  # in one run: about a second; then the allowed values are only listed


class Advisor:
    """Words hints for results of one run."""

    def __init__(self, store: ox.Store, shapes: Graph) -> None:
        self._store = store
        self._shapes = shapes
        self._known: dict[tuple[Node, str], tuple[dict[str, Node], str]] = {}
        self._compared = 0

    def advise(self, verdict: Verdict, value: Node | None) -> str:
        """What to write instead; "" when the shape's own message says all there is to say."""
        component = verdict.result.component.removeprefix(str(SH))
        shape = verdict.shape
        if component in {"InConstraintComponent", "ClassConstraintComponent"}:
            return self._nearest(value, shape, component)
        if component == "DatatypeConstraintComponent":
            return self._retype(value, self._shapes.value(shape, SH.datatype))
        if component == "MinCountConstraintComponent":
            return self._example(shape, verdict.result.path)
        if component == "MaxCountConstraintComponent":
            return self._keep(verdict.focus, verdict.result.path, shape)
        if component == "NodeKindConstraintComponent" and isinstance(value, Literal):
            return f'name the thing by its IRI, not by the text "{value}"'
        if component == "LanguageInConstraintComponent" and isinstance(value, Literal):
            return f"write {ox.Literal(str(value), language='en')}"
        if component == "HasValueConstraintComponent":
            expected = self._shapes.value(shape, SH.hasValue)
            return f"add {write(expected)}" if expected is not None else ""
        if component == "PatternConstraintComponent":
            return f"it must match {self._shapes.value(shape, SH.pattern)}"
        if component == "SPARQLConstraintComponent":
            return self._agree(verdict.focus, verdict.result.path)
        return ""

    def _agree(self, focus: Node, path: str) -> str:
        """What the project tells of its properties: an inherited value, or dates to swap."""
        if path in _INHERITED:
            values = {
                value
                for other in self._values(focus, _INHERITED[path])
                for value in self._values(URIRef(other[1:-1]), path[1:-1])
            }
            if len(values) == 1:
                return f"write {shorten(str(next(iter(values)))[1:-1])}"
        if path in _PERIODS:
            spans = [(*self._values(focus, name),) for name in _PERIODS[path]]
            if all(len(dates) == 1 for dates in spans) and spans[0][0] > spans[1][0]:
                return "the beginning and the end look swapped: write each in the other's place"
        return ""

    def _keep(self, focus: Node, path: str, shape: Node) -> str:
        """How many of which values may stay; they may stand in several files."""
        found = sorted(self._values(focus, path[1:-1])) if _ONE_IRI.fullmatch(path) else []
        most = self._shapes.value(shape, SH.maxCount)
        if not found or most is None:
            return ""
        named = [shorten(term[1:-1]) if term.startswith("<") else term for term in found[:_MOST]]
        more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
        return f"keep {most} of {len(found)}: {', '.join(named)}{more}"

    def _values(self, node: Node, predicate: str) -> set[str]:
        subject = to_oxigraph(node)
        if isinstance(subject, ox.Literal):
            return set()
        found = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return {str(quad.object) for quad in found}

    def _instances(self, shape: Node) -> list[Node]:
        classes = [str(c) for c in self._shapes.objects(shape, SH["class"])]
        if len(classes) != 1:
            return []
        query = (
            f"SELECT DISTINCT ?thing WHERE {{ ?thing <{RDF.type}>/<{RDFS.subClassOf}>* "
            f"<{classes[0]}> FILTER(isIRI(?thing)) }} LIMIT {_MANY}"
        )
        found = self._store.query(query)
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - a SELECT
        return [URIRef(row["thing"].value) for row in found]

    def _nearest(self, value: Node | None, shape: Node, component: str) -> str:
        """The allowed value most like what was written, by name or label, else some of them."""
        if (shape, component) not in self._known:
            self._known[shape, component] = self._list_allowed(shape, component)
        known, listed = self._known[shape, component]
        if not known or value is None:
            return ""
        self._compared += len(known)
        if self._compared <= _MANY_IN_ALL:
            near = difflib.get_close_matches(_plain(value), known, n=1, cutoff=0.75)
            if near:
                return f"did you mean {write(known[near[0]])}?"
        return listed

    def _list_allowed(self, shape: Node, component: str) -> tuple[dict[str, Node], str]:
        """What a shape allows, by name and label, and some of it in words."""
        if component == "ClassConstraintComponent":
            allowed: Iterable[Node] = self._instances(shape)
        else:
            head = self._shapes.value(shape, SH["in"])
            allowed = self._shapes.items(head) if head else ()
        known: dict[str, Node] = {}
        for node in allowed:
            known[_plain(node)] = node
            for label in self._labels(node):
                known.setdefault(label.lower(), node)
        unique = sorted({write(node) for node in known.values()})
        if len(unique) > _MOST:
            return known, f"allowed are {len(unique)}, among them {', '.join(unique[:_MOST])}"
        return known, f"allowed: {', '.join(unique)}"

    def _labels(self, node: Node) -> list[str]:
        if not isinstance(node, URIRef):
            return []
        subject = ox.NamedNode(str(node))
        return [
            quad.object.value
            for predicate in LABELS
            for quad in self._store.quads_for_pattern(subject, ox.NamedNode(str(predicate)), None)
            if isinstance(quad.object, ox.Literal)
        ]

    def _retype(self, value: Node | None, wanted: Node | None) -> str:
        if not isinstance(value, Literal):
            return f"write a literal of {write(wanted)}" if wanted is not None else ""
        if wanted == RDF.langString:
            return f"write {ox.Literal(str(value), language='en')}"
        text = str(value)
        if wanted == XSD.date and as_date(text):
            text = as_date(text)
        if isinstance(wanted, URIRef) and fits(text, str(wanted)):
            return f"write {write(Literal(text, datatype=wanted, normalize=False))}"
        return f"write a {write(wanted)}" if wanted is not None else ""

    def _example(self, shape: Node, path: str) -> str:
        if not path.startswith("<") or not path.endswith(">"):
            return ""
        name = shorten(path[1:-1])
        for predicate, form in ((SH["class"], "a {}"), (SH.datatype, "a {}"), (SH.hasValue, "{}")):
            wanted = self._shapes.value(shape, predicate)
            if wanted is not None:
                return f"add {name} with {form.format(write(wanted))}"
        return f"add {name}"


def write(node: Node) -> str:
    """A term as a person writes it in Turtle."""
    if isinstance(node, URIRef):
        return shorten(str(node))
    if isinstance(node, Literal) and node.datatype and node.datatype != XSD.string:
        return write_literal(str(node), str(node.datatype))
    return str(to_oxigraph(node))


def _plain(node: Node) -> str:
    """The part of a term that a person reads."""
    text = str(node)
    if isinstance(node, URIRef):
        text = text.rpartition("#")[2].rpartition("/")[2]
    return text.lower()
