"""Whose query is evaluated next: bounded in number, fair between clients, bounded in time."""

import threading
import time
from collections import Counter, deque
from types import TracebackType

from peelgraph.errors import ServiceBusy, ServiceStopping, TooManyRequests
from peelgraph.settings import Settings

_AGAIN = "Try again in a moment."
_FEWER = "Send fewer questions at a time, or ask again in a moment."


class _Slot:
    """A slot while it is entered; a generator for it costs twice the time."""

    __slots__ = ("_client", "_queue")

    def __init__(self, queue: "FairQueue", client: str) -> None:
        self._queue, self._client = queue, client

    def __enter__(self) -> float:
        return self._queue.acquire(self._client)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.release(self._client)


class FairQueue:
    """Gives out `size` slots, of which one client has no more than its share at a time.

    Whoever has fewest is next, so a client with many questions keeps nobody else waiting.
    """

    def __init__(self, settings: Settings, size: int, share: int | None = None) -> None:
        self._settings = settings
        self._size = size
        self._share = min(share or settings.per_client, size)
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._taken = 0
        # Clients stand in the order in which they were last served.
        self._waiting: dict[str, deque[threading.Event]] = {}
        self._queued = 0
        self._open = True

    @property
    def is_busy(self) -> bool:
        """Whether any slot is taken, or waited for."""
        return self._taken > 0 or self._queued > 0

    @property
    def queued(self) -> int:
        """How many queries wait."""
        return self._queued

    def running(self, client: str) -> int:
        """How many slots a client has."""
        return self._running.get(client, 0)

    def slot(self, client: str) -> "_Slot":
        """A slot to enter, which gives when waiting for it would have ended, in monotonic seconds.

        Errors: TooManyRequests when the client's own questions are in the way, ServiceBusy when
                those of others are.
        """
        return _Slot(self, client)

    def acquire(self, client: str) -> float:
        """Take a slot, to be released; returns when waiting for it would have ended."""
        queue_deadline = time.monotonic() + self._settings.max_wait
        granted = self._enter(client)
        if granted is not None and not granted.wait(self._settings.max_wait):
            self._give_up(client, granted)
        if not self._open:
            self.release(client)
            raise ServiceStopping
        return queue_deadline

    def release(self, client: str) -> None:
        """Give the slot to the next one."""
        with self._lock:
            self._taken -= 1
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]
            granted = self._next()
            if granted is not None:
                granted.set()

    def close(self) -> None:
        """Let everybody who waits go, without a slot."""
        with self._lock:
            self._open = False
            while (granted := self._next()) is not None:
                granted.set()

    def _enter(self, client: str) -> threading.Event | None:
        """None with a slot taken, or what is set once one is."""
        with self._lock:
            free = self._taken < self._size and self._running[client] < self._share
            if free or not self._open:
                self._count(client)
                return None
            queue = self._waiting.setdefault(client, deque())
            most = self._settings.max_waiting
            if len(queue) >= max(1, most // 2):
                raise TooManyRequests(
                    f"{len(queue)} questions of yours wait already, the limit",
                    hint=_FEWER,
                    limit="max_waiting",
                )
            if self._queued >= most:
                raise ServiceBusy(
                    f"{self._queued} questions wait already, the limit",
                    hint=_AGAIN,
                    limit="max_waiting",
                )
            granted = threading.Event()
            queue.append(granted)
            self._queued += 1
            return granted

    def _give_up(self, client: str, granted: threading.Event) -> None:
        with self._lock:
            if granted.is_set():
                return
            self._drop(client, granted)
            own = self._running[client] >= self._share
        waited = f"within {self._settings.max_wait:g} s"
        if own:
            raise TooManyRequests(
                f"Your other questions were not done {waited}", hint=_FEWER, limit="per_client"
            )
        raise ServiceBusy(f"No worker was free {waited}", hint=_AGAIN, limit="max_wait")

    def _next(self) -> threading.Event | None:
        """The query to go on, its slot taken; None when none may."""
        if self._taken >= self._size and self._open:
            return None
        able = [
            client
            for client, queue in self._waiting.items()
            if queue and (self._running[client] < self._share or not self._open)
        ]
        if not able:
            return None
        client = min(able, key=self._running.__getitem__)
        granted = self._waiting[client][0]
        self._drop(client, granted)
        if client in self._waiting:
            self._waiting[client] = self._waiting.pop(client)
        self._count(client)
        return granted

    def _count(self, client: str) -> None:
        self._taken += 1
        self._running[client] += 1

    def _drop(self, client: str, granted: threading.Event) -> None:
        queue = self._waiting[client]
        queue.remove(granted)
        self._queued -= 1
        if not queue:
            del self._waiting[client]
