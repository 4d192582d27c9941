"""Slots that all processes of the service share, at most one of them for each client.

A slot is a locked file: the system gives it back when the process that holds it ends.
"""

import fcntl
import shutil
import tempfile
import time
import weakref
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from peelgraph.errors import ServiceBusy, TooManyRequests

_POLLING = 0.02
# Two clients of one of these numbers wait for each other, as one client does for itself.
_CLIENTS = 4096


class Slots:
    """`count` slots for validations, in a folder that the processes share."""

    def __init__(self, folder: Path | None, count: int) -> None:
        """Without a folder, the slots are those of this process."""
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="peelgraph-slots-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._slots = [folder / f"validation-{number}.slot" for number in range(count)]
        self._folder = folder

    @contextmanager
    def slot(self, client: str, patience: float) -> Iterator[float]:
        """A slot of the client's, waited for; it tells how long that took.

        Units:  `patience` and the time waited in seconds.
        Errors: TooManyRequests when another request of the client has one, ServiceBusy when those
                of others have all.
        """
        began = time.monotonic()
        own = zlib.crc32(client.encode("utf-8", "surrogatepass")) % _CLIENTS
        with _locked([self._folder / f"client-{own}.slot"], began + patience) as is_first:
            if not is_first:
                raise TooManyRequests(
                    f"Another document of yours was not done within {patience:g} s",
                    hint="Send one after another.",
                    limit="per_client",
                )
            with _locked(self._slots, began + patience) as is_granted:
                if not is_granted:
                    raise ServiceBusy(
                        "Other documents are being validated", hint="Try again in a few seconds."
                    )
                yield time.monotonic() - began


@contextmanager
def _locked(paths: Sequence[Path], end: float) -> Iterator[bool]:
    """Whether one of the files could be locked before `end`; it is until this is left."""
    while True:
        for path in paths:
            with path.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield True
                return
        left = end - time.monotonic()
        if left <= 0:
            yield False
            return
        time.sleep(min(_POLLING, left))
