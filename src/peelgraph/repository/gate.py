"""Whether what changed may be published: SHACL by the gate of each graph, and contradictions.

A write is validated in the context of the rest, a build together with what was loaded.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from peelgraph import terms
from peelgraph.errors import PublicationRefused, ShapesBroken
from peelgraph.reasoning import Rules, compile_rules, find_contradictions
from peelgraph.repository.changes import Gates, GraphChange
from peelgraph.repository.ntriples import join_lines, lines, lines_of
from peelgraph.repository.rule_cache import rules_of
from peelgraph.repository.version import Version
from peelgraph.sources import Source
from peelgraph.store import Store
from peelgraph.validation import DataRefused, Report, Severity, ShapeResult, Validator
from peelgraph.validation.locations import Locator
from peelgraph.validation.model import flatten

_TYPE = f"<{terms.VOCABULARIES['rdf']}type>"
CONSISTENT = f"<{terms.SHAPE}consistent>"

_REFERRERS = 1000  # things that name what was removed; judging more would take minutes


class GateCache:
    """Validator and rules of the version last written to, kept for the next write."""

    def __init__(self) -> None:
        self._validator: tuple[str, Validator] | None = None
        self._rules: tuple[str, Rules] | None = None

    def validator(
        self, store: Store, version: Version, written: Iterable[str], gates: Gates
    ) -> Validator | None:
        """The validator for the shapes and the ontology of `version`, which `store` holds.

        None where no gate asks for one, or where there are no shapes.

        Errors: ShapesBroken.
        """
        is_off = all(gates.of(graph) == "off" for graph in (*written, *version.graphs))
        if is_off or not version.holds(terms.SHAPES_GRAPH):
            return None
        key = version.key_of(terms.SHAPES_GRAPH, terms.ONTOLOGY_GRAPH)
        if self._validator is None or self._validator[0] != key:
            shapes, ontology = (
                _source(store, terms.SHAPES_GRAPH),
                _source(store, terms.ONTOLOGY_GRAPH),
            )
            made = Validator([shapes], [ontology] if ontology.triples else [])
            self._validator = (key, made)
        return self._validator[1]

    def rules(self, store: Store, version: Version, base: Version) -> Rules | None:
        """The rules of the ontology of `version` in `store`, those of `base` where it is the same.

        None where there is no ontology.

        Errors: OntologyOutsideRL.
        """
        if not version.holds(terms.ONTOLOGY_GRAPH):
            return None
        key = version.key_of(terms.ONTOLOGY_GRAPH)
        if self._rules is None or self._rules[0] != key:
            read = partial(store.read, terms.ONTOLOGY_GRAPH)
            is_known = key == base.key_of(terms.ONTOLOGY_GRAPH)
            self._rules = (key, rules_of(base.path, read) if is_known else compile_rules(read()))
        return self._rules[1]


@dataclass(frozen=True, slots=True)
class GateResult:
    """What was found: `warnings` is for the writer to read, `violations` counts all results."""

    warnings: Report | None = None
    violations: int = 0


def gate_changes(
    validator: Validator | None,
    changes: Mapping[str, GraphChange],
    before: Store,
    after: Store,
    gates: Gates,
) -> GateResult:
    """Validate what changed, in the context of the rest; results that were there before pass.

    Errors: DataRefused when a gate enforces; PublicationRefused when a gate asks for shapes and
            there are none to validate by.
    """
    refusing, warning, violations = [], [], 0
    if gates == Gates("off"):
        return GateResult()
    for graph, sources in _judged(changes, after):
        mode = gates.of(graph)
        if mode == "off":
            continue
        if validator is None:
            raise PublicationRefused(
                f"there are no shapes to judge by: the graph <{terms.SHAPES_GRAPH}> is empty",
                hint="Load shapes into it first, or judge nothing: --gate off",
            )
        report = _new_results(validator, sources, _earlier(changes, before, graph), before, after)
        violations += len(report.results)
        if mode == "enforce" and not report.conforms:
            refusing.append(report)
        elif mode != "report" and report.results:
            warning.append(report)
    refused = _joined(refusing)
    if refused is not None:
        raise DataRefused.because(refused)
    return GateResult(_joined(warning), violations)


def check_consistent(store: Store, rules: Rules, sources: Sequence[Source] = ()) -> None:
    """Raise DataRefused if the whole contradicts itself; it names each contradiction, and the line
    where one of `sources` has a part in it."""
    results = tuple(contradiction_results(store, rules, sources))
    if results:
        triples = sum(source.triples.count(b"\n") for source in sources)
        files = len({source.path for source in sources})
        raise DataRefused.because(Report(results, len(rules.constraints), files, triples))


def check_build_consistent(store: Store, rules: Rules) -> None:
    """Raise PublicationRefused, which lists the contradictions, if the whole has any."""
    contradictions = find_contradictions(store, rules)
    if contradictions:
        listed = "\n".join(f"  {contradiction.message}" for contradiction in contradictions)
        raise PublicationRefused(
            f"the graph contradicts itself, so nothing was published:\n{listed}",
            hint="each line names statements that cannot all hold: correct one of them",
        )


def contradiction_results(
    store: Store, rules: Rules, sources: Sequence[Source]
) -> Iterator[ShapeResult]:
    """A result for each contradiction, at the first of its triples that one of `sources` states."""
    locator = Locator(sources)
    for clash in find_contradictions(store, rules):
        # That a thing has a class is the last of its statements to be wrong.
        told = sorted(clash.triples, key=lambda each: each.predicate == _TYPE)
        found = [
            ShapeResult(
                severity=Severity.VIOLATION,
                shape=CONSISTENT,
                focus=triple.subject,
                path=triple.predicate,
                value=triple.object,
                message=f"The data would contradict itself: {clash.message}.",
                rule=f"{clash.rule}: {clash.axiom}",
                statements=tuple((each.subject, each.predicate, each.object) for each in told),
            )
            for triple in told
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
        if graph in (terms.ONTOLOGY_GRAPH, terms.SHAPES_GRAPH):
            continue
        sources = list(change.documents)
        if not sources and change.added:
            sources = [Source.unfiled("update", "update", join_lines(change.added))]
        stated = frozenset(line for each in sources for line in lines(each.triples))
        rest = change.after - stated
        if rest:
            sources.append(Source.unfiled("published", "published", join_lines(rest)))
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
        if graph not in changes and graph not in (
            "",
            terms.ONTOLOGY_GRAPH,
            terms.SHAPES_GRAPH,
            *terms.DERIVED,
        ):
            graphs.setdefault(graph, set()).add(subject)
    for graph, subjects in graphs.items():
        wanted = {subject.encode() for subject in subjects}
        lines = [line for line in lines_of(after, graph) if line.split(b" ", 1)[0] in wanted]
        yield graph, [Source.unfiled("published", "published", join_lines(lines))]


def _earlier(changes: Mapping[str, GraphChange], before: Store, graph: str) -> frozenset[bytes]:
    return changes[graph].before if graph in changes else lines_of(before, graph)


def _new_results(
    validator: Validator,
    sources: Sequence[Source],
    earlier: frozenset[bytes],
    before: Store,
    after: Store,
) -> Report:
    """The report of `sources` without the faults that the same graph had before."""
    report = validator.validate(sources, after)
    if report.conforms or not earlier:
        return report
    old = validator.validate(
        [Source.unfiled("published", "published", join_lines(earlier))], before
    )
    known = _identifiers(old)
    return replace(report, results=tuple(each for each in report.results if _is_new(each, known)))


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


def gate_loaded(
    sources: Sequence[Source], loaded: Sequence[str], base: Version, before: Store, gates: Gates
) -> int:
    """Validate `loaded` graphs of `base` together with `sources`; count the new results.

    `before` is the store of `base`. What `sources` break alone, or what was broken in `base`
    already, by the shapes that it holds, is not counted; where there are no shapes, nothing is.

    Errors: DataRefused with the new results, when the gate of a graph that shows one enforces.
    """
    shapes = [source for source in sources if source.graph == terms.SHAPES_GRAPH]
    judged = [name for name in loaded if gates.of(name) != "off"]
    if not shapes or not judged:
        return 0
    own = [source for source in sources if source.graph != terms.SHAPES_GRAPH]
    ontology = [source for source in sources if source.graph == terms.ONTOLOGY_GRAPH]
    added = [_source(before, name) for name in judged]
    validator = Validator(shapes, ontology)
    report = validator.validate([*own, *added])
    if report.is_clean:
        return 0
    known = _identifiers(validator.validate(own)) | _identifiers(_validate_version(base, before))
    found = [each for each in report.results if _is_new(each, known)]
    placed = [_placed(each, added) for each in found]
    results = [result for result, graph in placed if gates.of(graph) == "enforce"]
    refused = replace(report, results=tuple(results))
    if not refused.conforms:
        error = DataRefused.because(refused)
        error.hint = (
            f"{error.hint}\n  what was loaded does not go with these sources: correct one of them, "
            "or take the graph out (peelgraph withdraw)"
        )
        raise error
    return len(found)


def _validate_version(version: Version, store: Store) -> Report:
    """The report of everything in a version, by its own shapes; empty where it holds none.

    Shapes that are ill-formed found nothing: they were published before that was known.
    """
    shapes, ontology = _source(store, terms.SHAPES_GRAPH), _source(store, terms.ONTOLOGY_GRAPH)
    data = [_source(store, name) for name in sorted(version.graphs) if name != terms.SHAPES_GRAPH]
    if not shapes.triples or not data:
        return Report(())
    try:
        validator = Validator([shapes], [ontology] if ontology.triples else [])
    except ShapesBroken:
        return Report(())
    return validator.validate(data)


def _identifiers(report: Report) -> set[str]:
    return {result.identifier for result in flatten(report.results)}


def _is_new(result: ShapeResult, known: Collection[str]) -> bool:
    """Whether a result, or one that follows from it, is not among those `known`."""
    return any(each.identifier not in known for each in flatten([result]))


def _placed(result: ShapeResult, added: Sequence[Source]) -> tuple[ShapeResult, str]:
    """A result with its graph; what stands in no file stands in a loaded graph."""
    if result.file is not None:
        return result, ""
    line = f"{result.focus} ".encode()
    for source in added:
        if source.triples.startswith(line) or b"\n" + line in source.triples:
            return replace(result, file=source.path), source.graph
    return result, ""


def _source(store: Store, name: str) -> Source:
    """A graph of a version, which stands in no file and is called by its name."""
    return Source.unfiled(terms.shorten(name), name, store.read(name))
