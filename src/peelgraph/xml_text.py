"""What XML 1.0 can carry: a serialised document that every reader reads as it was meant."""

import re
from html import unescape
from xml.parsers import expat

from peelgraph import terms
from peelgraph.errors import NotAcceptable

# Characters that XML 1.0 has no form for (section 2.2): single bytes, and two of three bytes each.
_IMPOSSIBLE = bytes(each for each in range(0x20) if each not in b"\t\n\r")
_IMPOSSIBLE_LONG = ("\ufffe".encode(), "\uffff".encode())
_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# The start of an element as the engine writes it, with the namespace that it declares for itself.
# In a text and in an attribute, `<` is escaped.
_ELEMENT = re.compile(rb'<([^/? >]+)(?: xmlns(?::oxprefix)?="([^"]*)")?')
_XMLNS = "http://www.w3.org/2000/xmlns/"
# Names that RDF/XML withdrew (section 5.1). The engine fails at the others that it reserves.
_WITHDRAWN = ("rdf:aboutEach", "rdf:aboutEachPrefix", "rdf:bagID")


def readable(document: bytes, others: str) -> bytes:
    """The XML document with each carriage return as a reference, which a parser leaves as it is.

    Errors: NotAcceptable where XML 1.0 cannot hold it; `others` are the formats that can.
    """
    # Deleting bytes and finding fixed ones takes an eighth of the time of the pattern.
    is_short = len(document.translate(None, _IMPOSSIBLE)) < len(document)
    if is_short or any(each in document for each in _IMPOSSIBLE_LONG):
        point = ord(_CHARACTER.findall(document)[0].decode())
        raise cannot_carry(f"XML 1.0 has no form for the character U+{point:04X}", others)
    return document.replace(b"\r", b"&#13;")


def readable_rdf(document: bytes, others: str) -> bytes:
    """The same for RDF/XML, where each property is an element, and some classes are.

    Errors: NotAcceptable, too, for an IRI that ends in no name, or in one that not every parser of
            XML reads: the newest edition of XML 1.0 allows more names than those before it.
    """
    for element, namespace in dict.fromkeys(_ELEMENT.findall(document)):
        name = element.decode()
        prefix, _, local = name.rpartition(":")
        if name in _WITHDRAWN or prefix == "xmlns" or not _is_name(local):
            start = unescape(namespace.decode()) or terms.PREFIXES.get(prefix, _XMLNS)
            raise cannot_carry(f"RDF/XML has no form for the name <{start}{local}>", others)
    return readable(document, others)


def cannot_carry(told: str, others: str) -> NotAcceptable:
    """The failure to write an answer, with the formats that can hold it."""
    return NotAcceptable(f"{told}, which is in the answer", hint=f"Ask for one of: {others}")


def is_reserved(error: Exception) -> bool:
    """Whether the engine failed to write a property that RDF/XML reserves for its own syntax."""
    return "RDF/XML reserved" in str(error)


def _is_name(local: str) -> bool:
    """Whether Expat, which goes by the fourth edition of XML 1.0, reads it as a name."""
    try:
        expat.ParserCreate("utf-8").Parse(f"<{local}/>".encode(), True)
    except expat.ExpatError:
        return False
    return True
