"""What the graph, asserted and inferred, says against itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from peelgraph.reasoning.facts import rows
from peelgraph.reasoning.rules import (
    Constraint,
    Pattern,
    Rules,
    conjunction,
    is_variable,
    readable,
    shorten,
    substitute,
)
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Store

LIMIT = 100  # clashes shown of one constraint: the first ones tell what is wrong


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Triples that cannot hold together: the rule and the axiom that say so."""

    rule: str
    axiom: str
    triples: tuple[Pattern, ...]

    @property
    def message(self) -> str:
        """The clash in a sentence or two."""
        found = "; ".join(map(readable, self.triples))
        return f"{_say(self)}: {found} (rule {self.rule}: {self.axiom})"


def find_contradictions(store: Store, rules: Rules) -> tuple[Contradiction, ...]:
    """Every set of triples, asserted or inferred, that a constraint forbids, each once.

    Of one constraint the first hundred are given.
    """
    found: dict[frozenset[Pattern], Contradiction] = {}
    for constraint in rules.constraints:
        for clash in _clashes(store, constraint):
            found.setdefault(frozenset(clash.triples), clash)
    return tuple(found.values())


def _clashes(store: Store, constraint: Constraint) -> Iterator[Contradiction]:
    variables = dict.fromkeys(t for each in constraint.body for t in each if is_variable(t))
    # Each clash of a pair is found from both its ends.
    columns = " ".join(variables) or "*"
    tests = " ".join(f"FILTER ({test})" for test in constraint.filters)
    where = f"{_values(store, constraint)} {conjunction(constraint.body)} {tests}"
    text = f"SELECT {columns} WHERE {{ {where} }} LIMIT {2 * LIMIT}"
    for row in rows(store, QueryRequest(Query(text))):
        triples = dict.fromkeys(substitute(each, row) for each in constraint.body)
        # An axiom on many classes names the two that clash.
        axiom = " ".join(shorten(row.get(word, word)) for word in constraint.axiom.split(" "))
        yield Contradiction(constraint.name, axiom, tuple(triples))


def _values(store: Store, constraint: Constraint) -> str:
    """The values that two things share, counted first: pairs of thousands would take for ever."""
    if not constraint.shared:
        return ""
    one, *_ = sorted(constraint.body[0].variables - {*constraint.shared})
    half = [each for each in constraint.body if one in each]
    columns = " ".join(constraint.shared)
    text = (
        f"SELECT {columns} WHERE {{ {conjunction(half)} }} GROUP BY {columns}"
        f" HAVING (COUNT(DISTINCT {one}) > 1) LIMIT {LIMIT}"
    )
    found = (
        "(" + " ".join(row[name] for name in constraint.shared) + ")"
        for row in rows(store, QueryRequest(Query(text)))
    )
    return f"VALUES ({columns}) {{ {' '.join(found)} }}"


def _say(clash: Contradiction) -> str:
    subject = shorten(clash.triples[0].subject)
    match clash.rule.split()[0]:
        case "cax-dw" | "cax-adc" | "cls-com":
            return f"{subject} cannot be of both classes"
        case "prp-pdw" | "prp-adp":
            return f"{subject} cannot have one value for both properties"
        case "prp-fp":
            return f"{subject} may have one value only"
        case "prp-ifp" | "prp-key":
            return "two things share what only one can have"
        case "prp-irp":
            return f"{subject} cannot be so related to itself"
        case "prp-asyp":
            return "it cannot hold both ways"
        case "cls-nothing2":
            return f"{subject} is of a class that can have no members"
        case "eq-diff1":
            return f"{subject} is said to be another thing"
        case "prp-npa1" | "prp-npa2":
            return "this was both stated and denied"
    return f"{subject} breaks an axiom"
