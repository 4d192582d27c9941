"""The pages of the ontology and the shapes: every term, with its meaning, its uses and examples."""

import re
import shutil
import urllib.request
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph import terms
from peelgraph.commands.publish import publish_project
from peelgraph.embedded import Embedded
from peelgraph.repository import Home
from peelgraph.site.diagrams import Box, draw_relations, draw_tree
from tests.services import serving


@pytest.fixture(scope="module")
def store(project_home: Home) -> Embedded:
    return Embedded.read_only(project_home.current().store_path)


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def named(store: Embedded, graph: str, namespace: str) -> set[str]:
    quads = ox.parse(store.read(terms.mint_graph(graph)), ox.RdfFormat.N_TRIPLES)
    subjects = {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)}
    return {iri.removeprefix(namespace) for iri in subjects if iri.startswith(namespace)}


def section(text: str, anchor: str) -> str:
    start = text.index(f'<section id="{anchor}"')
    return text[start : text.index("</section>", start)]


def test_every_term_and_shape_has_its_anchor(served: str, store: Embedded) -> None:
    for graph, namespace in (("ontology", terms.PEEL), ("shapes", terms.PSH)):
        text = page(f"{served}/{graph}.html")
        anchors = re.findall(r' id="([^"]+)"', text)
        local = {link.partition("#")[2] for link in re.findall(r'href="(#[^"]+)"', text)}
        expected = named(store, graph, namespace)

        assert len(expected) > 50
        assert set() == expected - set(anchors)
        assert set() == local - set(anchors)
        assert len(anchors) == len(set(anchors))


def test_a_term_shows_its_definition_examples_uses_and_diagram(served: str) -> None:
    told = section(page(f"{served}/ontology.html"), "Judgment")

    assert "The grade that inspectorates give one force or unit" in told
    assert re.search(r'For example: <a href="/doc/judgment/', told)
    assert "1,877" in told
    assert 'href="/shapes#Judgment"' in told
    assert re.search(r'href="/queries/[a-z-]+"', told)
    assert re.search(r'<svg .*<a href="#InspectedBody">.*</svg>', told, re.DOTALL)


def test_a_shape_says_what_it_demands_and_of_what(served: str) -> None:
    text = page(f"{served}/shapes.html")

    assert "exactly one grade" in section(text, "Judgment-gives")
    assert 'href="/ontology#Judgment"' in section(text, "Judgment")


def test_a_text_in_a_diagram_is_escaped() -> None:
    bad = Box('<b>"&', "#x")
    tree = draw_tree([bad], {bad: [Box("child")]}, "<i>")
    relations = draw_relations(bad, [("<u>", Box("other"))], "t")

    for drawn in (tree, relations):
        assert "<b>" not in drawn
        assert "<u>" not in drawn
        assert "&lt;b&gt;" in drawn
        assert drawn.startswith("<svg ")
        assert drawn.endswith("</svg>")


NEW = """
peel:Appeal a owl:Class ;
    rdfs:isDefinedBy <https://w3id.org/peelgraph/ontology> ;
    rdfs:label "appeal"@en ;
    skos:definition "A demand that a grade be given again."@en ;
    rdfs:subClassOf peel:Statement .
"""


def test_a_changed_ontology_tells_which_terms_are_new_changed_and_gone(
    project_home: Home, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project_home.path, tmp_path / "home")
    shutil.copytree(root / "ontology", tmp_path / "ontology")
    for name in ("shapes", "data", "queries"):
        (tmp_path / name).symlink_to(root / name)
    module = tmp_path / "ontology/inspection.ttl"
    change(module, "The grade that inspect", "A grade that inspect")
    change(tmp_path / "ontology/evidence.ttl", "hasValue status:planned", "hasValue status:ended")
    with (tmp_path / "ontology/inspection.ttl").open("a", encoding="utf-8") as file:
        file.write(NEW)
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path / "home")
    publish_project(home, lambda _: None)
    change(tmp_path / "ontology/inspection.ttl", NEW, "")
    publish_project(home, lambda _: None)

    with serving(home.path, tmp_path) as url:
        text = page(f"{url}/ontology.html")
        shapes = page(f"{url}/shapes.html")
    told = text[text.index('id="changes"') : text.index('id="hierarchy"')]
    newest, older = told.split("<h3>")[1:]
    assert "Version 3" in newest
    assert "<dt>gone</dt>\n<dd>peel:Appeal</dd>" in newest
    assert "<dt>changed" not in newest
    assert '<a href="/versions/1..2">Version 2</a>' in older
    assert "peel:Appeal" in older.partition("<dt>changed")[0]
    assert re.search(r'#Judgment">peel:Judgment</a> <small>\(definition\)', older)
    assert re.search(r"peel:PlannedThing</a> <small>\(equivalentClass\)", older)
    # No anchor leads to a term that is gone, and what did not change is not told.
    assert "#Appeal" not in newest
    assert older.count("<small>") == 2
    assert "None of the versions kept here changed it." in shapes


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
