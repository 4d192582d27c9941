"""Figures as bars: SVG made here, each bar with its figure in words beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_WIDTH = 440
_BAR = 22
_GAP = 8
_NAMES = 150
_FIGURES = 52


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: whose figure it is, the figure as text, and the class that colours it."""

    name: str
    figure: str
    kind: str = "first"
    link: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bar where it stands: all lengths in the units of the drawing."""

    bar: Bar
    top: int
    start: float
    length: float
    text_at: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from one zero line; a figure below zero goes to the left of it."""

    width: int
    height: int
    zero: float
    bars: tuple[Drawn, ...]

    thickness: int = _BAR
    names: int = _NAMES


def draw_bars(bars: Sequence[Bar]) -> Chart:
    """The bars one below the other, on one scale that begins at zero."""
    values = [Decimal(bar.figure) for bar in bars]
    low, high = min([*values, Decimal(0)]), max([*values, Decimal(0)])
    room = _WIDTH - _NAMES - _FIGURES - (_FIGURES if low < 0 else 0)
    scale = room / float(high - low) if high != low else 0.0
    zero = _NAMES + (_FIGURES if low < 0 else 0) - float(low) * scale
    drawn = []
    for number, (bar, value) in enumerate(zip(bars, values, strict=True)):
        length = round(abs(float(value)) * scale, 1)
        start = round(zero - length if value < 0 else zero, 1)
        text_at = start - 6 if value < 0 else start + length + 6
        top = number * (_BAR + _GAP)
        anchor = "end" if value < 0 else "start"
        drawn.append(Drawn(bar, top, start, length, round(text_at, 1), anchor))
    return Chart(_WIDTH, len(bars) * (_BAR + _GAP) - _GAP, round(zero, 1), tuple(drawn))
