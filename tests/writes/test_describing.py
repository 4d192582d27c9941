"""What a version counts after a write: the same as if everything had been counted again."""

import shutil
from pathlib import Path

import pytest

from peelgraph.embedded import Embedded
from peelgraph.repository import Home
from peelgraph.repository.changes import Change, Document, Drop, Order, Put
from peelgraph.repository.counts import read_counts
from peelgraph.repository.transaction import write
from peelgraph.repository.void_dcat import count_all
from tests.under_test import is_joined

GRAPH = "https://w3id.org/peelgraph/graph/told"
HEAD = b"""
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix graph: <https://w3id.org/peelgraph/graph/> .
@prefix peel: <https://w3id.org/peelgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix scheme: <https://w3id.org/peelgraph/id/concept-scheme/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
graph:told a dcat:Dataset ;
  dcterms:title "Told"@en ; dcterms:description "What is told."@en ;
  dcterms:source <https://www.example.org/> ;
  dcterms:license <http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/> .
"""
ONE = (
    HEAD
    + b"""
<https://w3id.org/peelgraph/id/topic/told> a peel:Topic ;
  rdfs:label "told"@en ; skos:prefLabel "told"@en ;
  skos:inScheme scheme:topics ; skos:topConceptOf scheme:topics ;
  rdfs:seeAlso <https://www.example.org/topic> .
"""
)
OTHER = (
    HEAD
    + b"""
<https://w3id.org/peelgraph/id/topic/told> a peel:Topic ;
  rdfs:label "told again"@en ; skos:prefLabel "told again"@en ;
  skos:inScheme scheme:topics ; skos:topConceptOf scheme:topics .
<https://w3id.org/peelgraph/id/topic/more> a peel:Topic ;
  rdfs:label "more"@en ; skos:prefLabel "more"@en ;
  skos:inScheme scheme:topics ; skos:broader <https://w3id.org/peelgraph/id/topic/told> ;
  skos:altLabel "further"@en .
"""
)


@pytest.mark.slow("the project's graph counted after each write")
def test_counts_after_writes_are_those_of_counting_afresh(
    project_home: Home, tmp_path: Path
) -> None:
    shutil.copytree(project_home.path, tmp_path / "home")
    home = Home(tmp_path / "home")
    puts = [Put(GRAPH, (Document(t, "ttl", "body", GRAPH),), replaces=True) for t in (ONE, OTHER)]
    changes: list[Change] = [*puts, Drop(GRAPH)]
    for change in changes:
        before = home.current().number
        write(home, Order(change, message="told"))
        version = home.current()
        store = Embedded.read_only(version.store_path)
        try:
            assert before + 1 == version.number
            assert count_all(store) == read_counts(version.path)
            assert is_joined(version)
        finally:
            store.close()
