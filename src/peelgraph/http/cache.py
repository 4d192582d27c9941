"""Answers kept as they were sent, bounded in bytes, forgotten with the version they are of."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

# What an entry costs beside its body and its key's texts: objects, headers, places in tables.
_OVERHEAD = 3_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One whole response; `tag` is its entity tag without the mark of weakness."""

    status: str
    headers: list[tuple[str, str]]
    chunks: list[bytes]
    tag: str = ""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return sum(map(len, self.chunks)) + _OVERHEAD


class Cache:
    """The responses to the questions asked last, of one version."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._mark: Hashable = None
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._size

    def get(self, mark: Hashable, key: Hashable) -> Kept | None:
        """The response kept for a question of the version marked so."""
        with self._lock:
            self._turn_to(mark)
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, mark: Hashable, key: tuple[str | bytes | bool, ...], kept: Kept) -> None:
        """Keep a response; the ones not asked for longest go, and all of another version."""
        cost = kept.size + sum(len(part) for part in key if isinstance(part, str | bytes))
        if cost > self._most // 8:
            return
        with self._lock:
            if self._mark is None:
                self._turn_to(mark)
            if mark != self._mark:
                return
            if key in self._kept:
                self._size -= self._kept.pop(key)[1]
            self._kept[key] = (kept, cost)
            self._size += cost
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1][1]

    def _turn_to(self, mark: Hashable) -> None:
        """Keep nothing of another version."""
        if mark != self._mark:
            self._mark, self._size = mark, 0
            self._kept.clear()
