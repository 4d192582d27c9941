"""A published world of a few lines that can be written to."""

from pathlib import Path

from peelgraph import terms
from peelgraph.reasoning import Rules, compile_rules
from peelgraph.repository import Home
from peelgraph.repository.changes import Document, Put, Update
from peelgraph.repository.protocol import Repository
from peelgraph.sources import Source, parse
from peelgraph.sparql import Query, QueryRequest
from peelgraph.validation import Report, Validated, accept
from tests.under_test import opened, publish_here

PREFIXES = """\
@prefix : <urn:t#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
ONTOLOGY = f"""{PREFIXES}
:Force a owl:Class ; rdfs:subClassOf :Body . :Body a owl:Class .
:Unit a owl:Class ; owl:disjointWith :Force .
:name a owl:DatatypeProperty . :runs a owl:ObjectProperty ; rdfs:range :Unit .
"""
SHAPES = f"""{PREFIXES}
:Force-shape a sh:NodeShape ; sh:targetClass :Force ; sh:property :Force-name , :Force-runs .
:Force-name a sh:PropertyShape ; sh:path :name ; sh:maxCount 1 ; sh:severity sh:Violation ;
    sh:message "A force has one name."@en .
:Force-runs a sh:PropertyShape ; sh:path :runs ; sh:class :Unit ; sh:severity sh:Violation ;
    sh:message "A force runs units."@en .
"""
DATA = f'{PREFIXES} :gwent a :Force ; :name "Heddlu Gwent"@cy .'

KENT = "urn:g:kent"
GWENT = terms.mint_graph("gwent")


def source(text: str, name: str, path: str) -> Source:
    return parse(text.encode(), "ttl", terms.mint_graph(name), Path(path))


def judged_world() -> tuple[Validated, Rules]:
    """The world's three files, and the rules of its ontology."""
    ontology = source(ONTOLOGY, "ontology", "ontology/ontology.ttl")
    shapes = source(SHAPES, "shapes", "shapes/shapes.ttl")
    data = source(DATA, "gwent", "data/reference/gwent.ttl")
    validated = accept((ontology, shapes, data), Report(()))
    return validated, compile_rules(ontology.triples)


def publish_world(folder: Path) -> Repository:
    """A home, or an engine, whose one version comes from three files."""
    return publish_here(Home(folder), *judged_world())


def turtle(text: str) -> Document:
    return Document(f"{PREFIXES}{text}".encode(), "ttl", "kent.ttl")


def put(text: str, graph: str = KENT, *, replaces: bool = False) -> Put:
    return Put(graph, (turtle(text),), replaces)


def update(text: str) -> Update:
    return Update(f"PREFIX : <urn:t#> {text}")


def insert(text: str, graph: str = KENT) -> Update:
    return update(f"INSERT DATA {{ GRAPH <{graph}> {{ {text} }} }}")


def ask(keeper: Repository, pattern: str) -> bool:
    """Whether the current version, read as a query reads it, matches a pattern."""
    answer = opened(keeper).query(QueryRequest(Query(f"PREFIX : <urn:t#> ASK {{ {pattern} }}")))
    return b"true" in answer.body
