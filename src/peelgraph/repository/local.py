"""The home folder: its versions, and which of them is current.

home/lock                    held by the one process that changes anything here
home/current                 the number of the current version, swapped whole
home/log.jsonl               rollbacks, prunings and marks: who, when, which versions
home/withdrawn.txt           what versions took out for good that are kept no longer
home/versions/<n>/           store/, whole/, version.json, and `published` once it was current;
                             `marked` or `cited` once somebody wants it kept
home/versions/.staging-*/    a version in the making; nobody reads it
"""

import errno
import fcntl
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from peelgraph.embedded import WHOLE, Embedded, Joined, Lease
from peelgraph.errors import (
    HomeUnwritable,
    NoLongerKept,
    NothingPublished,
    PeelgraphError,
    SettingError,
    StorageFull,
    UnknownName,
    VersionUnreadable,
    is_damage,
)
from peelgraph.formats import evaluation_failure
from peelgraph.repository.audit_log import Event, note, read_events
from peelgraph.repository.tombstones import find_noted, has_withdrawn, note_withdrawals
from peelgraph.repository.version import Damaged, Version, read_record

if TYPE_CHECKING:
    from peelgraph.repository.local_stage import LocalStage

# What a system says of a full disk, and what the engine does, which tells no number.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = tuple(os.strerror(number) for number in _FULL)

_SHOWN = 20
_FEW = 2  # versions that are enough to go back, where room is needed
_STAGING = ".staging-"
_NEEDLESS = ("LOG*", "*.log", "OPTIONS-*", "LOCK", "IDENTITY")
_PUBLISHED = "published"
_LASTING = "lasting"  # retention has seen that no write made it
MARKED, CITED = "marked", "cited"
# Versions that readers may have kept by asking for citations: a stranger fills no disk that way.
MOST_CITED = 1000


