"""What owlrl infers, as triples to compare with ours."""

import re

from owlrl import DeductiveClosure, OWLRL_Semantics
from pyoxigraph import RdfFormat, parse
from rdflib import OWL, RDF, Graph, Literal, URIRef
from rdflib.term import _reset_bindings

from peelgraph.reasoning.rules import Pattern
from tests.reasoning.exclusions import is_excluded

# owlrl 7.6 never reads the last property of a key (OWLRL.py, prp-key: `range(0, len(pis) - 1)`), so
# that all judgments of one force would be one. test_contradictions covers keys.
UNREAD = (OWL.hasKey,)
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#ErrorMessage")


def close(*graphs: bytes) -> tuple[set[str], bool]:
    """The triples owlrl adds, without the excluded, and whether it finds the whole contradictory.

    Two names made one count as a contradiction: our individuals are pairwise different.
    """
    closed = Graph()
    for graph in graphs:
        closed.parse(data=graph.decode(), format="nt")
    for defect in UNREAD:
        closed.remove((None, defect, None))
    before = set(closed)
    DeductiveClosure(OWLRL_Semantics).expand(closed)
    _reset_bindings()
    broken = (None, RDF.type, ERROR) in closed
    added = Graph()
    for subject, predicate, value in set(closed) - before:
        broken = broken or (predicate == OWL.sameAs and subject != value)
        if not isinstance(subject, Literal):
            added.add((subject, predicate, value))
    # Read again by the store's own parser, so that both sides escape alike.
    text = added.serialize(format="nt", encoding="utf-8")
    triples = (quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES))
    patterns = (Pattern(str(t.subject), str(t.predicate), str(t.object)) for t in triples)
    lines = {f"{pattern} ." for pattern in patterns if not is_excluded(pattern)}
    # rdflib writes the decimal 6 as 6.0.
    return {re.sub(r'"(-?\d+)\.0"\^\^', r'"\1"^^', line) for line in lines}, broken
