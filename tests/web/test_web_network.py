"""The network: what stands around a thing, what is inferred, and the same as a table."""

import re
from urllib.request import urlopen

import pytest

from peelgraph import terms
from peelgraph.web.cells import Cell
from peelgraph.web.hub import Link, lay_hub


def thing(name: str) -> Cell:
    return Cell(name, "", f"{terms.ID}{name}")


def link(source: str, target: str, why: str = "") -> Link:
    return Link(thing(source), Cell("works with"), thing(target), why)


def test_neighbours_stand_apart_and_links_are_told_apart() -> None:
    links = [
        link("force/a", "unit/b"),
        link("unit/c", "force/a", "/explain"),
        link("unit/b", "unit/c", "/explain"),
        link("unit/d", "unit/e"),
    ]
    kinds = {f"{terms.ID}{name}": "Units" for name in ("unit/b", "unit/c")}
    hub = lay_hub(f"{terms.ID}force/a", links, kinds)

    assert ["unit/b", "unit/c"] == [node.about for node in hub.nodes]
    assert 2 == len({(node.x, node.y) for node in hub.nodes})
    assert [False, True] == [curve.inferred for curve in hub.spokes]
    assert ["unit/b works with unit/c"] == [curve.about for curve in hub.chords]
    assert all(0 < node.y < hub.height for node in hub.nodes)


def read(url: str) -> str:
    with urlopen(url) as response:
        text: str = response.read().decode()
    return text


def test_the_drawing_and_the_table_name_the_same_things(served: str) -> None:
    page = read(f"{served}/network?about=unit/emsou")
    drawn = set(re.findall(r'data-node="([^"]*)"', page))
    rows = re.findall(r'<tr data-from="([^"]*)" data-to="([^"]*)"', page)

    assert f"{terms.ID}force/nottinghamshire" in drawn
    assert drawn == {end for row in rows for end in row} - {f"{terms.ID}unit/emsou"}


def test_what_is_stated_and_what_is_inferred_add_up(served: str) -> None:
    count = {
        state: len(re.findall("<tr data-from", read(f"{served}/network?links={state}")))
        for state in ("", "stated", "inferred")
    }

    assert count[""] == count["stated"] + count["inferred"]
    assert min(count.values()) > 0


@pytest.mark.parametrize(
    ("query", "status"), [("about=unit/nothing", "404"), ("links=perhaps", "400")]
)
def test_what_is_not_there_is_refused(served: str, query: str, status: str) -> None:
    with pytest.raises(OSError, match=status):
        read(f"{served}/network?{query}")
