"""What every repository offers, and every stage: the next version in the making in one of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from peelgraph import sparql
from peelgraph.repository.audit_log import Event
from peelgraph.repository.changes import GraphChange, SourceGraph, Update
from peelgraph.repository.diff import Difference
from peelgraph.repository.retention import Retention
from peelgraph.repository.version import Damaged, Version
from peelgraph.sparql.update import Targets
from peelgraph.store import Store

if TYPE_CHECKING:
    # Readers go without the reasoner, which takes half a second to import.
    from peelgraph.reasoning import Rules


class Repository(Protocol):
    """Where versions are published: the home folder, or a remote engine."""

    @property
    def where(self) -> str:
        """What messages call it: a path or an address."""

    def current(self) -> Version:
        """Return the version that readers are given; NothingPublished when there is none."""

    def find(self) -> Version | None:
        """Return the current version, None when there is none."""

    def get(self, number: int) -> Version:
        """Return version `number`; UnknownName when it is not kept, NoLongerKept if removed."""

    def open(self, number: int | None = None) -> AbstractContextManager[tuple[Version, Store]]:
        """Open version `number`, or the current one, with the store to read it in."""

    def list(self) -> Sequence[Version]:
        """Return every version that is kept and can be read, oldest first."""

    def damaged(self) -> Sequence[Damaged]:
        """Return every version whose record cannot be read, oldest first."""

    def numbers(self) -> Sequence[int]:
        """Return the number of every version that is kept, without reading the records."""

    def events(self) -> Sequence[Event]:
        """Return every rollback, pruning and mark, oldest first."""

    def mark_of(self, number: int, /) -> str:
        """Return why version `number` is kept: marked by hand, cited, or "" for neither."""

    def mark(self, number: int, *, by: str = "", message: str = "") -> None:
        """Keep version `number` until somebody unmarks or prunes it."""

    def unmark(self, number: int, *, by: str = "", message: str = "") -> None:
        """Keep version `number` no longer than others."""

    def cite(self, version: Version, /) -> bool:
        """Keep a version because a reader cites it; return whether it is kept for good."""

    def begin(
        self, waiting: Callable[[str], None] | None = None, max_wait_s: float = 600.0
    ) -> AbstractContextManager["Stage"]:
        """Take the writers' lock and begin the next version; at the end release the lock.

        `waiting` is called once with a sentence that names who holds the lock.
        """


class Stage(Protocol):
    """The next version in the making, which no reader sees; it is gone unless it is committed.

    The steps come in this order: one of (`put`, `drop`, `update` and then `unite`), `replace` or
    `load`; `infer`; `describe`; `commit`; `retain`.
    """

    @property
    def base(self) -> Version | None:
        """The current version, which this one is to follow."""

    @property
    def number(self) -> int:
        """The number of the version to be."""

    @property
    def path(self) -> Path:
        """The folder where it will lie; Path() in an engine."""

    @property
    def before(self) -> Store:
        """The base, to be read."""

    @property
    def store(self) -> Store:
        """The version to be as it stands now, to be read."""

    # What a change of single graphs does.

    def exists(self, graph: str) -> bool:
        """Return whether there is a graph of that name, empty as it may be."""

    def lines(self, graph: str, before: frozenset[bytes]) -> frozenset[bytes]:
        """Return a changed graph as N-Triples lines, nodes called as in `before` if the same."""

    def put(
        self, graph: str, documents: Sequence[bytes], before: frozenset[bytes], *, replaces: bool
    ) -> None:
        """Add N-Triples documents to a graph that holds `before`, or put them in its place."""

    def drop(self, graph: str) -> None:
        """Remove a graph."""

    def admit_patch(self) -> None:
        """Raise MethodRefused where this store cannot update one graph alone."""

    def admit_update(self, update: sparql.Update, targets: Targets, change: Update) -> None:
        """Raise QueryRefused for what this store cannot carry out, or may not."""

    def update(self, update: sparql.Update, targets: Targets, change: Update) -> None:
        """Run an update that writes to `targets`."""

    def unite(self, changes: Mapping[str, GraphChange]) -> None:
        """Bring the union of all graphs in step with what changed."""

    # What replaces everything.

    def replace(self, graphs: Mapping[str, SourceGraph], kept: Collection[str]) -> None:
        """Put the graphs of the sources in the place of all that is not `kept`; unite them."""

    def load(self, quads: bytes, copied: Version, source: Path | str) -> Version:
        """Put a copied version, as N-Quads, in the place of everything; unite its graphs.

        Returns the record of what the stage holds then, the digests by value. `source` is what
        messages call it.

        Errors: SourceError or SettingError when that is not what the record of the copy says.
        """

    # What follows from it.

    def infer(self, rules: "Rules | None", *, afresh: bool) -> bool:
        """Infer by the rules, None where there is no ontology; return whether the union changed."""

    def count(self, version: Version) -> tuple[int, int]:
        """Return the number of asserted triples, each once, and of inferred ones."""

    def describe(
        self, version: Version, rules: "Rules | None", examples: bytes | None, *, counts: bool
    ) -> Version:
        """Write what is derived from the version; return its record with the derived graphs.

        With `counts` the dataset describes itself; `examples` are the stored queries as N-Triples,
        None to leave them as they are. Nothing can be changed after this.
        """

    def commit(self, version: Version, difference: Difference | None = None) -> Version:
        """Make it the current version, atomically; return its record.

        Without a `difference`, what it changed in the base is found by comparing, where both can
        be read.
        """

    def retain(self, retention: Retention, current: Version) -> None:
        """Remove the older versions that `retention` does not keep."""
