"""gzip: whether the caller takes it, and what a tag of it looks like."""

import gzip
import re

# Below this the header of gzip and the work outweigh what is saved.
_WORTHWHILE = 500
_LARGE = 256 * 1024
_HUGE = 4 * 2**20
_SUFFIX = "-gzip"
_PACKED = ("image/", "application/zip", "application/gzip", "font/")
_LEAST_QUALITY = re.compile(r"q\s*=\s*0(?:\.0*)?$")


def takes_gzip(accept: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    if "gzip" not in accept and "*" not in accept:
        return False
    allowed: dict[str, bool] = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        allowed[name] = not any(_LEAST_QUALITY.match(value) for value in parameters)
    return allowed.get("gzip", allowed.get("x-gzip", allowed.get("*", False)))


def packed(body: bytes, media_type: str) -> bytes | None:
    """The body in gzip; None where that saves nothing."""
    if len(body) < _WORTHWHILE or media_type.startswith(_PACKED):
        return None
    level = 6 if len(body) < _LARGE else 3 if len(body) < _HUGE else 1
    # The time stays out of it: the same answer has the same bytes.
    return gzip.compress(body, level, mtime=0)


def tag_of_packed(tag: str) -> str:
    """The entity tag of the gzip form: another representation, so another tag."""
    return f'{tag[:-1]}{_SUFFIX}"' if tag.endswith('"') else tag


def tags_of_plain(header: str) -> str:
    """An If-None-Match header with the tags of gzip forms as those of the plain ones."""
    return header.replace(f'{_SUFFIX}"', '"')
