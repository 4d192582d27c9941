"""Why a triple holds, found backwards: which rule's head it matches, and whether its body holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, RdfFormat, parse

from peelgraph.errors import QueryRefused
from peelgraph.reasoning import facts
from peelgraph.reasoning.missing import find_missing, find_unknown
from peelgraph.reasoning.proofs import Explanation, Proof, State
from peelgraph.reasoning.rules import Pattern, Rule, Rules, match, substitute
from peelgraph.store import Reader

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
