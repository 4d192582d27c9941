"""How rules are run: as few writes as they can be.

Rules of one unconditional pattern (x p y, or x is a C) are composed at compile time, so that one
statement writes everything that follows from a triple by them. Only the rest, the joins, needs
rounds; what a join concludes is written with its own consequences.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peelgraph.reasoning.rules import (
    TYPE,
    Pattern,
    Rule,
    is_variable,
    match,
    may_meet,
    substitute,
)


@dataclass(frozen=True, slots=True)
class Step:
    """Where `body` holds, every one of `heads` does."""

    heads: tuple[Pattern, ...]
    body: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Facts to state, steps that run once a triple, joins that run in rounds.

    `inferable` are the patterns that some step or join concludes, `awaited` those that a join asks
    for and that can be inferred.
    """

    facts: tuple[Pattern, ...]
    steps: tuple[Step, ...]
    joins: tuple[Step, ...]
    inferable: tuple[Pattern, ...]
    awaited: tuple[Pattern, ...]

    def can_infer(self, pattern: Pattern) -> bool:
        """Whether some inferred triple may match `pattern`."""
        return any(may_meet(pattern, head) for head in self.inferable)

    def is_awaited(self, head: Pattern) -> bool:
        """Whether a join may use what `head` states."""
        return any(may_meet(pattern, head) for pattern in self.awaited)


def make_plan(rules: Sequence[Rule]) -> Plan:
    """The plan that runs `rules`."""
    plain = index(rule for rule in rules if is_plain(rule))
    bodies = dict.fromkeys(_canonical(rule.body[0]) for rule in rules if is_plain(rule))
    steps = [Step(consequences(plain, [body]), (body,)) for body in bodies]
    joins: dict[tuple[Pattern, ...], list[Pattern]] = defaultdict(list)
    facts: list[Pattern] = []
    for rule in rules:
        if not rule.body:
            facts.append(rule.head)
        elif not is_plain(rule):
            joins[rule.body].append(rule.head)
    made = [Step(_closed(plain, heads), body) for body, heads in joins.items()]
    stated = _closed(plain, facts)
    inferable = dict.fromkeys(
        (*stated, *(_canonical(head) for step in (*steps, *made) for head in step.heads))
    )
    asked = dict.fromkeys(_canonical(pattern) for step in made for pattern in step.body)
    awaited = [pattern for pattern in asked if any(may_meet(pattern, head) for head in inferable)]
    return Plan(stated, tuple(steps), tuple(made), tuple(inferable), tuple(awaited))


def is_plain(rule: Rule) -> bool:
    """Whether the rule's body is one pattern of different variables, or of one class."""
    if len(rule.body) != 1:
        return False
    subject, predicate, object_ = rule.body[0]
    if predicate == TYPE:
        return is_variable(subject) and not is_variable(object_)
    return is_variable(subject) and is_variable(object_) and subject != object_


def index(rules: Iterable[Rule]) -> dict[tuple[str, str], list[Rule]]:
    """Rules of one pattern by what their body asks for: a class, or a property."""
    found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        found[_key(rule.body[0])].append(rule)
    return found


def consequences(
    plain: dict[tuple[str, str], list[Rule]], start: Sequence[Pattern]
) -> tuple[Pattern, ...]:
    """What follows from the patterns of `start` by the plain rules, without `start` itself."""
    return tuple(head for head in _reach(plain, start) if head not in start)


def _closed(
    plain: dict[tuple[str, str], list[Rule]], heads: Sequence[Pattern]
) -> tuple[Pattern, ...]:
    return tuple(_reach(plain, heads))


def _reach(
    plain: dict[tuple[str, str], list[Rule]], start: Sequence[Pattern]
) -> dict[Pattern, tuple[str, ...]]:
    """Each pattern that follows from `start`, with the axioms of a shortest way to it."""
    found: dict[Pattern, tuple[str, ...]] = dict.fromkeys(start, ())
    queue = list(start)
    for pattern in queue:  # grows while it is walked: breadth first
        for rule in plain.get(_key(pattern), ()):
            bindings = match(rule.body[0], pattern)
            if bindings is None:
                continue
            head = substitute(rule.head, bindings)
            if head not in found and not head.subject.startswith('"'):
                found[head] = (*found[pattern], rule.axiom)
                queue.append(head)
    return found


def chain_of_axioms(stated: Sequence[Rule], derived: Rule) -> tuple[str, ...]:
    """The axioms by which stated plain rules lead from the derived rule's body to its head."""
    plain = index(rule for rule in stated if is_plain(rule))
    return _reach(plain, derived.body).get(derived.head, ())


def _key(pattern: Pattern) -> tuple[str, str]:
    return (TYPE, pattern.object) if pattern.predicate == TYPE else (pattern.predicate, "")


def _canonical(pattern: Pattern) -> Pattern:
    names = dict(zip(dict.fromkeys(filter(is_variable, pattern)), ("?x", "?y", "?z"), strict=False))
    return substitute(pattern, names)
