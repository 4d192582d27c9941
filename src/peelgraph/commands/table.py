"""An aligned table for a terminal; columns line up for wide and combining characters too."""

import unicodedata
from collections.abc import Sequence

_GAP = "  "


def format_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = ()
) -> str:
    """The rows under their heads, one line each; columns marked in `right` are flush right."""
    cells = [[_plain(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(_width(row[at]) for row in cells) for at in range(len(heads))]
    flush = [*right, *[False] * (len(heads) - len(right))]
    lines = [_line(row, widths, flush) for row in cells]
    lines.insert(1, _GAP.join("-" * width for width in widths))
    return "".join(f"{line}\n" for line in lines)


def _line(row: Sequence[str], widths: Sequence[int], flush: Sequence[bool]) -> str:
    parts = []
    for cell, width, is_right in zip(row, widths, flush, strict=True):
        padding = " " * (width - _width(cell))
        parts.append(padding + cell if is_right else cell + padding)
    return _GAP.join(parts).rstrip()


def _plain(cell: str) -> str:
    """`cell` on one line, without what would steer the terminal."""
    joined = " ".join(cell.split("\n"))
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(c) else c for c in joined)


def _is_control(character: str) -> bool:
    # Bidirectional marks (Cf) turn the rest of a line round; joiners are part of words.
    category = unicodedata.category(character)
    return category in {"Cc", "Cs"} or (
        category == "Cf" and unicodedata.bidirectional(character) != "BN"
    )


def _width(text: str) -> int:
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