class Home:
    """The versions kept in one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._versions = path / "versions"
        self._current = path / "current"

    @property
    def where(self) -> str:
        """What people are told of where the versions are."""
        return str(self.path)

    def current(self) -> Version:
        """The version that readers are given; NothingPublished when there is none."""
        try:
            number = _read_pointer(self._current)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NothingPublished(
                f"{self.path}: no version is published here", hint="run: peelgraph build"
            ) from error
        except (OSError, ValueError) as error:
            raise VersionUnreadable(
                f"{self._current}: cannot be read as the number of a version ({error})",
                hint=self.way_back(),
            ) from error
        try:
            return read_record(self.folder(number))
        except SettingError as error:
            error.hint = self.way_back()
            raise

    def find(self) -> Version | None:
        """The current version, None when there is none."""
        try:
            return self.current()
        except NothingPublished:
            return None

    @contextmanager
    def open(self, number: int | None = None) -> Iterator[tuple[Version, Embedded]]:
        """Version `number`, or the current one, and the store to read it in."""
        version = self.current() if number is None else self.get(number)
        store = Embedded.read_only(version.store_path)
        try:
            yield version, store
        finally:
            store.close()

    def way_back(self) -> str:
        """What to do where the current version cannot be read."""
        for version in reversed(self.list()):
            with suppress(VersionUnreadable, NoLongerKept):
                Joined.open(version.store_path)
                return f"go back to version {version.number}: peelgraph rollback {version.number}"
        return "no other version can be read: restore a backup, or build into a new home folder"

    def list(self) -> Sequence[Version]:
        """Every version that was ever current and is still kept, oldest first.

        Those whose record cannot be read are left out: `damaged` names them.
        """
        return [found for found in self._records() if isinstance(found, Version)]

    def damaged(self) -> Sequence[Damaged]:
        """Every version that is kept and whose record cannot be read, oldest first."""
        return [found for found in self._records() if isinstance(found, Damaged)]

    def _records(self) -> Iterator[Version | Damaged]:
        for number in self._published():
            try:
                yield read_record(self.folder(number))
            except SettingError as error:
                # One that was removed meanwhile is not damaged.
                if number in self._published():
                    yield Damaged(number, error.message)

    def numbers(self) -> Sequence[int]:
        """The number of every version that is kept, at the cost of a look into the folder."""
        return self._published()

    def get(self, number: int) -> Version:
        """Version `number`; UnknownName when it is not kept, NoLongerKept when it was removed."""
        published = self._published()
        if number in published:
            try:
                return read_record(self.folder(number))
            except SettingError:
                if number in self._published():
                    raise
        # Numbers are given in turn, so there was each one below the newest.
        if 0 < number < max(published, default=0):
            raise NoLongerKept(
                f"version {number} was published once and is no longer kept",
                hint="versions made by single writes are removed in time: keep_versions and "
                "keep_days say when, peelgraph versions --mark N keeps one for good",
            )
        raise UnknownName(f"version {number} is not kept (kept: {_listed(published)})")

    def find_withdrawal(self, iri: str, before: int) -> int:
        """The newest version, `before` at most, that took out what was said of `iri`; 0 for none.

        The logs of the versions that are kept are looked through, and what was noted of others when
        they were removed.
        """
        noted = find_noted(self.path, iri, before)
        for number in reversed(self.numbers()):
            if number <= before and has_withdrawn(self.folder(number), iri):
                return max(number, noted)
        return noted

    def mark_of(self, number: int) -> str:
        """Why version `number` is kept: MARKED by hand, CITED by a reader, or "" for neither."""
        folder = self.folder(number)
        return next((name for name in (MARKED, CITED) if (folder / name).exists()), "")

    def mark(self, number: int, *, by: str = "", message: str = "") -> None:
        """Let version `number` be kept until somebody unmarks or prunes it."""
        with self.hold():
            self.get(number)
            if not (self.folder(number) / MARKED).exists():
                note(self.path, "mark", [number], was=self._pointed() or 0, by=by, message=message)
                (self.folder(number) / MARKED).touch()
                self._renew_pointer()

    def unmark(self, number: int, *, by: str = "", message: str = "") -> None:
        """Let version `number`, marked or cited, be removed in time as if it never was."""
        with self.hold():
            self.get(number)
            if self.mark_of(number):
                was = self._pointed() or 0
                note(self.path, "unmark", [number], was=was, by=by, message=message)
                for name in (MARKED, CITED):
                    (self.folder(number) / name).unlink(missing_ok=True)
                self._renew_pointer()

    def cite(self, version: Version) -> bool:
        """Keep a version because a reader cites it; whether it is kept for good.

        At most MOST_CITED versions are kept so, and none in a folder that cannot be written.
        """
        if not version.is_by_write or self.mark_of(version.number):
            return True
        try:
            # Read like this, it is not being removed while it is marked.
            _lease = Lease(version.store_path)
            cited = sum((self.folder(number) / CITED).exists() for number in self._numbers())
            if cited < MOST_CITED:
                (version.path / CITED).touch()
        except OSError:
            return False
        return cited < MOST_CITED

    def is_lasting(self, number: int) -> bool:
        """Whether version `number` is kept until somebody prunes it, whatever its age.

        A record that cannot be read leaves it open what made the version: it is kept.
        """
        folder = self.folder(number)
        if self.mark_of(number) or (folder / _LASTING).exists():
            return True
        try:
            if read_record(folder).is_by_write:
                return False
        except SettingError:
            return True
        # The next writer need not read the record again.
        with suppress(OSError):
            (folder / _LASTING).touch()
        return True

    def remove_unread(self, number: int) -> bool:
        """Remove version `number`, unless it is lasting or somebody reads it; whether it is gone.

        For whoever holds the folder.
        """
        folder = self.folder(number)
        try:
            _leases = [
                Lease(path, alone=True)
                for path in (folder / "store", folder / WHOLE)
                if path.is_dir()
            ]
        except OSError:
            return False
        if self.is_lasting(number):
            return False
        self._remove(number)
        return True

    def _remove(self, number: int) -> None:
        try:
            current = self.folder(self._pointed() or 0) / "store"
            note_withdrawals(self.path, number, self.folder(number), current)
        except (OSError, PeelgraphError) as error:
            # On a full disk it is the removal that makes room.
            logging.getLogger(__name__).warning(
                "what version %d withdrew is not noted: %s", number, error
            )
        # Without this file it is no version any more: what a crash leaves is swept away.
        (self.folder(number) / _PUBLISHED).unlink(missing_ok=True)
        shutil.rmtree(self.folder(number))

    def events(self) -> Sequence[Event]:
        """Every rollback, pruning and mark, oldest first."""
        return read_events(self.path)

    def rollback(self, number: int, *, by: str = "", message: str = "") -> Version:
        """Make version `number` the current one again; readers change over at once.

        Errors: VersionUnreadable when its store is damaged: the current version stays.
        """
        with self.hold():
            version = self.get(number)
            # Readers are never sent to a version that they cannot open.
            Joined.open(version.store_path)
            was = self._pointed() or 0
            if was != number:
                note(self.path, "rollback", [number], was=was, by=by, message=message)
                self._point_at(number)
        return version

    def prune(self, keep: int, *, by: str = "", message: str = "") -> Sequence[int]:
        """Remove all but the `keep` newest versions, and those whose record cannot be read.

        The current one always stays. A reader of a removed version must have been told to move on
        before.
        """
        if keep < 1:
            raise SettingError(f"cannot keep {keep} versions", hint="keep at least 1")
        with self.hold():
            was = self._pointed()
            if was is None:
                raise SettingError(f"{self._current}: names no version", hint=self.way_back())
            damaged = {each.number for each in self.damaged()}
            whole = [number for number in self._numbers() if number not in damaged]
            spared = {was, *whole[-keep:]}
            removed = [number for number in self._numbers() if number not in spared]
            if not removed:
                return removed
            noted = partial(note, self.path, "prune", removed, was=was, by=by, message=message)
            try:
                noted()
            except OSError as error:
                if not is_full(error):
                    raise
                # The first that goes makes the room for the note.
                self._remove(removed[0])
                noted()
            for number in {*removed} & {*self._numbers()}:
                self._remove(number)
            self._renew_pointer()
        return removed

    @contextmanager
    def hold(self, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Be the only process that changes this folder; a dead one holds nothing.

        `waiting` is told, once, who is waited for. What a dead process left is swept away.
        """
        try:
            self._versions.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+", encoding="ascii")
        except OSError as error:
            raise _unwritable(self.path, error) from error
        with lock:
            _take(lock.fileno(), lock.name, waiting)
            # Who holds it is told for those who wait; on a full disk they are told nobody.
            with suppress(OSError):
                os.ftruncate(lock.fileno(), 0)
                os.write(lock.fileno(), str(os.getpid()).encode())
            try:
                self._sweep()
                yield
            except OSError as error:
                raise _unwritable(self.path, error) from error

    @contextmanager
    def begin(
        self, waiting: Callable[[str], None] | None = None, max_wait_s: float = 0.0
    ) -> Iterator["LocalStage"]:
        """Hold the folder and begin the next version; see protocol.Repository.

        `max_wait_s` is not looked at: a process that holds the folder ends, or is killed.
        """
        # Readers go without the reasoner, which takes half a second to import.
        from peelgraph.repository.local_stage import LocalStage  # noqa: PLC0415

        with self.hold(waiting), self.stage() as folder:
            stage = LocalStage(self, folder)
            try:
                yield stage
            finally:
                stage.close()

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """A new folder to make a version in, gone at the end unless it was committed."""
        folder = self._versions / f"{_STAGING}{os.getpid()}"
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def forget_stage(self, pid: int) -> None:
        """Remove what process `pid`, which has ended, left half-made."""
        shutil.rmtree(self._versions / f"{_STAGING}{pid}", ignore_errors=True)

    def next_number(self) -> int:
        """The number of the next version; none is used twice while any later one is kept."""
        return max(self._numbers(), default=0) + 1

    def folder(self, number: int) -> Path:
        """Where version `number` lies, or will lie."""
        return self._versions / str(number)

    def commit(self, staged: Path, number: int) -> None:
        """Put a staged version in its place and make it current; a crash leaves it or nothing."""
        folder = self.folder(number)
        try:
            _lighten(staged)
            _sync_tree(staged)
            staged.rename(folder)
            _sync(self._versions)
            self._point_at(number)
        except OSError as error:
            if self._pointed() != number:
                shutil.rmtree(folder, ignore_errors=True)
            raise _unwritable(self.path, error) from error

    def _renew_pointer(self) -> None:
        """Tell readers to forget what they keep of all versions: the pointer is another file."""
        pointed = self._pointed()
        if pointed is not None:
            self._point_at(pointed)

    def _point_at(self, number: int) -> None:
        scratch = self.path / "current.new"
        scratch.write_text(f"{number}\n", encoding="ascii")
        _sync(scratch)
        scratch.replace(self._current)
        _sync(self.path)
        (self.folder(number) / _PUBLISHED).touch()

    def _sweep(self) -> None:
        """Remove what a process that died half-way left behind."""
        for folder in self._versions.glob(f"{_STAGING}*"):
            shutil.rmtree(folder, ignore_errors=True)
        published, pointed = self._published(), self._pointed()
        for number in self._numbers():
            if number not in published:
                shutil.rmtree(self.folder(number), ignore_errors=True)
            elif number == pointed:
                (self.folder(number) / _PUBLISHED).touch()

    def _published(self) -> Sequence[int]:
        # Between the swap of `current` and the mark, the pointer alone tells.
        pointed = self._pointed()
        return [
            n for n in self._numbers() if n == pointed or (self.folder(n) / _PUBLISHED).exists()
        ]

    def _pointed(self) -> int | None:
        try:
            return _read_pointer(self._current)
        except (OSError, ValueError):
            return None

    def _numbers(self) -> Sequence[int]:
        if not self._versions.is_dir():
            return []
        return sorted(int(f.name) for f in self._versions.iterdir() if f.name.isdecimal())


