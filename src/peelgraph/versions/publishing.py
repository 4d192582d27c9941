"""From validated sources to the next version: whole, or not at all."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from peelgraph import __version__, terms
from peelgraph.embedded import Embedded
from peelgraph.errors import NothingPublished, PublicationRefused, SettingError
from peelgraph.reasoning import Rules, entail, find_contradictions
from peelgraph.sources import Source
from peelgraph.store import Store
from peelgraph.validation import Validated
from peelgraph.versions.changes import ENFORCE, Gates
from peelgraph.versions.counting import write_counts
from peelgraph.versions.describing import count_all, describe_itself
from peelgraph.versions.difference import compare, write_log
from peelgraph.versions.digest import digest_graph, digest_version
from peelgraph.versions.dumping import FOLDER, held, make_dumps
from peelgraph.versions.home import Home
from peelgraph.versions.joining import join
from peelgraph.versions.record import BUILD, LOADED, SOURCES, GraphRecord, Version, write_record
from peelgraph.versions.ruling import write_rules
from peelgraph.versions.standing import judge_loaded

_DERIVED = ", ".join(f"<{graph}>" for graph in terms.DERIVED)
# The unnamed graph repeats every asserted one, each triple once: what a query without FROM sees.
_UNITE = f"""
DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }} ;
INSERT {{ ?s ?p ?o }}
WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} FILTER (?graph NOT IN ({_DERIVED})) }}
"""


@dataclass(frozen=True, slots=True)
class SourceGraph:
    """The documents of one graph of the project's files, and their digest."""

    documents: tuple[bytes, ...]
    digest: str
    files: tuple[str, ...]


def publish(
    home: Home,
    validated: Validated,
    rules: Rules,
    *,
    examples: bytes = b"",
    message: str = "",
    gates: Gates = ENFORCE,
    waiting: Callable[[str], None] | None = None,
) -> Version:
    """The current version once it holds these sources; the same one when it did before.

    Graphs that come from the project's files are replaced, or removed with their files; what
    was loaded otherwise stays, and is judged together with them, each graph by its gate.
    `examples` are the stored questions as N-Triples.

    Errors: DataRefused when what was loaded breaks a shape beside these sources,
            PublicationRefused when the whole contradicts itself, SettingError when the home
            folder cannot be written; each leaves no trace.
    """
    graphs = graphs_of(validated.sources)
    with home.hold(waiting):
        base = _current(home)
        if base is not None and holds(base, graphs, examples):
            return base
        if base is not None and base.is_strict:
            raise SettingError(
                f"{home.path} holds a plain store, into which nothing is built",
                hint="build into another home folder: --home",
            )
        # A graph that was loaded until its file came into the project is the file's from now on.
        kept = {name: record for name, record in loaded(base).items() if name not in graphs}
        with home.stage() as folder:
            store = (
                Embedded.checkpoint(base.store_path, folder / "store")
                if base is not None and kept
                else Embedded.open(folder / "store")
            )
            try:
                faults = 0
                if base is not None and kept:
                    faults = judge_loaded(validated.sources, tuple(kept), base, store, gates)
                _replace(store, graphs, kept)
                _refuse_contradictions(store, rules)
                version = _describe(store, home, graphs, kept, message=message, base=base)
                make_dumps(store, held(version), folder / FOLDER)
                counts = count_all(store)
                write_counts(folder, counts)
                write_rules(folder, rules)
                version = describe_itself(store, version, counts, examples)
                version = replace(version, faults=faults)
                store.flush()
                join(store, folder)
            finally:
                store.close()
            if base is not None:
                version = _log(base, version, folder)
            write_record(version, folder)
            home.commit(folder, version.number)
    return version


def _log(base: Version, version: Version, folder: Path) -> Version:
    """Note beside the staged version what it changed in `base`."""
    difference = compare(base, replace(version, path=folder))
    write_log(folder, difference)
    return replace(version, added=len(difference.added), removed=len(difference.removed))


