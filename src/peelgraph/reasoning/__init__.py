"""OWL 2 RL over the published graph: rules compiled from the ontology, run, and explained."""

from peelgraph.reasoning.compiler import compile_rules
from peelgraph.reasoning.contradictions import Contradiction, find_contradictions
from peelgraph.reasoning.exclusions import EXCLUSIONS, Exclusion
from peelgraph.reasoning.explanation import explain
from peelgraph.reasoning.fixpoint import infer, infer_additions
from peelgraph.reasoning.proofs import Explanation, Missing, Proof
from peelgraph.reasoning.rendering import render, to_json
from peelgraph.reasoning.rules import Constraint, Pattern, Rule, Rules

__all__ = [
    "EXCLUSIONS",
    "Constraint",
    "Contradiction",
    "Exclusion",
    "Explanation",
    "Missing",
    "Pattern",
    "Proof",
    "Rule",
    "Rules",
    "compile_rules",
    "explain",
    "find_contradictions",
    "infer",
    "infer_additions",
    "render",
    "to_json",
]
