"""Statements put together one by one, as N-Triples."""

from collections.abc import Iterable

from peelgraph import terms

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
