"""The engine that the tests run on: embedded, or the one that tests/engines/run.py started.

The variables PEELGRAPH_TEST_ENGINE and PEELGRAPH_TEST_SERVER tell; a test marked `embedded` is
about what only the embedded store does, one marked `writing` needs an engine that is written to.
"""

import itertools
import json
import os
from functools import cache

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.reasoning import Rules
from peelgraph.remote import Engine, RemoteStore, View
from peelgraph.repository import Home, Version
from peelgraph.repository.protocol import Repository
from peelgraph.repository.rebuild import rebuild
from peelgraph.repository.remote import Record, RemoteRepository
from peelgraph.store import Store
from peelgraph.validation import Validated

ENGINE = os.environ.get("PEELGRAPH_TEST_ENGINE", "embedded")
TIMEOUT = 60.0


@cache
def _addresses() -> list[Engine]:
    given: list[dict[str, str]] = json.loads(os.environ["PEELGRAPH_TEST_SERVER"])
    return [Engine(**each) for each in given]


_turns = itertools.count()


def examples(number: int) -> int:
    """How many examples a property is tried on: to an engine each is a hundred requests."""
    return number if ENGINE == "embedded" else max(2, number // 10)


def engine() -> Engine:
    """The engine that holds the project's own graph."""
    return _addresses()[0]


def empty_engine() -> Engine:
    """An engine that holds nothing, until its turn comes again."""
    ring = _addresses()[1:]
    chosen = ring[next(_turns) % len(ring)]
    RemoteStore(chosen, TIMEOUT).update("DROP ALL")
    return chosen


def empty_store() -> Store:
    """A store that holds nothing."""
    return Embedded.memory() if ENGINE == "embedded" else RemoteStore(empty_engine(), TIMEOUT)


def reasoning_store() -> Store:
    """The same, where a query sees the unnamed graph and what is inferred from it."""
    if ENGINE == "embedded":
        return Embedded.memory()
    # What is asserted lies in the unnamed graph here, as in no version: Jena has a name for it.
    unnamed = ("urn:x-arq:DefaultGraph",)
    inferred = (terms.INFERRED,)
    view = View((*unnamed, *inferred), unnamed, inferred)
    return RemoteStore(empty_engine(), TIMEOUT).seen(view)


def published_store(home: Home) -> Store:
    """The store that holds what a home does: the home's own, or the engine filled from it once."""
    if ENGINE == "embedded":
        return Embedded.read_only(home.current().store_path)
    hosted = RemoteRepository(RemoteStore(engine(), TIMEOUT * 5))
    if hosted.find() is None:
        _fill(hosted, home)
    return hosted.seen()


def publish_here(home: Home, validated: Validated, rules: Rules) -> Repository:
    """What keeps these sources as its first version: a home, or an engine of its own."""
    if ENGINE == "embedded":
        rebuild(home, validated, rules)
        return home
    hosted = RemoteRepository(RemoteStore(empty_engine(), TIMEOUT))
    rebuild(hosted, validated, rules)
    return hosted


def opened(keeper: Repository) -> Store:
    """The current version of a home or an engine, to be read."""
    with keeper.open() as (version, store):
        return store if version.is_hosted else Embedded.read_only(version.store_path)


def is_joined(version: Version) -> bool:
    """Whether the joined graph of a version holds just what its store asserts and infers."""
    store, whole = (Embedded.read_only(p) for p in (version.store_path, version.whole_path))
    seen = [*store.read("").splitlines(), *store.read(terms.INFERRED).splitlines()]
    found = whole.read("").splitlines() if not whole.graphs() else []
    return sorted(found) == sorted(seen)


def _fill(hosted: RemoteRepository, home: Home) -> None:
    """Put each graph in its place as it is: an engine that is only read has no stage."""
    version: Version = home.current()
    store = Embedded.read_only(version.store_path)
    own_default = ENGINE != "virtuoso"
    for name in store.graphs():
        hosted.store.insert(store.read(name), name)
        if own_default:
            hosted.store.insert(store.read(name), "")
    record = Record(version, own_default)
    hosted.store.update(hosted.write_record(record))
    assert terms.INFERRED in store.graphs()
