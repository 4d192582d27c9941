"""A version moved from one repository to another: the same graphs, the same digests."""

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.errors import SettingError
from peelgraph.repository.digest import digested
from peelgraph.repository.protocol import Repository
from peelgraph.repository.rebuild import publish_copy
from peelgraph.repository.version import MOVED, Version


def migrate_version(
    source: Repository, target: Repository, by: str = "", origin: str = ""
) -> Version:
    """Publish the current version of `source` in `target`, where it replaces everything.

    The target compares what it holds with the record before it publishes it. `origin` is what the
    version's message calls the source, for readers.

    Errors: SettingError when the target altered anything, SourceError when what is read does not
            fit the record's counts and digests; what the target held before stays.
    """
    with source.open() as (current, store):
        if current.is_strict:
            raise SettingError(
                "a plain store, whose default graph is a graph of its own, cannot be moved",
                hint="dump it, and load the file with the engine's own tools",
            )
        version = digested(current, store.read)
        inferred = [terms.INFERRED] if version.inferred else []
        graphs = [*version.graphs, *version.derived, *inferred]
        quads = b"".join(_quads(store.read(graph), graph) for graph in graphs)
    message = f"moved version {version.number} of {version.created}"
    message += f" from {origin}" if origin else ""
    return publish_copy(target, version, quads, source.where, message=message, by=by, made=MOVED)


def _quads(triples: bytes, graph: str) -> bytes:
    """N-Triples as N-Quads; blank nodes get names that no other graph has."""
    parsed = ox.parse(triples, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    name = ox.NamedNode(graph)
    quads = (ox.Quad(each.subject, each.predicate, each.object, name) for each in parsed)
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
