"""Every property of the ontology is closed: who may have it and what it may lead to.

One graph of fresh nodes is generated from schema:domainIncludes and schema:rangeIncludes, with one
slip at each node, and validated once. Each slip gives exactly one result, of the property's own
shape or on its path.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from peelgraph.embedded import Embedded
from peelgraph.reasoning import Rules, compile_rules, entail, find_contradictions
from peelgraph.sources import Project, Source
from peelgraph.terms import INFERRED, PEEL, PSH, expand, shorten
from peelgraph.validation import ShapeResult, Validator
from peelgraph.validation.model import flatten
from peelgraph.validation.shapes import load_shapes
from tests.forms import FILE, write_forms
from tests.test_cases import FILES, expected

ROOT = Path(__file__).parents[1]
FRESH = "https://example.org/generated/"
DOMAIN, RANGE = expand("schema:domainIncludes"), expand("schema:rangeIncludes")
TYPE, BELOW = expand("rdf:type"), expand("rdfs:subClassOf")
LITERALS = {
    "rdf:langString": '"One."@en',
    "xsd:boolean": '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>',
    "xsd:date": '"2015-03-31"^^<http://www.w3.org/2001/XMLSchema#date>',
    "xsd:decimal": '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
    "xsd:duration": '"P2Y"^^<http://www.w3.org/2001/XMLSchema#duration>',
    "xsd:gYear": '"2015"^^<http://www.w3.org/2001/XMLSchema#gYear>',
    "xsd:gYearMonth": '"2015-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>',
    "xsd:integer": '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
    "xsd:string": '"one"',
}
# A class of nobody's range or domain, and a literal of nobody's datatype.
NO_CLASS = "http://purl.org/linked-data/cube#ComponentSpecification"
NO_LITERAL = '"1"^^<http://www.w3.org/2001/XMLSchema#byte>'
KINDS = {SH.ClassConstraintComponent, SH.OrConstraintComponent, SH.DatatypeConstraintComponent}
# What refuses a blank node, whatever it is said of.
IDENTIFIED = {f"<{PSH}Thing>"}
# Where a class allows less than the property: what suits the one does not suit the other.
NARROWER = {
    f"<{PSH}{name}>"
    for name in (
        "FigureComparison-comparedTo",
        "JudgmentComparison-comparedTo",
        "JudgmentComparison-compares",
        "PlannedDevelopment-hasStatus",
        "RoundComparison-comparedTo",
        "Scheme-ofKind",
        "Unit-ofKind",
    )
}


class Vocabulary:
    """The classes and properties of the ontology, and what it says of them."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.store = ox.Store()
        for source in sources:
            self.store.load(source.triples, ox.RdfFormat.N_TRIPLES)

    def values(self, subject: str, predicate: str) -> list[str]:
        """The IRIs that a term has for a property, sorted."""
        found = self.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
        return sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))

    def _declared(self, *kinds: str) -> list[str]:
        return sorted(
            quad.subject.value
            for kind in kinds
            for quad in self.store.quads_for_pattern(
                None, ox.NamedNode(TYPE), ox.NamedNode(expand(kind))
            )
            if isinstance(quad.subject, ox.NamedNode)
            and quad.subject.value.startswith(PEEL)
            and not list(
                self.store.quads_for_pattern(
                    quad.subject, ox.NamedNode(expand("owl:deprecated")), None
                )
            )
        )

    @cached_property
    def properties(self) -> list[str]:
        """Every property of ours that is not withdrawn."""
        return self._declared("owl:ObjectProperty", "owl:DatatypeProperty")

    @cached_property
    def classes(self) -> list[str]:
        """Every class of ours that is not withdrawn."""
        return self._declared("owl:Class")

    @cached_property
    def above(self) -> dict[str, set[str]]:
        """Each class with itself and every class above it."""
        found = {}
        for name in self.classes:
            found[name], waiting = {name}, [name]
            while waiting:
                step = set(self.values(waiting.pop(), BELOW)) - found[name]
                found[name] |= step
                waiting += step
        return found

    @cached_property
    def ordinary(self) -> list[str]:
        """The classes that data state; one that is defined by a value follows from it."""
        defined = {
            quad.subject.value
            for quad in self.store.quads_for_pattern(
                None, ox.NamedNode(expand("owl:equivalentClass")), None
            )
            if isinstance(quad.subject, ox.NamedNode)
        }
        return [name for name in self.classes if name not in defined]

    def below(self, names: list[str]) -> list[str]:
        """The classes that are one of some classes, or below one."""
        own = [name for name in self.ordinary if self.above[name] & set(names)]
        return own + [name for name in names if name not in self.above]

    def outside(self, names: list[str]) -> list[str]:
        """The classes that are none of some classes, and below none; at least one."""
        inside = set(self.below(names))
        return [name for name in self.ordinary if name not in inside] or [NO_CLASS]

    def covers(self, wide: list[str], narrow: list[str]) -> bool:
        """Whether each of the narrow classes is one of the wide ones, or below one."""
        return all(self.above.get(name, {name}) & set(wide) for name in narrow)


