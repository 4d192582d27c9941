"""What a triple that does not hold lacks: the rules that come nearest to it."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import combinations

from peelgraph.reasoning import facts
from peelgraph.reasoning.proofs import Missing, Unknown
from peelgraph.reasoning.rules import Pattern, Rule, match, substitute
from peelgraph.store import Reader

REACH = 60  # triples that would lead to the one asked for, each by rules of one premise
SHOWN = 5


def find_missing(store: Reader, rules: Sequence[Rule], goal: Pattern) -> tuple[Missing, ...]:
    """The rules that nearly conclude `goal`, the nearest first: fewest premises lacking, most held.

    A rule of one premise is looked through: what would give the premise counts as well.
    """
    found: dict[tuple[Pattern, ...], Missing] = {}
    for missing in _candidates(store, rules, goal):
        known = found.setdefault(missing.lacks, missing)
        if _distance(missing) < _distance(known):
            found[missing.lacks] = missing
    return tuple(sorted(found.values(), key=_distance)[:SHOWN])


def find_unknown(store: Reader, goal: Pattern) -> tuple[Unknown, ...]:
    """The IRIs of `goal` that no triple has: misspelt most often."""
    named = (term for term in dict.fromkeys(goal) if term.startswith("<"))
    return tuple(
        Unknown(term, _near(term, facts.find_kin(store, term)))
        for term in named
        if not facts.is_known(store, term)
    )


def _near(term: str, kin: Sequence[str]) -> tuple[str, ...]:
    by_name = {_local_name(each): each for each in sorted(kin)}
    close = get_close_matches(_local_name(term), by_name, n=3, cutoff=0.5)
    return tuple(by_name[name] for name in close)


def _local_name(term: str) -> str:
    return re.split(r"[/#]", term.strip("<>"))[-1].lower()


def _distance(missing: Missing) -> tuple[int, int, int, tuple[Pattern, ...]]:
    return (
        len(missing.lacks) if missing.holds else len(missing.lacks) + 1,
        -len(missing.holds),
        len(missing.via),
        missing.lacks,
    )


def _candidates(store: Reader, rules: Sequence[Rule], goal: Pattern) -> Iterator[Missing]:
    queue: list[tuple[Pattern, tuple[str, ...]]] = [(goal, ())]
    seen = {goal}
    for target, via in queue:  # grows while it is walked: breadth first
        for rule in rules:
            bindings = match(rule.head, target)
            if bindings is None or not rule.body or rule.because:
                continue
            body = tuple(substitute(each, bindings) for each in rule.body)
            if not all(map(facts.can_be, body)):
                continue
            missing = _nearest(store, rule, body, via)
            if goal not in missing.lacks:
                yield missing
            if len(body) == 1 and body[0] not in seen and len(seen) < REACH:
                seen.add(body[0])
                queue.append((_apart(body[0], len(queue)), (rule.axiom, *via)))


def _apart(pattern: Pattern, number: int) -> Pattern:
    """`pattern` with variables that no rule uses."""
    names = {name: f"{name}_{number}" for name in pattern.variables}
    return substitute(pattern, names)


def _nearest(store: Reader, rule: Rule, body: tuple[Pattern, ...], via: tuple[str, ...]) -> Missing:
    """The largest part of `body` that holds, and the rest."""
    for size in range(len(body) - 1, 0, -1):
        for held in combinations(range(len(body)), size):
            part = [body[number] for number in held]
            for _, row in facts.find_solutions(store, [part], limit=1):
                rest = [body[number] for number in range(len(body)) if number not in held]
                return Missing(
                    rule.name,
                    rule.axiom,
                    tuple(substitute(each, row) for each in part),
                    tuple(substitute(each, row) for each in rest),
                    via,
                )
    return Missing(rule.name, rule.axiom, (), body, via)
