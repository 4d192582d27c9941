"""What XML 1.0 can carry: a serialised document that every reader reads as it was meant."""

import re

from peelgraph.errors import NotAcceptable

# Characters that XML 1.0 has no form for (section 2.2), and the engine's element for a property
# whose IRI ends in no name (RDF/XML, section 2.4). In a text, `<` is escaped.
_IMPOSSIBLE = re.compile(
    rb"(?P<character>[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf])"
    rb'|<oxprefix: xmlns:oxprefix="(?P<property>[^"]*)"'
)


def readable(document: bytes, others: str) -> bytes:
    """The XML document with each carriage return as a reference, which a parser leaves as it is.

    Errors: NotAcceptable where XML 1.0 cannot hold it; `others` are the formats that can.
    """
    found = _IMPOSSIBLE.search(document)
    if found is None:
        return document.replace(b"\r", b"&#13;")
    if found["property"] is not None:
        told = f"RDF/XML has no form for the property <{found['property'].decode()}>"
    else:
        told = f"XML 1.0 has no form for the character U+{ord(found['character'].decode()):04X}"
    raise NotAcceptable(f"{told}, which is in the answer", hint=f"Ask for one of: {others}")
