"""The vocabulary an ontology may use: what has a rule, and what says nothing of instances."""

from peelgraph.errors import OntologyOutsideRL
from peelgraph.reasoning.axioms import NOT_RL, OWL, Ontology
from peelgraph.reasoning.rules import TYPE, shorten

# First those with a rule, then those of the ontology and its terms, not of instances.
PREDICATE_NAMES = """
    equivalentClass disjointWith intersectionOf unionOf oneOf complementOf onProperty
    someValuesFrom allValuesFrom hasValue maxCardinality maxQualifiedCardinality onClass
    onDataRange equivalentProperty inverseOf propertyChainAxiom propertyDisjointWith hasKey
    members distinctMembers sourceIndividual assertionProperty targetIndividual targetValue
    sameAs differentFrom
    imports versionIRI versionInfo priorVersion backwardCompatibleWith incompatibleWith
    deprecated annotatedSource annotatedProperty annotatedTarget
"""

CLASS_NAMES = """
    Class Restriction ObjectProperty DatatypeProperty AnnotationProperty OntologyProperty
    Ontology NamedIndividual Thing DeprecatedClass DeprecatedProperty Axiom Annotation
    FunctionalProperty InverseFunctionalProperty SymmetricProperty AsymmetricProperty
    TransitiveProperty IrreflexiveProperty AllDisjointClasses AllDisjointProperties
    AllDifferent NegativePropertyAssertion
"""


def check_vocabulary(ontology: Ontology) -> None:
    """Nothing, when every OWL term the ontology uses has a rule or needs none."""
    predicates = {f"{OWL}{name}>" for name in PREDICATE_NAMES.split()}
    classes = {f"{OWL}{name}>" for name in CLASS_NAMES.split()}
    for predicate, pairs in ontology.pairs.items():
        if predicate.startswith(OWL) and predicate not in predicates and pairs:
            _refuse(predicate, pairs[0][0], ontology)
    for subject, class_ in ontology.pairs.get(TYPE, ()):
        if class_.startswith(OWL) and class_ not in classes:
            _refuse(class_, subject, ontology)


def _refuse(term: str, subject: str, ontology: Ontology) -> None:
    owners = [f"{OWL}onProperty>", f"{OWL}onClass>"]
    named = [found for owner in owners for found in ontology.objects.get((subject, owner), [])]
    where = shorten(subject) if subject.startswith("<") else ", ".join(map(shorten, named))
    raise OntologyOutsideRL(
        f"outside OWL 2 RL: {shorten(term)}" + (f" on {where}" if where else ""),
        hint=NOT_RL.get(term, "OWL 2 RL has no rule for it, or this is no term of OWL"),
    )
