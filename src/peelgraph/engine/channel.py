"""Messages between a worker and its parent, a short one in a single call on each side."""

import socket
import struct
from contextlib import suppress

_LENGTH = 8  # bytes that tell how long the message after them is
_CHUNK = 65_536


class Channel:
    """One end of a socket; each message is preceded by its length."""

    def __init__(self, descriptor: int, patience: float = 0.0) -> None:
        """`patience` is how many seconds `begins` waits for a message."""
        self._socket = socket.socket(fileno=descriptor)
        self._held = b""
        if patience:
            # The system's own limit: waiting and reading are one call.
            limit = struct.pack("@ll", int(patience), int(patience % 1 * 1e6))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)

    @property
    def has_begun(self) -> bool:
        """Whether part of the next message came with the one before."""
        return bool(self._held)

    @property
    def is_closed(self) -> bool:
        """Whether this end was let go."""
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

    def begins(self) -> bool:
        """Whether a message begins within the patience; EOFError when the other end is gone."""
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

    def close(self) -> None:
        """Let go of this end."""
        self._socket.close()

    def _some(self, most: int = _CHUNK) -> bytes:
        """What comes next, however long that takes."""
        while True:
            with suppress(BlockingIOError):
                return self._read(most)

    def _read(self, most: int = _CHUNK) -> bytes:
        found = self._socket.recv(min(most, _CHUNK))
        if not found:
            raise EOFError
        return found
