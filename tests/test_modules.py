"""Modules of the ontology: what each says of itself, imports, and answers with over HTTP."""

import gzip
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph import terms
from peelgraph.repository import canonical_lines

ROOT = Path(__file__).parents[1] / "ontology"
WHOLE = ROOT / "peelgraph.ttl"
FILES = sorted(path for path in ROOT.rglob("*.ttl") if path != WHOLE)
RELEASES = sorted((ROOT / "publication").glob("*.nt.gz"))
CATALOGUE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}uri"
OWL, RDF = terms.VOCABULARIES["owl"], terms.VOCABULARIES["rdf"]
SYNTAXES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def said(path: Path, subject: str, name: str) -> list[str]:
    return [
        getattr(quad.object, "value", "")
        for quad in ox.parse(path=path)
        if (str(quad.subject), quad.predicate.value) == (f"<{subject}>", f"{OWL}{name}")
    ]


VERSION = said(WHOLE, terms.ONTOLOGY, "versionInfo")[0]
MODULES = {path: f"{terms.ONTOLOGY}/{name_of(path)}" for path in FILES}


@pytest.fixture(scope="module")
def homes() -> dict[str, str]:
    """The module that declares each term, concept or scheme."""
    return {
        str(quad.subject).strip("<>"): module
        for path, module in MODULES.items()
        for quad in ox.parse(path=path)
        if quad.predicate.value == f"{RDF}type"
        and isinstance(quad.subject, ox.NamedNode)
        and getattr(quad.object, "value", "") != f"{OWL}Ontology"
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_has_its_version_and_imports_what_it_uses(
    path: Path, homes: dict[str, str]
) -> None:
    module = MODULES[path]
    used = {
        str(term).strip("<>")
        for quad in ox.parse(path=path)
        for term in (quad.subject, quad.predicate, quad.object)
    }
    needed = {homes[term] for term in used if term in homes} - {module}

    assert [f"{terms.ONTOLOGY}/{VERSION}/{name_of(path)}"] == said(path, module, "versionIRI")
    imported = said(path, module, "imports")
    assert sorted(needed) == imported, "write owl:imports for what is missing, sorted"


def test_the_ontology_imports_every_module_and_has_the_same_version() -> None:
    assert [f"{terms.ONTOLOGY}/{VERSION}"] == said(WHOLE, terms.ONTOLOGY, "versionIRI")
    assert sorted(MODULES.values()) == said(WHOLE, terms.ONTOLOGY, "imports")


@pytest.mark.parametrize("folder", [".", "alignment", "schemes"])
def test_a_catalogue_leads_to_the_file_of_every_module(folder: str) -> None:
    place = ROOT / folder
    entries = ET.parse(place / "catalog-v001.xml").iter(CATALOGUE)
    found = {entry.attrib["name"]: (place / entry.attrib["uri"]).resolve() for entry in entries}

    expected = {module: path.resolve() for path, module in MODULES.items()}
    assert {**expected, terms.ONTOLOGY: WHOLE.resolve()} == found


def ask(url: str, accept: str) -> tuple[str, str, bytes]:
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.url, answer.headers.get_content_type(), answer.read()


def lines(body: bytes, syntax: ox.RdfFormat) -> list[bytes]:
    triples = ox.serialize(ox.parse(body, syntax), format=ox.RdfFormat.N_TRIPLES)
    return canonical_lines([triples or b""])


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_and_its_version_answer_with_their_own_content(path: Path, served: str) -> None:
    own = lines(path.read_bytes(), ox.RdfFormat.TURTLE)

    for name in (name_of(path), f"{VERSION}/{name_of(path)}"):
        url, media_type, body = ask(f"{served}/ontology/{name}", "text/turtle")

        assert (f"{served}/ontology/{name}", "text/turtle") == (url, media_type)
        assert own == lines(body, ox.RdfFormat.TURTLE)


@pytest.mark.parametrize("media_type", SYNTAXES)
@pytest.mark.parametrize("name", ["inspection", f"{VERSION}/inspection"])
def test_a_module_is_there_in_each_form(name: str, media_type: str, served: str) -> None:
    own = lines((ROOT / "inspection.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    _, told, body = ask(f"{served}/ontology/{name}", media_type)

    assert media_type == told
    assert own == lines(body, SYNTAXES[media_type])


def test_a_module_of_the_shapes_answers_too(served: str) -> None:
    own = lines((ROOT.parent / "shapes" / "inspection.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    _, _, body = ask(f"{served}/shapes/inspection.ttl", "*/*")

    assert own == lines(body, ox.RdfFormat.TURTLE)


def test_a_module_is_there_as_a_page(served: str) -> None:
    url, media_type, body = ask(f"{served}/ontology/{VERSION}/inspection", "text/html")

    assert (f"{served}/ontology/{VERSION}/inspection", "text/html") == (url, media_type)
    assert b"<h1>Graph <code>ontology/" in body
    assert b'<dt id="Judgment">' in body
    assert b'<dt id="Finding">' not in body


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.name)
def test_an_earlier_release_answers_with_its_own_content(path: Path, served: str) -> None:
    name = path.name.removesuffix(".nt.gz")
    content = gzip.decompress(path.read_bytes())
    url, _, body = ask(f"{served}/ontology/{name}", "application/n-triples")

    assert f"{served}/ontology/{name}" == url
    assert lines(content, ox.RdfFormat.N_TRIPLES) == lines(body, ox.RdfFormat.N_TRIPLES)
    assert f'<{terms.ONTOLOGY}> <{OWL}versionInfo> "{name}"'.encode() in content
    assert b'<dt id="Judgment">' in ask(f"{served}/ontology/{name}", "text/html")[2]


@pytest.mark.parametrize("name", ["9.9.9", "9.9.9/inspection", "0.1.0/inspections"])
def test_a_version_that_there_is_not_is_not_found(name: str, served: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as failure:
        ask(f"{served}/ontology/{name}", "text/turtle")
    failure.value.close()

    assert 404 == failure.value.code
