"""The closed world: whatever data, shapes and queries name must be declared or described."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, SH, XSD

from peelgraph.errors import Position
from peelgraph.sources import Source
from peelgraph.sparql import Query
from peelgraph.sparql.lexer import Token, position
from peelgraph.spelling import MOST, find_nearest, offer
from peelgraph.terms import ID, PREFIXES, SHAPE, TERM, shorten
from peelgraph.validation.locations import placed
from peelgraph.validation.model import Severity, ShapeResult

LANGUAGES = (RDF, RDFS, OWL, SH, XSD)


def is_language_term(iri: str) -> bool:
    """Whether `iri` is a term that one of the languages has."""
    for language in LANGUAGES:
        if iri.startswith(str(language)):
            name = iri.removeprefix(str(language))
            # rdf:_1, rdf:_2 and so on are members of a container.
            return name in language or (language is RDF and name[:1] == "_" and name[1:].isdigit())
    return False


def list_terms() -> frozenset[str]:
    """The IRIs of all terms of the languages."""
    return frozenset(str(term) for language in LANGUAGES for term in dir(language))


def suggest_term(iri: str) -> str:
    """The name of the term of the same language most like `iri`; "" when none is."""
    for language in LANGUAGES:
        if iri.startswith(str(language)):
            names = [str(term).removeprefix(str(language)) for term in dir(language)]
            near = find_nearest(iri.removeprefix(str(language)), names)
            return near[0] if near else ""
    return ""


TYPE = str(RDF.type)
PROPERTY_TYPES = frozenset(
    str(kind)
    for kind in (
        RDF.Property,
        OWL.ObjectProperty,
        OWL.DatatypeProperty,
        OWL.AnnotationProperty,
        OWL.OntologyProperty,
        OWL.SymmetricProperty,
        OWL.TransitiveProperty,
        OWL.FunctionalProperty,
        OWL.InverseFunctionalProperty,
    )
)
CLASS_TYPES = frozenset(str(kind) for kind in (OWL.Class, RDFS.Class, RDFS.Datatype))

Triple = tuple[str, str, str]
ListAlike = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Declared:
    """What ontology/ declares; IRIs without brackets."""

    properties: frozenset[str]
    classes: frozenset[str]
    terms: frozenset[str]


@dataclass(slots=True)
class Used:
    """What the sources use, each IRI once."""

    predicates: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    terms: set[str] = field(default_factory=set)
    things: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)


def collect_declared(ontology: Iterable[Source]) -> Declared:
    """The properties, classes and other terms that the ontology's files are about."""
    properties, classes, subjects = set(), set(), set()
    for source in ontology:
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            if not isinstance(triple.subject, ox.NamedNode):
                continue
            subjects.add(triple.subject.value)
            if triple.predicate.value == TYPE and isinstance(triple.object, ox.NamedNode):
                if triple.object.value in PROPERTY_TYPES:
                    properties.add(triple.subject.value)
                elif triple.object.value in CLASS_TYPES:
                    classes.add(triple.subject.value)
    return Declared(frozenset(properties), frozenset(classes), frozenset(subjects))


def is_declared(iri: str, kinds: frozenset[str]) -> bool:
    """Whether `iri` is one of `kinds`, or a term of the languages we write in."""
    return iri in kinds or is_language_term(iri)


def collect_used(triples: Iterable[ox.Triple]) -> Used:
    """Each IRI that triples use as predicate, class, term of ours or thing of ours."""
    used = Used()
    for triple in triples:
        subject, predicate, value = triple.subject, triple.predicate.value, triple.object
        used.predicates.add(predicate)
        if isinstance(subject, ox.NamedNode):
            used.subjects.add(subject.value)
        if isinstance(value, ox.NamedNode):
            iri = value.value
            if predicate == TYPE:
                used.classes.add(iri)
            elif iri.startswith(TERM):
                used.terms.add(iri)
            elif iri.startswith(ID):
                used.things.add(iri)
    return used


@dataclass(frozen=True, slots=True)
class Fault:
    """One IRI that is not declared or described, with what to say of it."""

    iri: str
    role: str
    shape: str
    message: str
    hint: str
    suggested: tuple[str, ...] = ()


def find_undeclared(
    used: Used, declared: Declared, described: frozenset[str], list_alike: ListAlike
) -> Iterator[Fault]:
    """Every IRI in `used` that nothing declares or describes."""
    kinds = declared.terms | declared.properties | declared.classes
    for role, iris, known, what in (
        ("property", used.predicates, declared.properties, "a property that no ontology declares"),
        ("class", used.classes, declared.classes, "a class that no ontology declares"),
        ("term", used.terms, kinds, "a term that the ontology does not have"),
    ):
        for iri in sorted(iris):
            if not is_declared(iri, known):
                near = _find_declared(iri, known)
                shape, message = f"{SHAPE}declared-{role}", f"{shorten(iri)} is {what}."
                yield Fault(iri, role, shape, message, _word(iri, near), tuple(near))
    known_things = described | declared.terms | used.subjects
    for iri in sorted(used.things - known_things):
        message = f"There is no such thing as {shorten(iri)}: nothing describes it."
        near = _find_named(iri, list_alike(iri))
        hint = offer(map(shorten, near)) or "describe it, with its type and label"
        yield Fault(iri, "thing", f"{SHAPE}described-thing", message, hint, tuple(near))


