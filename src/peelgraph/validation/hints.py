"""What to write instead, told from the value and the shape that refuses it."""

from __future__ import annotations

import re
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import RDF, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from peelgraph.spelling import MOST, find_nearest, fold, offer
from peelgraph.terms import PROJECT, expand, shorten
from peelgraph.validation.known_things import KnownThings
from peelgraph.validation.literals import fits, remedy, write_literal
from peelgraph.validation.pyshacl_runner import Verdict
from peelgraph.validation.rdflib_store import to_oxigraph

_INHERITED = {f"<{expand(own)}>": expand(by) for own, by in PROJECT.inherited.items()}
_PERIODS = {
    f"<{expand(end)}>": (expand(start), expand(end)) for start, end in PROJECT.periods.items()
}
_ONE_IRI = re.compile(r"<[^<>]*>")
_MOST = 5
_MANY_IN_ALL = 200_000  # names compared in one run: about a second; then none is offered
_VALUES = frozenset({"And", "In", "Class", "Or", "Xone", "NodeKind", "Datatype"})


class Hint(NamedTuple):
    """What to write instead, and the IRIs that it offers."""

    text: str = ""
    suggested: tuple[str, ...] = ()


class Allowed(NamedTuple):
    """The values that a shape allows: things by their names, and texts of some datatypes."""

    names: dict[str, list[Node]]
    classes: tuple[str, ...]
    datatypes: tuple[str, ...]
    form: str


class Advisor:
    """Words hints for results of one run."""

    def __init__(self, things: KnownThings, shapes: Graph) -> None:
        self._shapes = shapes
        self._things = things
        self._known: dict[Node, Allowed] = {}
        self._compared = 0

    def advise(self, verdict: Verdict, value: Node | None) -> Hint:
        """What to write instead; none when the shape's own message says all there is to say."""
        component = verdict.result.component.removeprefix(str(SH))
        kind = component.removesuffix("ConstraintComponent")
        shape = verdict.shape
        if kind in _VALUES and value is not None:
            return self._replace(value, shape)
        if kind == "LanguageIn" and isinstance(value, Literal):
            return Hint(f"write {ox.Literal(str(value), language='en')}")
        return Hint(self._word(verdict, kind))

    def _word(self, verdict: Verdict, kind: str) -> str:
        """A hint that offers no value in the place of another."""
        shape, path = verdict.shape, verdict.result.path
        if kind == "MinCount":
            return self._example(shape, path)
        if kind == "MaxCount":
            return self._keep(verdict.focus, path, shape)
        if kind == "HasValue":
            expected = self._shapes.value(shape, SH.hasValue)
            return f"add {write(expected)}" if expected is not None else ""
        if kind == "Pattern":
            return f"it must match {self._shapes.value(shape, SH.pattern)}"
        return self._agree(verdict.focus, path) if kind == "SPARQL" else ""

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
        found = self._things.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)
        return {str(quad.object) for quad in found}

    def _replace(self, value: Node, shape: Node) -> Hint:
        """The allowed values most like what was written; else what kind of value it must be."""
        if shape not in self._known:
            self._known[shape] = self._list_allowed(shape)
        allowed = self._known[shape]
        wanted = [str(RDF.langString)] == list(allowed.datatypes)
        if isinstance(value, Literal) and wanted:
            return Hint(f"write {ox.Literal(str(value), language='en')}")
        if isinstance(value, Literal) and allowed.datatypes:
            own = str(value.datatype or XSD.string)
            if own not in allowed.datatypes or not fits(str(value), own):
                return Hint(remedy(str(value), allowed.datatypes))
            return Hint(allowed.form)
        near = self._find_near(value, allowed.names)
        if near:
            by_iri = " Name it by its IRI, not by a text." if isinstance(value, Literal) else ""
            return Hint(offer(map(write, near)) + by_iri, tuple(map(str, near)))
        unique = {write(node) for nodes in allowed.names.values() for node in nodes}
        if 0 < len(unique) <= _MOST and not allowed.classes:
            return Hint(f"allowed: {', '.join(sorted(unique))}")
        return Hint(self._describe_kinds(value, allowed))

    def _find_near(self, value: Node, names: dict[str, list[Node]]) -> list[Node]:
        """The things with a name like that of `value`; first those of the same kind as it."""
        self._compared += len(names)
        if self._compared > _MANY_IN_ALL:
            return []
        near = find_nearest(_plain(value), names)
        found = dict.fromkeys(node for name in near for node in names[name] if node != value)
        # A label may be that of several things; the name in an IRI is that of one.
        named = fold(_plain(value))
        found = {node: None for node in found if fold(_plain(node)) == named} or found
        kind = str(value).rpartition("/")[0]
        return sorted(found, key=lambda node: not str(node).startswith(kind))[:MOST]

    def _describe_kinds(self, value: Node, allowed: Allowed) -> str:
        """What kind of value is wanted, and of what kind the given one is."""
        kinds = [f"a {shorten(kind)}" for kind in allowed.classes]
        kinds += [f"a literal of {shorten(datatype)}" for datatype in allowed.datatypes]
        wanted = " or ".join(kinds)
        if isinstance(value, Literal):
            if wanted:
                return f'name {wanted} by its IRI, not by the text "{value}"'
            return f'name the thing by its IRI, not by the text "{value}"'
        if not wanted:
            return ""
        own = self._things.list_classes(str(value)) if isinstance(value, URIRef) else []
        is_other = f"{shorten(str(value))} is a {shorten(own[0])}: " if own else ""
        return f"{is_other}write {wanted}"

    def _list_allowed(self, shape: Node) -> Allowed:
        """What a shape allows, each thing by its name and by its labels."""
        inner = [shape]
        for choice in (SH["or"], SH["and"], SH.xone):
            for head in self._shapes.objects(shape, choice):
                inner += self._shapes.items(head)
        classes = [str(c) for each in inner for c in self._shapes.objects(each, SH["class"])]
        datatypes = [str(d) for each in inner for d in self._shapes.objects(each, SH.datatype)]
        heads = self._shapes.objects(shape, SH["in"])
        nodes = {node: self._labels(node) for head in heads for node in self._shapes.items(head)}
        found = self._things.list_instances(classes) if not nodes else {}
        nodes |= {URIRef(iri): labels for iri, labels in sorted(found.items())}
        names: dict[str, list[Node]] = {}
        for node, labels in nodes.items():
            for name in {_plain(node), *labels}:
                names.setdefault(name, []).append(node)
        patterns = [str(p) for each in inner for p in self._shapes.objects(each, SH.pattern)]
        form = f"it must match {patterns[0]}" if patterns else ""
        return Allowed(names, tuple(dict.fromkeys(classes)), tuple(dict.fromkeys(datatypes)), form)

    def _labels(self, node: Node) -> set[str]:
        return self._things.list_labels(str(node)) if isinstance(node, URIRef) else set()

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
    """The part of a term that a person reads; of a name given as a text, too."""
    text = expand(str(node))
    is_iri = isinstance(node, URIRef) or text.startswith(("http://", "https://"))
    return text.rpartition("#")[2].rpartition("/")[2] if is_iri else text
