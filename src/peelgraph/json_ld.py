"""JSON-LD as people and frames read it: from the engine's expanded form to a compact one.

The engine writes `rdf:type` as a property of its long name and no context, so that a frame, which
looks for `@type`, finds nothing. Inside a JSON string a quotation mark is escaped: a pattern that
begins with one matches syntax, and never a part of somebody's text.
"""

import json
import re

from peelgraph import terms

_ENTRY = rb'\{"@id":"[^"\\]*"\}'
_TYPES = re.compile(
    rb'"%s":\[(%s(?:,%s)*+)\]'
    % (re.escape(f"{terms.VOCABULARIES['rdf']}type".encode()), _ENTRY, _ENTRY)
)
_IDENTIFIER = re.compile(rb'\{"@id":("[^"\\]*")\}')
# An IRI where JSON-LD reads one: a key, an identifier, a class or a datatype.
_IRI = re.compile(
    rb'(?<=[\[{,:])(?<!"@value":)"((?:[^"\\]*[#/])?)([A-Za-z_][A-Za-z0-9_-]*)"(?=[:,\]}])'
)
_SCHEME = re.compile(rb'(?:"@(?:id|type)":\[?|[{,])"([A-Za-z][A-Za-z0-9+.-]*):')


def compacted(body: bytes) -> bytes:
    """A document in expanded form with the project's prefixes, and `@type` for `rdf:type`."""
    schemes = {found.decode() for found in _SCHEME.findall(body)}
    # An IRI whose scheme is called like one of our prefixes is not to be read by that.
    names = {ns.encode(): name for name, ns in terms.PREFIXES.items() if name not in schemes}
    used: set[str] = set()

    def typed(match: re.Match[bytes]) -> bytes:
        return b'"@type":[%s]' % _IDENTIFIER.sub(rb"\1", match[1])

    def prefixed(match: re.Match[bytes]) -> bytes:
        name = names.get(match[1])
        if name is None:
            return match[0]
        used.add(name)
        return b'"%s:%s"' % (name.encode(), match[2])

    graph = _IRI.sub(prefixed, _TYPES.sub(typed, body))
    context = {name: terms.PREFIXES[name] for name in sorted(used)}
    return b'{"@context":%s,"@graph":%s}' % (json.dumps(context).encode(), graph)
