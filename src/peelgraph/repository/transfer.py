"""A version as one file to keep elsewhere, back again, or moved to another repository.

The graphs and their digests stay the same.

The file is a gzipped tar of version.json and data.nq, which any tool for RDF reads; it does not
depend on the engine's own files.
"""

import io
import json
import tarfile
from datetime import datetime
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError, SourceError
from peelgraph.repository.digest import canonical_lines, digested
from peelgraph.repository.ntriples import as_quads, lines
from peelgraph.repository.protocol import Repository
from peelgraph.repository.rebuild import publish_copy
from peelgraph.repository.version import MOVED, RESTORED, Version, from_json, to_json

_RECORD, _DATA = "version.json", "data.nq"


def back_up(version: Version, path: Path) -> None:
    """Write `version` to a new file; SettingError when it exists or cannot be written."""
    scratch = path.with_name(f".{path.name}.new")
    try:
        if path.exists():
            raise SettingError(f"{path} exists already", hint="name another file, or remove it")
        kept, quads = _content(version)
        record = json.dumps(to_json(kept), indent=2, sort_keys=True, ensure_ascii=False)
        with tarfile.open(scratch, "w:gz") as archive:
            for name, content in ((_RECORD, record.encode()), (_DATA, quads)):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                member.mtime = int(datetime.fromisoformat(version.created).timestamp())
                archive.addfile(member, io.BytesIO(content))
        scratch.rename(path)
    except OSError as error:
        raise SettingError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        scratch.unlink(missing_ok=True)


def restore(repository: Repository, path: Path, by: str = "") -> Version:
    """Publish the version in a file that `back_up` wrote as the next one.

    Errors: SourceError when the file is no backup, or holds other graphs than its record says.
    """
    kept, quads = _read(path)
    message = f"restored version {kept.number} of {kept.created}"
    return publish_copy(repository, kept, quads, path, message=message, by=by, made=RESTORED)


def _content(version: Version) -> tuple[Version, bytes]:
    """The record of a version, and every graph, the inferred one too, as N-Quads.

    The lines are sorted, blank nodes labelled by RDFC-1.0.
    """
    store = Embedded.read_only(version.store_path)
    try:
        kept = digested(version, store.read)
        graphs = [*([""] if version.is_strict else []), *store.graphs()]
        parts = [as_quads(lines(store.read(graph)), graph) for graph in graphs]
    finally:
        store.close()
    # Joined, so that a blank node of two graphs stays one.
    return kept, b"".join(line + b"\n" for line in canonical_lines([b"".join(parts)]))


def _read(path: Path) -> tuple[Version, bytes]:
    try:
        with tarfile.open(path, "r:gz") as archive:
            record, data = archive.extractfile(_RECORD), archive.extractfile(_DATA)
            if record is None or data is None:
                raise KeyError(_RECORD)
            return from_json(json.loads(record.read()), path), data.read()
    except FileNotFoundError as error:
        raise SourceError(path, "no such file", hint="check the spelling of the path") from error
    except (OSError, EOFError, tarfile.TarError, KeyError, ValueError, TypeError) as error:
        raise SourceError(
            path, f"is no backup, or a damaged one ({error})", hint="take another backup"
        ) from error


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
