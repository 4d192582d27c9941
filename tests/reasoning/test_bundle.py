"""The project's own graph: what is inferred from it, and that nothing clashes."""

from functools import cache

import pytest

from peelgraph.reasoning import Rules, compile_rules, find_contradictions, infer
from peelgraph.reasoning.axioms import OWL
from peelgraph.reasoning.rules import TYPE
from peelgraph.sources import find_root, read_project
from peelgraph.store import Store
from tests.reasoning.oracle import close
from tests.reasoning.reasoning_worlds import inferred, store_of

LONG = 2_000  # triples of a table


@cache
def bundle() -> tuple[bytes, bytes]:
    """The project's ontology and data."""
    project = read_project(find_root())
    return (
        b"".join(source.triples for source in project.ontology),
        b"".join(source.triples for source in project.data),
    )


def sample() -> bytes:
    """The data without most rows of long tables: owlrl takes a second for each thousand triples."""
    found = []
    for source in read_project(find_root()).data:
        lines = source.triples.decode().splitlines(keepends=True)
        if len(lines) > LONG and "/tables/" in f"/{source.path.as_posix()}":
            subjects = sorted({line.split(" ", 1)[0] for line in lines})
            kept = set(subjects[:: len(lines) // LONG * 10])
            lines = [line for line in lines if line.split(" ", 1)[0] in kept]
        found.append("".join(lines).encode())
    return b"".join(found)


@pytest.fixture(scope="module")
def published() -> tuple[Store, Rules]:
    ontology, data = bundle()
    store, rules = store_of(ontology, data), compile_rules(ontology)
    infer(store, rules)
    return store, rules


def test_bundled_graph_has_no_contradiction(published: tuple[Store, Rules]) -> None:
    store, rules = published

    assert [] == [clash.message for clash in find_contradictions(store, rules)]


@pytest.mark.embedded
@pytest.mark.slow("owlrl over the project's graph")
def test_bundled_graph_infers_what_owlrl_infers() -> None:
    (ontology, _), data = bundle(), sample()
    store = store_of(ontology, data)
    infer(store, compile_rules(ontology))
    expected, broken = close(ontology, data)
    found = inferred(store)

    assert found
    assert not broken
    assert expected - found == set()
    assert found - expected == set()


def test_terms_of_the_ontology_gain_nothing(published: tuple[Store, Rules]) -> None:
    store, _ = published
    terms = {
        line.split()[0]
        for line in bundle()[0].decode().splitlines()
        if line.split()[1] == TYPE and line.split()[2].startswith(OWL)
    }

    assert terms
    assert [] == [line for line in inferred(store) if line.split()[0] in terms]
