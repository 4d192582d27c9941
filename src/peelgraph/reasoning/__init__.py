"""OWL 2 RL over the published graph: rules compiled from the ontology, run, and explained."""

from peelgraph.reasoning.compiler import compile_rules
from peelgraph.reasoning.contradictions import Contradiction, find_contradictions
from peelgraph.reasoning.fixpoint import infer, infer_additions
from peelgraph.reasoning.rules import Constraint, Pattern, Rule, Rules

__all__ = [
    "Constraint",
    "Contradiction",
    "Pattern",
    "Rule",
    "Rules",
    "compile_rules",
    "find_contradictions",
    "infer",
    "infer_additions",
]
