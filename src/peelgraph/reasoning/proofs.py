"""Proofs as values: why a triple holds, or what it lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from peelgraph.reasoning.rules import Pattern

State = Literal["asserted", "inferred", "not holding"]


@dataclass(frozen=True, slots=True)
class Proof:
    """Why one triple holds: a rule and the proofs of its premises, or the graphs that assert it.

    `rule` is "" where the triple is asserted; `because` are the stated axioms that a derived one
    follows from; `passages` are those in which the same graphs state or name its subject.
    """

    triple: Pattern
    rule: str = ""
    axiom: str = ""
    because: tuple[str, ...] = ()
    premises: tuple["Proof", ...] = ()
    graphs: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()

    @property
    def is_asserted(self) -> bool:
        """Whether the triple needs no rule."""
        return not self.rule

    @property
    def steps(self) -> int:
        """How many times a rule is applied."""
        return (not self.is_asserted) + sum(premise.steps for premise in self.premises)

    def walk(self) -> Iterator["Proof"]:
        """This proof and all within it, the conclusion first."""
        yield self
        for premise in self.premises:
            yield from premise.walk()


@dataclass(frozen=True, slots=True)
class Missing:
    """A rule that would conclude the triple, had it all its premises.

    `via` are the axioms that lead on from what the rule concludes; `lacks` may hold variables:
    any triple of that form would do.
    """

    rule: str
    axiom: str
    holds: tuple[Pattern, ...]
    lacks: tuple[Pattern, ...]
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """An IRI that no triple has, and those that are spelt most nearly like it; in N-Triples."""

    term: str
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a triple is asserted, inferred or neither; its proofs, the shortest first, or what
    comes nearest to one, the nearest first, and its terms of which nothing is known."""

    triple: Pattern
    state: State
    proofs: tuple[Proof, ...] = ()
    missing: tuple[Missing, ...] = ()
    unknown: tuple[Unknown, ...] = ()
