"""The walk over the tokens says where each triple of the parser stands."""

from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelgraph.errors import Position
from peelgraph.sources import parse
from peelgraph.sources.turtle import locate

GRAPH = "https://w3id.org/peelgraph/graph/derbyshire"

TURTLE = """\
@prefix ex: <http://example.org/> . # a comment with ' and "
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:derbyshire a ex:Force ;
    ex:name "Heddlu'r \\"De\\" #1"@cy , \"\"\"two
lines\"\"\" ;
    ex:date "2015-06-01"^^xsd:date .

ex:a.b%20c ex:p ex:x, ex:y .
"""


def find(subject: str, predicate: str = "", value: str = "") -> Position | None:
    positions = parse(TURTLE.encode(), "ttl", GRAPH, Path("a.ttl")).positions
    return positions.of(subject, predicate, value)


@pytest.mark.parametrize(
    ("terms", "line", "column"),
    [
        (["<http://example.org/derbyshire>"], 4, 1),
        (["<http://example.org/derbyshire>", "<http://example.org/date>"], 7, 5),
        (["<http://example.org/derbyshire>", "<http://example.org/none>"], 4, 1),
        (
            ["<http://example.org/a.b%20c>", "<http://example.org/p>", "<http://example.org/y>"],
            9,
            23,
        ),
        (
            ["<http://example.org/derbyshire>", "<http://example.org/name>", '"two\\nlines"'],
            5,
            39,
        ),
    ],
)
def test_of_falls_back_from_value_to_predicate_to_subject(
    terms: list[str], line: int, column: int
) -> None:
    assert Position(line, column) == find(*terms)


def test_of_is_none_for_what_the_file_does_not_say() -> None:
    assert find("<http://example.org/other>") is None


@pytest.mark.parametrize("ending", ["", " <a:g>"])
def test_lines_are_located(ending: str) -> None:
    text = f'# first\n<a:s> <a:p> "x y" {ending}.\n\n_:b <a:p>\t_:c {ending}.\n'

    places = parse(text.encode(), "nq" if ending else "nt", GRAPH, Path("a")).positions

    assert Position(2, 13) == places.of("<a:s>", "<a:p>", '"x y"')


terms = st.recursive(
    st.sampled_from(
        [":a", "1", ".5", "-2.5e3", "true", '"s"', "'t'", '"u"@en', '"v"^^:d', "_:b", "[]", "()"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"( {' '.join(items)} )"),
        st.lists(st.tuples(st.sampled_from([":p", "a"]), inner), min_size=1, max_size=3).map(
            lambda pairs: f"[ {' ; '.join(f'{p} {o}' for p, o in pairs)} ]"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(terms, min_size=1, max_size=3), min_size=1, max_size=3))
def test_places_come_in_the_order_of_the_parser(statements: list[list[str]]) -> None:
    """Every subject carries an own number of its line, so a wrong order shows."""
    text = "@prefix : <http://e/> .\n"
    for number, objects in enumerate(statements):
        text += f":s{number} :p{number} {' , '.join(objects)} .\n[ :q ( {objects[0]} ) ] .\n"

    triples = list(pyoxigraph.parse(text, pyoxigraph.RdfFormat.TURTLE))
    places = locate(text)

    assert len(triples) == len(places)
    for triple, place in zip(triples, places, strict=True):
        if isinstance(triple.subject, pyoxigraph.NamedNode):
            assert text.startswith(":s" + triple.subject.value[10:], place.subject)
        if isinstance(triple.object, pyoxigraph.Literal):
            first = text[place.object :].lstrip("\"'")
            assert first.startswith(triple.object.value[:1])
        if triple.predicate.value.startswith("http://e/"):
            assert text.startswith(":" + triple.predicate.value[9:], place.predicate)
