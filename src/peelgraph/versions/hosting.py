"""Publishing to a remote engine: what a build, a write and a move do there.

The next version is staged beside the published one, judged and inferred from there, and put in its
place by one request. Every write infers afresh, so that it costs what the whole graph costs.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from peelgraph import __version__, sparql, terms
from peelgraph.errors import MethodRefused, QueryRefused, SettingError, UnknownName
from peelgraph.reasoning import Rules
from peelgraph.remote import RemoteStore
from peelgraph.validation import DataRefused, Validated
from peelgraph.versions.applying import (
    GraphChange,
    lines_of,
    read_documents,
    refuse_owned,
)
from peelgraph.versions.changes import (
    ENFORCE,
    Change,
    Drop,
    Gates,
    Order,
    Patch,
    Put,
    Update,
    Written,
)
from peelgraph.versions.difference import Difference, keep_nodes
from peelgraph.versions.digest import digest_graph, digest_version, digested
from peelgraph.versions.hosted import Hosted, Record
from peelgraph.versions.judging import Judges, has_ontology, judge, refuse_contradictions
from peelgraph.versions.publishing import graphs_of, holds, loaded
from peelgraph.versions.publishing import refuse_contradictions as refuse_clashes
from peelgraph.versions.record import BUILD, MOVED, GraphRecord, Version
from peelgraph.versions.stage import Stage, staged
from peelgraph.versions.standing import judge_loaded
from peelgraph.versions.writing import Changed, Tell, check_expected, told


def publish_to(
    hosted: Hosted,
    validated: Validated,
    rules: Rules,
    *,
    examples: bytes = b"",
    message: str = "",
    gates: Gates = ENFORCE,
    waiting: Callable[[str], None] | None = None,
) -> Version:
    """The version in the engine once it holds these sources; errors as publishing.publish."""
    graphs = graphs_of(validated.sources)
    with hosted.hold(waiting) as turn:
        found = hosted.find()
        base = digested(found.version, hosted.seen().read) if found else None
        if base is not None and holds(base, graphs, examples):
            return base
        kept = {name: record for name, record in loaded(base).items() if name not in graphs}
        before = base.graphs if base else {}
        faults = 0
        if found and kept:
            view = hosted.store.seen(found.view)
            faults = judge_loaded(validated.sources, tuple(kept), found.version, view, gates)
        with staged(hosted, turn, base) as stage:
            for name, graph in graphs.items():
                # What is there already, to the letter, stays where it is.
                if name not in before or before[name].digest != graph.digest:
                    stage.put(name, graph.documents)
            for name in before:
                if name not in graphs and name not in kept:
                    stage.drop(name)
            stage.unite()
            stage.infer(rules)
            view = stage.view
            refuse_clashes(view, rules)
            records = {
                **kept,
                **{
                    name: GraphRecord(view.size(name), graph.digest, files=graph.files)
                    for name, graph in graphs.items()
                },
            }
            version = _counted(_described(hosted, base, records, message, BUILD), view)
            version = replace(stage.describe(version, examples), faults=faults)
            stage.publish(Record(version, stage.has_own_default()))
    return version


def write_to(
    hosted: Hosted,
    order: Order,
    judges: Judges | None = None,
    tell: Tell = lambda _: None,
    patience: float = 600.0,
) -> Written:
    """What came of `order` in the engine; errors and stages as writing.write."""
    judges = judges or Judges()
    with hosted.hold(patience=patience) as turn:
        tell("started")
        base = hosted.record()
        check_expected(order.change, order.expected, base.version)
        with staged(hosted, turn, base.version) as stage:
            before = hosted.store.seen(base.view)
            changes = _apply(order.change, before, hosted.store, base.version, stage)
            changed = Changed(base.version, changes, order)
            changed.check_terms()
            version = changed.describe(hosted)
            if not changes or version.digest == base.version.digest:
                return told(order, base.version, Difference((), ()), is_changed=False)
            stage.unite()
            verdict = judge(
                changed.validator(stage.view, version, judges),
                changes,
                before,
                stage.view,
                order.gates,
            )
            if verdict.refused is not None:
                raise DataRefused.because(verdict.refused)
            _infer(stage, version, base.version, judges)
            difference = changed.difference()
            version = replace(
                _counted(version, stage.view),
                added=len(difference.added),
                removed=len(difference.removed),
                faults=verdict.faults,
            )
            is_new = changed.is_new_graph
            written = told(order, version, difference, verdict.told, created=is_new)
            if order.dry_run:
                return replace(written, number=base.version.number)
            if base.version.derived:
                version = stage.describe(version, None)
            tell("committing")
            stage.publish(Record(version, base.own_default))
    return written


def write_anew(
    hosted: Hosted,
    records: Mapping[str, GraphRecord],
    graphs: Mapping[str, bytes],
    inferred: bytes,
    examples: bytes | None,
    *,
    message: str = "",
) -> Version:
    """The version in the engine once it holds just these graphs, read back and compared.

    Errors: SettingError when the engine gives back other triples than it was given.
    """
    with hosted.hold() as turn:
        found = hosted.find()
        base = found.version if found else None
        with staged(hosted, turn, base) as stage:
            for name in base.graphs if base else ():
                stage.drop(name)
            for name, triples in graphs.items():
                stage.put(name, [triples])
            stage.take_inferred(inferred)
            stage.unite()
            view = stage.view
            check_graphs(view, records, hosted.where)
            version = _counted(_described(hosted, base, records, message, MOVED), view)
            if version.inferred != len([line for line in inferred.split(b"\n") if line]):
                raise SettingError(f"{hosted.where} lost inferred triples: nothing was published")
            if examples is not None:
                version = stage.describe(version, examples)
            stage.publish(Record(version, stage.has_own_default()))
    return version


def _described(
    hosted: Hosted,
    base: Version | None,
    records: Mapping[str, GraphRecord],
    message: str,
    made: str,
) -> Version:
    number = hosted.next_number()
    return Version(
        number=number,
        path=hosted.folder(number),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        message=message,
        triples=0,
        inferred=0,
        graphs=dict(sorted(records.items())),
        digest=digest_version(records),
        software=__version__,
        base=base.number if base else 0,
        digests_by_value=True,
        made=made,
    )


def _counted(version: Version, view: RemoteStore) -> Version:
    return replace(version, triples=view.size(""), inferred=view.size(terms.INFERRED))


def check_graphs(store: RemoteStore, records: Mapping[str, GraphRecord], where: str) -> None:
    """Nothing, when each graph holds as many triples as its record says, and the very same ones.

    Errors: SettingError names the graphs that differ, which an engine altered.
    """
    for name, record in records.items():
        counted = store.size(name)
        if counted != record.triples:
            raise SettingError(
                f"{where}: <{name}> holds {counted} triples, not {record.triples}",
                hint="nothing was published: see docs/engines.md for what this engine alters",
            )
        if digest_graph([store.read(name)]) != record.digest:
            raise SettingError(
                f"{where}: <{name}> holds as many triples as it should, but not the same ones",
                hint="nothing was published: see docs/engines.md for what this engine alters",
            )


def _infer(stage: Stage, version: Version, base: Version, judges: Judges) -> None:
    """What follows, afresh; DataRefused when the whole would contradict itself."""
    if not has_ontology(version):
        return
    rules = judges.rules(stage.view, version, base)
    stage.infer(rules)
    refuse_contradictions(stage.view, rules)


def _apply(
    change: Change, before: RemoteStore, plain: RemoteStore, base: Version, stage: Stage
) -> dict[str, GraphChange]:
    if isinstance(change, Put):
        found = {change.graph: _put(change, before, base, stage)}
    elif isinstance(change, Drop):
        found = {change.graph: _drop(change, before, base, stage)}
    elif isinstance(change, Update):
        found = _update(change, before, plain, base, stage)
    elif isinstance(change, Patch):
        raise MethodRefused(
            "PATCH is not offered where another engine keeps the graph",
            hint="Send the update to /update, and name the graph in it.",
        )
    else:
        raise TypeError(f"no change that is known: {change!r}")
    return {graph: each for graph, each in found.items() if not each.is_empty}


def _put(change: Put, store: RemoteStore, base: Version, stage: Stage) -> GraphChange:
    graph = change.graph
    refuse_owned(graph, base)
    existed = graph in base.graphs
    before = lines_of(store, graph) if existed else frozenset()
    documents = read_documents(change.documents, graph)
    place = stage.begin(graph, copied=existed and not change.replaces)
    for document in documents:
        store.insert(document.triples, place)
    after = keep_nodes(before, lines_of(store, place))
    return GraphChange(before, after, existed, True, documents)


def _drop(change: Drop, store: RemoteStore, base: Version, stage: Stage) -> GraphChange:
    graph = change.graph
    if graph and graph not in {*base.graphs, *terms.DERIVED}:
        raise UnknownName(
            f"There is no graph <{graph}>", hint=f"There are: {', '.join(base.graphs) or 'none'}"
        )
    refuse_owned(graph, base)
    stage.drop(graph)
    return GraphChange(lines_of(store, graph), frozenset(), True, False)


def _update(
    change: Update, store: RemoteStore, plain: RemoteStore, base: Version, stage: Stage
) -> dict[str, GraphChange]:
    """Run an update on copies of the graphs that it names."""
    update = sparql.Update(change.text).with_dataset(change.using)
    targets = update.targets(change.base)
    if targets.unnamed:
        refuse_owned("", base)
    if targets.every or targets.loads:
        raise QueryRefused(
            "An update to a remote engine names each graph that it writes to, and loads nothing",
            hint="Write GRAPH <...> {} with an IRI; send documents to /data.",
        )
    for graph in sorted(targets.named):
        refuse_owned(graph, base)
    before = {graph: lines_of(store, graph) for graph in sorted(targets.named)}
    places = {graph: stage.begin(graph, copied=graph in base.graphs) for graph in before}
    plain.update(update.placed(places))
    found = {}
    for graph, place in places.items():
        after = lines_of(store, place)
        if not after:
            # To an engine an empty graph is none.
            stage.drop(graph)
        after = keep_nodes(before[graph], after)
        found[graph] = GraphChange(before[graph], after, graph in base.graphs, bool(after))
    return found
