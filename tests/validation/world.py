"""The smallest world with one class, its shapes and its ontology."""

from pathlib import Path

from peelgraph.sources import Source, parse
from peelgraph.terms import mint_graph
from peelgraph.validation import Report, validate

PREFIXES = """\
@prefix grade: <https://w3id.org/peelgraph/id/grade/> .
@prefix judgment: <https://w3id.org/peelgraph/id/judgment/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix psh: <https://w3id.org/peelgraph/shapes#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
ONTOLOGY = """\
peel:Judgment a owl:Class .
peel:Grade a owl:Class .
peel:gives a owl:ObjectProperty .
peel:published a owl:DatatypeProperty .
peel:count a owl:DatatypeProperty .
grade:good a peel:Grade ; rdfs:label "Good"@en , "Da"@cy .
grade:inadequate a peel:Grade ; rdfs:label "Inadequate"@en .
"""
SHAPES = """\
psh:Judgment a sh:NodeShape ; sh:targetClass peel:Judgment ;
    sh:property psh:Judgment-gives ; sh:property psh:Judgment-published .
psh:Judgment-gives a sh:PropertyShape ; sh:path peel:gives ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:class peel:Grade ; sh:message "A judgment gives exactly one grade."@en .
psh:Judgment-published a sh:PropertyShape ; sh:path peel:published ; sh:datatype xsd:date ;
    sh:severity sh:Warning ; sh:message "A judgment is published on a day."@en .
"""
GOOD = """\
judgment:one a peel:Judgment ;
    rdfs:label "Barn ar Heddlu"@cy ;
    peel:gives grade:good ;
    peel:published "2016-02-18"^^xsd:date ;
    peel:count 3 .
"""


def source(text: str, name: str = "data/judgments.ttl", graph: str = "judgments") -> Source:
    return parse((PREFIXES + text).encode(), "ttl", mint_graph(graph), Path(name))


def judged(text: str, shapes: str = SHAPES, ontology: str = ONTOLOGY) -> Report:
    return validate(
        [source(text)],
        [source(shapes, "shapes/judgment.ttl", "shapes")],
        [source(ontology, "ontology/judgment.ttl", "ontology")] if ontology else [],
    )
