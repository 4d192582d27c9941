"""The walk over RDF/XML states what the parser states, and says where."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDFS, Graph

from peelgraph.sources import Source, find_root, parse
from peelgraph.sources.project import turtle_files
from peelgraph.sources.xml_places import locate_xml

PATH = Path("a.rdf")
EX = "http://example.org/"
FIRST = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#first")
# Each line that states something ends with the names of what it states, after a #.
TEXT = """\
<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:ex="http://example.org/" xmlns="http://example.org/" xml:lang="en">
  <!-- Tŷ <ex:Force rdf:about="x"/> --><ex:Force rdf:about="http://example.org/one"
      ex:number="9 > 8"
      xml:lang="cy">
    <ex:name>Heddlu'r De</ex:name>
    <ex:name xml:lang="en">South &amp; Wales
      Police</ex:name>
    <ex:count rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">+05</ex:count>
    <ex:area
        rdf:resource="http://example.org/area"/>
    <unit><ex:Unit ex:name="inner"><ex:part>
      <rdf:Description rdf:nodeID="b"><ex:size>2</ex:size></rdf:Description></ex:part>
    </ex:Unit></unit>
    <ex:see rdf:nodeID="b"/>
    <ex:all rdf:parseType="Resource">
      <ex:first>1</ex:first>
    </ex:all>
    <ex:short ex:label="s" ex:other="o"/>
    <ex:empty/>
    <ex:literal rdf:parseType="Literal"><b>x</b></ex:literal>
  </ex:Force>
  <rdf:Seq xml:base="http://example.org/base" rdf:about="#seq" ><rdf:li>a</rdf:li>
    <rdf:li rdf:resource="two"/>
    <rdf:type rdf:resource="http://example.org/Type"/></rdf:Seq>
</rdf:RDF>
"""
WHERE = [
    ("one", "rdf:type", 4, 41),
    ("one", "number", 5, 18),
    ("one", "name", 7, 14),
    ("one", "name", 8, 28),
    ("one", "count", 10, 71),
    ("one", "area", 12, 23),
    ("one", "unit", 13, 11),
    ("one", "see", 16, 25),
    ("one", "all", 17, 5),
    ("one", "short", 20, 5),
    ("one", "empty", 21, 5),
    ("one", "literal", 22, 5),
    ("base#seq", "rdf:_1", 24, 73),
    ("base#seq", "rdf:_2", 25, 27),
    ("base#seq", "rdf:type", 24, 4),
    ("base#seq", "rdf:type", 26, 29),
]


@pytest.fixture(scope="module")
def source() -> Source:
    return parse(TEXT.encode(), "rdf", "urn:graph", PATH)


def test_the_walk_states_what_the_parser_states(source: Source) -> None:
    parsed = list(ox.parse(source.triples, ox.RdfFormat.N_TRIPLES))

    walked = [triple for triple, _ in locate_xml(TEXT, parsed)]

    assert sorted(map(str, walked)) == sorted(map(str, parsed))


def test_every_statement_has_its_line(source: Source) -> None:
    found = []
    for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
        position = source.positions.of(
            str(triple.subject), str(triple.predicate), str(triple.object)
        )
        name = str(triple.predicate.value).removeprefix(EX)
        name = name.replace("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf:")
        if isinstance(triple.subject, ox.NamedNode):
            subject = triple.subject.value.removeprefix(EX)
            found.append((subject, name, position.line, position.column))
        else:
            inner = {"part": 14, "size": 14, "first": 18, "label": 20, "other": 20, "name": 13}
            inner["rdf:type"] = 13
            assert inner[name] == position.line

    assert sorted(WHERE) == sorted(found)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("rdf:RDF", "RDF").replace("xmlns:rdf=", 'xmlns="urn:x" xmlns:rdf='),
        "<" * 3,
        "<a>" * 3,
        "<a>" * 100_000 + "</a>" * 100_000,
    ],
    ids=["crlf", "other", "no XML", "open", "deep"],
)
def test_any_text_is_walked_to_an_end(text: str) -> None:
    assert [] == locate_xml(text, [])


@pytest.mark.parametrize("form", ["xml", "pretty-xml"])
def test_every_triple_has_its_place_as_other_tools_write_it(form: str) -> None:
    graph = Graph()
    root = find_root()
    for path in turtle_files(root / "data" / "reference", root):
        graph.parse(path, format="turtle")
    text = graph.serialize(format=form)

    source = parse(text.encode(), "rdf", "urn:graph", PATH)

    parsed = list(ox.parse(source.triples, ox.RdfFormat.N_TRIPLES))
    placed = {triple for triple, _ in locate_xml(source.positions.text, parsed)}
    labels = [t for t in parsed if t.predicate.value == str(RDFS.label)]
    assert len(labels) > 90
    assert set() == {*parsed} - placed
    for label in labels:
        position = source.positions.of(str(label.subject), str(label.predicate), str(label.object))
        assert label.object.value.split(" ")[0] in source.positions.line(position.line)


def test_collections_and_statements_with_an_id_have_their_places() -> None:
    text = TEXT.replace(
        "<ex:empty/>",
        """<ex:empty rdf:ID="named"/>
    <ex:members rdf:parseType="Collection">
      <ex:Force rdf:about="http://example.org/two"/>
      <ex:Force ex:name="three"/>
    </ex:members>""",
    )
    parsed = [
        quad.triple for quad in ox.parse(text, ox.RdfFormat.RDF_XML, base_iri="http://a.example/")
    ]

    placed = locate_xml(text, parsed)
    firsts = [place for triple, place in placed if triple.predicate == FIRST]

    assert sorted(map(str, parsed)) == sorted(str(triple) for triple, _ in placed)
    assert [23, 24] == [text[: place.object].count("\n") + 1 for place in firsts]
