"""What is kept of a version beside its store: `version.json`, and files derived from it."""

import gzip
import json
import logging
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from peelgraph.embedded import WHOLE
from peelgraph.errors import VersionUnreadable

Value = TypeVar("Value")

SOURCES = "sources"
LOADED = "loaded"

# What made a version.
BUILD, WRITE, RESTORED, MOVED, EMPTY = "build", "write", "restore", "migrate", "empty"
# How releases that did not record it began the message of what was brought back.
_BROUGHT_BACK = ("restored version ", "moved version ")

_FILE = "version.json"
_LEVEL = 1  # of gzip
# In that file: how many bytes each MANIFEST has, which lists the other files of a store.
_MANIFESTS = "manifests"
_HINT = "restore a backup, or remove the version: peelgraph prune"


@dataclass(frozen=True, slots=True)
class GraphRecord:
    """One graph of a version, asserted or derived.

    `origin` says whether the project's files hold it, `files` which ones do.
    """

    triples: int
    digest: str
    origin: str = SOURCES
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of the whole graph; it never changes.

    `unnamed` is the record of the unnamed graph where that is a graph of its own; None where it
    unites the named ones; `derived` are the graphs in which the dataset tells of itself. `base` is
    the version that was changed, `by` who changed it, `made` what made it: BUILD, WRITE and so on,
    "" in the records of older releases. `digests_by_value` says whether every digest
    is of what the store gives back; older releases digested what the sources spell.

    Units: `created` is an ISO 8601 instant in UTC; `triples` counts asserted ones, each once;
           `added` and `removed` count quads, -1 where nobody noted them.
    """

    number: int
    path: Path
    created: str
    message: str
    triples: int
    inferred: int
    graphs: Mapping[str, GraphRecord]
    digest: str
    software: str
    unnamed: GraphRecord | None = None
    by: str = ""
    base: int = 0
    added: int = -1
    removed: int = -1
    faults: int = 0
    derived: Mapping[str, GraphRecord] = field(default_factory=dict)
    digests_by_value: bool = False
    made: str = ""

    @property
    def is_by_write(self) -> bool:
        """Whether a single write made it; False where an older record leaves that open.

        In older records every write through the service with tokens, or by a command, has `by`;
        no build has.
        """
        if self.made:
            return self.made == WRITE
        return bool(self.base and self.by) and not self.message.startswith(_BROUGHT_BACK)

    @property
    def store_path(self) -> Path:
        """The folder that the engine opens."""
        return self.path / "store"

    @property
    def whole_path(self) -> Path:
        """The folder with the joined graph; versions made before there was one have none."""
        return self.path / WHOLE

    @property
    def is_hosted(self) -> bool:
        """Whether a remote engine holds it, and no folder."""
        return self.path == Path()

    @property
    def records(self) -> dict[str, GraphRecord]:
        """The record of every asserted graph; "" names the unnamed one."""
        unnamed = {"": self.unnamed} if self.unnamed is not None else {}
        return {**self.graphs, **unnamed}

    def holds(self, graph: str) -> bool:
        """Whether it has any triple in that graph."""
        return graph in self.graphs and bool(self.graphs[graph].triples)

    def key_of(self, *graphs: str) -> str:
        """What tells the content of some graphs."""
        return " ".join(self.graphs[g].digest if g in self.graphs else "-" for g in graphs)

    @property
    def loaded(self) -> dict[str, GraphRecord]:
        """The graphs that came otherwise than from the project's files."""
        return {name: each for name, each in self.graphs.items() if each.origin == LOADED}

    @property
    def is_strict(self) -> bool:
        """Whether the unnamed graph is a graph of its own."""
        return self.unnamed is not None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A version whose record cannot be read, and why."""

    number: int
    reason: str


def write_record(version: Version, folder: Path) -> None:
    """Write `version.json` into `folder`, whose stores are finished."""
    found = sorted(folder.glob("*/MANIFEST-*"))
    manifests = {str(path.relative_to(folder)): path.stat().st_size for path in found}
    content = to_json(version) | {_MANIFESTS: manifests}
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / _FILE).write_text(text + "\n", encoding="utf-8")


def to_json(version: Version) -> dict[str, Any]:
    """What is told of a version: everything but where it lies."""
    content = asdict(version)
    del content["path"]
    return content


def read_record(folder: Path) -> Version:
    """The version in `folder`; VersionUnreadable when its record is missing or broken.

    A version is unreadable, too, where a MANIFEST is shorter than recorded: the engine takes what
    is left of it for the whole, and opens an earlier state of the store.
    """
    try:
        content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        # Older releases recorded no sizes. Whoever opens a store reports that it is not there.
        for file, size in content.pop(_MANIFESTS, {}).items():
            if (folder / file).parent.is_dir() and (folder / file).stat().st_size < size:
                raise VersionUnreadable(f"{folder / file}: the file is truncated", hint=_HINT)
        return from_json(content, folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise VersionUnreadable(
            f"{folder / _FILE}: the record of this version cannot be read ({error})",
            hint=_HINT,
        ) from error


def from_json(content: Mapping[str, Any], folder: Path) -> Version:
    """The version that `content` tells of; TypeError or KeyError when it tells of none."""
    rest = dict(content)
    graphs = {name: _graph(record) for name, record in rest.pop("graphs").items()}
    unnamed = rest.pop("unnamed", None)
    derived = {name: _graph(record) for name, record in rest.pop("derived", {}).items()}
    return Version(
        path=folder,
        graphs=graphs,
        unnamed=_graph(unnamed) if unnamed else None,
        derived=derived,
        **rest,
    )


def _graph(record: Mapping[str, Any]) -> GraphRecord:
    return GraphRecord(**{**record, "files": tuple(record.get("files", ()))})


def write_packed(path: Path, content: object, like: Path | None = None) -> None:
    """Write `content`, the same bytes for the same; where the file `like` holds them, share it."""
    write_shared(path, gzip.compress(json.dumps(content).encode(), _LEVEL, mtime=0), like)


def write_shared(path: Path, content: bytes, like: Path | None) -> None:
    """Write a file, as a hard link to `like` where that holds the same bytes and the disk can."""
    try:
        if like is not None and like.read_bytes() == content:
            path.hardlink_to(like)
            return
    except OSError:
        path.unlink(missing_ok=True)
    path.write_bytes(content)


def read_packed(path: Path, read: Callable[[Any], Value]) -> Value | None:
    """What `read` makes of the content; None where there is no such file, or a damaged one."""
    try:
        return read(json.loads(gzip.decompress(path.read_bytes())))
    except FileNotFoundError:
        return None
    except (OSError, EOFError, zlib.error, ValueError, TypeError) as error:
        logging.getLogger(__name__).warning("%s is damaged and derived anew: %s", path, error)
        return None
