"""JSON beside a version that was derived from it: packed, and derived anew where it is damaged."""

import gzip
import json
import logging
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")

_LEVEL = 1


def write_packed(path: Path, content: object, like: Path | None = None) -> None:
    """Write `content`, the same bytes for the same; where the file `like` holds them, share it."""
    write_shared(path, gzip.compress(json.dumps(content).encode(), _LEVEL, mtime=0), like)


def write_shared(path: Path, content: bytes, like: Path | None) -> None:
    """Write a file, as a hard link to `like` where that holds the same bytes and the disk can."""
    try:
        if like is not None and like.read_bytes() == content:
            path.hardlink_to(like)
            return
    except OSError:
        path.unlink(missing_ok=True)
    path.write_bytes(content)


def read_packed(path: Path, read: Callable[[Any], Value]) -> Value | None:
    """What `read` makes of the content; None where there is no such file, or a damaged one."""
    try:
        return read(json.loads(gzip.decompress(path.read_bytes())))
    except FileNotFoundError:
        return None
    except (OSError, EOFError, zlib.error, ValueError, TypeError) as error:
        logging.getLogger(__name__).warning("%s is damaged and derived anew: %s", path, error)
        return None