def _read_pointer(path: Path) -> int:
    """Return the number in the file `current`.

    Errors: ValueError where the end of the line is missing, too: 12 cut short is 1.
    """
    text = path.read_text(encoding="ascii")
    if not text.endswith("\n"):
        raise ValueError(f"it ends after {text!r}")
    return int(text)


def _listed(numbers: Sequence[int]) -> str:
    """Some numbers for a message: the last ones, where they are many."""
    shown = ", ".join(map(str, numbers[-_SHOWN:])) or "none"
    return f"{len(numbers)} of them, the last {shown}" if len(numbers) > _SHOWN else shown


def is_full(error: OSError) -> bool:
    """Whether it says that the disk takes nothing more."""
    return error.errno in _FULL or any(words in str(error) for words in _FULL_WORDS)


def storage_failure(error: OSError) -> PeelgraphError:
    """The failure to write, for clients of the service: what they need not know is left out."""
    if is_damage(error):
        return evaluation_failure(error)
    if is_full(error):
        return StorageFull(
            "The disk is full: nothing was published, and nothing is lost",
            hint="Its operator makes room with: peelgraph prune",
        )
    return HomeUnwritable(
        f"The service cannot write to its disk: {error.strerror or 'it fails'}; nothing was "
        "published, and nothing is lost",
        hint="Its operator makes the home folder writable, or serves another one.",
    )


