"""Updates that turn loaded graphs from one version of the ontology to the next.

`migration/VERSION/<what>.rq` changes one thing; `migration/VERSION/<what>.ttl` here is a small
graph as the version before had it: it does not conform any more, and does once it was changed.
"""

from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph.embedded import Embedded
from peelgraph.sources import Project, Source, read_turtle
from peelgraph.terms import VOCABULARIES, mint_graph
from peelgraph.validation import Validator

HERE = Path(__file__).parent
ROOT = HERE.parent
REPLACED = ox.NamedNode(f"{VOCABULARIES['dcterms']}isReplacedBy")
UPDATES = sorted((ROOT / "migration").rglob("*.rq"))


def old_of(update: Path) -> Path:
    return (HERE / update.relative_to(ROOT)).with_suffix(".ttl")


def changed(store: ox.Store, update: Path, folder: Path) -> Source:
    """What the update makes of the store, as a document."""
    store.update(update.read_text(encoding="utf-8"))
    file = folder / "new.ttl"
    store.dump(str(file), ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
    return read_turtle(file, mint_graph("case"))


def test_there_are_updates_and_an_old_graph_for_each() -> None:
    assert UPDATES
    old = {path for path in (HERE / "migration").rglob("*") if path.is_file()}
    assert {old_of(update) for update in UPDATES} == old


@pytest.mark.parametrize("update", UPDATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_old_graph_conforms_once_it_was_changed(
    update: Path, validator: Validator, reference: Embedded, tmp_path: Path
) -> None:
    old = read_turtle(old_of(update), mint_graph("case"))
    store = ox.Store()
    store.load(old.triples, ox.RdfFormat.N_TRIPLES)
    new = changed(store, update, tmp_path)

    assert not validator.validate([old], reference).is_clean
    assert [] == [result.message for result in validator.validate([new], reference).results]
    # What was changed once stays as it is.
    assert set(new.triples.splitlines()) == set(
        changed(store, update, tmp_path).triples.splitlines()
    )


def test_every_identifier_that_was_replaced_is_migrated(project: Project) -> None:
    """What the data say of it stays as it is."""
    store = ox.Store()
    for source in project.data:
        quads = ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)
        store.extend(quad for quad in quads if quad.predicate == REPLACED)
    successors = {
        quad.subject: quad.object for quad in store.quads_for_pattern(None, REPLACED, None)
    }
    says, thing = ox.NamedNode("urn:says"), ox.NamedNode("urn:thing")
    for old in successors:
        store.extend([ox.Quad(thing, says, old), ox.Quad(old, says, thing)])

    for update in UPDATES:
        store.update(update.read_text(encoding="utf-8"))

    assert successors
    new = set(successors.values())
    assert new == {quad.object for quad in store.quads_for_pattern(thing, says, None)}
    assert new == {quad.subject for quad in store.quads_for_pattern(None, says, thing)}
    assert successors == {
        quad.subject: quad.object for quad in store.quads_for_pattern(None, REPLACED, None)
    }
