"""Modules of the ontology and of the shapes, and earlier releases: each a document of its own.

The store holds the ontology as one graph, and which file states an axiom is not told there. So
the files themselves are served, as long as the version that is read was built from just these.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.http.service import Published
from peelgraph.repository.digest import digest_graph
from peelgraph.sources import read_turtle
from peelgraph.sources.project import turtle_files

# An earlier release of the ontology or the shapes, whole: 0.1.0.nt.gz.
_RELEASES = Path("publication")
_OWL = terms.VOCABULARIES["owl"]
_TYPE = f"{terms.VOCABULARIES['rdf']}type"


@dataclass(frozen=True, slots=True)
class _Files:
    """The N-Triples of each file by its IRI and its version IRI, and the digest of all files."""

    modules: Mapping[str, bytes]
    digest: str


class Modules:
    """The files of a project's ontology and shapes, read once, when they are asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, _Files] = {}

    def find(self, version: Published, stem: str, iri: str) -> bytes | None:
        """The N-Triples of a module; None where `version` holds another state, or has none."""
        graph = version.graphs.get(terms.mint_graph(stem))
        if graph is None:
            return None
        if stem not in self._files:
            self._files[stem] = self._read(stem)
        files = self._files[stem]
        return files.modules.get(iri) if graph.digest == files.digest else None

    def find_release(self, stem: str, name: str) -> bytes | None:
        """The N-Triples of an earlier release; None where none of that name is kept."""
        folder = self._root / stem / _RELEASES
        path = folder / f"{name}.nt.gz"
        is_kept = folder.is_dir() and path in folder.iterdir()
        return gzip.decompress(path.read_bytes()) if is_kept else None

    def _read(self, stem: str) -> _Files:
        modules: dict[str, bytes] = {}
        documents = []
        for path in turtle_files(self._root / stem, self._root):
            shown = path.relative_to(self._root)
            triples = read_turtle(path, terms.mint_graph(stem), shown).triples
            documents.append(triples)
            names = _names(triples)
            # The file of the whole imports the others: its document is all of them.
            if f"{terms.BASE}{stem}" not in names:
                modules |= dict.fromkeys(names, triples)
        return _Files(modules, digest_graph(documents))


def _names(triples: bytes) -> set[str]:
    """The IRI of the ontology that a file is, and its version IRI, as far as it has them."""
    names = set()
    for triple in ox.parse(triples, ox.RdfFormat.N_TRIPLES):
        if triple.predicate.value == _TYPE and triple.object == ox.NamedNode(f"{_OWL}Ontology"):
            names.add(str(triple.subject).strip("<>"))
        if triple.predicate.value == f"{_OWL}versionIRI":
            names.add(str(triple.object).strip("<>"))
    return names
