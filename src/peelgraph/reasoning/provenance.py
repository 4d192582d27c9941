"""A proof as RDF, in the words of PROV-O."""

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from peelgraph import terms
from peelgraph.reasoning.proofs import Explanation, Proof
from peelgraph.reasoning.rules import Pattern

USED = ("dcterms", "prov", "rdf", "rdfs")


def render_turtle(explanation: Explanation) -> str:
    """The proofs as Turtle: each triple a reified prov:Entity, each step a prov:Activity.

    The rule is the prov:Plan of its step; an asserted triple is part of its graphs and has its
    passages as primary sources. Of a triple that does not hold nothing is said but what it is.
    """
    book = _Book()
    book.describe(explanation.triple)
    for proof in explanation.proofs:
        for part in proof.walk():
            book.state(part)
    prefixes = {name: terms.VOCABULARIES[name] for name in USED} | terms.OURS
    return (serialize(book.triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b"").decode()


class _Book:
    """The triples written so far, and the blank node of each triple and step they describe."""

    def __init__(self) -> None:
        self._written: dict[Triple, None] = {}
        self._nodes: dict[object, BlankNode] = {}

    @property
    def triples(self) -> list[Triple]:
        return list(self._written)

    def describe(self, pattern: Pattern) -> BlankNode:
        """The node that stands for a triple."""
        node, is_new = self._node(pattern, "triple")
        if is_new:
            (quad,) = parse(f"{' '.join(pattern)} .", RdfFormat.N_TRIPLES)
            self._say(node, "rdf:type", _name("rdf:Statement"), _name("prov:Entity"))
            self._say(node, "rdf:subject", quad.subject)
            self._say(node, "rdf:predicate", quad.predicate)
            self._say(node, "rdf:object", quad.object)
        return node

    def state(self, proof: Proof) -> None:
        """Say where a triple comes from."""
        node = self.describe(proof.triple)
        if proof.is_asserted:
            self._say(node, "dcterms:isPartOf", *map(NamedNode, proof.graphs))
            self._say(node, "prov:hadPrimarySource", *map(NamedNode, proof.passages))
            return
        premises = [self.describe(premise.triple) for premise in proof.premises]
        step, is_new = self._node((node, proof.rule, proof.axiom, *premises), "step")
        if is_new:
            self._say(node, "prov:wasGeneratedBy", step)
            self._say(node, "prov:wasDerivedFrom", *premises)
            self._say(step, "rdf:type", _name("prov:Activity"))
            self._say(step, "prov:used", *premises)
            self._say(step, "prov:qualifiedAssociation", self._plan(proof))

    def _plan(self, proof: Proof) -> BlankNode:
        association, is_new = self._node((proof.rule, proof.axiom), "association")
        if is_new:
            plan, _ = self._node((proof.rule, proof.axiom, "plan"), "rule")
            self._say(association, "rdf:type", _name("prov:Association"))
            self._say(association, "prov:hadPlan", plan)
            self._say(plan, "rdf:type", _name("prov:Plan"))
            self._say(plan, "rdfs:label", Literal(f"{proof.rule}: {proof.axiom}"))
            self._say(plan, "rdfs:comment", *map(Literal, proof.because))
        return association

    def _node(self, key: object, word: str) -> tuple[BlankNode, bool]:
        is_new = key not in self._nodes
        if is_new:
            self._nodes[key] = BlankNode(f"{word}{len(self._nodes) + 1}")
        return self._nodes[key], is_new

    def _say(
        self, subject: BlankNode, predicate: str, *objects: NamedNode | BlankNode | Literal | Triple
    ) -> None:
        for each in objects:
            self._written[Triple(subject, _name(predicate), each)] = None


def _name(name: str) -> NamedNode:
    prefix, local = name.split(":")
    return NamedNode(f"{terms.VOCABULARIES[prefix]}{local}")
