"""Whether the graphs that a write changed may be published, by the gate of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from peelgraph import terms
from peelgraph.errors import PublicationRefused
from peelgraph.reasoning import Rules, compile_rules, find_contradictions
from peelgraph.sources import Source
from peelgraph.store import Store
from peelgraph.validation import DataRefused, Report, Severity, ShapeResult, Validator
from peelgraph.validation.locating import Locator
from peelgraph.versions.applying import GraphChange, lines_of
from peelgraph.versions.changes import Gates
from peelgraph.versions.record import Version
from peelgraph.versions.ruling import rules_of

ONTOLOGY = terms.mint_graph("ontology")
SHAPES = terms.mint_graph("shapes")

CONSISTENT = f"<{terms.PSH}consistent>"

_REFERRERS = 1000  # things that name what was removed; judging more would take minutes


class Judges:
    """Validator and rules of the version last written to, kept for the next write."""

    def __init__(self) -> None:
        self._validator: tuple[str, Validator] | None = None
        self._rules: tuple[str, Rules] | None = None

    def validator(self, store: Store, key: str) -> Validator:
        """The validator for the shapes and the ontology in `store`, whose digests are `key`."""
        if self._validator is None or self._validator[0] != key:
            ontology = Source.unfiled(ONTOLOGY, ONTOLOGY, store.read(ONTOLOGY))
            shapes = Source.unfiled(SHAPES, SHAPES, store.read(SHAPES))
            made = Validator([shapes], [ontology] if ontology.triples else [])
            self._validator = (key, made)
        return self._validator[1]

    def rules(self, store: Store, version: Version, base: Version) -> Rules:
        """The rules of the ontology of `version` in `store`, those of `base` where it is the same.

        Errors: OntologyOutsideRL.
        """
        key = key_of(version, ONTOLOGY)
        if self._rules is None or self._rules[0] != key:
            read = partial(store.read, ONTOLOGY)
            is_known = key == key_of(base, ONTOLOGY)
            self._rules = (key, rules_of(base.path, read) if is_known else compile_rules(read()))
        return self._rules[1]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: `refused` refuses the write, `told` is for the writer to read."""

    refused: Report | None
    told: Report | None
    faults: int


def judge(
    validator: Validator | None,
    changes: Mapping[str, GraphChange],
    before: Store,
    after: Store,
    gates: Gates,
) -> Verdict:
    """The verdict on what changed, in the context of the rest; faults that were there before
    refuse nothing.

    Errors: PublicationRefused when a gate asks for shapes and there are none to judge by.
    """
    refusing, telling, faults = [], [], 0
    if gates == Gates("off"):
        return Verdict(None, None, 0)
    for graph, sources in _judged(changes, after):
        mode = gates.of(graph)
        if mode == "off":
            continue
        if validator is None:
            raise PublicationRefused(
                f"there are no shapes to judge by: the graph <{SHAPES}> is empty",
                hint="Load shapes into it first, or judge nothing: --gate off",
            )
        report = _new_faults(validator, sources, _earlier(changes, before, graph), before, after)
        faults += len(report.results)
        if mode == "enforce" and not report.conforms:
            refusing.append(report)
        elif mode != "report" and report.results:
            telling.append(report)
    return Verdict(_joined(refusing), _joined(telling), faults)


def refuse_contradictions(store: Store, rules: Rules, sources: Sequence[Source] = ()) -> None:
    """Nothing, when the whole is free of contradictions; DataRefused tells each, and where one of
    `sources` has a part in it."""
    results = tuple(clashing(store, rules, sources))
    if results:
        triples = sum(source.triples.count(b"\n") for source in sources)
        files = len({source.path for source in sources})
        raise DataRefused.because(Report(results, len(rules.constraints), files, triples))


def clashing(store: Store, rules: Rules, sources: Sequence[Source]) -> Iterator[ShapeResult]:
    """A result for each contradiction, at the first of its triples that one of `sources` states."""
    locator = Locator(sources)
    for clash in find_contradictions(store, rules):
        found = [
            ShapeResult(
                severity=Severity.VIOLATION,
                shape=CONSISTENT,
                focus=triple.subject,
                path=triple.predicate,
                value=triple.object,
                message=f"The data would contradict itself: {clash.message}",
            )
            for triple in clash.triples
        ]
        placed = (locator.locate(result) for result in found)
        yield next((result for result in placed if result.file), found[0])


def _judged(
    changes: Mapping[str, GraphChange], after: Store
) -> Iterable[tuple[str, Sequence[Source]]]:
    """Each graph with what is to be judged of it: all of a changed one, and of any other graph
    the things that name what was removed.
    """
    for graph, change in changes.items():
        if graph in (ONTOLOGY, SHAPES):
            continue
        sources = list(change.documents)
        if not sources and change.added:
            sources = [Source.unfiled("update", "update", _text(change.added))]
        stated = frozenset(line for each in sources for line in _lines(each.triples))
        rest = change.after - stated
        if rest:
            sources.append(Source.unfiled("published", "published", _text(rest)))
        if sources:
            yield graph, sources
    yield from _referrers(changes, after)


def _referrers(
    changes: Mapping[str, GraphChange], after: Store
) -> Iterable[tuple[str, Sequence[Source]]]:
    removed = {line.split(b" ", 1)[0] for each in changes.values() for line in each.removed}
    naming = {
        quad
        for subject in sorted(removed)
        if subject.startswith(b"<")
        for quad in after.naming(subject.decode()[1:-1], _REFERRERS)
    }
    graphs: dict[str, set[str]] = {}
    for subject, graph in naming:
        if graph not in changes and graph not in ("", ONTOLOGY, SHAPES, *terms.DERIVED):
            graphs.setdefault(graph, set()).add(subject)
    for graph, subjects in graphs.items():
        wanted = {subject.encode() for subject in subjects}
        lines = [line for line in lines_of(after, graph) if line.split(b" ", 1)[0] in wanted]
        yield graph, [Source.unfiled("published", "published", _text(lines))]


def _earlier(changes: Mapping[str, GraphChange], before: Store, graph: str) -> frozenset[bytes]:
    return changes[graph].before if graph in changes else lines_of(before, graph)


def _new_faults(
    validator: Validator,
    sources: Sequence[Source],
    earlier: frozenset[bytes],
    before: Store,
    after: Store,
) -> Report:
    """The report of `sources` without the faults that the same graph had before."""
    report = validator.judge(sources, after)
    if report.conforms or not earlier:
        return report
    old = validator.judge([Source.unfiled("published", "published", _text(earlier))], before)
    known = {result.identifier for result in old.results}
    return replace(
        report, results=tuple(each for each in report.results if each.identifier not in known)
    )


def _joined(reports: Sequence[Report]) -> Report | None:
    if not reports:
        return None
    return Report(
        results=tuple(result for each in reports for result in each.results),
        shapes_count=reports[0].shapes_count,
        files_count=sum(each.files_count for each in reports),
        triples_count=sum(each.triples_count for each in reports),
        graph=b"".join(each.graph for each in reports),
    )


def has_ontology(version: Version) -> bool:
    """Whether there is anything to infer by."""
    return ONTOLOGY in version.graphs and bool(version.graphs[ONTOLOGY].triples)


def key_of(version: Version, *graphs: str) -> str:
    """What tells the content of some graphs of a version."""
    return " ".join(version.graphs[g].digest if g in version.graphs else "-" for g in graphs)


def _lines(triples: bytes) -> list[bytes]:
    return [line for line in triples.split(b"\n") if line]


def _text(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in sorted(lines))
