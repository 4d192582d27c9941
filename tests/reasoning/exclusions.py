"""Where our inferred triples differ from owlrl's, and why: the whole list.

The tests compare by it; a difference that no row explains is a defect.
"""

from collections.abc import Callable
from dataclasses import dataclass

from peelgraph.reasoning.axioms import OWL, XSD
from peelgraph.reasoning.rules import SAME, TYPE, Pattern, iri

BUILT_IN = (
    OWL,
    XSD,
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "<http://www.w3.org/2000/01/rdf-schema#",
)
SCHEMA = tuple(iri(f"rdfs:{name}") for name in ("subClassOf", "subPropertyOf", "domain", "range"))


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One kind of triple that owlrl infers and we do not."""

    name: str
    reason: str
    covers: Callable[[Pattern], bool]


EXCLUSIONS = (
    Exclusion(
        "literal subject",
        "not RDF, and SPARQL cannot write it, so nothing follows through it either; a literal of "
        "the wrong kind is a contradiction",
        lambda triple: triple.subject.startswith('"'),
    ),
    Exclusion(
        "identity",
        "x owl:sameAs x says nothing; and our individuals are pairwise different, so what would "
        "merge two names into one is a contradiction (owlrl takes any two instances of a class "
        "whose keys agree but for the last property as one: a defect of its own)",
        lambda triple: triple.predicate == SAME,
    ),
    Exclusion(
        "anonymous class",
        "a class without a name is read while compiling; rules run through it, and nobody can ask "
        "for it",
        lambda triple: triple.subject.startswith("_:") or triple.object.startswith("_:"),
    ),
    Exclusion(
        "built-in class",
        "everything is an owl:Thing, every class an owl:Class: true of all, telling of none "
        "(owl:Nothing is not excluded: its members are contradictions)",
        lambda triple: (
            triple.predicate == TYPE
            and triple.object.startswith(BUILT_IN)
            and triple.object != iri("owl:Nothing")
        ),
    ),
    Exclusion(
        "hierarchy",
        "what follows about classes and properties is closed while compiling and goes into the "
        "rules; a query over the hierarchy walks rdfs:subClassOf with a path",
        lambda triple: triple.predicate in SCHEMA or triple.predicate.startswith(OWL),
    ),
    Exclusion(
        "built-in subject",
        "axioms of RDFS, OWL and XSD about themselves",
        lambda triple: triple.subject.startswith(BUILT_IN),
    ),
)


def is_excluded(triple: Pattern) -> bool:
    """Whether a row of the list covers `triple`."""
    return any(exclusion.covers(triple) for exclusion in EXCLUSIONS)