def check_declared(
    sources: Sequence[Source],
    declared: Declared,
    described: frozenset[str],
    list_alike: ListAlike = lambda _: [],
) -> list[ShapeResult]:
    """One result a statement that uses an undeclared property, class, term or thing.

    `list_alike` gives the known things of the same kind as one that nothing describes.
    """
    parsed = [list(ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)) for source in sources]
    used = collect_used(triple for triples in parsed for triple in triples)
    faults = {(f.role, f.iri): f for f in find_undeclared(used, declared, described, list_alike)}
    if not faults:
        return []
    results = []
    for source, triples in zip(sources, parsed, strict=True):
        for triple in triples:
            for role, iri in _roles(triple):
                fault = faults.get((role, iri))
                if fault is not None:
                    results.append(_result(source, triple, fault))
    return results


def check_query(path: Path, text: str, declared: Declared) -> list[ShapeResult]:
    """One result a prefixed name or IRI in a query that belongs to a declared vocabulary's
    namespace, or to ours, and does not exist."""
    query = Query(text)
    kinds = declared.terms | declared.properties | declared.classes
    namespaces = {TERM, *map(str, LANGUAGES)}
    namespaces |= {ns for ns in PREFIXES.values() if any(k.startswith(ns) for k in kinds)}
    results = []
    before: list[Token] = []
    for token in query.tokens:
        is_declared_here = any(each.is_word("PREFIX") for each in before)
        if token.kind in {"name", "iri"} and not is_declared_here:
            iri = _expand(token, query.prefixes)
            if any(iri.startswith(ns) for ns in namespaces) and not is_declared(iri, kinds):
                where = position(text, token.start)
                results.append(_query_result(path, text, where, iri, kinds))
        before = [*before, token][-2:]
    return results


def _expand(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "urn:undeclared-prefix:") + local


def _query_result(
    path: Path, text: str, where: Position, iri: str, known: frozenset[str]
) -> ShapeResult:
    return ShapeResult(
        severity=Severity.VIOLATION,
        shape=f"<{SHAPE}declared-term>",
        focus=f"<{iri}>",
        path="",
        value="",
        message=f"{shorten(iri)} is a term that the ontology does not have.",
        hint=_word(iri, _find_declared(iri, known)),
        file=path,
        position=where,
        line=text.splitlines()[where.line - 1],
        mark=where.column - 1,
    )


def _roles(triple: ox.Triple) -> Iterator[tuple[str, str]]:
    yield "property", triple.predicate.value
    if isinstance(triple.object, ox.NamedNode):
        iri = triple.object.value
        if triple.predicate.value == TYPE:
            yield "class", iri
        elif iri.startswith(TERM):
            yield "term", iri
        elif iri.startswith(ID):
            yield "thing", iri


def _result(source: Source, triple: ox.Triple, fault: Fault) -> ShapeResult:
    terms = str(triple.subject), str(triple.predicate), str(triple.object)
    if fault.role == "property":
        position = source.positions.of_predicate(*terms)
    else:
        position = source.positions.of(*terms)
    result = ShapeResult(
        severity=Severity.VIOLATION,
        shape=f"<{fault.shape}>",
        focus=terms[0],
        path=terms[1],
        value=terms[2],
        message=fault.message,
        hint=fault.hint,
        suggested=fault.suggested,
    )
    return placed(result, source, position)


def _find_declared(iri: str, known: frozenset[str]) -> list[str]:
    """The nearest terms of the same vocabulary; for a vocabulary not declared at all, those of
    another with the same name."""
    namespace = iri.removesuffix(_local(iri))
    same = [other for other in known | list_terms() if other.startswith(namespace)]
    if same or iri.startswith(TERM):
        return _find_named(iri, same)
    alike = [other for other in known | list_terms() if _local(other) == _local(iri)]
    # Of two vocabularies with the same name, the one whose IRI is most like what was written.
    return difflib.get_close_matches(iri, alike, n=1, cutoff=0.0)


def _word(iri: str, near: Sequence[str]) -> str:
    folder = "ontology/" if iri.startswith(TERM) else "ontology/alignment/"
    return offer(map(shorten, near)) or f"declare it in {folder}"


def _find_named(iri: str, known: Iterable[str]) -> list[str]:
    """The known IRIs whose local names are nearest to that of `iri`."""
    names = _local_names(known)
    return [other for name in find_nearest(_local(iri), names) for other in names[name]][:MOST]


def _local(iri: str) -> str:
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


def _local_names(iris: Iterable[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for iri in sorted(iris):
        names.setdefault(_local(iri), []).append(iri)
    return names
