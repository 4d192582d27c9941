"""What became of the terms of a vocabulary, version by version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from peelgraph.embedded import Embedded
from peelgraph.errors import PeelgraphError
from peelgraph.versions import Version
from peelgraph.versions.keeping import engine_of, keeper_of
from peelgraph.web.cells import Cell, link, short
from peelgraph.web.service import Service
from peelgraph.web.triples import Triples, facts_of

_MOST = 10

# What is said of a term, each property with its values in words.
Said = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Revision:
    """What one version changed in the vocabulary of the version before it.

    A term that changed comes with the properties that did; one that is gone leads nowhere.
    """

    base: int
    number: int
    added: tuple[Cell, ...]
    changed: tuple[tuple[Cell, tuple[str, ...]], ...]
    removed: tuple[Cell, ...]


def read_revisions(service: Service, graph: str) -> list[Revision]:
    """The latest versions that changed `graph`, newest first; none where no older is kept."""
    settings = service.settings
    try:
        versions = keeper_of(settings.home, engine_of(settings)).list()
    except PeelgraphError:
        return []
    kept = {version.number: version for version in versions}
    pairs = (
        (kept[new.base], new)
        for new in sorted(versions, key=lambda version: -version.number)
        if new.base in kept and _digest(new, graph) != _digest(kept[new.base], graph)
    )
    return list(islice((_compared(old, new, graph) for old, new in pairs), _MOST))


def _digest(version: Version, graph: str) -> str:
    return version.graphs[graph].digest if graph in version.graphs else ""


def _compared(old: Version, new: Version, graph: str) -> Revision:
    before, after = _said(old, graph), _said(new, graph)
    return Revision(
        old.number,
        new.number,
        tuple(_cell(iri) for iri in sorted(after.keys() - before.keys())),
        tuple(
            (_cell(iri), tuple(_differing(before[iri], after[iri])))
            for iri in sorted(before.keys() & after.keys())
            if before[iri] != after[iri]
        ),
        tuple(Cell(short(iri)) for iri in sorted(before.keys() - after.keys())),
    )


def _said(version: Version, graph: str) -> dict[str, Said]:
    """What a version says of each term that has a name, nodes without one in words."""
    store = Embedded.read_only(version.store_path)
    try:
        triples = Triples(store.read(graph))
    finally:
        store.close()
    return {
        iri: {
            name.text: frozenset(value.text for value in values)
            for name, values in facts_of(triples, iri).items()
        }
        for iri in list(triples.by_subject)
        if not iri.startswith("_:")
    }


def _differing(before: Said, after: Said) -> Iterator[str]:
    nothing: frozenset[str] = frozenset()
    for name in sorted(before.keys() | after.keys()):
        if before.get(name, nothing) != after.get(name, nothing):
            yield name.rpartition(":")[2]


def _cell(iri: str) -> Cell:
    return Cell(short(iri), link(iri))
