"""What a registry and a FAIR assessment look for, checked without asking either.

The checks are those that FOOPS! makes of an ontology and that Linked Open Vocabularies asks of a
submission, as far as they can be answered here; the rules of the redirects are read by the test.
"""

import re
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, VANN

from peelgraph import terms

ROOT = Path(__file__).parents[1]
BIBO = rdflib.Namespace("http://purl.org/ontology/bibo/")
KIT = ROOT / "ontology" / "publication"
ONTOLOGY = rdflib.URIRef(terms.ONTOLOGY)
HOST = "https://peelgraph.example"
RULE = re.compile(r"^RewriteRule (\S+) %\{ENV:HOST\}(\S+) \[R=303,L\]$", re.MULTILINE)
TYPES = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        graph.parse(path)
    return graph


def redirect(path: str) -> str | None:
    """Where the first rule that matches leads, as mod_rewrite reads them."""
    rules: list[tuple[str, str]] = RULE.findall((KIT / ".htaccess").read_text(encoding="utf-8"))
    assert len(rules) > 5
    for pattern, target in rules:
        if match := re.match(pattern, path):
            for at, part in enumerate(match.groups(), start=1):
                target = target.replace(f"${at}", part or "")  # noqa: PLW2901
            return HOST + target
    return None


VERSION = re.findall(
    r'owl:versionInfo "([^"]+)"', (ROOT / "ontology" / "peelgraph.ttl").read_text(encoding="utf-8")
)[0]
# Each has another address than the last; what a service answers them with is asked below.
PATHS = [
    "",
    "ontology",
    "ontology/0.1.0",
    f"ontology/{VERSION}",
    "ontology/inspection",
    "ontology/alignment/org",
    "ontology/schemes/grades-2014-to-2018",
    f"ontology/{VERSION}/inspection",
    f"ontology/{VERSION}/alignment/org",
    "shapes",
    "shapes/inspection",
    "id/force/kent",
    "graph/grades",
    ".well-known/void",
]


@pytest.mark.parametrize("path", PATHS)
def test_an_identifier_leads_to_what_a_service_answers(path: str, served: str) -> None:
    there = redirect(path)

    assert there is not None
    request = urllib.request.Request(
        served + urlsplit(there).path, headers={"Accept": "text/turtle, text/html;q=0.5"}
    )
    with urllib.request.urlopen(request) as answer:
        assert 200 == answer.status


@pytest.mark.parametrize("path", ["elsewhere", "ontology/../x", "idle", "ontology/0.1"])
def test_what_is_no_identifier_leads_nowhere(path: str) -> None:
    assert redirect(path) is None


@pytest.mark.parametrize("media_type", TYPES)
def test_the_ontology_is_there_in_each_form(media_type: str, served: str) -> None:
    request = urllib.request.Request(f"{served}/ontology", headers={"Accept": media_type})
    with urllib.request.urlopen(request) as answer:
        body, told = answer.read(), answer.headers.get_content_type()

    assert media_type == told
    syntax = ox.RdfFormat.from_media_type(media_type)
    assert terms.ONTOLOGY in {getattr(q.subject, "value", "") for q in ox.parse(body, syntax)}


