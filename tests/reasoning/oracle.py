"""What owlrl infers, as triples to compare with ours."""

from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import RDF, Graph, URIRef

from peelgraph.reasoning.exclusions import is_excluded
from peelgraph.reasoning.rules import SAME, Pattern

ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#ErrorMessage")


def close(*graphs: bytes) -> tuple[set[str], bool]:
    """The triples owlrl adds, without the excluded, and whether it finds the whole contradictory.

    Two names made one count as a contradiction: our individuals are pairwise different.
    """
    closed = Graph()
    for graph in graphs:
        closed.parse(data=graph.decode(), format="nt")
    before = set(closed)
    DeductiveClosure(OWLRL_Semantics).expand(closed)
    broken = (None, RDF.type, ERROR) in closed
    found = set()
    for triple in set(closed) - before:
        pattern = Pattern(*(term.n3() for term in triple))
        if pattern.predicate == SAME and pattern.subject != pattern.object:
            broken = True
        if not is_excluded(pattern):
            found.add(f"{pattern} .")
    return found, broken
