"""gzip: bodies that come in it, whether the caller takes it, and what a tag of it looks like."""

import gzip
import re
import zlib
from collections.abc import Iterator

from peelgraph.errors import RequestRefused

# Below this the header of gzip and the work outweigh what is saved.
_WORTHWHILE = 500
_LARGE = 256 * 1024
_HUGE = 4 * 2**20
_SUFFIX = "-gzip"
_GZIP = 31  # for zlib: gzip, with its header and its sum
_PIECE = 64 * 1024
_PACKED = ("image/", "application/zip", "application/gzip", "font/")
_LEAST_QUALITY = re.compile(r"q\s*=\s*0(?:\.0*)?$")


class Unpacker:
    """A body in gzip as it comes in, unpacked piece by piece, no more of it than is asked for.

    Source: RFC 9110, section 8.4.1.3; RFC 1952, section 2.2, lets several members follow each other
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=_GZIP)
        self._has_begun = False

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """What `packed` holds, in pieces of at most 64 KiB; RequestRefused where it is no gzip."""
        while packed:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=_GZIP)
            self._has_begun = True
            try:
                yield self._member.decompress(packed, _PIECE)
            except zlib.error as error:
                raise RequestRefused(f"The body is no gzip: {error}") from error
            packed = self._member.unconsumed_tail or self._member.unused_data

    def check_end(self) -> None:
        """Raise RequestRefused where the body ends before its gzip does."""
        if self._has_begun and not self._member.eof:
            raise RequestRefused("The body ends before its gzip does")


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
