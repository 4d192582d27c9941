"""JSON-LD with @type and a context says just what the engine's own form says."""

import json

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.formats import compacted
from peelgraph.sparql import Query, QueryRequest

RDF_TYPE = ox.NamedNode(f"{terms.VOCABULARIES['rdf']}type")
SPACES = [*terms.PREFIXES.values(), "urn:x:", "http://e/#", "org:", "force:", "mailto:a#"]
iris = st.builds(
    lambda space, local: ox.NamedNode(space + local),
    st.sampled_from(SPACES),
    st.text("abzAZ09-_.~é/:", max_size=5),
)
texts = st.one_of(st.text(max_size=8), iris.map(lambda iri: iri.value), st.just('","@id":"a#b"'))
literals = st.one_of(
    st.builds(ox.Literal, texts),
    st.builds(lambda text: ox.Literal(text, language="cy"), texts),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), texts, iris),
)
nodes = st.one_of(iris, st.sampled_from(["a", "b"]).map(ox.BlankNode))
quads = st.builds(
    ox.Quad,
    nodes,
    st.one_of(iris, st.just(RDF_TYPE)),
    st.one_of(nodes, literals),
    st.one_of(st.just(ox.DefaultGraph()), iris),
)


def canonical(found: ox.Dataset) -> ox.Dataset:
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


@given(st.lists(quads, max_size=6))
def test_a_compacted_document_says_what_the_expanded_one_does(stated: list[ox.Quad]) -> None:
    expanded = ox.serialize(stated, format=ox.RdfFormat.JSON_LD) or b""
    before, after = (
        canonical(ox.Dataset(ox.parse(text, ox.RdfFormat.JSON_LD, lenient=True)))
        for text in (expanded, compacted(expanded))
    )

    assert before == after


@pytest.fixture(scope="module")
def kent(project_store: Embedded) -> bytes:
    """What is said of one force, as JSON-LD."""
    question = QueryRequest(
        Query("DESCRIBE <https://w3id.org/peelgraph/id/force/kent>"), graph="application/ld+json"
    )
    return project_store.query(question).body


def test_things_have_types_and_short_names(kent: bytes) -> None:
    document = json.loads(kent)
    (thing,) = document["@graph"]

    assert "force:kent" == thing["@id"]
    assert "peel:Force" in thing["@type"]
    assert "rdf:type" not in thing
    assert terms.OURS["peel"] == document["@context"]["peel"]
    assert {*document["@context"]} < {*terms.PREFIXES}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_another_reader_finds_the_same_triples(kent: bytes) -> None:
    read = rdflib.Graph().parse(data=kent, format="json-ld")
    own = [*ox.parse(kent, ox.RdfFormat.JSON_LD)]

    assert len(own) == len(read)
    assert (rdflib.URIRef(terms.ID + "force/kent"), rdflib.RDF.type, None) in read
