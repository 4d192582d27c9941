"""One worker process as its parent sees it: started, asked, killed."""

import logging
import os
import pickle
import select
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from peelgraph.confined import start
from peelgraph.engine.cancelling import Watch, Watching
from peelgraph.engine.channel import Channel
from peelgraph.engine.tasks import Asking, Opening, Task
from peelgraph.errors import (
    Cancelled,
    DeadlinePassed,
    EngineUnavailable,
    MemoryExceeded,
    PeelgraphError,
)
from peelgraph.settings import Settings
from peelgraph.sparql import QueryRequest, QueryResult

# Reading a million triples into memory takes about 4 s.
_OPENING_TIME = 60.0
# What takes longer gives way to shorter questions, whoever asked either.
_LONG = 0.25
_GIVE_WAY = 10  # steps of niceness more than this process has
_NICEST = 19
# Pages that a worker may have more than when its version was opened.
_KEPT = 128 * 2**20 // os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version as the engine needs it; `created` tells two of one number apart."""

    number: str
    path: Path
    triples: int
    created: str = ""


class WorkerGone(EngineUnavailable):
    """A worker had ended before it was asked: another one can be."""


class WorkerProcess:
    """A worker with a channel of its own, so that its end harms no other."""

    def __init__(self, settings: Settings) -> None:
        # Out of reach of Ctrl-C, but in our session: there its priority counts.
        self._process, descriptor = start("peelgraph.engine.worker", process_group=0)
        self._channel = Channel(descriptor, _LONG)
        self._letting_go = threading.Lock()
        self._settings = settings
        self.edition: Edition | None = None
        self.aside: Edition | None = None
        self._opened = 0
        self.is_copied = False
        self.is_worn = False
        # Whether it evaluates what will take long, for all that is known.
        self.is_at_length = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return not self.is_ended and self._process.poll() is None

    @property
    def is_ended(self) -> bool:
        """Whether we have ended it; looking costs nothing, unlike asking whether it is alive."""
        return self._channel.is_closed

    def reads(self, edition: Edition) -> bool:
        """Whether the worker has this version open."""
        return self.edition is edition or self.edition == edition

    def open(self, edition: Edition, *, copy: bool = False) -> None:
        """Turn the worker to a version; nothing when it has it open.

        Reading from disk costs 8 ms whatever the size; only a `copy` in memory takes its time.
        """
        if self.reads(edition) and (self.is_copied or not copy):
            return
        self.edition, self.is_copied = None, False
        self._open(edition, copy=copy)
        self.edition, self.is_copied = edition, copy
        self._opened = self._resident()

    def open_aside(self, edition: Edition) -> None:
        """Open an older version beside the one that is read."""
        if edition == self.aside:
            return
        self.aside = None
        self._open(edition, aside=True)
        self.aside = edition

    def ask(
        self,
        question: QueryRequest,
        timeout: float,
        limit: int,
        *,
        aside: bool = False,
        watching: Watching | None = None,
        began: float | None = None,
    ) -> QueryResult:
        """The answer; past `timeout` or the memory limit the process is dead when this raises.

        So it is once nobody waits for the answer, which `watching` tells of a long evaluation.
        `timeout` counts from when the question `began` to wait.

        Errors: WorkerGone when it had ended before.
        """
        now = time.monotonic()
        end = (now if began is None else began) + timeout
        self._send(Asking(question, limit, aside))
        is_long = self.is_at_length = not self._is_answered_soon(end - now)
        if is_long:
            self._give_way()
            with watching() if watching else nullcontext() as watch:
                self._await(end - time.monotonic(), timeout, watch)
            self.is_at_length = False
        head = self._received()
        # What a long evaluation leaves behind goes with the process.
        self.is_worn = is_long and self._resident() > self._opened + _KEPT
        if not isinstance(head, tuple):
            raise EngineUnavailable(f"The worker sent {type(head).__name__} for an answer")
        media_type, form, version, body = head
        if body is None:
            if not self._channel.has_begun:
                self._await(max(end - time.monotonic(), 1.0), timeout)
            body = self._message()
        return QueryResult(body, media_type, form, version)

    def end(self) -> None:
        """End the process at once; a thread that waits for its answer hears of it."""
        self._process.kill()
        self._process.wait()

    def kill(self) -> None:
        """End the process at once and let go of it; harmless when that is done."""
        self.end()
        with self._letting_go:
            self._channel.close()
            if self._process.stderr:
                self._process.stderr.close()

    def _open(self, edition: Edition, *, copy: bool = False, aside: bool = False) -> None:
        memory = self._settings.query_memory
        self._send(Opening(edition.number, edition.path, copy, memory, self._settings, aside))
        if copy:
            self._give_way()
        self._await(_OPENING_TIME, _OPENING_TIME)
        self._received()

    def _is_answered_soon(self, left: float) -> bool:
        """Whether the answer begins before the question counts as long."""
        if left < _LONG:
            return self._is_answered(max(0.0, left))
        try:
            return self._channel.begins()
        except (EOFError, OSError) as error:
            raise self._dead() from error

    def _is_answered(self, seconds: float, watch: Watch | None = None) -> bool:
        end = time.monotonic() + seconds
        heard: list[int] = []
        while True:
            if watch is not None and watch.is_over(heard):
                self.kill()
                raise Cancelled("The question was taken back, and its evaluation ended")
            left = max(end - time.monotonic(), 0)
            try:
                waiting = select.poll()
                worker = self._channel.fileno()
                waiting.register(worker, select.POLLIN)
                if watch is not None:
                    watch.register(waiting)
                heard = [number for number, _ in waiting.poll(left * 1000)]
            except (OSError, ValueError) as error:
                raise self._dead() from error
            if worker in heard or not heard:
                return bool(heard)

    def _give_way(self) -> None:
        """Let others go first, but for the thread that will start another in place of this one."""
        niceness = min(os.getpriority(os.PRIO_PROCESS, 0) + _GIVE_WAY, _NICEST)
        try:
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                if thread.name != str(self.pid):
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), niceness)
        except (FileNotFoundError, ProcessLookupError):
            return  # It has ended meanwhile.
        except OSError as error:
            logging.getLogger(__name__).warning(
                "a long query cannot give way (niceness %d): %s", niceness, error
            )

    def _send(self, task: Task) -> None:
        try:
            self._channel.send(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        except OSError as error:
            self._dead()  # tells its last words to the log
            raise WorkerGone("The worker ended while it stood by") from error

    def _resident(self) -> int:
        """How many pages of memory the process has."""
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except OSError:
            return 0

    def _await(self, seconds: float, deadline: float, watch: Watch | None = None) -> None:
        """Nothing, once the worker says something; past `seconds` it is dead when this raises."""
        if not self._is_answered(max(seconds, 0), watch):
            raise self._late(deadline)

    def _message(self) -> bytes:
        try:
            return self._channel.receive()
        except (EOFError, OSError) as error:
            raise self._dead() from error

    def _received(self) -> object:
        """What the worker says; the error that it met is raised."""
        # The worker is ours, and started by us; what it sends is as trusted as its program.
        received: object = pickle.loads(self._message())  # noqa: S301
        if isinstance(received, PeelgraphError):
            raise received
        return received

    def _late(self, timeout: float) -> DeadlinePassed:
        self.kill()
        return DeadlinePassed(
            f"Waiting and evaluation took longer than {timeout:g} s, the deadline, and were ended",
            hint="Narrow the pattern, or add a LIMIT; the same query again takes as long.",
            limit="timeout",
        )

    def _dead(self) -> PeelgraphError:
        """Why the process ended, as far as its last words tell."""
        self._process.kill()
        words = self._last_words()
        self.kill()
        if "memory allocation" in words or "MemoryError" in words or "bad_alloc" in words:
            return MemoryExceeded(
                f"Evaluation took more than {self._settings.query_memory} MiB, the limit, "
                "and was ended",
                hint="Narrow the pattern, or sort and group less at once.",
                limit="memory",
            )
        if words:
            logging.getLogger(__name__).error("worker %d: %s", self.pid, words.strip()[-2000:])
        return EngineUnavailable("The worker that evaluated this ended unexpectedly")

    def _last_words(self) -> str:
        """What the process wrote when it ended; nothing when another thread ended it."""
        try:
            return self._process.communicate()[1].decode(errors="replace")
        except (OSError, ValueError):
            return ""
