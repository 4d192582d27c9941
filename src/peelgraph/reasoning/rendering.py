"""An explanation for a terminal, for a program, and as RDF."""

import json
from collections.abc import Iterator
from typing import Any

from peelgraph import terms
from peelgraph.reasoning.proofs import Explanation, Missing, Proof, Unknown
from peelgraph.reasoning.provenance import render_turtle
from peelgraph.reasoning.rules import readable

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
