"""The parameters of a stored query: what a caller may choose, read as RDF terms."""

import re
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from peelgraph import terms
from peelgraph.errors import RequestRefused

OPEN = "*"
REQUIRED = "-"

_XSD = terms.VOCABULARIES["xsd"]

# Type: datatype ("" where a value is no plain typed literal), pattern of a value, an example.
TYPES = {
    "iri": ("", r"\S+", terms.PROJECT.example_thing),
    "string": ("", r"(?s:.*)", "a name"),
    "text": ("", r"(?s:.*)", "some words"),
    "integer": (f"{_XSD}integer", r"[+-]?[0-9]+", "42"),
    "decimal": (f"{_XSD}decimal", r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", "20.6"),
    "boolean": (f"{_XSD}boolean", r"true|false", "true"),
    "date": (f"{_XSD}date", r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}", "2016-02-18"),
    "year": (f"{_XSD}gYear", r"-?[0-9]{4,}", "2015"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One variable that a caller may bind; `default` is written as a caller would write it."""

    name: str
    type: str
    default: str
    about: str

    def bind(self, value: str | None) -> str | None:
        """The term for `value`, or for the default; None where the variable stays open.

        Errors: RequestRefused when the value is no such term, or is needed and not given.
        """
        chosen = self.default if value is None else value
        if value is None and chosen == REQUIRED:
            raise RequestRefused(f"a value for {self.name} is needed: {self.about}")
        if chosen == OPEN:
            return None
        try:
            return read_term(self.type, chosen)
        except RequestRefused as error:
            raise RequestRefused(f"{self.name}: {error.message}", hint=error.hint) from error


def read_term(type_name: str, value: str) -> str:
    """`value` as a term of the named type, in N-Triples syntax; RequestRefused when it is none."""
    datatype, pattern, example = TYPES[type_name]
    if not re.fullmatch(pattern, value):
        raise RequestRefused(f"{value!r} is no {type_name}", hint=f"write it like this: {example}")
    if type_name == "iri":
        return _read_iri(value)
    if type_name == "text":
        return str(Literal(value, language="en"))
    return str(Literal(value, datatype=NamedNode(datatype)) if datatype else Literal(value))


def read_node(value: str) -> str:
    """An IRI, a prefixed name, `a` or a literal in quotes as a term; RequestRefused if none."""
    if value == "a":  # as Turtle and our own explanations write rdf:type
        return f"<{terms.PREFIXES['rdf']}type>"
    return value if value.startswith('"') else _read_iri(value)


def _read_iri(value: str) -> str:
    iri = value[1:-1] if value.startswith("<") and value.endswith(">") else value
    prefix, _, local = iri.partition(":")
    if iri == value and prefix in terms.PREFIXES and not local.startswith("//"):
        iri = terms.PREFIXES[prefix] + local
    try:
        if ":" in iri:
            return str(NamedNode(iri))
    except ValueError:
        pass
    raise RequestRefused(
        f"{value!r} is no IRI",
        hint=f"write <https://...>, or a prefixed name as {terms.PROJECT.example_thing}",
    )
