"""The network: what stands around a thing, what is inferred, and the same as a table."""

import re
from urllib.request import urlopen

import pytest

from peelgraph import terms
from peelgraph.http.cells import Cell
from peelgraph.site.network_layout import MOST, Link, lay_ego_graph, lay_overview


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
    hub = lay_ego_graph(f"{terms.ID}force/a", links, kinds)

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


def test_the_whole_network_is_drawn_and_listed(served: str) -> None:
    page = read(f"{served}/network?about=all")
    drawn = set(re.findall(r'data-node="([^"]*)"', page))
    rows = re.findall(r'<tr data-from="([^"]*)" data-to="([^"]*)"', page)
    lines = re.findall(r'<path class="chord[^"]*" data-from="([^"]*)" data-to="([^"]*)"', page)
    inferred = read(f"{served}/network?about=all&links=inferred")

    assert {f"{terms.ID}force/gwent", f"{terms.ID}unit/emsou"} < drawn
    assert drawn == {end for row in rows for end in row}
    assert sorted(rows) == sorted(lines)
    assert 0 < inferred.count("<tr data-from") == inferred.count('class="chord dashed"') < len(rows)


def test_a_network_too_large_to_draw_says_what_it_leaves_out() -> None:
    links = [link("force/a", f"unit/{number:03}") for number in range(MOST + 20)]
    kinds = {end.note: "Units" for each in links for end in each.ends}
    overview = lay_overview(links, {**kinds, f"{terms.ID}force/a": "Forces"})

    assert (MOST, 21) == (len(overview.nodes), overview.left_out)
    assert MOST - 1 == len(overview.curves)
    assert len(overview.nodes) == len({(node.x, node.y) for node in overview.nodes})
    assert all(0 < node.y < overview.height for node in overview.nodes)


def test_a_long_name_keeps_its_end() -> None:
    name = "Police and Crime Commissioner for Avon and Somerset"
    links = [Link(thing(name), Cell("governs"), thing("force/a"), "")]
    kinds = {f"{terms.ID}{name}": "Partners and bodies", f"{terms.ID}force/a": "Forces"}
    labels = [node.label for node in lay_overview(links, kinds).nodes]

    assert "force/a" == labels[0]
    assert labels[1].startswith("Police and…")
    assert labels[1].endswith("Avon and Somerset")
    assert len(labels[1]) <= 33


@pytest.mark.parametrize(
    ("query", "status"), [("about=unit/nothing", "404"), ("links=perhaps", "400")]
)
def test_what_is_not_there_is_refused(served: str, query: str, status: str) -> None:
    with pytest.raises(OSError, match=status):
        read(f"{served}/network?{query}")
