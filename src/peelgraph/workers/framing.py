"""Messages between a worker and its parent, a short one in a single call on each side."""

import pickle
import socket
import struct
from contextlib import suppress

_LENGTH = 8  # bytes of the length in front of each message
_CHUNK = 65_536


class Channel:
    """One end of a socket; each message is preceded by its length."""

    def __init__(self, descriptor: int, wait_s: float = 0.0) -> None:
        """`wait_s` is how many seconds `begins` waits for a message."""
        self._socket = socket.socket(fileno=descriptor)
        self._held = b""
        if wait_s:
            # The system's own limit: waiting and reading are one call.
            limit = struct.pack("@ll", int(wait_s), int(wait_s % 1 * 1e6))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)

    @property
    def has_begun(self) -> bool:
        """Whether part of the next message came with the one before."""
        return bool(self._held)

    @property
    def is_closed(self) -> bool:
        """Whether this end was closed."""
        return self._socket.fileno() < 0

    def fileno(self) -> int:
        """The descriptor, to wait for; OSError when it is closed."""
        number = self._socket.fileno()
        if number < 0:
            raise OSError("the channel is closed")
        return number

    def send(self, message: bytes) -> None:
        """Send one message; OSError when the other end is gone."""
        length = len(message).to_bytes(_LENGTH, "big")
        if len(message) < _CHUNK:
            self._socket.sendall(length + message)
        else:
            self._socket.sendall(length)
            self._socket.sendall(message)

    def send_value(self, value: object) -> None:
        """Send any value as one message; OSError when the other end is gone."""
        self.send(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))

    def send_descriptors(self, note: bytes, descriptors: list[int]) -> None:
        """Hand open files to the other end with a short note; OSError when it is gone."""
        socket.send_fds(self._socket, [note], descriptors)

    def receive_descriptors(self, length: int, count: int) -> tuple[bytes, list[int]]:
        """A note of `length` bytes with its open files; an empty one when the other end is gone."""
        note, descriptors, _, _ = socket.recv_fds(self._socket, length, count)
        return note, descriptors

    def begins(self) -> bool:
        """Whether a message begins within `wait_s`; EOFError when the other end is gone."""
        try:
            self._held += self._read()
        except BlockingIOError:
            return False
        return True

    def receive(self) -> bytes:
        """The next message, waited for; EOFError when the other end is gone."""
        held = self._held
        while len(held) < _LENGTH:
            held += self._some()
        end = _LENGTH + int.from_bytes(held[:_LENGTH], "big")
        self._held = held[end:]
        parts, left = [held[_LENGTH:end]], end - len(held)
        while left > 0:
            parts.append(self._some(left))
            left -= len(parts[-1])
        return b"".join(parts)

    def receive_value(self) -> object:
        """The value of the next message; both ends are our own program, and trusted as it is."""
        value: object = pickle.loads(self.receive())  # noqa: S301
        return value

    def shut(self) -> None:
        """End the connection, which wakes the threads that wait at either end."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _some(self, limit: int = _CHUNK) -> bytes:
        """What comes next, however long that takes."""
        while True:
            with suppress(BlockingIOError):
                return self._read(limit)

    def _read(self, limit: int = _CHUNK) -> bytes:
        found = self._socket.recv(min(limit, _CHUNK))
        if not found:
            raise EOFError
        return found
