"""Publishing: what a version holds, what it keeps of the last, and what a refusal leaves."""

from dataclasses import replace
from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.errors import PublicationRefused, SettingError
from peelgraph.reasoning import Rules, compile_rules
from peelgraph.repository import Home, local_stage
from peelgraph.repository.rebuild import holds_sources, publish_empty, rebuild
from peelgraph.repository.version import LOADED, write_record
from peelgraph.sources import Source, parse
from peelgraph.sparql import Query, QueryRequest
from peelgraph.validation import Report, Validated, accept

ONTOLOGY = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <urn:t#> .
:Force a owl:Class ; rdfs:subClassOf :Body . :Body a owl:Class .
:Unit a owl:Class ; owl:disjointWith :Force .
:Good a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :v ] .
:p a owl:ObjectProperty .
"""
DATA = '@prefix : <urn:t#> . :gwent a :Force ; :name "Heddlu Gwent"@cy .'


def source(text: str, name: str) -> Source:
    return parse(text.encode(), "ttl", terms.mint_graph(name), Path(f"{name}.ttl"))


def validated(*more: Source) -> Validated:
    return accept((source(ONTOLOGY, "ontology"), *more), Report(()))


@pytest.fixture(scope="module")
def rules() -> Rules:
    return compile_rules(source(ONTOLOGY, "ontology").triples)


def count(home: Home, pattern: str) -> int:
    store = Embedded.read_only(home.current().store_path)
    text = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    return int(store.query(QueryRequest(Query(text), results="text/csv")).body.split()[1])


def test_a_version_states_each_triple_once_and_what_follows(tmp_path: Path, rules: Rules) -> None:
    home = Home(tmp_path)
    data, same = source(DATA, "gwent"), source(DATA, "again")
    version = rebuild(home, validated(data, same), rules, message="first")

    assert version == home.current()
    assert 2 == count(home, "<urn:t#gwent> ?p ?o FILTER (?o != <urn:t#Body>)")
    assert 1 == count(home, "<urn:t#gwent> a <urn:t#Body>")
    assert 4 == count(home, f"GRAPH ?g {{ <urn:t#gwent> ?p ?o }} FILTER (?g != <{terms.INFERRED}>)")
    assert 1 == count(home, "?x <http://www.w3.org/2002/07/owl#onProperty> ?p")
    assert {"again": 2, "gwent": 2, "ontology": 11} == {
        name.removeprefix(terms.GRAPH): graph.triples for name, graph in version.graphs.items()
    }
    assert 1 <= version.inferred


def test_the_same_sources_make_no_new_version_and_the_same_digest(
    tmp_path: Path, rules: Rules
) -> None:
    home, other = Home(tmp_path / "a"), Home(tmp_path / "b")
    first = rebuild(home, validated(source(DATA, "gwent")), rules)
    again = rebuild(home, validated(source(DATA, "gwent")), rules)
    elsewhere = rebuild(other, validated(source(DATA, "gwent")), rules)

    assert first == again
    assert first.digest == elsewhere.digest
    assert holds_sources(first, validated(source(DATA, "gwent")).sources)
    assert not holds_sources(first, validated().sources)


def test_a_graph_goes_with_its_file_and_with_what_followed_from_it(
    tmp_path: Path, rules: Rules
) -> None:
    home = Home(tmp_path)
    rebuild(home, validated(source(DATA, "gwent")), rules)
    rebuild(home, validated(), rules)

    assert 2 == home.current().number
    assert 0 == count(home, "{ <urn:t#gwent> ?p ?o } UNION { GRAPH ?g { <urn:t#gwent> ?p ?o } }")


def test_what_was_loaded_otherwise_stays(tmp_path: Path, rules: Rules) -> None:
    home, gwent = Home(tmp_path), terms.mint_graph("gwent")
    first = rebuild(home, validated(source(DATA, "gwent")), rules)
    loaded = {**first.graphs, gwent: replace(first.graphs[gwent], origin=LOADED)}
    write_record(replace(first, graphs=loaded), first.path)
    version = rebuild(home, validated(source(DATA.replace("gwent", "kent"), "kent")), rules)

    assert loaded[gwent] == version.graphs[gwent]
    assert 2 == count(home, "?force a <urn:t#Force>")
    assert 2 == count(home, "?force a <urn:t#Body>")


def test_a_graph_that_was_loaded_is_its_files_from_now_on(tmp_path: Path, rules: Rules) -> None:
    home, gwent = Home(tmp_path), terms.mint_graph("gwent")
    first = rebuild(home, validated(source(DATA, "gwent")), rules)
    loaded = {**first.graphs, gwent: replace(first.graphs[gwent], origin=LOADED)}
    write_record(replace(first, graphs=loaded), first.path)
    version = rebuild(home, validated(source(DATA.replace("Heddlu ", ""), "gwent")), rules)

    assert ("sources", ("gwent.ttl",), 2) == (
        version.graphs[gwent].origin,
        version.graphs[gwent].files,
        version.graphs[gwent].triples,
    )
    assert (1, 1) == (version.added, version.removed)
    assert 0 == count(home, '?s ?p "Heddlu Gwent"@cy')


def test_nothing_is_built_into_a_plain_store(tmp_path: Path, rules: Rules) -> None:
    home = Home(tmp_path)
    publish_empty(home, strict=True)
    with pytest.raises(SettingError, match="plain store"):
        rebuild(home, validated(source(DATA, "gwent")), rules)


def test_a_contradiction_refuses_the_whole_and_leaves_no_trace(
    tmp_path: Path, rules: Rules
) -> None:
    home = Home(tmp_path)
    first = rebuild(home, validated(source(DATA, "gwent")), rules)
    both = source("@prefix : <urn:t#> . :gwent a :Force , :Unit .", "gwent")

    with pytest.raises(PublicationRefused) as caught:
        rebuild(home, validated(both), rules)

    assert "contradicts itself" in str(caught.value)
    assert "gwent" in str(caught.value)
    assert first == home.current()
    assert ["1"] == [entry.name for entry in (tmp_path / "versions").iterdir()]


def test_a_full_disk_leaves_the_version_before(
    tmp_path: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    first = rebuild(home, validated(), rules)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(local_stage, "write_record", full)
    with pytest.raises(SettingError, match="the disk is full"):
        rebuild(home, validated(source(DATA, "gwent")), rules)

    assert first == home.current()
    assert [first] == home.list()
