"""What a change of the asserted triples changes of the inferred ones, and only that.

The changed triples are inferred from by themselves first, in columns. What they give together with
the rest is asked of the store, the changed triples as VALUES: their number, not the store's, is
what a change costs, and nothing is written but the outcome.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from peelgraph import terms
from peelgraph.reasoning.entailment import Columns
from peelgraph.reasoning.fixpoint import infer, read_known
from peelgraph.reasoning.plan import Plan, Step, make_plan
from peelgraph.reasoning.rules import TYPE, Pattern, Rules, conjunction, is_variable, match
from peelgraph.sparql import Dataset, Query, QueryRequest
from peelgraph.store import Store

TOGETHER = 1000  # solutions in one query: some 200 kB of text

Lines = set[bytes]
Index = defaultdict[tuple[str, str], list[Pattern]]


@dataclass(frozen=True, slots=True)
class _Change:
    """The store, the plan and the graphs that a change is looked at with."""

    store: Store
    plan: Plan
    asserted: Sequence[str]
    inferred: str

    def joined(self, delta: Set[bytes]) -> Lines:
        """What the joins give of which some triple is in `delta`, the others anywhere."""
        index = _index(delta, (pattern for step in self.plan.joins for pattern in step.body))
        found: Lines = set()
        for step in self.plan.joins:
            for position, pattern in enumerate(step.body):
                others = [*step.body[:position], *step.body[position + 1 :]]
                rows = _solutions(pattern, index)
                found |= self.construct(step.heads, pattern, rows, others)
        return found

    def construct(
        self,
        heads: Iterable[Pattern],
        pattern: Pattern,
        rows: Iterator[str],
        body: Sequence[Pattern],
    ) -> Lines:
        """The heads for each solution of `body` that goes with one of the rows of `pattern`."""
        columns = " ".join(sorted(pattern.variables))
        known = read_known(self.plan, body, self.asserted, self.inferred)
        graphs = (*filter(None, self.asserted), self.inferred)
        seen, found = Dataset(default=("",), named=graphs), Lines()
        while some := " ".join(islice(rows, TOGETHER)):
            text = (
                f"CONSTRUCT {{ {conjunction(heads)} }}"
                f" WHERE {{ VALUES ({columns}) {{ {some} }} {known} }}"
            )
            found.update(_lines(self.store.query(QueryRequest(Query(text), dataset=seen)).body))
        return found

    def rederived(self, gone: Lines) -> Lines:
        """Those of `gone` that follow from what is left."""
        steps = (Step(self.plan.facts, ()), *self.plan.steps, *self.plan.joins)
        index = _index(gone, (head for step in steps for head in step.heads))
        found: Lines = set()
        for step in steps:
            for head in step.heads:
                found |= self.construct([head], head, _solutions(head, index), step.body)
        return found

    def write(self, found: Lines) -> Lines:
        """Infer those of `found` that were neither asserted nor inferred; which."""
        fresh = found - self.store.held(_text(found), *self.asserted, self.inferred)
        if fresh:
            self.store.insert(_text(fresh), self.inferred)
        return fresh

    def settle(self, found: Lines) -> int:
        """Infer what is new of `found`, and all that follows; how many triples."""
        total = 0
        while fresh := self.write(found):
            total += len(fresh)
            found = self.joined(fresh)
        return total


def infer_additions(
    store: Store,
    rules: Rules,
    added: bytes,
    asserted: str = "",
    inferred: str = terms.INFERRED,
) -> int:
    """How many triples more are inferred once `asserted` has gained the N-Triples `added`.

    The inferred graph is then the one that `infer` gives. Blank nodes cannot be asked for by name,
    so triples that may hold some are inferred from afresh.
    """
    if b"_:" in added:
        before = store.size(inferred)
        return infer(store, rules, asserted, inferred) - before
    change = _Change(store, make_plan(rules.rules), (asserted,), inferred)
    repeatable = {head.predicate.encode() for head in change.plan.inferable}
    stated = _lines(added)
    repeated = _text(line for line in stated if line.split(b" ", 2)[1] in repeatable)
    store.remove(_text(store.held(repeated, inferred)), inferred)
    local = _lines(b"".join(Columns(added, change.plan).entailed()))
    fresh = change.write(local)
    return len(fresh) + change.settle(change.joined(stated | fresh))


def infer_removals(
    store: Store,
    rules: Rules,
    removed: bytes,
    asserted: str = "",
    inferred: str = terms.INFERRED,
) -> int:
    """How many triples fewer are inferred once `asserted` has lost the N-Triples `removed`.

    Delete and rederive: all that followed from them in any way goes, and what follows without them
    too comes back. The inferred graph is then the one that `infer` gives.
    """
    if b"_:" in removed:
        before = store.size(inferred)
        return before - infer(store, rules, asserted, inferred)
    working, plan = f"{inferred}/working", make_plan(rules.rules)
    store.insert(removed, working)
    try:
        lost = _lost(_Change(store, plan, (asserted, working), inferred), removed)
    finally:
        store.clear(working)
    store.remove(_text(lost), inferred)
    change = _Change(store, plan, (asserted,), inferred)
    return len(lost) - change.settle(change.rederived(lost | _lines(removed)))


def _lost(change: _Change, removed: bytes) -> Lines:
    """The inferred triples that some removed one had a part in."""
    local = _lines(b"".join(Columns(removed, change.plan).entailed()))
    found, lost = local | change.joined(_lines(removed) | local), Lines()
    while delta := change.store.held(_text(found - lost), change.inferred):
        lost |= delta
        found = change.joined(delta)
    return lost


def _index(triples: Set[bytes], asked: Iterable[Pattern]) -> Index:
    """The triples that may match the patterns asked for, by property or class."""
    wanted = {pattern.predicate.encode() for pattern in asked}
    found: Index = defaultdict(list)
    for line in triples:
        subject, predicate, rest = line.split(b" ", 2)
        if predicate in wanted:
            triple = Pattern(subject.decode(), predicate.decode(), rest[:-2].decode())
            found[_key(triple)].append(triple)
            if triple.predicate == TYPE:
                found[TYPE, ""].append(triple)
    return found


def _key(pattern: Pattern) -> tuple[str, str]:
    """What tells apart the triples that a pattern may match: the property, or the class."""
    is_class = pattern.predicate == TYPE and not is_variable(pattern.object)
    return pattern.predicate, pattern.object if is_class else ""


def _solutions(pattern: Pattern, index: Index) -> Iterator[str]:
    """The solutions of `pattern` among triples, as rows of VALUES."""
    for triple in index[_key(pattern)]:
        bindings = match(pattern, triple)
        if bindings is not None:
            yield f"({' '.join(bindings[name] for name in sorted(bindings))})"


def _lines(triples: bytes) -> Lines:
    return {line for line in triples.split(b"\n") if line}


def _text(triples: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in triples)
