"""The tile map: one square a force, where the force lies roughly, all of the same size."""

from collections.abc import Mapping
from dataclasses import dataclass

from peelgraph.web.absence import Absence
from peelgraph.web.grades import Force, Mark

# Row by row from the north, an empty place as a dot. Our own drawing: neighbours where a grid can.
_PLAN = """
. . . . northumbria . . .
. . . cumbria durham cleveland . .
. . . lancashire north-yorkshire humberside . .
. . merseyside greater-manchester west-yorkshire south-yorkshire . .
. north-wales cheshire staffordshire derbyshire nottinghamshire lincolnshire .
. dyfed-powys west-mercia west-midlands leicestershire northamptonshire cambridgeshire norfolk
south-wales gwent gloucestershire warwickshire thames-valley bedfordshire hertfordshire suffolk
. . avon-and-somerset wiltshire surrey metropolitan city-of-london essex
. devon-and-cornwall dorset hampshire sussex kent . .
"""
PLACES = {
    name: (row, column)
    for row, line in enumerate(_PLAN.strip().splitlines(), start=1)
    for column, name in enumerate(line.split(), start=1)
    if name != "."
}
_WIDTH = 8
# What stands on a small tile where the first letters of the name would not do.
_LETTERS = {
    "avon-and-somerset": "A&S",
    "city-of-london": "City",
    "devon-and-cornwall": "D&C",
    "dyfed-powys": "D-P",
    "greater-manchester": "GMP",
    "metropolitan": "Met",
    "norfolk": "Nflk",
    "north-wales": "NWal",
    "north-yorkshire": "NYks",
    "northamptonshire": "Nhnt",
    "northumbria": "Nbria",
    "nottinghamshire": "Nott",
    "south-wales": "SWal",
    "south-yorkshire": "SYks",
    "thames-valley": "TVP",
    "west-mercia": "WMer",
    "west-midlands": "WMid",
    "west-yorkshire": "WYks",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One force on the map with its grade, or with the reason why there is none."""

    force: Force
    row: int
    column: int
    letters: str
    mark: Mark | None
    absence: Absence


def lay_tiles(
    forces: list[Force], marks: Mapping[str, Mark], absences: Mapping[str, Absence]
) -> list[Tile]:
    """A tile for each force, row by row; a force that the plan lacks stands below the others."""
    last = max(row for row, _ in PLACES.values())
    strays = [force.slug for force in forces if force.slug not in PLACES]
    places = PLACES | {
        name: (last + 1 + number // _WIDTH, 1 + number % _WIDTH)
        for number, name in enumerate(strays)
    }
    tiles = [
        Tile(
            force,
            *places[force.slug],
            _LETTERS.get(force.slug, force.short[:4]),
            marks.get(force.iri),
            absences[force.iri],
        )
        for force in forces
    ]
    return sorted(tiles, key=lambda tile: (tile.row, tile.column))