@dataclass(frozen=True)
class Made:
    """A statement about a fresh node, and where what is wrong with it is to be found."""

    term: str
    told: str
    focus: str
    value: str

    def __str__(self) -> str:
        return f"{self.term.removeprefix(PEEL)}: {self.told}"


class Generated:
    """Statements about fresh nodes: sound ones, and slips."""

    def __init__(self, vocabulary: Vocabulary, shapes: Graph) -> None:
        self.vocabulary = vocabulary
        self.lines: list[str] = []
        self.slips: list[Made] = []
        self.sound: list[Made] = []
        self._shapes = shapes
        self._number = 0
        for term in vocabulary.properties:
            self._generate(term)

    def _node(self, kind: str, form: str = f"<{FRESH}{{}}>") -> str:
        self._number += 1
        node = form.format(self._number)
        self.lines.append(f"{node} <{TYPE}> <{kind}> .")
        return node

    def _state(self, made: Made) -> Made:
        self.lines.append(f"{made.focus} <{made.term}> {made.value} .")
        return made

    def _slip(self, term: str, told: str, subject: str, value: str) -> None:
        self.slips.append(self._state(Made(term, told, subject, value)))

    def _generate(self, term: str) -> None:
        domain = self.vocabulary.values(term, DOMAIN)
        allowed = self.vocabulary.values(term, RANGE)
        literals = [text for name, text in LITERALS.items() if expand(name) in allowed]
        first = literals[0] if literals else self._node(self.vocabulary.below(allowed)[0])
        kind = self._turn(self.vocabulary.outside(domain))
        self._slip(term, f"a {shorten(kind)} as subject", self._node(kind), first)
        self._slip(term, "a blank node as subject", self._node(domain[0], "_:b{}"), first)
        for name in self._subjects(term, domain):
            subject, told = self._node(name), shorten(name)
            if literals:
                good = self._turn(literals)
                self._slip(term, f"{told}, an IRI for a literal", subject, f"<{FRESH}thing>")
                self._slip(term, f"{told}, another datatype", subject, NO_LITERAL)
            else:
                good = self._node(self._turn(self.vocabulary.below(allowed)))
                kind = self._turn(self.vocabulary.outside(allowed))
                self._slip(term, f"{told}, a {shorten(kind)}", subject, self._node(kind))
                self._slip(term, f"{told}, a literal for an IRI", subject, '"One."@en')
            self.sound.append(self._state(Made(term, told, subject, good)))
        if not literals:
            blank = self._node(self.vocabulary.below(allowed)[0], "_:b{}")
            self._slip(term, "a blank node as object", self._node(domain[0]), blank)

    def _turn(self, choices: list[str]) -> str:
        """One of several, each in its turn."""
        self._number += 1
        return choices[self._number % len(choices)]

    def _subjects(self, term: str, domain: list[str]) -> list[str]:
        """The classes of a domain, and those below that have a shape of their own for the term."""
        stating = {
            str(name)
            for inner in self._shapes.subjects(SH.path, URIRef(term))
            for shape in self._shapes.subjects(SH.property, inner)
            for name in self._shapes.objects(shape, SH.targetClass)
        }
        return [name for name in self.vocabulary.below(domain) if name in stating | set(domain)]


@pytest.fixture(scope="module")
def vocabulary(project: Project) -> Vocabulary:
    return Vocabulary(project.ontology)


@pytest.fixture(scope="module")
def shapes(project: Project) -> Graph:
    return load_shapes(project.shapes)


@pytest.fixture(scope="module")
def generated(vocabulary: Vocabulary, shapes: Graph) -> Generated:
    return Generated(vocabulary, shapes)


