"""The one way by which a version is made: apply, gate, infer, describe, commit.

Each begins from what the last writer left, because the repository's lock lets one at a time in.
What fails anywhere leaves no trace. `write` is here; `rebuild` replaces everything at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from peelgraph import terms
from peelgraph.errors import PreconditionFailed
from peelgraph.rdf12 import check_lines
from peelgraph.reasoning import Rules
from peelgraph.repository.apply import apply
from peelgraph.repository.changes import (
    DIGITS,
    Change,
    Expected,
    Gates,
    GraphChange,
    Order,
    Put,
    Update,
    Written,
)
from peelgraph.repository.diff import Difference
from peelgraph.repository.digest import digest_graph, digest_version
from peelgraph.repository.gate import (
    GateCache,
    GateResult,
    check_consistent,
    gate_changes,
)
from peelgraph.repository.ntriples import as_quads, lines
from peelgraph.repository.protocol import Repository, Stage
from peelgraph.repository.retention import Retention
from peelgraph.repository.version import LOADED, WRITE, GraphRecord, Version
from peelgraph.validation import Report, render

Tell = Callable[[str], None]


def write(
    repository: Repository,
    order: Order,
    cache: GateCache | None = None,
    tell: Tell = lambda _: None,
    *,
    retention: Retention | None = None,
    max_wait_s: float = 600.0,
) -> Written:
    """Carry out `order`: one version more, or the current one when nothing changed.

    `tell` hears "started" once this writer has the lock, and "committing" when the only thing
    left is to publish, and to remove the older versions that `retention` does not keep.

    Errors: NothingPublished, WriteConflict, PreconditionFailed, UnknownName, QueryRefused,
            SourceError, ShapesBroken, OntologyOutsideRL, DataRefused, ServiceBusy when another
            writer has the lock for `max_wait_s`; each leaves no trace.
    """
    cache = cache or GateCache()
    with repository.begin(max_wait_s=max_wait_s) as stage:
        tell("started")
        base = stage.base or repository.current()
        check_expected(order.change, order.expected, base)
        made = replace(base, by=order.by, message=order.message, made=WRITE)
        transaction = Transaction(stage, made)
        changes = transaction.apply(order, base)
        if not changes or transaction.version.digest == base.digest:
            return _written(order, base, Difference((), ()), is_changed=False)
        result = transaction.gate(changes, order.gates, cache)
        rules = cache.rules(stage.store, transaction.version, base)
        is_new = transaction.version.key_of(terms.ONTOLOGY_GRAPH) != base.key_of(
            terms.ONTOLOGY_GRAPH
        )
        if transaction.infer(rules, afresh=is_new) and rules is not None:
            documents = [each for change in changes.values() for each in change.documents]
            check_consistent(stage.store, rules, documents)
        difference = _difference(changes)
        version = transaction.count(result.violations, difference)
        written = _written(order, version, difference, result.warnings)
        written = replace(written, created=_is_new_graph(order.change, base))
        if order.dry_run:
            return replace(written, number=base.number)
        transaction.describe(counts=bool(base.derived))
        tell("committing")
        version = transaction.commit(difference)
        stage.retain(retention or Retention(), version)
    return written


class Transaction:
    """The next version in the making, in whatever stage; each step needs those before it."""

    def __init__(self, stage: Stage, version: Version) -> None:
        """`version` is what is known of it already; its number and base come from the stage."""
        self.stage = stage
        self.version = replace(
            version,
            number=stage.number,
            path=stage.path,
            base=stage.base.number if stage.base else 0,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._rules: Rules | None = None

    def apply(self, order: Order, base: Version) -> Mapping[str, GraphChange]:
        """Carry the change out; return what it made of each graph that it changed.

        Errors: those of apply.apply; RDFVersionRefused for a term that cannot be published.
        """
        changes = apply(order.change, self.stage, base)
        records = base.records
        for graph, change in changes.items():
            # What the text of an update hides is known now.
            check_lines(change.added, graph, takes_newer=order.takes_rdf12)
            digest = digest_graph([b"\n".join(change.after)])
            records[graph] = GraphRecord(len(change.after), digest, LOADED)
            if not change.exists:
                del records[graph]
        self.record(records)
        return changes

    def record(self, records: Mapping[str, GraphRecord]) -> None:
        """Note which graphs the version holds; "" names the unnamed one."""
        self.version = replace(
            self.version,
            graphs={name: each for name, each in sorted(records.items()) if name},
            unnamed=records.get(""),
            digest=digest_version(records),
        )

    def gate(
        self, changes: Mapping[str, GraphChange], gates: Gates, cache: GateCache
    ) -> GateResult:
        """Validate what changed; DataRefused when it may not be published."""
        stage = self.stage
        stage.unite(changes)
        validator = cache.validator(stage.store, self.version, changes, gates)
        return gate_changes(validator, changes, stage.before, stage.store, gates)

    def infer(self, rules: Rules | None, *, afresh: bool) -> bool:
        """Infer by the rules, None where there is no ontology; return whether the union changed."""
        self._rules = rules
        return self.stage.infer(rules, afresh=afresh)

    def count(self, violations: int = 0, difference: Difference | None = None) -> Version:
        """Note what only the finished store tells; return the record."""
        triples, inferred = self.stage.count(self.version)
        added, removed = difference.counts if difference else (-1, -1)
        self.version = replace(
            self.version,
            triples=triples,
            inferred=inferred,
            added=added,
            removed=removed,
            faults=violations,
        )
        return self.version

    def describe(self, examples: bytes | None = None, *, counts: bool = True) -> None:
        """Write what is derived from the version, see Stage.describe; then nothing may change."""
        self.version = self.stage.describe(self.version, self._rules, examples, counts=counts)

    def commit(self, difference: Difference | None = None) -> Version:
        """Make it the current version, atomically; return its record."""
        return self.stage.commit(self.version, difference)


def check_expected(change: Change, expected: Expected, base: Version) -> None:
    """Raise PreconditionFailed unless all is as the caller expects."""
    if expected.version and base.number not in expected.version:
        raise PreconditionFailed(
            f"Version {base.number} is current, and the request expects another",
            hint="Read again, decide again, and send the new version in If-Match.",
        )
    if isinstance(change, Update):
        return
    record = base.records.get(change.graph)
    if expected.absent and record is not None:
        raise PreconditionFailed(f"The graph <{change.graph}> exists already")
    if expected.digests and (
        record is None or not {"*", record.digest[:DIGITS]} & {*expected.digests}
    ):
        raise PreconditionFailed(
            f"The graph <{change.graph}> is not what the request expects",
            hint="Read it again and send its new ETag in If-Match.",
        )


def _is_new_graph(change: Change, base: Version) -> bool:
    """Whether it put a graph where there was none, or no triple in the unnamed one."""
    if not isinstance(change, Put) or change.graph in base.graphs:
        return False
    return bool(change.graph) or (base.unnamed is not None and not base.unnamed.triples)


def _difference(changes: Mapping[str, GraphChange]) -> Difference:
    """What was added and removed, as quads."""
    return Difference(
        _sorted(as_quads(each.added, graph) for graph, each in changes.items()),
        _sorted(as_quads(each.removed, graph) for graph, each in changes.items()),
    )


def _sorted(parts: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(lines(b"".join(parts))))


def _written(
    order: Order,
    version: Version,
    difference: Difference,
    report: Report | None = None,
    *,
    is_changed: bool = True,
) -> Written:
    added, removed = difference.counts
    return Written(
        number=version.number,
        changed=is_changed,
        added=added,
        removed=removed,
        inferred=version.inferred,
        dry_run=order.dry_run,
        faults=render(report, order.report) if report is not None else "",
    )
