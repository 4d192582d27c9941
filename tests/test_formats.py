"""An answer in XML is well-formed and says what was asked, or is refused."""

import csv
import io
import json
import warnings
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from peelgraph.embedded import Embedded
from peelgraph.errors import NotAcceptable
from peelgraph.serialising import GRAPHS, serialised
from peelgraph.store import Question

RESULTS = "{http://www.w3.org/2005/sparql-results#}"
TEXTS = st.one_of(
    st.text(max_size=6),
    st.text("\x00\x01\x0b\x1f\t\r\n \ufffe\uffff<&>\"'", max_size=4),
    st.just("<oxprefix: "),
)
PREDICATES = st.sampled_from(
    [
        "http://e/p",
        "http://e/1",
        "http://e/a#",
        "urn:1",
        "http://e/a:b",
        "http://e/é",
        "urn:x?a&b=c",
    ]
)
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    TEXTS.map(lambda text: ox.Literal(text, language="cy")),
    TEXTS.map(lambda text: ox.Literal(text, datatype=ox.NamedNode("http://e/d"))),
)


def is_xml(text: str) -> bool:
    return all(each in "\t\n\r" or (each >= " " and each not in "\ufffe\uffff") for each in text)


def answer(triples: list[ox.Triple], media_type: str) -> bytes:
    return serialised(triples, Question("", graph=media_type), None).body


@given(PREDICATES, LITERALS)
def test_rdf_xml_is_read_as_it_was_meant_or_refused(predicate: str, value: ox.Literal) -> None:
    triple = ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode(predicate), value)
    has_name = predicate[-1] not in "1#"
    if not (is_xml(value.value) and has_name):
        with pytest.raises(NotAcceptable, match="has no form for"):
            answer([triple], "application/rdf+xml")
        return
    body = answer([triple], "application/rdf+xml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = [*rdflib.Graph().parse(data=body, format="xml")]

    assert [(predicate, value.value, value.language)] == [
        (str(p), str(o), getattr(o, "language", None)) for _, p, o in read
    ]


@pytest.mark.parametrize("media_type", sorted({*GRAPHS} - {"application/rdf+xml"}))
@given(predicate=PREDICATES, value=LITERALS)
def test_every_other_graph_format_holds_any_term(
    media_type: str, predicate: str, value: ox.Literal
) -> None:
    triple = ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode(predicate), value)
    body = answer([triple], media_type)

    assert [triple] == [quad.triple for quad in ox.parse(body, GRAPHS[media_type])]


@given(TEXTS)
def test_rows_are_read_as_they_were_meant_or_refused(text: str) -> None:
    store = Embedded.memory()
    line = ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), ox.Literal(text))
    store.insert(ox.serialize([line], format=ox.RdfFormat.N_TRIPLES) or b"", "")

    def ask(media_type: str) -> str:
        question = Question("SELECT ?o { ?s ?p ?o }", results=media_type)
        return store.query(question).body.decode()

    told = json.loads(ask("application/sparql-results+json"))
    rows = list(csv.reader(io.StringIO(ask("text/csv"), newline="")))
    (row,) = ox.parse_query_results(
        ask("text/tab-separated-values").encode(), ox.QueryResultsFormat.TSV
    )

    assert text == told["results"]["bindings"][0]["o"]["value"]
    assert ["o"] == rows[0]
    assert [text] == next(row for row in rows[1:] if row)
    assert text == row[0].value
    if is_xml(text):
        tree = ET.fromstring(ask("application/sparql-results+xml"))
        assert [text] == [one.text or "" for one in tree.iter(f"{RESULTS}literal")]
    else:
        with pytest.raises(NotAcceptable, match=r"U\+[0-9A-F]{4}"):
            ask("application/sparql-results+xml")


def test_the_refusal_names_the_formats_that_can_hold_it() -> None:
    store = Embedded.memory()
    store.insert(b'<http://e/s> <http://e/1> "a" .', "")
    with pytest.raises(NotAcceptable) as caught:
        store.query(Question("CONSTRUCT WHERE { ?s ?p ?o }", graph="application/rdf+xml"))

    assert "<http://e/1>" in caught.value.message
    assert "text/turtle" in (caught.value.hint or "")
    assert "xml" not in (caught.value.hint or "")
