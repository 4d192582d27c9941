"""The bodies of requests that are held in memory, bounded in bytes for all of them together.

A body is held from its first byte until its request is answered; a client has half of the room.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from peelgraph.errors import BodyTooLarge, PeelgraphError, ServiceBusy, TooManyRequests
from peelgraph.settings import Settings


class Bodies:
    """The room for bodies in this process, an equal part of what all processes have."""

    def __init__(self, settings: Settings) -> None:
        # Never less than one body for each of two clients.
        least = 2 * (settings.max_body + 1)
        self._most = max(least, settings.max_bodies // settings.workers) * 2**20
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._sum = 0

    @property
    def held(self) -> int:
        """How many bytes are held."""
        return self._sum

    @contextmanager
    def of(self, client: str) -> Iterator["Body"]:
        """The body of one request, none of it there yet; its room is given back at the end."""
        body = Body(self, client)
        try:
            yield body
        finally:
            body.let_go()

    def take(self, client: str, count: int) -> None:
        """Take room for so many bytes more.

        Errors: TooManyRequests when the client has its half, ServiceBusy when there is none.
        """
        with self._lock:
            if self._held[client] + count > self._most // 2:
                raise TooManyRequests(
                    f"Bodies of yours hold {self._held[client]} bytes already, about the limit",
                    hint="Send one after another.",
                    limit="max_bodies",
                )
            if self._sum + count > self._most:
                raise ServiceBusy(
                    f"Bodies of {self._sum} bytes are held already, about the limit",
                    hint="Try again in a moment.",
                    limit="max_bodies",
                )
            self._held[client] += count
            self._sum += count

    def give(self, client: str, count: int) -> None:
        """Give room back."""
        with self._lock:
            self._sum -= count
            self._held[client] -= count
            if not self._held[client]:
                del self._held[client]


class Body:
    """One body as it comes in; of one that is refused nothing is held."""

    def __init__(self, bodies: Bodies, client: str) -> None:
        self._bodies, self._client = bodies, client
        self._parts: list[bytes] = []
        self._bytes = 0
        self._refusal: PeelgraphError | None = None

    @property
    def is_refused(self) -> bool:
        """Whether no more of it is held."""
        return self._refusal is not None

    def add(self, part: bytes, most: int) -> None:
        """Hold one part more, unless they are more than `most` bytes or there is no room."""
        if self._refusal is not None:
            return
        try:
            if self._bytes + len(part) > most:
                raise BodyTooLarge(
                    f"The body is longer than {most} bytes, the limit", limit="max_query"
                )
            self._bodies.take(self._client, len(part))
        except PeelgraphError as error:
            self._refusal = error
            self.let_go()
        else:
            self._bytes += len(part)
            self._parts.append(part)

    def joined(self) -> bytes:
        """The whole body; what refused it is raised."""
        if self._refusal is not None:
            raise self._refusal
        body = b"".join(self._parts)
        self._parts.clear()
        return body

    def let_go(self) -> None:
        """Give the room back."""
        count, self._bytes = self._bytes, 0
        self._parts.clear()
        self._bodies.give(self._client, count)
