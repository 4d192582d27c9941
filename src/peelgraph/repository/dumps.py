"""A version to take away: N-Quads and TriG, whole and graph by graph, the same bytes for the same.

A file of gzip may consist of several, one after the other. So each graph is packed once, and the
whole is its graphs in a row; blank nodes carry the name of their graph, so that none meet there.
"""

import gzip
import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.repository.digest import canonical_lines
from peelgraph.repository.local import storage_failure
from peelgraph.repository.ntriples import as_quads
from peelgraph.repository.version import Version, write_shared

FOLDER = "dumps"
STEM = terms.slug(terms.PROJECT.name) or "dataset"  # names the files that hold every graph
MEDIA_TYPES = {"nq": "application/n-quads", "trig": "application/trig"}

_INDEX = "index.json"
_LEVEL = 5  # of gzip: 6 takes half as long again, for 2 in 100 bytes
_BLANK = re.compile(rb"(?:^|(?<= ))_:(?=\w+ (?:[.<]))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dump:
    """One file; `graph` is the graph it holds, "" for all of them."""

    file: str
    graph: str
    media_type: str
    size: int
    sha256: str


def dumps_of(version: Version) -> Sequence[Dump]:
    """The files of a version, in its folder; made now where its build did not make them.

    A version that an engine holds has no folder, and no files.
    """
    if version.is_hosted:
        return []
    found = _listed(version.path / FOLDER)
    return _made(version) if found is None else found


def read_dump(version: Version, dump: Dump) -> bytes:
    """The content of one of the files; made anew where the file is damaged."""
    path = version.path / FOLDER / dump.file
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != dump.sha256:
        logging.getLogger(__name__).warning("%s is damaged and made anew", path)
        (path.parent / _INDEX).unlink(missing_ok=True)
        _made(version)
        content = path.read_bytes()
    return content


def _made(version: Version) -> Sequence[Dump]:
    """The files of a version, made from its store and put into its folder."""
    folder = version.path / FOLDER
    scratch = version.path / f".{FOLDER}-{os.getpid()}"
    store = Embedded.read_only(version.store_path)
    try:
        found = make_dumps(store, held(version), scratch, _earlier(version))
        if _listed(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
        # Another process may have been faster: its files are the same.
        if not folder.exists():
            scratch.rename(folder)
    except OSError as error:
        raise storage_failure(error) from error
    finally:
        store.close()
        shutil.rmtree(scratch, ignore_errors=True)
    return found


def _listed(folder: Path) -> Sequence[Dump] | None:
    """The files that the index of a folder names; None where it, or one of them, is damaged."""
    try:
        found = [Dump(**each) for each in json.loads((folder / _INDEX).read_bytes())]
        is_whole = all((folder / dump.file).stat().st_size == dump.size for dump in found)
    except (OSError, ValueError, TypeError):
        return None
    return found if is_whole else None


def held(version: Version) -> list[str]:
    """The graphs of a version that are dumped: what is asserted, and what follows."""
    inferred = [terms.INFERRED] if version.inferred else []
    unnamed = [""] if version.unnamed is not None else []
    return [*unnamed, *sorted([*version.graphs, *inferred])]


def _earlier(version: Version) -> Path | None:
    """The files of the version before that has any: those of most graphs are the same."""
    folders = (folder for folder in version.path.parent.iterdir() if folder.name.isdecimal())
    older = [each for each in folders if int(each.name) < version.number]
    found = (folder / FOLDER for folder in sorted(older, key=lambda each: -int(each.name)))
    return next((folder for folder in found if folder.is_dir()), None)


def make_dumps(
    store: Embedded, graphs: Iterable[str], folder: Path, earlier: Path | None = None
) -> Sequence[Dump]:
    """The files of some graphs of a store, written into `folder`.

    One that the folder `earlier` has, too, is shared with it.
    """
    folder.mkdir(parents=True)
    dumps: list[Dump] = []

    def keep(file: str, graph: str, ending: str, content: bytes) -> None:
        write_shared(folder / file, content, earlier / file if earlier else None)
        digest = hashlib.sha256(content).hexdigest()
        dumps.append(Dump(file, graph, MEDIA_TYPES[ending], len(content), digest))

    whole: dict[str, list[bytes]] = {ending: [] for ending in MEDIA_TYPES}
    for graph in graphs:
        name = file_name(graph)
        lines = _quads(store, graph, name)
        texts = {"nq": lines, "trig": _trig(lines)}
        for ending, text in texts.items():
            packed = gzip.compress(text, _LEVEL, mtime=0)
            whole[ending].append(packed)
            keep(f"{name}.{ending}.gz", graph, ending, packed)
    for ending, parts in whole.items():
        keep(f"{STEM}.{ending}.gz", "", ending, b"".join(parts))
    index = json.dumps([asdict(dump) for dump in dumps], indent=1)
    (folder / _INDEX).write_text(index, encoding="utf-8")
    return dumps


def file_name(graph: str) -> str:
    """The name of a graph's files: its own last part, and a digest where it is not one of ours."""
    name = terms.slug(graph.removeprefix(terms.GRAPH)) or "default"
    if graph == f"{terms.GRAPH}{name}":
        return f"graph-{name}"
    return f"graph-{name[:40]}-{hashlib.sha256(graph.encode()).hexdigest()[:8]}"


def _quads(store: Embedded, graph: str, name: str) -> bytes:
    text = as_quads(canonical_lines([store.read(graph)]), graph)
    label = b"_:" + re.sub(rb"[^a-z0-9]", b"", name.encode()) + b"-"
    return _BLANK.sub(label, text) if b"_:" in text else text


def _trig(quads: bytes) -> bytes:
    used = {name: ns for name, ns in terms.PREFIXES.items() if f"<{ns}".encode() in quads}
    found = ox.parse(quads, ox.RdfFormat.N_QUADS)
    return ox.serialize(found, format=ox.RdfFormat.TRIG, prefixes=used) or b""
