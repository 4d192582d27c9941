"""The values that reading the sources gives."""

from dataclasses import dataclass, field
from pathlib import Path

from peelgraph.sources.positions import Positions


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file: what it states, in which named graph, and where each statement stands.

    `path` is what messages show: relative to the project where possible. `triples` are
    N-Triples in the order of the file, lexical forms as written ("+005" stays "+005").
    """

    path: Path
    graph: str
    triples: bytes = field(repr=False)
    positions: Positions = field(repr=False)

    @classmethod
    def unfiled(cls, name: str, graph: str, triples: bytes) -> "Source":
        """Statements that stand in no file, so that no place is told for them."""
        return cls(Path(name), graph, triples, Positions("", "nt", triples))


@dataclass(frozen=True, slots=True)
class Project:
    """Everything a checkout or an installed package holds."""

    root: Path
    ontology: tuple[Source, ...]
    shapes: tuple[Source, ...]
    data: tuple[Source, ...]
    queries: Path
