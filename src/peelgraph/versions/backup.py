"""A version as one file to keep elsewhere, and back again: the same graphs, the same digest.

The file is a gzipped tar of version.json and data.nq, which any tool for RDF reads; it does not
depend on the engine's own files.
"""

import io
import json
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.errors import NothingPublished, SettingError, SourceError
from peelgraph.versions.counting import write_counts
from peelgraph.versions.describing import count_all, describe_itself
from peelgraph.versions.difference import compare, write_log
from peelgraph.versions.digest import canonical_lines, digested
from peelgraph.versions.home import Home
from peelgraph.versions.joining import join
from peelgraph.versions.publishing import unite_all
from peelgraph.versions.record import RESTORED, Version, from_json, to_json, write_record

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


def restore(home: Home, path: Path, by: str = "") -> Version:
    """The version in a file that `back_up` wrote, published as the next one.

    Errors: SourceError when the file is no backup, or holds other graphs than its record says.
    """
    kept, quads = _read(path)
    message = f"restored version {kept.number} of {kept.created}"
    return publish_copy(home, kept, quads, path, message=message, by=by, made=RESTORED)


def publish_copy(
    home: Home,
    kept: Version,
    quads: bytes,
    path: Path | str,
    *,
    message: str,
    made: str,
    by: str = "",
) -> Version:
    """A version kept elsewhere, published as the next one of a home; `path` is for messages.

    Errors: SourceError when the quads are not what the record tells.
    """
    with home.hold(), home.stage() as folder:
        store = Embedded.open(folder / "store")
        try:
            store.insert_quads(quads)
            for graph in kept.graphs:
                store.create(graph)
            kept = _checked(store, kept, path)
            if not kept.is_strict:
                unite_all(store)
            number, base = home.next_number(), _current(home)
            version = replace(
                kept,
                number=number,
                path=folder,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                message=message,
                by=by,
                base=base.number if base else 0,
                added=-1,
                removed=-1,
                made=made,
            )
            if kept.derived:
                counts = count_all(store)
                write_counts(folder, counts)
                version = describe_itself(store, version, counts)
            store.flush()
            join(store, folder)
        finally:
            store.close()
        if base is not None:
            difference = compare(base, version)
            write_log(folder, difference)
            version = replace(version, added=len(difference.added), removed=len(difference.removed))
        version = replace(version, path=home.folder(number))
        write_record(version, folder)
        home.commit(folder, number)
    return version


def _content(version: Version) -> tuple[Version, bytes]:
    """The record of a version, and every graph, the inferred one too, as N-Quads.

    The lines are sorted, blank nodes labelled by RDFC-1.0.
    """
    store = Embedded.read_only(version.store_path)
    try:
        kept = digested(version, store.read)
        parts = [store.read("")] if version.is_strict else []
        for graph in store.graphs():
            ending = f" <{graph}> .".encode()
            lines = store.read(graph).splitlines()
            parts.append(b"\n".join(line.removesuffix(b" .") + ending for line in lines))
    finally:
        store.close()
    # Joined, so that a blank node of two graphs stays one.
    return kept, b"".join(line + b"\n" for line in canonical_lines([b"\n".join(parts)]))


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


def _checked(store: Embedded, kept: Version, path: Path | str) -> Version:
    """The record of what the store holds, once that is exactly what the record says.

    A record of an older release tells how many triples each graph holds, and digests of another
    kind, which its own code could not compare with what it kept.
    """
    found = digested(replace(kept, digests_by_value=False), store.read)
    wrong = [
        name or "the unnamed graph"
        for name, record in found.records.items()
        if (record.digest != kept.records[name].digest and kept.digests_by_value)
        or store.size(name) != record.triples
    ]
    strange = {*store.graphs()} - {*kept.graphs, *terms.DERIVED}
    if kept.unnamed is None and store.size(""):
        strange.add("the unnamed graph")
    is_whole = found.digest == kept.digest or not kept.digests_by_value
    if wrong or strange or not is_whole:
        named = ", ".join(sorted({*wrong, *strange})) or "the whole"
        raise SourceError(path, f"its digest does not fit: {named}", hint="take another backup")
    if store.size(terms.INFERRED) != kept.inferred:
        raise SourceError(path, "it does not hold the inferred triples that its record counts")
    return found


def _current(home: Home) -> Version | None:
    try:
        return home.current()
    except NothingPublished:
        return None
