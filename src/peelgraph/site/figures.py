"""Figures of areas as bars: beside England and Wales, or one measure in all areas."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from peelgraph.http.cells import Cell, link
from peelgraph.http.page_queries import Row, ask
from peelgraph.http.service import Service

_WIDTH = 440
_BAR = 22
_GAP = 8
_NAMES = 150
_FIGURES = 52
_COUNTRY = "England and Wales"
# A count of one force says nothing beside that of the whole country.
_COUNTS = ("number", "people", "million people")


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


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of an area beside that of England and Wales; a chart where one helps."""

    measure: Cell
    period: str
    unit: str
    since: str
    here: str
    there: str
    observation: str
    other: str
    chart: Chart | None

    @property
    def difference(self) -> str:
        """The one less the other, with its sign."""
        return f"{Decimal(self.here) - Decimal(self.there):+}"


def read_areas(service: Service) -> list[Cell]:
    """The areas that have figures."""
    return [
        Cell(row["areaName"], link(row["area"]), row["area"])
        for row in ask(service, "areas-with-figures")
        if row["areaName"] != _COUNTRY
    ]


def read_pairs(service: Service, area: str, name: str) -> list[Pair]:
    """The figures of an area beside those of England and Wales."""
    rows = ask(service, "figures-beside-england-and-wales", area=area)
    return [_pair(row, name) for row in rows]


def read_measure(service: Service, measure: str) -> tuple[str, dict[str, Chart]]:
    """The name of a measure with its unit, and a chart of all areas for each period.

    A change since one period is not drawn beside a change since another, nor one unit beside
    another.
    """
    rows = ask(service, "figures-of-measure", measure=measure)
    units = {row["unitOfMeasureName"] for row in rows}
    periods: dict[str, list[Bar]] = defaultdict(list)
    for row in rows:
        kind = "second" if row["areaName"] == _COUNTRY else "first"
        place = link(row["observation"])
        since = f", since {row['earlierPeriodName']}" if row["earlierPeriodName"] else ""
        unit = f", {row['unitOfMeasureName']}" if len(units) > 1 else ""
        about = f"{row['periodName']}{since}{unit}"
        periods[about].append(Bar(_short(row["areaName"]), row["value"], kind, place))
    title = ", ".join([rows[0]["measureName"], *(units if len(units) == 1 else ())]) if rows else ""
    return title, {period: draw_bars(bars) for period, bars in periods.items()}


def _pair(row: Row, name: str) -> Pair:
    chart = None
    if row["unitOfMeasureName"] not in _COUNTS:
        here = Bar(_short(name), row["value"], "first", link(row["observation"]))
        other = link(row["observationEnglandAndWales"])
        there = Bar(_COUNTRY, row["valueEnglandAndWales"], "second", other)
        chart = draw_bars([here, there])
    return Pair(
        Cell(row["measureName"], link(row["measure"]), row["measure"]),
        row["periodName"],
        row["unitOfMeasureName"],
        row["earlierPeriodName"],
        row["value"],
        row["valueEnglandAndWales"],
        link(row["observation"]),
        link(row["observationEnglandAndWales"]),
        chart,
    )


def _short(area: str) -> str:
    return area.removesuffix(" police force area")
