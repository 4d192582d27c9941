"""The other side of a clash: what the data, or what is published, hold against a new statement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph as ox
from rdflib import RDF, SH, Graph
from rdflib.term import Node

from peelgraph import terms
from peelgraph.sparql import Query
from peelgraph.validation.known_things import KnownThings
from peelgraph.validation.locations import Locator
from peelgraph.validation.model import Counterpart, ShapeResult
from peelgraph.validation.pyshacl_runner import LABELS
from peelgraph.validation.shapes import find_prefixes
from peelgraph.validation.sparql_constraints import NotCompiled, plain_body

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
# In the query of a shape, the thing that the focus clashes with.
_OTHER, _VALUE = "?q0_other", "?q0_value"
_TYPE = f"<{RDF.type}>"
_MOST = 3
_ONE_IRI = re.compile(r"<[^<>]*>")
# What tells two things apart without saying anything of their subject.
_UNTOLD = {*map(str, LABELS), str(RDF.type), f"{terms.VOCABULARIES['dcterms']}description"}
_UNTOLD |= {terms.expand(name) for name in terms.PROJECT.evidence}


class Counterparts:
    """Finds what results clash with, in one run."""

    def __init__(self, things: KnownThings, locator: Locator) -> None:
        self._things = things
        self._locator = locator
        self._bodies: dict[Node, list[str]] = {}

    def add(self, result: ShapeResult, shapes: Graph, shape: Node) -> ShapeResult:
        """The result with its counterparts, as far as its constraint tells of any."""
        component = result.component.removeprefix(str(SH))
        if component == "SPARQLConstraintComponent":
            found = self._describe(result, self._ask(result, shapes, shape))
        elif component == "MaxCountConstraintComponent" and _ONE_IRI.fullmatch(result.path):
            found = self._published_values(result)
        else:
            return result
        return replace(result, counterparts=tuple(found))

    def add_stated(self, result: ShapeResult) -> ShapeResult:
        """A contradiction with what else has a part in it: other things, or what is published."""
        others = dict.fromkeys(s for s, _, _ in result.statements if s != result.focus)
        found = [*self._describe(result, others)]
        for subject, predicate, value in result.statements:
            if subject == result.focus and not self._locator.states(subject, predicate, value):
                found += self._published_triple(subject, predicate, value)
        return replace(result, counterparts=tuple(found or self._published_classes(result)))

    def _published_classes(self, result: ShapeResult) -> Iterator[Counterpart]:
        """The classes that are published of a thing, where others follow from these."""
        focus = result.focus
        for kind in self._things.list_classes(focus[1:-1]) if focus.startswith("<") else ():
            if not self._locator.states(focus, _TYPE, f"<{kind}>"):
                yield from self._published_triple(focus, _TYPE, f"<{kind}>")

    def _ask(self, result: ShapeResult, shapes: Graph, shape: Node) -> Iterator[str]:
        """The things that the query of a shape holds against the focus."""
        if result.focus.startswith("_:"):
            return
        for body in self._compile(shapes, shape):
            given = f"VALUES ?this {{ {result.focus} }}"
            if _VALUE in body and result.value[:1] in {"<", '"'}:
                given += f" VALUES {_VALUE} {{ {result.value} }}"
            text = f"SELECT DISTINCT {_OTHER} WHERE {{ {given} {body} }} ORDER BY {_OTHER}"
            answer = self._things.store.query(text)
            assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - a SELECT
            for row in answer:
                term = row[_OTHER[1:]]
                if isinstance(term, ox.NamedNode) and str(term) != result.focus:
                    yield str(term)

    def _compile(self, shapes: Graph, shape: Node) -> list[str]:
        if shape not in self._bodies:
            self._bodies[shape] = []
            for constraint in shapes.objects(shape, SH.sparql):
                for select in shapes.objects(constraint, SH.select):
                    text = find_prefixes(shapes, constraint) + str(select)
                    try:
                        body = plain_body(text, 0)
                    except NotCompiled:
                        continue
                    if any(token.text == _OTHER for token in Query(body).tokens):
                        self._bodies[shape].append(body)
        return self._bodies[shape]

    def _describe(self, result: ShapeResult, others: Iterable[str]) -> Iterator[Counterpart]:
        for term in [*others][:_MOST]:
            label, says = self._things.find_label(term[1:-1]), self._compare(result, term)
            told = Counterpart(term, label, says)
            place = self._locator.find_place(term)
            yield replace(told, place=place) if place else self._published(told)

    def _published(self, counterpart: Counterpart, graph: str = "") -> Counterpart:
        iri = counterpart.term[1:-1]
        is_ours = iri.startswith(terms.ID)
        page = f"{terms.BASE}doc/{iri.removeprefix(terms.ID)}" if is_ours else iri
        return replace(counterpart, graph=graph or self._things.find_graph(iri), page=page)

    def _compare(self, result: ShapeResult, other: str) -> str:
        """What `other` says beside what it shares with the focus; first what it says otherwise."""
        ours, theirs = self._read(result.focus), self._read(other)
        shared = {str(value) for _, _, value in result.statements} | {
            str(value) for predicate in result.reads for value in ours.get(predicate, [])
        }
        told = [
            (values == ours.get(predicate), f"{terms.shorten(predicate)} {_write(values[0])}")
            for predicate, values in theirs.items()
            if len(values) == 1 and str(values[0]) not in shared and ours.get(predicate)
        ]
        return "; ".join(text for _, text in sorted(told)[:_MOST])

    def _read(self, term: str) -> dict[str, list[Term]]:
        found: dict[str, list[Term]] = defaultdict(list)
        if term.startswith("<"):
            for quad in self._things.store.quads_for_pattern(ox.NamedNode(term[1:-1]), None, None):
                if quad.predicate.value not in _UNTOLD:
                    found[quad.predicate.value].append(quad.object)
        return found

    def _published_values(self, result: ShapeResult) -> Iterator[Counterpart]:
        """The values too many that the data do not state, each with the graph that does."""
        if not result.focus.startswith("<"):
            return
        name = result.path[1:-1]
        subject, predicate = ox.NamedNode(result.focus[1:-1]), ox.NamedNode(name)
        quads = self._things.store.quads_for_pattern(subject, predicate, None)
        for value in sorted((quad.object for quad in quads), key=str):
            if not self._locator.states(result.focus, result.path, str(value)):
                yield from self._published_triple(result.focus, result.path, str(value))

    def _published_triple(self, subject: str, predicate: str, value: str) -> Iterator[Counterpart]:
        """What is published of a thing that the data speak of too, with the graph; else nothing."""
        graph = self._things.find_graph_of(subject, predicate, value)
        if graph:
            verb = "a" if predicate == _TYPE else terms.shorten(predicate[1:-1])
            term = terms.shorten(value[1:-1]) if value.startswith("<") else value
            label = self._things.find_label(subject[1:-1])
            yield self._published(Counterpart(subject, label, f"{verb} {term}"), graph)


def _write(term: Term) -> str:
    return terms.shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def list_read(shapes: Graph, shape: Node) -> frozenset[str]:
    """The IRIs that the queries of a shape name."""
    found: set[str] = set()
    for constraint in shapes.objects(shape, SH.sparql):
        for select in shapes.objects(constraint, SH.select):
            query = Query(find_prefixes(shapes, constraint) + str(select))
            for token in query.tokens:
                prefix, _, local = token.text.partition(":")
                if token.kind == "name" and prefix in query.prefixes:
                    found.add(query.prefixes[prefix] + local)
                elif token.kind == "iri":
                    found.add(token.text[1:-1])
    return frozenset(found)