@pytest.fixture(scope="module")
def results(project: Project, generated: Generated) -> dict[str, list[ShapeResult]]:
    """What one run finds at each node in all that was generated."""
    triples = "\n".join((*generated.lines, "")).encode()
    source = Source.unfiled("generated", f"{FRESH}graph", triples)
    found: dict[str, list[ShapeResult]] = defaultdict(list)
    report = Validator(project.shapes, project.ontology).validate([source])
    for each in flatten(report.results):
        found[each.focus].append(each)
    return found


def on(results: dict[str, list[ShapeResult]], made: Made) -> list[ShapeResult]:
    """The results of a statement: at its value, or of the shape that says who may make it."""
    if made.value.startswith("_:"):
        return [each for each in results[made.value] if each.shape in IDENTIFIED]
    if made.focus.startswith("_:"):
        return [each for each in results[made.focus] if each.shape in IDENTIFIED]
    own = f"<{PSH}{made.term.removeprefix(PEEL)}>"
    return [
        each
        for each in results[made.focus]
        if each.shape == own or (f"<{made.term}>" in each.path and each.value == made.value)
    ]


def closed(shapes: Graph) -> set[str]:
    """The properties of which a shape says who may have them."""
    return {
        str(term)
        for shape, term in shapes.subject_objects(SH.targetSubjectsOf)
        if str(shape) == f"{PSH}{str(term).removeprefix(PEEL)}"
    }


def named_classes(shapes: Graph, shape: Node) -> set[str]:
    """The classes and datatypes that a shape allows: its own, and those of shapes in it."""
    kinds = (SH["class"], SH.datatype)
    found = {str(value) for kind in kinds for value in shapes.objects(shape, kind)}
    inner = [*shapes.objects(shape, SH.node)]
    for head in (*shapes.objects(shape, SH["or"]), *shapes.objects(shape, SH["and"])):
        inner += shapes.items(head)
    return found.union(*(named_classes(shapes, each) for each in inner))


def test_every_property_is_closed(vocabulary: Vocabulary, shapes: Graph) -> None:
    wanted = {name.removeprefix(PEEL) for name in vocabulary.properties}
    done = {name.removeprefix(PEEL) for name in closed(shapes)}

    assert len(wanted) > 100
    assert set() == wanted - done


def test_ontology_and_shapes_name_the_same_classes(vocabulary: Vocabulary, shapes: Graph) -> None:
    wrong = {}
    for term in sorted(closed(shapes)):
        name = term.removeprefix(PEEL)
        own = URIRef(f"{PSH}{name}-value")
        stating: list[Node] = [own] if (own, SH.path, URIRef(term)) in shapes else []
        stating = stating or list(shapes.subjects(SH.path, URIRef(term)))
        values = {each for shape in stating for each in named_classes(shapes, shape)}
        stated = set(vocabulary.values(term, DOMAIN)), set(vocabulary.values(term, RANGE))
        demanded = named_classes(shapes, URIRef(PSH + name)), values
        if stated != demanded:
            wrong[name] = [one ^ other for one, other in zip(stated, demanded, strict=True)]

    assert {} == wrong


def test_each_slip_gives_one_result(
    generated: Generated, results: dict[str, list[ShapeResult]]
) -> None:
    counts = {str(slip): len(on(results, slip)) for slip in generated.slips}
    wrong = {slip: count for slip, count in counts.items() if count != 1}

    assert len(counts) > 3 * len(generated.vocabulary.properties)
    assert {} == wrong


def test_what_the_ontology_allows_conforms(
    generated: Generated, results: dict[str, list[ShapeResult]]
) -> None:
    wrong = {
        str(made): found
        for made in generated.sound
        if (
            found := [
                each.shape
                for each in on(results, made)
                if URIRef(each.component) in KINDS and each.shape not in NARROWER
            ]
        )
    }

    assert generated.sound
    assert {} == wrong


def test_every_property_shape_is_hit(shapes: Graph, results: dict[str, list[ShapeResult]]) -> None:
    """By an invalid case, or by a slip that was generated."""
    demanding = {f"<{shape}>" for shape in shapes.subjects(SH.path) if str(shape).startswith(PSH)}
    hit = {shape for path in FILES for shape in expected(path)}
    hit |= {each.shape for found in results.values() for each in found}

    assert demanding
    assert set() == demanding - hit


