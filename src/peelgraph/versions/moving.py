"""A version moved between a home folder and a remote engine: the same graphs, the same digests."""

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError
from peelgraph.versions.backup import publish_copy
from peelgraph.versions.digest import digested
from peelgraph.versions.home import Home
from peelgraph.versions.hosted import Hosted
from peelgraph.versions.hosting import check_graphs, write_anew
from peelgraph.versions.record import MOVED, Version


def move_to(hosted: Hosted, version: Version) -> Version:
    """The version that the engine holds once it has every graph of `version`.

    What is asserted is read back from the engine before it is published, counted and compared by
    digest, and after it once more where it then lies.

    Errors: SettingError when the engine altered anything; what it held before stays.
    """
    if version.is_strict:
        raise SettingError(
            "a plain store, whose default graph is a graph of its own, cannot be moved",
            hint="dump it, and load the file with the engine's own tools",
        )
    store = Embedded.read_only(version.store_path)
    try:
        version = digested(version, store.read)
        graphs = {name: store.read(name) for name in version.graphs}
        moved = write_anew(
            hosted,
            version.graphs,
            graphs,
            store.read(terms.INFERRED),
            store.read(terms.EXAMPLES) if version.derived else None,
            message=f"moved version {version.number} of {version.created}",
        )
    finally:
        store.close()
    check_graphs(hosted.seen(), moved.graphs, hosted.where)
    return moved


def move_from(hosted: Hosted, home: Home, by: str = "") -> Version:
    """The version that a home folder holds once it has every graph of the engine's.

    Errors: SourceError when what is read does not fit the record's counts and digests.
    """
    kept, store = hosted.current(), hosted.seen()
    named = [*kept.graphs, *kept.derived, *([terms.INFERRED] if kept.inferred else [])]
    quads = b"".join(_quads(store.read(graph), graph) for graph in named)
    message = f"moved version {kept.number} of {kept.created} from {hosted.where}"
    return publish_copy(home, kept, quads, hosted.where, message=message, by=by, made=MOVED)


def _quads(triples: bytes, graph: str) -> bytes:
    """N-Triples as N-Quads; blank nodes get names that no other graph has."""
    parsed = ox.parse(triples, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    name = ox.NamedNode(graph)
    quads = (ox.Quad(each.subject, each.predicate, each.object, name) for each in parsed)
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
