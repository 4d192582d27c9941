"""Figures of areas as pages show them: beside England and Wales, or one measure in all areas."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from peelgraph.web.cells import Cell, link
from peelgraph.web.charts import Bar, Chart, draw_bars
from peelgraph.web.page_queries import Row, ask
from peelgraph.web.service import Service

_COUNTRY = "England and Wales"
# A count of one force says nothing beside that of the whole country.
_COUNTS = ("number", "people", "million people")


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
        Cell(row["name"], link(row["area"]), row["area"])
        for row in ask(service, "areas-with-figures")
        if row["name"] != _COUNTRY
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
    units = {row["unit"] for row in rows}
    periods: dict[str, list[Bar]] = defaultdict(list)
    for row in rows:
        kind = "second" if row["areaName"] == _COUNTRY else "first"
        place = link(row["observation"])
        about = f"{row['period']}, since {row['since']}" if row["since"] else row["period"]
        about = f"{about}, {row['unit']}" if len(units) > 1 else about
        periods[about].append(Bar(_short(row["areaName"]), row["value"], kind, place))
    title = ", ".join([rows[0]["name"], *(units if len(units) == 1 else ())]) if rows else ""
    return title, {period: draw_bars(bars) for period, bars in periods.items()}


def _pair(row: Row, name: str) -> Pair:
    chart = None
    if row["unit"] not in _COUNTS:
        here = Bar(_short(name), row["here"], "first", link(row["observation"]))
        there = Bar(_COUNTRY, row["englandAndWales"], "second", link(row["other"]))
        chart = draw_bars([here, there])
    return Pair(
        Cell(row["name"], link(row["measure"]), row["measure"]),
        row["period"],
        row["unit"],
        row["since"],
        row["here"],
        row["englandAndWales"],
        link(row["observation"]),
        link(row["other"]),
        chart,
    )


def _short(area: str) -> str:
    return area.removesuffix(" police force area")
