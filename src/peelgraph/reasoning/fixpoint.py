"""Rules run to their fixpoint, by SPARQL alone: in the embedded store and in a remote one.

Semi-naive: after the first round a join only looks at what is new, and the pattern that reads the
new triples comes first (0.05 ms against 16 where it comes last).

The triples of the ontology lie in the asserted graph too. No rule asks for a term of RDFS or OWL
unless an axiom of ours names it, so nothing is inferred about classes and properties: the
hierarchy is closed while compiling, and a query over it walks rdfs:subClassOf with a path.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from peelgraph import terms
from peelgraph.reasoning.answers import holds
from peelgraph.reasoning.plan import Plan, Step, make_plan
from peelgraph.reasoning.rules import Pattern, Rules, conjunction
from peelgraph.store import Question, Store

EVERY = "?s ?p ?o ."
BATCH = 64  # statements a request: a remote engine is asked tens of times, not thousands


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the store, the plan and the graphs it works with ("" is the unnamed graph)."""

    store: Store
    plan: Plan
    asserted: str
    inferred: str

    def write(self, heads: Iterable[Pattern], where: str) -> str:
        """The statement that infers `heads` for every solution of `where`."""
        return f"INSERT {{ {_graph(self.inferred, conjunction(heads))} }} WHERE {{ {where} }}"

    def read(self, body: Iterable[Pattern]) -> str:
        """The group that matches `body` in what is asserted or inferred."""
        groups = []
        for pattern in body:
            triple = conjunction([pattern])
            asserted = _graph(self.asserted, triple)
            if self.plan.can_infer(pattern):
                groups.append(f"{{ {asserted} }} UNION {{ {_graph(self.inferred, triple)} }}")
            else:
                groups.append(asserted)
        return " ".join(groups)

    @property
    def new(self) -> str:
        """The graph of what the last round added."""
        return f"{self.inferred}/working/new"

    @property
    def next(self) -> str:
        """The graph of what this round concludes."""
        return f"{self.inferred}/working/next"


def infer(store: Store, rules: Rules, asserted: str = "", inferred: str = terms.INFERRED) -> int:
    """How many triples follow from the graph `asserted`; they replace the graph `inferred`.

    Right after any change, deletions too, because it starts afresh. The inferred graph repeats no
    asserted triple. It always ends: rules make no new terms. A triple whose subject would be a
    literal is not RDF, and the store leaves it out.
    """
    with _run(store, rules, asserted, inferred) as run:
        plan = run.plan
        facts = [f"INSERT DATA {{ {_graph(inferred, conjunction(plan.facts))} }}"]
        _send(store, [f"DROP SILENT GRAPH <{inferred}>", *(facts if plan.facts else [])])
        _send(
            store,
            [
                run.write(step.heads, _graph(asserted, conjunction(step.body)))
                for step in plan.steps
            ],
        )
        _send(store, [_first(run, step) for step in plan.joins])
        _send(store, [_forget(run, head) for head in plan.inferable])
        while _settle(run):
            _send(store, _join(run, plan.can_infer))
    return store.size(inferred)


def infer_additions(
    store: Store,
    rules: Rules,
    added: bytes,
    asserted: str = "",
    inferred: str = terms.INFERRED,
) -> int:
    """How many triples are inferred once `asserted` has gained the N-Triples `added`.

    Only what is new is looked at; the result is the one `infer` gives. Blank nodes change their
    names on the way into a store, so triples that may hold some are inferred from afresh.
    """
    if b"_:" in added:
        return infer(store, rules, asserted, inferred)
    with _run(store, rules, asserted, inferred) as run:
        store.insert(added, run.new)
        known = _graph(inferred, EVERY)
        _send(store, [f"DELETE {{ {known} }} WHERE {{ {_graph(run.new, EVERY)} {known} }}"])
        steps = [
            _conclude(run, step, _graph(run.new, conjunction(step.body))) for step in run.plan.steps
        ]
        _send(store, [*steps, *_join(run, lambda _: True)])
        while _settle(run):
            _send(store, _join(run, run.plan.can_infer))
    return store.size(inferred)


@contextmanager
def _run(store: Store, rules: Rules, asserted: str, inferred: str) -> Iterator[Run]:
    """A run whose working graphs are gone at its end, however it ends."""
    run = Run(store, make_plan(rules.rules), asserted, inferred)
    drop = [f"DROP SILENT GRAPH <{graph}>" for graph in (run.new, run.next)]
    _send(store, drop)
    try:
        yield run
    finally:
        _send(store, drop)


def _settle(run: Run) -> bool:
    """Move what the round newly concluded to the inferred graph; whether there was any."""
    concluded = _graph(run.next, EVERY)
    known = (_graph(run.asserted, EVERY), _graph(run.inferred, EVERY))
    both = f"{_graph(run.new, EVERY)} {_graph(run.inferred, EVERY)}"
    _send(
        run.store,
        [f"DELETE {{ {concluded} }} WHERE {{ {concluded} {where} }}" for where in known]
        + [
            f"DROP SILENT GRAPH <{run.new}>",
            f"INSERT {{ {both} }} WHERE {{ {concluded} }}",
            f"DROP SILENT GRAPH <{run.next}>",
        ],
    )
    return holds(run.store, Question(f"ASK {{ {_graph(run.new, EVERY)} }}", inference=False))


def _first(run: Run, step: Step) -> str:
    """The join over everything known; only what another join awaits counts as new."""
    awaited = [head for head in step.heads if run.plan.is_awaited(head)]
    rest = [head for head in step.heads if not run.plan.is_awaited(head)]
    heads = f"{_graph(run.next, conjunction(awaited))} {_graph(run.inferred, conjunction(rest))}"
    return f"INSERT {{ {heads} }} WHERE {{ {run.read(step.body)} }}"


def _join(run: Run, is_new: Callable[[Pattern], bool]) -> list[str]:
    """Every join, once for each of its patterns that new triples may match: that pattern first."""
    found = []
    for step in run.plan.joins:
        for position, pattern in enumerate(step.body):
            if is_new(pattern):
                others = step.body[:position] + step.body[position + 1 :]
                where = f"{_graph(run.new, conjunction([pattern]))} {run.read(others)}"
                found.append(_conclude(run, step, where))
    return found


def _conclude(run: Run, step: Step, where: str) -> str:
    return f"INSERT {{ {_graph(run.next, conjunction(step.heads))} }} WHERE {{ {where} }}"


def _forget(run: Run, head: Pattern) -> str:
    """Leave out of the inferred graph what is asserted and matches `head`."""
    triple = conjunction([head])
    mine = _graph(run.inferred, triple)
    return f"DELETE {{ {mine} }} WHERE {{ {_graph(run.asserted, triple)} {mine} }}"


def _graph(name: str, content: str) -> str:
    if not content:
        return ""
    return f"GRAPH <{name}> {{ {content} }}" if name else content


def _send(store: Store, statements: Sequence[str]) -> None:
    for start in range(0, len(statements), BATCH):
        store.update(" ;\n".join(statements[start : start + BATCH]))