def test_the_ontology_is_there_as_a_page(served: str) -> None:
    request = urllib.request.Request(f"{served}/ontology", headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        assert "text/html" == answer.headers.get_content_type()


# The checks of FOOPS! that come down to what the ontology says about itself; the others have tests
# of their own here, and those of registries wait for a release.
SAID = {
    "OM1": (
        *(DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.creator, DCTERMS.created),
        *(OWL.versionIRI, VANN.preferredNamespaceUri),
    ),
    "OM2": (
        *(VANN.preferredNamespacePrefix, OWL.versionInfo),
        *(DCTERMS.created, DCTERMS.bibliographicCitation),
    ),
    "OM3": (DCTERMS.publisher,),
    "OM4.1": (DCTERMS.license,),
    "OM5.1": (DCTERMS.creator, DCTERMS.created),
    "OM5.2": (DCTERMS.publisher,),
    "FIND1": (VANN.preferredNamespacePrefix,),
    "LOV": (DCTERMS.modified, DCTERMS.abstract, SKOS.changeNote),
}
UNTIL_RELEASED = {
    "OM3": (DCTERMS.identifier, FOAF.logo, BIBO.status, DCTERMS.source, DCTERMS.issued),
    "OM5.2": (DCTERMS.issued,),
}
ANSWERED = {
    **dict.fromkeys(("URI1", "VER2"), "test_an_identifier_leads_to_what_a_service_answers"),
    **dict.fromkeys(("CN1", "RDF1"), "test_the_ontology_is_there_in_each_form"),
    "DOC1": "test_the_ontology_is_there_as_a_page",
    **dict.fromkeys(("VER1", "VOC1"), "test_namespace_prefix_and_version_agree"),
    **dict.fromkeys(("PURL1", "URI2", "HTTP1", "OM4.2"), "test_names_are_lasting_and_known"),
    "VOC2": "test_known_vocabularies_are_reused",
    **dict.fromkeys(("VOC3", "VOC4"), "test_every_term_has_a_label_a_definition_and_a_home"),
}
REGISTERED = {"FIND2", "FIND3", "FIND_3_BIS"}


@pytest.mark.parametrize("check", SAID)
def test_the_ontology_says_about_itself(graph: rdflib.Graph, check: str) -> None:
    said = set(graph.predicates(ONTOLOGY))

    assert set(SAID[check]) <= said
    assert said.isdisjoint(UNTIL_RELEASED.get(check, ()))


def test_the_page_tells_the_verdict_of_each_check() -> None:
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    told = dict(
        re.findall(r"^\| ([A-Z][A-Z_]*\d[A-Z_.\d]*) \|.*\| (yes|no|in part)\b", page, re.MULTILINE)
    )

    assert 24 == len(told)
    assert REGISTERED == {check for check, verdict in told.items() if verdict == "no"}
    assert set(UNTIL_RELEASED) == {check for check, verdict in told.items() if verdict == "in part"}
    assert told.keys() == (SAID.keys() | ANSWERED.keys() | REGISTERED) - {"LOV"}
    assert set(ANSWERED.values()) <= globals().keys()


def test_names_are_lasting_and_known(graph: rdflib.Graph) -> None:
    assert [ONTOLOGY] == list(graph.subjects(OWL.versionInfo, None))
    assert str(ONTOLOGY).startswith("https://w3id.org/")
    assert rdflib.URIRef("http://www.apache.org/licenses/LICENSE-2.0") == graph.value(
        ONTOLOGY, DCTERMS.license
    )


def test_namespace_prefix_and_version_agree(graph: rdflib.Graph) -> None:
    version = str(graph.value(ONTOLOGY, OWL.versionInfo))

    assert rdflib.Literal("peel") == graph.value(ONTOLOGY, VANN.preferredNamespacePrefix)
    assert rdflib.Literal(terms.PEEL) == graph.value(ONTOLOGY, VANN.preferredNamespaceUri)
    assert rdflib.URIRef(f"{ONTOLOGY}/{version}") == graph.value(ONTOLOGY, OWL.versionIRI)
    for agent in graph.objects(ONTOLOGY, DCTERMS.creator):
        assert (agent, FOAF.name, None) in graph


def test_every_term_has_a_label_a_definition_and_a_home(graph: rdflib.Graph) -> None:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    found = {
        term
        for kind in kinds
        for term in graph.subjects(RDF.type, kind)
        if str(term).startswith(terms.PEEL)
    }

    assert len(found) > 100
    for property in (RDFS.label, SKOS.definition, RDFS.isDefinedBy):
        assert [] == [term for term in found if (term, property, None) not in graph]


def test_known_vocabularies_are_reused(graph: rdflib.Graph) -> None:
    imported = {str(module).rsplit("/", 1)[-1] for module in graph.objects(ONTOLOGY, OWL.imports)}

    assert {"org", "prov", "skos", "qb", "dcat"} <= imported