def _unwritable(path: Path, error: OSError) -> PeelgraphError:
    """The failure of a home folder that cannot be written, and what to do about it."""
    if is_damage(error):
        return evaluation_failure(error)
    elsewhere = "name another one with --home, or in PEELGRAPH_HOME"
    if not is_full(error):
        return SettingError(
            f"the home folder {path} cannot be written: {error.strerror or error}", hint=elsewhere
        )
    may_prune = len(Home(path).numbers()) > _FEW
    return SettingError(
        f"the disk is full: the home folder {path} takes nothing more, and nothing was published",
        hint=f"make room: peelgraph prune --keep {_FEW} --home {path}"
        if may_prune
        else f"make room on its disk, or {elsewhere}",
    )


def _take(descriptor: int, name: str, waiting: Callable[[str], None] | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if waiting is not None:
            holder = Path(name).read_text(encoding="ascii", errors="replace").strip() or "another"
            waiting(f"waiting for process {holder}, which is publishing into the same folder")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _lighten(staged: Path) -> None:
    """Leave out what nobody reads: 170 kB beside 100 kB of a small write.

    The engine tells of its own doings, and logs what is flushed to its tables: a store is opened
    without any of these files, and makes them anew where it is written to.
    """
    for store in (path.parent for path in staged.glob("*/CURRENT")):
        for path in (path for pattern in _NEEDLESS for path in store.glob(pattern)):
            path.unlink()


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        # A file that an older version has too was synced with that one.
        if path.is_dir() or path.stat().st_nlink == 1:
            _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
