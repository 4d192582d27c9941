"""Why a triple holds, found backwards: which rule's head it matches, and whether its body holds; or
what it lacks: the rules that come nearest to it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import combinations
from typing import Literal

from pyoxigraph import BlankNode, RdfFormat, parse

from peelgraph.errors import QueryRefused
from peelgraph.reasoning import facts
from peelgraph.reasoning.rules import Pattern, Rule, Rules, match, substitute
from peelgraph.store import Reader

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


CANDIDATES = 60  # triples that would lead to the one asked for, each by rules of one premise
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
            if len(body) == 1 and body[0] not in seen and len(seen) < CANDIDATES:
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


REACH = 3000  # triples a search looks at: enough for any proof a person will read


@dataclass(frozen=True, slots=True)
class Derivation:
    """One application of one rule: its premises, each a triple."""

    rule: Rule
    premises: tuple[Pattern, ...]


@dataclass(slots=True)
class Search:
    """What has been seen on the way back from a triple."""

    ways: dict[Pattern, list[Derivation]] = field(default_factory=dict)
    asserted: set[Pattern] = field(default_factory=set)

    def costs(self, goal: Pattern) -> dict[Pattern, int]:
        """The steps of the shortest proof of each triple seen, none through `goal`."""
        found = dict.fromkeys(self.asserted, 0)
        changed = True
        while changed:
            changed = False
            for triple, ways in self.ways.items():
                if triple in self.asserted or triple == goal:
                    continue
                for way in ways:
                    cost = _cost(way, found)
                    if cost is not None and cost < found.get(triple, cost + 1):
                        found[triple] = cost
                        changed = True
        return found


def explain(
    store: Reader, rules: Rules, subject: str, predicate: str, object: str, *, proofs: int = 1
) -> Explanation:
    """Why the triple holds, or what is nearest to making it hold; terms in N-Triples syntax.

    Up to `proofs` proofs, the shortest first, which differ in their last step.
    Errors: QueryRefused when a term is malformed, or is a blank node.
    """
    goal = _read(subject, predicate, object)
    is_asserted = bool(facts.find_asserted(store, [goal]))
    holds = is_asserted or bool(facts.find_solutions(store, [[goal]]))
    if not holds:
        missing, unknown = find_missing(store, rules.rules, goal), find_unknown(store, goal)
        return Explanation(goal, "not holding", missing=missing, unknown=unknown)
    found = [Proof(goal)] if is_asserted else []
    if len(found) < proofs:
        found += _prove(store, rules.rules, goal, proofs - len(found))
    state: State = "asserted" if is_asserted else "inferred"
    return Explanation(goal, state, tuple(_cite(store, found)))


def _read(subject: str, predicate: str, object_: str) -> Pattern:
    try:
        (quad,) = parse(f"{subject} {predicate} {object_} .", RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise QueryRefused(
            f"{subject} {predicate} {object_} is no triple in N-Triples syntax",
            hint='An IRI stands in <>, a literal in "", with @en or ^^<datatype> after it.',
        ) from error
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        raise QueryRefused("a blank node has no name to explain by; ask of a triple with IRIs")
    return Pattern(str(quad.subject), str(quad.predicate), str(quad.object))


def _prove(store: Reader, rules: Sequence[Rule], goal: Pattern, wanted: int) -> list[Proof]:
    """The shortest proofs by rules of `goal`.

    Breadth first: after n rounds every proof of height n is known, and a proof of n steps is no
    higher than n; so the search may end when the shortest found has no more steps than rounds.
    """
    search, frontier, rounds = Search(), [goal], 0
    while frontier and len(search.ways) < REACH:
        rounds += 1
        frontier = _widen(store, rules, search, frontier)
        costs = search.costs(goal)
        ready = sorted(cost for way in search.ways[goal] if (cost := _cost(way, costs)) is not None)
        if len(ready) >= wanted and ready[wanted - 1] <= rounds:
            break
    costs = search.costs(goal)
    last = [(cost, way) for way in search.ways[goal] if (cost := _cost(way, costs)) is not None]
    last.sort(key=lambda each: (each[0], len(each[1].premises), each[1].premises))
    return [_build(search, costs, goal, way) for _, way in last[:wanted]]


def _widen(
    store: Reader, rules: Sequence[Rule], search: Search, frontier: Sequence[Pattern]
) -> list[Pattern]:
    """Find the ways to each triple of the frontier; their inferred premises are the next one."""
    asked = []
    for triple in frontier:
        search.ways[triple] = []
        for rule in rules:
            bindings = match(rule.head, triple)
            if bindings is None:
                continue
            body = [substitute(each, bindings) for each in rule.body]
            if all(map(facts.can_be, body)):
                asked.append((triple, rule, body))
    seen: set[tuple[Pattern, Derivation]] = set()
    for number, row in facts.find_solutions(store, [body for _, _, body in asked]):
        triple, rule, body = asked[number]
        way = Derivation(rule, tuple(substitute(each, row) for each in body))
        if triple not in way.premises and (triple, way) not in seen:
            seen.add((triple, way))
            search.ways[triple].append(way)
    premises = {each for triple in frontier for way in search.ways[triple] for each in way.premises}
    fresh = sorted(premises - search.ways.keys() - search.asserted)
    search.asserted |= facts.find_asserted(store, fresh)
    return [triple for triple in fresh if triple not in search.asserted]


def _cost(way: Derivation, costs: dict[Pattern, int]) -> int | None:
    found = [costs.get(premise) for premise in way.premises]
    known = [cost for cost in found if cost is not None]
    return 1 + sum(known) if len(known) == len(found) else None


def _build(search: Search, costs: dict[Pattern, int], goal: Pattern, way: Derivation) -> Proof:
    premises = []
    for triple in way.premises:
        if triple in search.asserted:
            premises.append(Proof(triple))
            continue
        best = min(
            (each for each in search.ways[triple] if _cost(each, costs) == costs[triple]),
            key=lambda each: each.premises,
        )
        premises.append(_build(search, costs, triple, best))
    rule = way.rule
    return Proof(goal, rule.name, rule.axiom, rule.because, tuple(premises))


def _cite(store: Reader, found: Sequence[Proof]) -> list[Proof]:
    """The same proofs with the graphs and passages of each triple."""
    every = [part for proof in found for part in proof.walk()]
    asserted = {part.triple for part in every if part.is_asserted}
    graphs = facts.find_graphs(store, asserted)
    passages = facts.find_passages(store, asserted)

    def cite(proof: Proof) -> Proof:
        return Proof(
            proof.triple,
            proof.rule,
            proof.axiom,
            proof.because,
            tuple(cite(premise) for premise in proof.premises),
            graphs.get(proof.triple, ()) if proof.is_asserted else (),
            passages.get(proof.triple, ()) if proof.is_asserted else (),
        )

    return [cite(proof) for proof in found]
