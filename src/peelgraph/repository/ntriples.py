"""N-Triples and N-Quads, line by line: statements put together, a graph as the set of its lines."""

from collections.abc import Iterable

from peelgraph import terms
from peelgraph.store import Store

NAMESPACES = {
    **terms.VOCABULARIES,
    "ext": "http://ldf.fi/void-ext#",
    "schema": "https://schema.org/",
    "spdx": "http://spdx.org/rdf/terms#",
    "spex": "https://purl.expasy.org/sparql-examples/ontology#",
}
_XSD = terms.VOCABULARIES["xsd"]


class Facts:
    """Statements being gathered; names are prefixed, values are N-Triples terms."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, subject: str, **values: str | Iterable[str]) -> None:
        """State of `subject` each property, written prefix_name, with its value or values."""
        for name, given in values.items():
            prefix, _, local = name.partition("_")
            predicate = f"<{NAMESPACES[prefix]}{local}>"
            for value in [given] if isinstance(given, str) else given:
                self.lines.append(f"<{subject}> {predicate} {value} .\n")

    def encode(self) -> bytes:
        """The statements as N-Triples."""
        return "".join(self.lines).encode()


def iri(value: str) -> str:
    """An IRI as a term."""
    return f"<{value}>"


def text(value: str, language: str = "en") -> str:
    """Words as a term."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"' + (f"@{language}" if language else "")


def typed(value: object, datatype: str) -> str:
    """A value of a datatype of XML Schema as a term."""
    return f'"{value}"^^<{_XSD}{datatype}>'


def name(prefixed: str) -> str:
    """A prefixed name as a term."""
    prefix, _, local = prefixed.partition(":")
    return iri(NAMESPACES[prefix] + local)


def lines(document: bytes) -> list[bytes]:
    """The lines of a document, empty ones left out."""
    return [line for line in document.split(b"\n") if line]


def lines_of(store: Store, graph: str) -> frozenset[bytes]:
    """The N-Triples lines of a graph."""
    return frozenset(lines(store.read(graph)))


def join_lines(triples: Iterable[bytes]) -> bytes:
    """Some lines as one document, sorted."""
    return b"".join(line + b"\n" for line in sorted(triples))


def as_quads(triples: Iterable[bytes], graph: str) -> bytes:
    """Some N-Triples lines as N-Quads of one graph, sorted: the store takes them in faster."""
    ending = f" <{graph}> .\n".encode() if graph else b" .\n"
    return b"".join(line.removesuffix(b" .") + ending for line in sorted(triples))
