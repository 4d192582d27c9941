"""The ontology closed by owlrl: axioms between named terms that nobody wrote down."""

from collections.abc import Iterator

from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import Graph
from rdflib.term import _reset_bindings

from peelgraph.reasoning.axioms import OWL, Ontology
from peelgraph.reasoning.rules import NOTHING, THING, TYPE, iri

HIERARCHY = ("rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range")
LISTS = ("rdf:first", "rdf:rest")


def derived_axioms(ontology: Ontology) -> Iterator[tuple[str, str, str]]:
    """Subject, predicate (a prefixed name) and object of each new axiom, sorted.

    Of owlrl's output only what links two terms of the ontology itself: no axiom of a term with
    itself, with owl:Thing or owl:Nothing, or of the built-in datatypes.
    """
    closed = Graph()
    closed.parse(data=_schema(ontology), format="nt")
    if not len(closed):
        return
    try:
        DeductiveClosure(OWLRL_Semantics).expand(closed)
    finally:
        # owlrl leaves its own readers of literals behind, which refuse "--12" as a month: whoever
        # validates later in this process would too.
        _reset_bindings()
    lines = closed.serialize(format="nt").splitlines()
    wanted = {iri(name): name for name in HIERARCHY}
    for line in sorted(lines):
        parts = line.rstrip(" .").split(" ", 2)
        if len(parts) == 3 and parts[1] in wanted:  # noqa: PLR2004
            subject, predicate, object_ = parts
            if _is_new(ontology, subject, predicate, object_):
                yield subject, wanted[predicate], object_


def _is_new(ontology: Ontology, subject: str, predicate: str, object_: str) -> bool:
    return (
        subject.startswith("<")
        and object_.startswith("<")
        and subject != object_
        and not {subject, object_} & {THING, NOTHING}
        and not ontology.is_datatype(subject)
        and not ontology.is_datatype(object_)
        and not subject.startswith(OWL)
        and not object_.startswith(OWL)
        and object_ not in ontology.objects.get((subject, predicate), [])
    )


def _schema(ontology: Ontology) -> str:
    """The triples that say something of classes and properties, without labels or individuals."""
    logical = {iri(name) for name in (*HIERARCHY, *LISTS)}
    lines = [
        f"{subject} {predicate} {object_} ."
        for predicate, pairs in ontology.pairs.items()
        for subject, object_ in pairs
        if predicate in logical
        or (predicate.startswith(OWL) and not object_.startswith('"'))
        or (predicate == TYPE and object_.startswith(OWL))
    ]
    return "\n".join(lines) + "\n"
