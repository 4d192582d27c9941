"""Rules as values: what the compiler makes and the other modules of reasoning read.

A term is a string in N-Triples syntax, so it stands in a SPARQL text as it is; a variable is `?x`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from peelgraph import terms


class Pattern(NamedTuple):
    """A triple in which terms may be variables."""

    subject: str
    predicate: str
    object: str

    def __str__(self) -> str:
        return " ".join(self)

    @property
    def variables(self) -> frozenset[str]:
        """The variables that stand in the pattern."""
        return frozenset(term for term in self if is_variable(term))


@dataclass(frozen=True, slots=True)
class Rule:
    """Where every pattern of `body` holds, `head` holds; an empty body states a fact.

    `name` holds the rules of OWL 2 RL at work (several where class expressions nest), `axiom` what
    the ontology says, in Manchester syntax, `because` the stated axioms that a derived one follows
    from.
    """

    name: str
    axiom: str
    head: Pattern
    body: tuple[Pattern, ...]
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constraint:
    """Where every pattern of `body` and every SPARQL expression of `filters` holds, nothing can.

    `shared`, of a key, are the variables whose values two things may not have in common.
    """

    name: str
    axiom: str
    body: tuple[Pattern, ...]
    filters: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What an ontology says of instances: rules that add, constraints that forbid."""

    rules: tuple[Rule, ...]
    constraints: tuple[Constraint, ...]


def is_variable(term: str) -> bool:
    """Whether `term` is a variable."""
    return term.startswith("?")


def iri(name: str) -> str:
    """The prefixed name `name` as an N-Triples term."""
    prefix, local = name.split(":", 1)
    return f"<{terms.VOCABULARIES[prefix]}{local}>"


TYPE = iri("rdf:type")
THING = iri("owl:Thing")
NOTHING = iri("owl:Nothing")
SAME = iri("owl:sameAs")


def typed(subject: str, class_: str) -> Pattern:
    """The pattern that says `subject` is a `class_`."""
    return Pattern(subject, TYPE, class_)


def substitute(pattern: Pattern, bindings: Mapping[str, str]) -> Pattern:
    """`pattern` with the variables that `bindings` names replaced."""
    return Pattern(*(bindings.get(term, term) for term in pattern))


def match(pattern: Pattern, other: Pattern) -> dict[str, str] | None:
    """The bindings of `pattern`'s variables that make it `other`; None when there are none."""
    bindings: dict[str, str] = {}
    for mine, theirs in zip(pattern, other, strict=True):
        if is_variable(mine):
            if bindings.setdefault(mine, theirs) != theirs:
                return None
        elif mine != theirs:
            return None
    return bindings


def may_meet(first: Pattern, second: Pattern) -> bool:
    """Whether some triple could match both; repeated variables are taken as different ones."""
    return all(
        mine == theirs or is_variable(mine) or is_variable(theirs)
        for mine, theirs in zip(first, second, strict=True)
    )


def conjunction(patterns: Iterable[Pattern]) -> str:
    """`patterns` as a SPARQL group's content."""
    return " ".join(f"{pattern} ." for pattern in patterns)


def shorten(term: str) -> str:
    """`term` for a reader: an IRI as a prefixed name, everything else as it is."""
    if term.startswith("<"):
        return terms.shorten(term[1:-1])
    if '"^^<' in term:
        lexical, datatype = term.rsplit("^^", 1)
        return f"{lexical}^^{shorten(datatype)}"
    return term


def readable(pattern: Pattern) -> str:
    """`pattern` for a reader, `a` for rdf:type."""
    return " ".join("a" if term == TYPE else shorten(term) for term in pattern)
