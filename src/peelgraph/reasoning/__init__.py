"""OWL 2 RL over the published graph: rules compiled from the ontology, run, and explained."""

from peelgraph.reasoning.compiler import compile_rules
from peelgraph.reasoning.contradictions import Contradiction, find_contradictions
from peelgraph.reasoning.entailment import entail
from peelgraph.reasoning.explanation import Explanation, Missing, Proof, explain
from peelgraph.reasoning.inference import infer, infer_additions, infer_removals
from peelgraph.reasoning.rendering import render, to_json
from peelgraph.reasoning.rules import Constraint, Pattern, Rule, Rules

__all__ = [
    "Constraint",
    "Contradiction",
    "Explanation",
    "Missing",
    "Pattern",
    "Proof",
    "Rule",
    "Rules",
    "compile_rules",
    "entail",
    "explain",
    "find_contradictions",
    "infer",
    "infer_additions",
    "infer_removals",
    "render",
    "to_json",
]
