"""The one way by which anything but a build changes what is published.

Checkpoint the current version, change the copy, judge what changed, infer, look for contradictions,
and make the copy the next version: whole, or not at all. The home's lock makes writers take turns,
and each begins from what the last one left, so that no update is lost.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from peelgraph import terms
from peelgraph.embedded import Embedded, Heeded
from peelgraph.errors import PreconditionFailed
from peelgraph.rdf12 import check_lines
from peelgraph.reasoning import infer_additions, infer_removals
from peelgraph.store import Store
from peelgraph.validation import DataRefused, Report, Validator, render
from peelgraph.versions.applying import GraphChange, apply, as_quads, unite
from peelgraph.versions.changes import DIGITS, Change, Expected, Order, Put, Update, Written
from peelgraph.versions.counting import Key, read_counts, recount, write_counts
from peelgraph.versions.describing import count_all, describe_itself
from peelgraph.versions.difference import Difference, write_log
from peelgraph.versions.digest import digest_graph, digest_version
from peelgraph.versions.home import Home
from peelgraph.versions.joining import follow, join
from peelgraph.versions.judging import (
    ONTOLOGY,
    SHAPES,
    Judges,
    Verdict,
    has_ontology,
    judge,
    key_of,
    refuse_contradictions,
)
from peelgraph.versions.publishing import infer_afresh
from peelgraph.versions.record import LOADED, WRITE, GraphRecord, Version, write_record
from peelgraph.versions.retention import Retention, retain
from peelgraph.versions.ruling import write_rules

Tell = Callable[[str], None]

# Once a fiftieth of all is removed, inferring everything costs less than looking at what is gone.
_AFRESH = 50


def write(
    home: Home,
    order: Order,
    judges: Judges | None = None,
    tell: Tell = lambda _: None,
    retention: Retention | None = None,
) -> Written:
    """What came of `order`: one version more, or the current one when nothing changed.

    `tell` hears "started" once this writer's turn has come, and "committing" when the only thing
    left is to publish, and to remove the older versions that `retention` does not keep.

    Errors: NothingPublished, WriteConflict, PreconditionFailed, UnknownName, QueryRefused,
            SourceError, ShapesBroken, OntologyOutsideRL, DataRefused; each leaves no trace.
    """
    with home.hold():
        tell("started")
        base = home.current()
        check_expected(order.change, order.expected, base)
        with home.stage() as folder:
            store = Embedded.checkpoint(base.store_path, folder / "store")
            try:
                changed = Changed(base, apply(order.change, store, base), order)
                changed.check_terms()
                staged = _Staged(store, changed)
                version = changed.describe(home)
                if not changed.changes or version.digest == base.digest:
                    return told(order, base, Difference((), ()), is_changed=False)
                judges = judges or Judges()
                verdict = staged.prepare(version, judges)
                difference = changed.difference()
                version = staged.count(version, difference, verdict)
                written = told(
                    order, version, difference, verdict.told, created=changed.is_new_graph
                )
                if order.dry_run:
                    return replace(written, number=base.number)
                if has_ontology(version):
                    write_rules(folder, judges.rules(store, version, base), base.path)
                if base.derived:
                    counts = staged.recount()
                    write_counts(folder, counts, base.path)
                    version = describe_itself(store, version, counts)
                store.flush()
                staged.join(folder)
            finally:
                store.close()
            tell("committing")
            write_log(folder, difference)
            write_record(version, folder)
            home.commit(folder, version.number)
        retain(home, retention or Retention(), version)
    return written


def check_expected(change: Change, expected: Expected, base: Version) -> None:
    """Nothing, when all is as the caller takes for granted; else PreconditionFailed."""
    if expected.version and base.number not in expected.version:
        raise PreconditionFailed(
            f"Version {base.number} is current, and the request expects another",
            hint="Read again, decide again, and send the new version in If-Match.",
        )
    if isinstance(change, Update):
        return
    record = base.graphs.get(change.graph) if change.graph else base.unnamed
    if expected.absent and record is not None:
        raise PreconditionFailed(f"The graph <{change.graph}> exists already")
    if expected.digests and (
        record is None or not {"*", record.digest[:DIGITS]} & {*expected.digests}
    ):
        raise PreconditionFailed(
            f"The graph <{change.graph}> is not what the request expects",
            hint="Read it again and send its new ETag in If-Match.",
        )


class Numbered(Protocol):
    """Whatever keeps versions by their numbers."""

    def next_number(self) -> int:
        """The number of the next one."""
        ...

    def folder(self, number: int, /) -> Path:
        """Where one lies, or will lie."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """What an order made of the graphs of `base`."""

    base: Version
    changes: Mapping[str, GraphChange]
    order: Order

    @property
    def is_new_graph(self) -> bool:
        """Whether the order put a graph where there was none, or no triple in the unnamed one."""
        change, unnamed = self.order.change, self.base.unnamed
        if not isinstance(change, Put) or change.graph in self.base.graphs:
            return False
        return bool(change.graph) or (unnamed is not None and not unnamed.triples)

    def check_terms(self) -> None:
        """Raise unless every term that comes can be published: what a text hides is known now.

        Errors: those of rdf12.check_lines.
        """
        for graph, change in self.changes.items():
            check_lines(change.added, graph, takes_newer=self.order.takes_rdf12)

    def describe(self, home: Numbered) -> Version:
        """The record of the version to be; what is counted last is left as it was."""
        records, unnamed = dict(self.base.graphs), self.base.unnamed
        for graph, change in self.changes.items():
            digest = digest_graph([b"\n".join(change.after)])
            record = GraphRecord(len(change.after), digest, LOADED)
            if not graph:
                unnamed = record
            elif change.exists:
                records[graph] = record
            else:
                records.pop(graph, None)
        number = home.next_number()
        return replace(
            self.base,
            number=number,
            path=home.folder(number),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            message=self.order.message,
            by=self.order.by,
            base=self.base.number,
            made=WRITE,
            graphs=dict(sorted(records.items())),
            unnamed=unnamed,
            digest=digest_version({**records, "": unnamed} if unnamed else records),
        )

    def validator(self, store: Store, version: Version, judges: Judges) -> Validator | None:
        """The validator, unless nothing is judged or there are no shapes."""
        gates = self.order.gates
        is_off = all(gates.of(graph) == "off" for graph in (*self.changes, *version.graphs))
        shapes = version.graphs.get(SHAPES)
        if is_off or shapes is None or not shapes.triples:
            return None
        return judges.validator(store, key_of(version, SHAPES, ONTOLOGY))

    def difference(self) -> Difference:
        """What was added and removed, as quads."""
        added = [as_quads(each.added, graph) for graph, each in self.changes.items()]
        removed = [as_quads(each.removed, graph) for graph, each in self.changes.items()]
        return Difference(_sorted(added), _sorted(removed))


@dataclass(slots=True)
class _Touched:
    """What came or went in the graphs that a query sees, as N-Triples, or everything."""

    triples: list[bytes] = field(default_factory=list)
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class _Staged:
    """A copy of the version before, in which a change was carried out."""

    store: Embedded
    changed: Changed
    touched: _Touched = field(default_factory=_Touched)

    def prepare(self, version: Version, judges: Judges) -> Verdict:
        """Unite, judge and infer; DataRefused when the change may not stand."""
        base, changes = self.changed.base, self.changed.changes
        united = self._united() if base.is_strict else unite(self.store, changes)
        self.touched.triples += united
        before = Embedded.read_only(base.store_path)
        try:
            validator = self.changed.validator(self.store, version, judges)
            verdict = judge(validator, changes, before, self.store, self.changed.order.gates)
        finally:
            before.close()
        if verdict.refused is not None:
            raise DataRefused.because(verdict.refused)
        if has_ontology(version):
            self._infer(version, united, judges)
        elif base.inferred:
            self.store.clear(terms.INFERRED)
            self.touched.is_all = True
        return verdict

    def recount(self) -> Counter[Key]:
        """What the version holds: from what its base held, where that is known."""
        base, changed = self.changed.base, b"".join(self.touched.triples)
        counts = read_counts(base.path)
        if counts is None or self.touched.is_all or b"_:" in changed:
            return count_all(self.store)
        before = Embedded.read_only(base.store_path)
        try:
            return recount(counts, before, self.store, changed)
        finally:
            before.close()

    def join(self, folder: Path) -> None:
        """Write the joined graph of what is staged in `folder`."""
        if self.touched.is_all:
            join(self.store, folder)
        else:
            follow(self.store, b"".join(self.touched.triples), self.changed.base, folder)

    def count(self, version: Version, difference: Difference, verdict: Verdict) -> Version:
        """The record with what only the finished store tells."""
        inferred = self.store.size(terms.INFERRED)
        return replace(
            version,
            triples=self.store.total() - inferred if version.is_strict else self.store.size(""),
            inferred=inferred,
            added=len(difference.added),
            removed=len(difference.removed),
            faults=verdict.faults,
        )

    def _united(self) -> tuple[bytes, bytes]:
        """What the unnamed graph gained and lost where it is a graph of its own."""
        change = self.changed.changes.get("")
        if change is None:
            return b"", b""
        return as_quads(change.added, ""), as_quads(change.removed, "")

    def _infer(self, version: Version, united: tuple[bytes, bytes], judges: Judges) -> None:
        """What follows: from the change alone, unless the rules or nearly all has changed."""
        rules = judges.rules(self.store, version, self.changed.base)
        added, removed = united
        is_new = key_of(version, ONTOLOGY) != key_of(self.changed.base, ONTOLOGY)
        if is_new or b"_:" in added + removed or _AFRESH * len(removed) > self.store.size(""):
            infer_afresh(self.store, rules)
            self.touched.is_all = True
        else:
            heeded = Heeded(self.store, self.touched.triples.append)
            infer_removals(heeded, rules, removed)
            infer_additions(heeded, rules, added)
        if added or removed:
            documents = [
                each for change in self.changed.changes.values() for each in change.documents
            ]
            refuse_contradictions(self.store, rules, documents)


def _sorted(parts: list[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(line for line in b"".join(parts).split(b"\n") if line))


def told(
    order: Order,
    version: Version,
    difference: Difference,
    report: Report | None = None,
    *,
    is_changed: bool = True,
    created: bool = False,
) -> Written:
    """What is told of an order carried out."""
    return Written(
        number=version.number,
        changed=is_changed,
        added=len(difference.added),
        removed=len(difference.removed),
        inferred=version.inferred,
        created=created,
        dry_run=order.dry_run,
        faults=render(report, order.report) if report is not None else "",
    )
