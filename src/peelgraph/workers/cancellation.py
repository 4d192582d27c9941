"""Ending an evaluation that nobody waits for: its query was revoked, or its client has left."""

import os
import re
import select
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from peelgraph.errors import RequestRefused

_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")
_OPEN_FILES = Path("/proc/self/fd")
# The peer sends nothing more; other systems than Linux do not tell.
_LEFT = getattr(select, "POLLRDHUP", 0)


class CancelSignal:
    """What reports that nobody waits for an answer any more.

    `revoked` is a descriptor that can be read once the query is revoked, `connections` those of
    which one is the client's: it has left once all of them are closed. None: nobody can know.
    """

    def __init__(
        self, revoked: int | None = None, connections: Collection[socket.socket] | None = None
    ) -> None:
        self._revoked = revoked
        self._left = None if connections is None else {each.fileno() for each in connections}

    def register(self, waiting: select.poll) -> None:
        """Let `waiting` notice what `is_over` has to know."""
        if self._revoked is not None:
            waiting.register(self._revoked, select.POLLIN)
        for connection in self._left or ():
            waiting.register(connection, _LEFT)

    def is_over(self, noticed: Collection[int]) -> bool:
        """Whether nobody waits, after these descriptors were noticed."""
        if self._left is not None:
            self._left.difference_update(noticed)
        return self._revoked in noticed or self._left == set()


# Gives, once an evaluation counts as long, what reports that nobody waits for it.
CancelSource = Callable[[], AbstractContextManager[CancelSignal]]


@contextmanager
def client_connections(peer: str, port: int) -> Iterator[Collection[socket.socket] | None]:
    """This process's connections from the address `peer` to our `port`; None: nobody can tell.

    A server's own interface does not say which of them a request came by.
    """
    if not (_LEFT and _OPEN_FILES.is_dir()):
        yield None
        return
    wanted = _address(peer)
    with ExitStack() as stack:
        found = []
        for file in _OPEN_FILES.iterdir():
            with suppress(OSError), ExitStack() as kept:
                each = kept.enter_context(_socket(int(file.name)))
                if _peer_at(each, port) == wanted:
                    found.append(each)
                    stack.push(kept.pop_all())
        yield found


def _socket(descriptor: int) -> socket.socket:
    """Another handle of an open socket; OSError when the descriptor is none."""
    handle = os.dup(descriptor)
    try:
        return socket.socket(fileno=handle)
    except OSError:
        os.close(handle)
        raise


def _peer_at(each: socket.socket, port: int) -> IPv4Address | IPv6Address | None:
    """The address that a connection to our `port` comes from; None for any other socket."""
    if each.family not in (socket.AF_INET, socket.AF_INET6) or each.getsockname()[1] != port:
        return None
    return _address(each.getpeername()[0])


def _address(text: str) -> IPv4Address | IPv6Address:
    """An address of IPv4 as such, though a socket of IPv6 tells it."""
    found = ip_address(text.partition("%")[0])
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class CancelKeys:
    """The queries that can be cancelled: each a named pipe in a folder all processes share.

    Whoever knows the key may cancel the query, so a key is long and made by chance.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def cancelled_fd(self, key: str) -> Iterator[int]:
        """The descriptor that becomes readable once the query of that key is cancelled.

        Errors: RequestRefused when the key is none, or one that is in use.
        """
        path = self._path(key)
        try:
            os.mkfifo(path, 0o600)
        except FileExistsError:
            raise RequestRefused("A question with that Cancel-Key is being answered") from None
        pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            yield pipe
        finally:
            path.unlink()
            os.close(pipe)

    def cancel(self, key: str) -> bool:
        """Cancel the query of that key; whether there was one."""
        try:
            pipe = os.open(self._path(key), os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            return os.write(pipe, b"!") == 1
        except OSError:
            # It was answered in this very moment.
            return False
        finally:
            os.close(pipe)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise RequestRefused("A Cancel-Key is 16 to 64 letters and digits, made by chance")
        return self._folder / f"{key}.wish"
