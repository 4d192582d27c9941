"""Where a document goes past RDF 1.1: what a parser of RDF 1.2 takes, or leaves out silently."""

import re
from collections.abc import Iterator

from peelgraph.sources import json_tree, xml_tree
from peelgraph.sources.turtle import OutsideTurtleError, tokenise

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ITS = "http://www.w3.org/2005/11/its"
_KEYWORDS = ("@direction", "@annotation")
_ATTRIBUTES = (f"{_ITS}dir", f"{_RDF}annotation", f"{_RDF}annotationNodeID")
_OLD = "1.1"
# A document without any of this is not looked through before it is parsed.
_TOKENS = re.compile(r"""(?:^|[.\s])@?version[ \t\r\n]*["']""", re.IGNORECASE)
_SIGNS = {
    "jsonld": re.compile(r"@direction|@annotation|\\u"),
    "rdf": re.compile(r":version\s*=|Triple|annotation|/its\b"),
}
_TAG = re.compile(r"@[A-Za-z0-9-]+--[A-Za-z]+")


def may_be_rdf12(text: str, syntax: str) -> bool:
    """Whether `text` may hold what leaves no trace in its triples."""
    return bool(_SIGNS.get(syntax, _TOKENS).search(text))


def find_rdf12(text: str, syntax: str) -> tuple[int, str] | None:
    """The offset of the first thing in a document that RDF 1.1 does not have, and that thing."""
    try:
        if syntax == "jsonld":
            return min(_in_json(json_tree.read_tree(text)), default=None)
        if syntax == "rdf":
            root = xml_tree.read_tree(text)
            return min(_in_xml(root), default=None) if root else None
        return next(_in_tokens(text), None)
    except (ValueError, IndexError, RecursionError):
        # Malformed: the parser says where.
        return None


def _in_tokens(text: str) -> Iterator[tuple[int, str]]:
    try:
        tokens = tokenise(text)
    except OutsideTurtleError:
        return
    kind = ""
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        is_version = kind != "string" and token.text.upper() in ("VERSION", "@VERSION")
        is_newer = is_version and after is not None and after.text[1:-1] != _OLD
        if is_newer or token.kind == "triple" or _TAG.fullmatch(token.text):
            yield token.start, token.text
        kind = token.kind


def _in_json(value: json_tree.Value) -> Iterator[tuple[int, str]]:
    for name, member in (value.members or {}).items():
        is_null = member.value.scalar is None and not (member.value.members or member.value.items)
        if name in _KEYWORDS and not is_null:
            yield member.start, name
        elif name != "@value":
            # A context may call the keyword by another name.
            if member.value.scalar in _KEYWORDS:
                yield member.value.start, str(member.value.scalar)
            yield from _in_json(member.value)
    for item in value.items or []:
        yield from _in_json(item)


def _in_xml(element: xml_tree.Element) -> Iterator[tuple[int, str]]:
    kind = element.attributes.get(f"{_RDF}parseType")
    if kind and kind.value == "Triple":
        yield kind.start, 'rdf:parseType="Triple"'
    for name, attribute in element.attributes.items():
        if name in _ATTRIBUTES:
            yield attribute.start, name
        if name == f"{_RDF}version" and attribute.value != _OLD:
            yield attribute.start, f'rdf:version="{attribute.value}"'
    if kind is None or kind.value not in ("Literal", "XMLLiteral"):
        for child in element.children:
            yield from _in_xml(child)
