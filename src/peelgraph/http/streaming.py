"""Long answers on their way: sent piece by piece at the reader's pace, bounded in number and bytes.

A reader who takes nothing holds one thread and one answer, and another reader waits for neither.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

from peelgraph.errors import ServiceBusy
from peelgraph.settings import Settings
from peelgraph.workers.fair_queue import FairQueue

# Shorter answers are handed over whole: they fit in the buffers of a connection.
LONG = 2**20
_PIECE = 256 * 1024


class Outgoing:
    """The long answers that are being sent."""

    def __init__(self, settings: Settings) -> None:
        # Half of what evaluations may take, but never less than one answer.
        self._most = max(settings.max_result, settings.max_memory // 4 // settings.workers) * 2**20
        self._queue = FairQueue(settings, settings.max_uploads, max(1, settings.max_uploads // 2))
        self._lock = threading.Lock()
        self._bytes = 0

    @property
    def held(self) -> int:
        """How many bytes of answers are being read."""
        return self._bytes

    def send(self, body: bytes, client: str) -> "Pieces":
        """The body in pieces; its turn and its bytes are given back when it is closed.

        Errors: ServiceBusy, TooManyRequests when others read too slowly, or this client does.
        """
        with ExitStack() as stack:
            self._take(len(body))
            stack.callback(self._take, -len(body))
            stack.enter_context(self._queue.slot(client))
            return Pieces(body, stack.pop_all())

    def _take(self, count: int) -> None:
        with self._lock:
            if count > 0 and self._bytes + count > self._most:
                raise ServiceBusy(
                    f"Answers of {self._bytes} bytes are being read already, about the limit",
                    hint="Try again in a moment, or ask for less.",
                    limit="max_memory",
                )
            self._bytes += count


class Pieces:
    """One body, piece by piece."""

    def __init__(self, body: bytes, held: ExitStack) -> None:
        self._body = body
        self._held = held
        self._at = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._body[self._at : self._at + _PIECE]
        if not piece:
            raise StopIteration
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Give back what is held; at the end, or when the reader has gone."""
        self._held.close()
