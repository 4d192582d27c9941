"""The project's own graph: what is inferred from it, and that nothing clashes."""

from functools import cache

import pytest
from oracle import close
from reasoning_worlds import inferred, store_of

from peelgraph.embedded import Embedded
from peelgraph.reasoning import Rules, compile_rules, find_contradictions, infer
from peelgraph.reasoning.axioms import OWL
from peelgraph.reasoning.rules import TYPE
from peelgraph.sources import find_root, read_project


@cache
def bundle() -> tuple[bytes, bytes]:
    """The project's ontology and data."""
    project = read_project(find_root())
    return (
        b"".join(source.triples for source in project.ontology),
        b"".join(source.triples for source in project.data),
    )


@pytest.fixture(scope="module")
def published() -> tuple[Embedded, Rules]:
    ontology, data = bundle()
    store, rules = store_of(ontology, data), compile_rules(ontology)
    infer(store, rules)
    return store, rules


def test_bundled_graph_has_no_contradiction(published: tuple[Embedded, Rules]) -> None:
    store, rules = published

    assert [] == [clash.message for clash in find_contradictions(store, rules)]


def test_bundled_graph_infers_what_owlrl_infers(published: tuple[Embedded, Rules]) -> None:
    store, _ = published
    expected, broken = close(*bundle())
    found = inferred(store)

    assert found
    assert not broken
    assert expected - found == set()
    assert found - expected == set()


def test_terms_of_the_ontology_gain_nothing(published: tuple[Embedded, Rules]) -> None:
    store, _ = published
    terms = {
        line.split()[0]
        for line in bundle()[0].decode().splitlines()
        if line.split()[1] == TYPE and line.split()[2].startswith(OWL)
    }

    assert terms
    assert [] == [line for line in inferred(store) if line.split()[0] in terms]
