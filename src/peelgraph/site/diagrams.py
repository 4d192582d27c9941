"""Diagrams of classes as SVG: no script, the colours of the page, links that lead on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_CHARACTER = 7.4  # units a letter of 13 takes, on the wide side
_ROW = 30
_HEIGHT = 24
_GAP = 26
_PAD = 10


@dataclass(frozen=True, slots=True)
class Box:
    """One class as a box that leads to where it is described."""

    text: str
    link: str = ""

    @property
    def width(self) -> float:
        """How wide the text makes it."""
        return len(self.text) * _CHARACTER + 2 * _PAD


def draw_tree(roots: Sequence[Box], below: Mapping[Box, Sequence[Box]], title: str) -> Markup:
    """Classes with their subclasses, each level a step to the right."""
    placed: list[tuple[Box, int, int, int]] = []

    def place(box: Box, level: int, parent: int) -> None:
        row = len(placed)
        placed.append((box, level, row, parent))
        for child in below.get(box, ()):
            place(child, level + 1, row)

    for root in roots:
        place(root, 0, -1)
    parts, width = [], 0.0
    for box, level, row, parent in placed:
        left, top = level * _GAP + 1, row * _ROW + 1
        width = max(width, left + box.width)
        if parent >= 0:
            bend, above = left - _GAP / 2, parent * _ROW + 1 + _HEIGHT
            parts.append(
                f'<path d="M{bend:.0f} {above} V{top + _HEIGHT / 2:.0f} H{left:.0f}" fill="none" '
                'stroke="currentColor" stroke-opacity=".5"/>'
            )
        parts.append(_box(box, left, top))
    return _svg(parts, width + 2, len(placed) * _ROW + 2, title)


def draw_relations(subject: Box, relations: Sequence[tuple[str, Box]], title: str) -> Markup:
    """One class with what leads from it: an arrow for each property, named, to each class."""
    labels = max((len(name) for name, _ in relations), default=0) * _CHARACTER * 0.92 + 34
    left = subject.width + labels
    height = max(1, len(relations)) * _ROW
    middle = (height - _ROW) / 2 + _HEIGHT / 2 + 1
    parts, width = [_box(subject, 1, middle - _HEIGHT / 2)], subject.width
    start = subject.width + 1
    for row, (name, other) in enumerate(relations):
        at = row * _ROW + _HEIGHT / 2 + 1
        width = max(width, left + other.width)
        parts.append(
            f'<path d="M{start:.0f} {middle:.0f} L{start + 14:.0f} {at:.0f} H{left - 2:.0f} '
            f'm-6 -4 l6 4 l-6 4" fill="none" stroke="currentColor" stroke-opacity=".6"/>'
            f'<text x="{start + 18:.0f}" y="{at - 3:.0f}" font-size="12">{escape(name)}</text>'
        )
        parts.append(_box(other, left, at - _HEIGHT / 2))
    return _svg(parts, width + 2, height + 2, title)


def _box(box: Box, left: float, top: float) -> str:
    drawn = (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{box.width:.0f}" height="{_HEIGHT}" rx="5" '
        'fill="none" stroke="currentColor"/>'
        f'<text x="{left + _PAD:.0f}" y="{top + 16.5:.1f}" font-size="13">{escape(box.text)}</text>'
    )
    return f'<a href="{escape(box.link)}">{drawn}</a>' if box.link else drawn


def _svg(parts: Sequence[str], width: float, height: float, title: str) -> Markup:
    return Markup(  # noqa: S704 every text in it is escaped above
        f'<svg class="diagram" role="group" aria-label="{escape(title)}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" fill="currentColor" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
