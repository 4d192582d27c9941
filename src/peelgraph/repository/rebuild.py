"""Versions that replace everything at once: by the project's sources, by a copy, by nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from peelgraph import __version__, terms
from peelgraph.errors import SettingError
from peelgraph.reasoning import Rules
from peelgraph.repository.changes import ENFORCE, Gates, SourceGraph
from peelgraph.repository.digest import digest_graph, digested
from peelgraph.repository.gate import check_build_consistent, gate_loaded
from peelgraph.repository.protocol import Repository
from peelgraph.repository.transaction import Transaction
from peelgraph.repository.version import BUILD, EMPTY, LOADED, SOURCES, GraphRecord, Version
from peelgraph.sources import Source
from peelgraph.validation import Validated


def rebuild(
    repository: Repository,
    validated: Validated,
    rules: Rules,
    *,
    examples: bytes = b"",
    message: str = "",
    gates: Gates = ENFORCE,
    waiting: Callable[[str], None] | None = None,
) -> Version:
    """Publish these sources; return the current version, the same one if it held them before.

    Graphs that come from the project's files are replaced, or removed with their files; what
    was loaded otherwise stays, and is validated together with them, each graph by its gate.
    `examples` are the stored queries as N-Triples.

    Errors: DataRefused when what was loaded breaks a shape beside these sources,
            PublicationRefused when the whole contradicts itself, SettingError when the home
            folder cannot be written; each leaves no trace.
    """
    graphs = graphs_of(validated.sources)
    with repository.begin(waiting) as stage:
        base = stage.base and digested(stage.base, stage.before.read)
        if base is not None and _holds(base, graphs, examples):
            return base
        if base is not None and base.is_strict:
            raise SettingError(
                f"{repository.where} holds a plain store, into which nothing is built",
                hint="build into another home folder: --home",
            )
        # A graph that was loaded until its file came into the project is the file's from now on.
        loaded = base.loaded if base is not None else {}
        kept = {name: record for name, record in loaded.items() if name not in graphs}
        violations = 0
        if base is not None and kept:
            violations = gate_loaded(validated.sources, tuple(kept), base, stage.before, gates)
        transaction = Transaction(stage, _new_version(message, BUILD))
        stage.replace(graphs, kept)
        transaction.infer(rules, afresh=True)
        check_build_consistent(stage.store, rules)
        built = {
            name: GraphRecord(stage.store.size(name), graph.digest, files=graph.files)
            for name, graph in graphs.items()
        }
        transaction.record({**kept, **built})
        transaction.count(violations)
        transaction.describe(examples)
        return transaction.commit()


def publish_copy(
    repository: Repository,
    copied: Version,
    quads: bytes,
    source: Path | str,
    *,
    message: str,
    made: str,
    by: str = "",
) -> Version:
    """Publish a version kept elsewhere as the next one; `source` is for messages.

    Errors: SourceError or SettingError when the quads are not what the record says.
    """
    with repository.begin() as stage:
        found = stage.load(quads, copied, source)
        transaction = Transaction(stage, replace(found, message=message, by=by, made=made))
        transaction.count(copied.faults)
        transaction.describe(counts=bool(copied.derived))
        return transaction.commit()


def publish_empty(repository: Repository, *, strict: bool) -> Version:
    """Publish a version that holds nothing, for a plain SPARQL store to begin with.

    With `strict` the unnamed graph is one of its own.
    """
    with repository.begin() as stage:
        transaction = Transaction(stage, _new_version("empty", EMPTY))
        transaction.record({"": GraphRecord(0, digest_graph([]), LOADED)} if strict else {})
        transaction.count()
        transaction.describe(counts=False)
        return transaction.commit()


def holds_sources(version: Version, sources: Sequence[Source], examples: bytes = b"") -> bool:
    """Whether `version` was made, by this release, from exactly these sources and examples."""
    return _holds(version, graphs_of(sources), examples)


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


def _holds(version: Version, graphs: Mapping[str, SourceGraph], examples: bytes) -> bool:
    recorded = {name: g.digest for name, g in version.graphs.items() if g.origin == SOURCES}
    wanted = {name: graph.digest for name, graph in graphs.items()}
    told = version.derived.get(terms.EXAMPLES)
    is_told = (told.digest if told else "") == (digest_graph([examples]) if examples else "")
    return recorded == wanted and is_told and version.software == __version__


def _new_version(message: str, made: str) -> Version:
    """What is known of a version before its graphs are: a Transaction gives it a number."""
    return Version(
        number=0,
        path=Path(),
        created="",
        message=message,
        triples=0,
        inferred=0,
        graphs={},
        digest="",
        software=__version__,
        digests_by_value=True,
        made=made,
    )
