"""What changed between versions, as a page tells it."""

from types import SimpleNamespace

import pytest
from flask import Flask, render_template

from peelgraph.http import versions
from peelgraph.http.versions import Statements, read_changes
from peelgraph.repository.diff import Difference

G = b"<https://w3id.org/peelgraph/graph/kent-2016>"
LABEL = b"<http://www.w3.org/2000/01/rdf-schema#label>"
TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
UNIT = b"<https://w3id.org/peelgraph/id/unit/tarian>"
FORCE = b"<https://w3id.org/peelgraph/id/force/dyfed-powys>"


def line(*terms: bytes) -> bytes:
    return b" ".join([*terms, G, b"."])


def test_what_a_property_said_stands_beside_what_it_says() -> None:
    difference = Difference(
        added=(line(FORCE, LABEL, b'"Heddlu Dyfed-Powys"@cy'),),
        removed=(line(FORCE, LABEL, b'"Dyfed-Powys Police"@en'),),
    )
    ((graph, (changed,)),) = read_changes(Statements(difference), {}).graphs
    (change,) = changed.changes

    assert graph.link == "/graph/kent-2016"
    assert changed.thing.link == "/doc/force/dyfed-powys"
    assert changed.state == "changed"
    assert [cell.text for cell in change.before] == ["Dyfed-Powys Police"]
    assert [(cell.text, cell.note) for cell in change.after] == [("Heddlu Dyfed-Powys", "cy")]


def test_a_thing_is_new_or_gone_by_its_type() -> None:
    unit = line(UNIT, TYPE, b"<https://w3id.org/peelgraph/ontology#Unit>")
    come, gone = Difference((unit,), ()), Difference((), (unit,))

    assert [read_changes(Statements(d), {}).graphs[0][1][0].state for d in (come, gone)] == [
        "new",
        "gone",
    ]


def test_things_go_by_their_names_also_when_they_are_gone() -> None:
    removed = (
        line(UNIT, LABEL, b'"Tarian"@cy'),
        line(FORCE, b"<https://w3id.org/peelgraph/ontology#hasUnit>", UNIT),
    )
    statements = Statements(Difference((), removed))
    things = read_changes(statements, statements.own_names()).graphs[0][1]

    assert {UNIT[1:-1].decode(), FORCE[1:-1].decode()} < statements.iris()
    assert things[0].changes[0].before[0].text == "Tarian"
    assert things[1].thing.text == "Tarian"


def test_what_is_beyond_the_page_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MOST_LINES", 2)
    lines = tuple(line(FORCE, LABEL, f'"{n}"'.encode()) for n in range(5))

    assert read_changes(Statements(Difference(lines, ())), {}).left_out == 3


def test_things_are_counted_as_shown_where_not_all_are(
    application: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "MOST_LINES", 2)
    lines = tuple(line(FORCE, LABEL, b'"%d"' % number) for number in range(5))
    told = []
    for shown in (lines, lines[:2]):
        with application.test_request_context("/"):
            told.append(
                render_template(
                    "difference.html",
                    old=SimpleNamespace(number=1),
                    new=SimpleNamespace(number=2, message="", by=""),
                    added=len(shown),
                    removed=0,
                    changes=read_changes(Statements(Difference(shown, ())), {}),
                )
            )

    assert ["1 thing shown" in page for page in told] == [True, False]
    assert "3 more statements are not shown" in told[0]
