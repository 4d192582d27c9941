"""The namespaces that a document declares, each with its place."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TURTLE = re.compile(
    r"(?:@prefix|\bprefix)\s+(?P<prefix>[\w.-]*):\s*(?P<place><(?P<iri>[^<>]*)>)", re.I
)
_XML = re.compile(r"""xmlns(?::(?P<prefix>[\w.-]+))?\s*=\s*["'](?P<place>(?P<iri>[^"']*))["']""")
_JSON = re.compile(r'"(?P<prefix>[\w.-]+|@vocab)"\s*:\s*(?P<place>"(?P<iri>[^"\s]*:[^"\s]*)")')
_FORMS = {"ttl": _TURTLE, "trig": _TURTLE, "rdf": _XML, "jsonld": _JSON}


class Namespace(NamedTuple):
    """A prefix, what it stands for, and the offset at which that is written."""

    prefix: str
    iri: str
    offset: int


def find_namespaces(text: str, syntax: str) -> Iterator[Namespace]:
    """The namespaces of a document; in JSON-LD, whatever may be one."""
    form = _FORMS.get(syntax)
    for found in form.finditer(text) if form else ():
        prefix = found["prefix"] or ""
        yield Namespace("" if prefix == "@vocab" else prefix, found["iri"], found.start("place"))