def test_inference_changes_no_verdict(vocabulary: Vocabulary) -> None:
    """What is inferred along an axiom is allowed where what it follows from is."""
    wrong = []
    for narrow, wide, turned in implied(vocabulary):
        ends = [(DOMAIN, RANGE), (RANGE, DOMAIN)] if turned else [(DOMAIN, DOMAIN), (RANGE, RANGE)]
        wrong += [
            f"{narrow.removeprefix(PEEL)}, {wide.removeprefix(PEEL)}"
            for of_narrow, of_wide in ends
            if not vocabulary.covers(
                vocabulary.values(wide, of_wide), vocabulary.values(narrow, of_narrow)
            )
        ]

    assert [] == wrong


def implied(vocabulary: Vocabulary) -> Iterator[tuple[str, str, bool]]:
    """A property, one that follows from it, and whether that leads the other way."""
    for term in set(vocabulary.properties):
        for wide in vocabulary.values(term, expand("rdfs:subPropertyOf")):
            if wide in vocabulary.properties:
                yield term, wide, False
        for other in vocabulary.values(term, expand("owl:inverseOf")):
            yield term, other, True
            yield other, term, True
        if expand("owl:SymmetricProperty") in vocabulary.values(term, TYPE):
            yield term, term, True


def test_no_shape_of_a_class_repeats_what_is_asked_of_the_property(shapes: Graph) -> None:
    """Or one slip would be two results."""
    of_property = {
        path: shape
        for node in shapes.subjects(SH.targetSubjectsOf)
        for shape in shapes.objects(node, SH.property)
        for path in shapes.objects(shape, SH.path)
        if path in set(shapes.objects(node, SH.targetSubjectsOf))
    }
    repeated = [
        (str(shape), str(constraint))
        for path, general in of_property.items()
        for shape in shapes.subjects(SH.path, path)
        if isinstance(shape, URIRef) and shape != general
        for constraint in (SH["class"], SH.datatype, SH.maxCount, SH.minCount, SH.nodeKind)
        if set(shapes.objects(shape, constraint)) & set(shapes.objects(general, constraint))
    ]

    assert of_property
    assert [] == repeated


def test_every_class_is_the_target_of_a_shape(vocabulary: Vocabulary, shapes: Graph) -> None:
    targeted = {str(name) for name in shapes.objects(None, SH.targetClass)}
    without = [name for name in vocabulary.classes if not vocabulary.above[name] & targeted]

    assert [] == without


def test_of_classes_that_exclude_each_other_no_thing_is_both(
    project: Project, vocabulary: Vocabulary
) -> None:
    """Each class once together with one that it excludes: found once, whatever is above them."""
    rules = compile_rules(b"".join(source.triples for source in project.ontology))
    excluding = exclusions(vocabulary, rules)
    wrong = {}
    for number, name in enumerate(vocabulary.ordinary):
        others = sorted(
            other for other in vocabulary.ordinary if exclude(vocabulary, excluding, name, other)
        )
        assert others, f"{shorten(name)} excludes no class: see ontology/disjointness.ttl"
        other = others[number % len(others)]
        node = f"<{FRESH}both>"
        triples = "".join(f"{node} <{TYPE}> <{kind}> .\n" for kind in (name, other)).encode()
        store = Embedded.memory()
        store.insert(triples, "")
        store.insert(b"".join(entail(triples, rules)), INFERRED)
        found = [clash for clash in find_contradictions(store, rules) if "Disjoint" in clash.axiom]
        if len(found) != 1:
            wrong[f"{shorten(name)} and {shorten(other)}"] = [str(clash) for clash in found]

    assert {} == wrong


def exclusions(vocabulary: Vocabulary, rules: Rules) -> set[frozenset[str]]:
    """The pairs of classes that the compiled axioms tell apart."""
    found = set()
    for constraint in rules.constraints:
        if constraint.name == "cax-adc":
            members = set(re.findall(r"<([^>]+)>", constraint.filters[0]))
            found |= {frozenset(pair) for pair in combinations(members, 2)}
    assert found
    assert set.union(*map(set, found)) <= set(vocabulary.classes)
    return found


def exclude(vocabulary: Vocabulary, excluding: set[frozenset[str]], one: str, other: str) -> bool:
    """Whether an axiom tells apart two classes, or classes above them."""
    return any(
        frozenset((above, wider)) in excluding
        for above in vocabulary.above[one]
        for wider in vocabulary.above[other]
    )


def test_the_names_and_groups_of_forms_are_those_of_the_ontology(project: Project) -> None:
    """`python -m tests.forms` writes them anew."""
    assert write_forms(project) == FILE.read_text(encoding="utf-8")
