"""OWL 2 RL over the published graph: rules compiled from the ontology, run, and explained."""

from peelgraph.reasoning.compiler import compile_rules
from peelgraph.reasoning.contradictions import Contradiction, find_contradictions
from peelgraph.reasoning.entailment import entail
from peelgraph.reasoning.exclusions import EXCLUSIONS, Exclusion
from peelgraph.reasoning.explanation import explain
from peelgraph.reasoning.fixpoint import infer
from peelgraph.reasoning.incremental import infer_additions, infer_removals
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
    "entail",
    "explain",
    "find_contradictions",
    "infer",
    "infer_additions",
    "infer_removals",
    "render",
    "to_json",
]
