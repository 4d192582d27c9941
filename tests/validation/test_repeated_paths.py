"""A ring closes however far away; what a message alone needs is not asked of the whole graph."""

from peelgraph.embedded import Embedded
from peelgraph.validation import Validator
from peelgraph.validation.repeated_paths import find_repeated
from peelgraph.validation.shapes import load_shapes
from peelgraph.validation.sparql_constraints import plain_body
from tests.validation.world import source

ONTOLOGY = "peel:Part a owl:Class . peel:partOf a owl:ObjectProperty ."
RING = """\
<https://example.org/> sh:declare [ sh:prefix "peel" ;
    sh:namespace "https://w3id.org/peelgraph/ontology#"^^xsd:anyURI ] .
psh:Part a sh:NodeShape ; sh:targetClass peel:Part ; sh:sparql psh:Part-ring .
psh:Part-ring a sh:SPARQLConstraint ; sh:prefixes <https://example.org/> ;
    sh:message "A part is no part of itself."@en ;
    sh:select "SELECT $this { $this peel:partOf+ $this . FILTER(1 + (2) * 3 > 0) }" .
"""
LENGTH = 9


def test_a_ring_through_many_published_things_is_found() -> None:
    chain = [f"judgment:p{n} a peel:Part ; peel:partOf judgment:p{n + 1} ." for n in range(LENGTH)]
    published = Embedded.memory()
    published.insert(source("\n".join(chain)).triples, "")
    new = source(f"judgment:p{LENGTH} a peel:Part ; peel:partOf judgment:p0 .")
    validator = Validator(
        [source(RING, "shapes/part.ttl", "shapes")],
        [source(ONTOLOGY, "ontology/part.ttl", "ontology")],
    )

    report = validator.validate([new], published)

    assert "<https://w3id.org/peelgraph/id/judgment/p9>" in {
        result.focus for result in report.results
    }


def test_a_repeated_path_is_told_from_a_sum() -> None:
    found = find_repeated(load_shapes([source(RING)]))

    assert {"https://w3id.org/peelgraph/ontology#partOf"} == found


def test_what_only_words_a_message_is_left_out() -> None:
    text = """SELECT $this ?told WHERE { $this <urn:p> ?value . FILTER (?value > 1)
        OPTIONAL { ?value <urn:label> ?name } OPTIONAL { $this <urn:q> ?read } FILTER (BOUND(?read))
        BIND (CONCAT("the ", COALESCE(?name, "?")) AS ?told) }"""

    body = plain_body(text, 0)

    assert "urn:label" not in body
    assert "CONCAT" not in body
    assert "urn:q" in body
