"""Taking a question back while it is evaluated, from whichever process the wish arrives at."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peelgraph.errors import RequestRefused

_KEY = re.compile(r"[A-Za-z0-9-]{16,64}")


class Cancelling:
    """The questions that can be taken back: each a named pipe in a folder all processes share.

    Whoever knows the key may take a question back, so a key is long and made by chance.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def watched(self, key: str) -> Iterator[int]:
        """What becomes readable once the question of that key is taken back.

        Errors: RequestRefused when the key is none, or one that is in use.
        """
        path = self._path(key)
        try:
            os.mkfifo(path, 0o600)
        except FileExistsError:
            raise RequestRefused("A question with that Cancel-Key is being answered") from None
        wish = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            yield wish
        finally:
            path.unlink()
            os.close(wish)

    def cancel(self, key: str) -> bool:
        """Take back the question of that key; whether one was there."""
        try:
            wish = os.open(self._path(key), os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            return os.write(wish, b"!") == 1
        except OSError:
            # It was answered in this very moment.
            return False
        finally:
            os.close(wish)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise RequestRefused("A Cancel-Key is 16 to 64 letters and digits, made by chance")
        return self._folder / f"{key}.wish"