def holds_sources(version: Version, sources: Sequence[Source], examples: bytes = b"") -> bool:
    """Whether `version` was made, by this release, from exactly these sources and examples."""
    return holds(version, graphs_of(sources), examples)


def holds(version: Version, graphs: Mapping[str, SourceGraph], examples: bytes = b"") -> bool:
    """Whether `version` was made by this release from exactly these graphs and examples."""
    recorded = {name: g.digest for name, g in version.graphs.items() if g.origin == SOURCES}
    wanted = {name: graph.digest for name, graph in graphs.items()}
    told = version.derived.get(terms.EXAMPLES)
    is_told = (told.digest if told else "") == (digest_graph([examples]) if examples else "")
    return recorded == wanted and is_told and version.software == __version__


def graphs_of(sources: Sequence[Source]) -> dict[str, SourceGraph]:
    """The documents of each graph that the sources state, and their digest."""
    documents: defaultdict[str, list[bytes]] = defaultdict(list)
    files: defaultdict[str, list[str]] = defaultdict(list)
    for source in sources:
        documents[source.graph].append(source.triples)
        files[source.graph].append(source.path.as_posix())
    return {
        name: SourceGraph(tuple(parts), digest_graph(parts), tuple(sorted(files[name])))
        for name, parts in sorted(documents.items())
    }


def _current(home: Home) -> Version | None:
    try:
        return home.current()
    except NothingPublished:
        return None


def loaded(version: Version | None) -> dict[str, GraphRecord]:
    """The graphs that came otherwise than from the project's files."""
    graphs = version.graphs if version else {}
    return {name: record for name, record in graphs.items() if record.origin == LOADED}


def _replace(
    store: Embedded, graphs: Mapping[str, SourceGraph], kept: Mapping[str, GraphRecord]
) -> None:
    """Put `graphs` in the place of all that is not kept, and unite what is there then.

    One load for everything: each costs a tenth of a second on disk, whatever its size. A reader
    of sources gives blank nodes labels that no other document has.
    """
    quads = []
    for name, graph in graphs.items():
        suffix = f" <{name}> .\n".encode()
        for document in graph.documents:
            lines = [line for line in document.split(b"\n") if line]
            quads += [line.removesuffix(b" .") + suffix for line in lines]
            if not kept:
                quads.append(document)
    for name in store.graphs():
        if name not in kept:
            store.clear(name)
    store.insert_quads(b"".join(quads))
    if kept:
        unite_all(store)


def unite_all(store: Store) -> None:
    """Let the unnamed graph be the union of the asserted named ones."""
    store.update(_UNITE)


def infer_afresh(store: Embedded, rules: Rules) -> None:
    """Let the inferred graph be what follows from the unnamed one."""
    store.renew(terms.INFERRED, b"".join(entail(store.read(""), rules)))


def _refuse_contradictions(store: Embedded, rules: Rules) -> None:
    infer_afresh(store, rules)
    refuse_contradictions(store, rules)


def refuse_contradictions(store: Store, rules: Rules) -> None:
    """Nothing, when the whole is free of contradictions; PublicationRefused lists them."""
    contradictions = find_contradictions(store, rules)
    if contradictions:
        listed = "\n".join(f"  {contradiction}" for contradiction in contradictions)
        raise PublicationRefused(
            f"the graph contradicts itself, so nothing was published:\n{listed}",
            hint="each line names statements that cannot all hold: correct one of them",
        )


def _describe(
    store: Store,
    home: Home,
    graphs: Mapping[str, SourceGraph],
    kept: Mapping[str, GraphRecord],
    *,
    message: str,
    base: Version | None,
) -> Version:
    records = {
        **kept,
        **{
            name: GraphRecord(store.size(name), graph.digest, files=graph.files)
            for name, graph in graphs.items()
        },
    }
    number = home.next_number()
    return Version(
        number=number,
        path=home.folder(number),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        message=message,
        triples=store.size(""),
        inferred=store.size(terms.INFERRED),
        graphs=dict(sorted(records.items())),
        digest=digest_version(records),
        software=__version__,
        base=base.number if base else 0,
        digests_by_value=True,
        made=BUILD,
    )
