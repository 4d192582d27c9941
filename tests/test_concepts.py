"""Concepts of the whole project: each kind has a scheme of its own, and each concept is in one."""

from collections import defaultdict

from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store

from peelgraph.sources import Project
from peelgraph.terms import PREFIXES, expand

# Each scale has its scheme; what police may impose is an outcome type where it concludes a crime.
SEVERAL = {
    "peel:Grade": {"grades-2014-to-2018", "grades-from-2021"},
    "peel:Power": {"powers", "outcome-types"},
}
SCHEME = expand("concept-scheme:")


def test_each_kind_of_concept_has_a_scheme_of_its_own(project: Project) -> None:
    store = Store()
    for source in (*project.ontology, *project.data):
        store.load(source.triples, RdfFormat.N_TRIPLES)
    schemes: dict[str, set[str]] = defaultdict(set)
    for below in store.quads_for_pattern(
        None, NamedNode(expand("rdfs:subClassOf")), NamedNode(expand("skos:Concept"))
    ):
        for quad in store.quads_for_pattern(None, NamedNode(expand("rdf:type")), below.subject):
            homes = store.quads_for_pattern(quad.subject, NamedNode(expand("skos:inScheme")), None)
            schemes[below.subject.value] |= {
                home.object.value.removeprefix(SCHEME) for home in homes
            }
    several = {kind: homes for kind, homes in schemes.items() if len(homes) != 1}

    assert len(schemes) > 20
    assert {expand(kind): homes for kind, homes in SEVERAL.items()} == several


# What the axioms of ontology/schemes/topics.ttl say: the topics that a thing has by its class.
OF_CLASS = """
  ?thing a/rdfs:subClassOf* ?class .
  ?class rdfs:subClassOf [ owl:onProperty peel:hasTopic ; owl:hasValue ?topic ] .
"""


def test_a_topic_is_stated_where_it_says_more_than_the_class(project: Project) -> None:
    store = Store()
    for source in (*project.ontology, *project.data):
        store.load(source.triples, RdfFormat.N_TRIPLES)
    head = "".join(f"PREFIX {p}: <{PREFIXES[p]}>\n" for p in ("owl", "peel", "rdfs"))
    of_class = store.query(f"{head}SELECT DISTINCT ?topic WHERE {{ {OF_CLASS} }}")
    stated = "?thing peel:hasTopic ?topic ."
    repeated = store.query(f"{head}SELECT ?thing ?topic WHERE {{ {stated} {OF_CLASS} }}")
    topics = store.query(f"{head}SELECT ?thing WHERE {{ {stated} }}")
    assert isinstance(of_class, QuerySolutions)
    assert isinstance(repeated, QuerySolutions)
    assert isinstance(topics, QuerySolutions)

    assert len(list(of_class)) > 10
    assert len(list(topics)) > 500
    assert [] == [f"{row['thing']} {row['topic']}" for row in repeated]
