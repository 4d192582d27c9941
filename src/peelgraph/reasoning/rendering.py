"""An explanation for a terminal, for a program, and as RDF in the terms of PROV-O."""

import json
from collections.abc import Iterator
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from peelgraph import terms
from peelgraph.reasoning.explanation import Explanation, Missing, Proof, Unknown
from peelgraph.reasoning.rules import Pattern, readable

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


SHOWN = 5  # passages a step on a terminal; JSON and Turtle have them all


def render(explanation: Explanation, form: str) -> str:
    """The explanation as `text`, `json` or `turtle`."""
    match form:
        case "text":
            return render_text(explanation)
        case "json":
            return json.dumps(to_json(explanation), ensure_ascii=False, indent=2) + "\n"
        case "turtle":
            return render_turtle(explanation)
    raise ValueError(f"an explanation is text, json or turtle, not {form!r}")


def render_text(explanation: Explanation) -> str:
    """The explanation for a terminal: a tree a proof."""
    lines = [f"{readable(explanation.triple)}", f"  {_verdict(explanation)}"]
    for number, proof in enumerate(explanation.proofs, start=1):
        heading = f"Proof {number}, {_count(proof.steps)}:" if proof.rule else "Asserted:"
        lines += ["", heading, *_tree(proof, "", "")]
    for missing in explanation.missing:
        lines += ["", *_lack(missing)]
    for unknown in explanation.unknown:
        lines += ["", _unknown(unknown)]
    return "\n".join(lines) + "\n"


def _verdict(explanation: Explanation) -> str:
    match explanation.state:
        case "asserted":
            return "is asserted."
        case "inferred":
            return "is inferred."
        case _ if explanation.missing:
            return "does not hold. The rules that come nearest to it:"
        case _:
            return "does not hold, and no rule concludes such a triple: it would have to be stated."


def _count(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps} steps"


def _tree(proof: Proof, first: str, rest: str) -> Iterator[str]:
    yield f"{first}{readable(proof.triple)}"
    below = "│ " if proof.premises else "  "
    for note in _notes(proof):
        yield f"{rest}{below}  {note}"
    for number, premise in enumerate(proof.premises, start=1):
        is_last = number == len(proof.premises)
        branch, stem = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
        yield from _tree(premise, rest + branch, rest + stem)


def _notes(proof: Proof) -> Iterator[str]:
    if proof.rule:
        yield f"by {proof.rule}: {proof.axiom}"
        for axiom in proof.because:
            yield f"   as {axiom}"
    elif proof.graphs:
        yield f"asserted in {', '.join(map(terms.shorten, proof.graphs))}"
    else:
        yield "asserted"
    if proof.passages and not proof.rule:
        more = len(proof.passages) - SHOWN
        yield (
            f"its subject is attested in {', '.join(map(terms.shorten, proof.passages[:SHOWN]))}"
            f"{f' and {more} more' if more > 0 else ''}"
        )


def _lack(missing: Missing) -> Iterator[str]:
    yield f"{missing.rule}: {missing.axiom}"
    for axiom in missing.via:
        yield f"  then {axiom}"
    for pattern in missing.holds:
        yield f"  holds: {readable(pattern)}"
    for pattern in missing.lacks:
        yield f"  lacks: {readable(pattern)}"


def _unknown(unknown: Unknown) -> str:
    near = f"; near: {', '.join(map(_short, unknown.near))}" if unknown.near else ""
    return f"Nothing is known of {_short(unknown.term)}{near}"


def _short(term: str) -> str:
    return terms.shorten(term.strip("<>"))


def to_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation as a value for JSON; terms in N-Triples syntax."""
    return {
        "triple": list(explanation.triple),
        "state": explanation.state,
        "proofs": [_proof_json(proof) for proof in explanation.proofs],
        "missing": [
            {
                "rule": missing.rule,
                "axiom": missing.axiom,
                "via": list(missing.via),
                "holds": [list(pattern) for pattern in missing.holds],
                "lacks": [list(pattern) for pattern in missing.lacks],
            }
            for missing in explanation.missing
        ],
        "unknown": [
            {"term": unknown.term, "near": list(unknown.near)} for unknown in explanation.unknown
        ],
    }


def _proof_json(proof: Proof) -> dict[str, Any]:
    found: dict[str, Any] = {
        "triple": list(proof.triple),
        "state": "asserted" if proof.is_asserted else "inferred",
        "passages": list(proof.passages),
    }
    if proof.is_asserted:
        return {**found, "graphs": list(proof.graphs)}
    return {
        **found,
        "steps": proof.steps,
        "rule": proof.rule,
        "axiom": proof.axiom,
        "because": list(proof.because),
        "premises": [_proof_json(premise) for premise in proof.premises],
    }
