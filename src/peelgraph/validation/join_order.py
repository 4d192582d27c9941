"""rdflib, made to match the triple patterns that share what is bound first.

rdflib orders a basic graph pattern when it parses the query, where it does not know that the focus
of a constraint is bound: patterns of one form come first, and their product is searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rdflib.paths import Path
from rdflib.plugins.sparql import CUSTOM_EVALS
from rdflib.plugins.sparql.evaluate import evalBGP
from rdflib.term import BNode, Variable

_NAME = "peelgraph: bound terms first"


@contextmanager
def bound_first() -> Iterator[None]:
    """Let rdflib match bound patterns first meanwhile; the solutions are the same."""
    CUSTOM_EVALS[_NAME] = _evaluate
    try:
        yield
    finally:
        del CUSTOM_EVALS[_NAME]


def _evaluate(context: Any, part: Any) -> Any:
    if part.name != "BGP":
        raise NotImplementedError  # rdflib then evaluates it itself
    return evalBGP(context, _ordered(context, part.triples))


def _ordered(context: Any, triples: list[Any]) -> list[Any]:
    """The patterns, each the most bound of those that are left."""
    bound = {term for triple in triples for term in triple if context[term] is not None}
    left, ordered = list(triples), []

    def unbound(triple: Any) -> tuple[int, bool, bool]:
        free = [isinstance(term, Variable | BNode) and term not in bound for term in triple]
        return sum(free), isinstance(triple[1], Path), free[0]

    while left:
        chosen = min(left, key=unbound)
        left.remove(chosen)
        ordered.append(chosen)
        bound.update(chosen)
    return ordered
