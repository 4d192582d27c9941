"""Messages between a worker and its parent, a short one in a single call on each side."""

import socket

_LENGTH = 8  # bytes that tell how long the message after them is
_CHUNK = 65_536


class Channel:
    """One end of a socket; each message is preceded by its length."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._held = b""

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

    def receive(self) -> bytes:
        """The next message, waited for; EOFError when the other end is gone."""
        held = self._held
        while len(held) < _LENGTH:
            held += self._some()
        length = int.from_bytes(held[:_LENGTH], "big")
        end = _LENGTH + length
        if len(held) >= end:
            self._held = held[end:]
            return held[_LENGTH:end]
        self._held = b""
        message = bytearray(length)
        view = memoryview(message)
        at = len(held) - _LENGTH
        view[:at] = held[_LENGTH:]
        while at < length:
            got = self._socket.recv_into(view[at:])
            if not got:
                raise EOFError
            at += got
        return bytes(message)

    def close(self) -> None:
        """Let go of this end."""
        self._socket.close()

    def _some(self) -> bytes:
        found = self._socket.recv(_CHUNK)
        if not found:
            raise EOFError
        return found
