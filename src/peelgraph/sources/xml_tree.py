"""An XML document as a tree of elements, each with the offset at which expat met it."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

# What stands between the name of an element and the end of its start tag.
_ATTRIBUTE = re.compile(r"\s+([^\s=<>/\"']+)\s*=\s*(?=[\"'])")
_NAME = re.compile(r"<[^\s/>]+")
_DEEPEST = 200  # elements nested deeper are not followed; nobody writes them


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its value, where its name begins, and where its value does."""

    value: str
    start: int
    value_start: int


@dataclass(slots=True)
class Element:
    """One element: its name as an IRI, and where its tag begins and its text."""

    name: str
    start: int
    attributes: dict[str, Attribute]
    children: list["Element"] = field(default_factory=list)
    text_start: int = 0


def find_depth(text: str, limit: int) -> int | None:
    """The offset at which elements nest deeper than `limit`; None when they do not."""
    parser = expat.ParserCreate("utf-8")
    content = text.encode()
    depth, found = 0, list[int]()

    def start(_name: str, _given: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limit and not found:
            found.append(parser.CurrentByteIndex)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    # What is wrong besides, the parser of RDF/XML says.
    with suppress(expat.ExpatError):
        parser.Parse(content, True)
    return len(content[: found[0]].decode()) if found else None


def read_tree(text: str) -> Element | None:
    """The root element; None for a text that expat does not take.

    A name is its namespace and its local part in one, as RDF reads it.
    """
    return _Reader(text).root


class _Reader:
    def __init__(self, text: str) -> None:
        self.root: Element | None = None
        self._text = text
        self._content = text.encode()
        self._open: list[Element] = []
        self._depth = 0
        self._byte = self._offset = 0
        self._parser = parser = expat.ParserCreate("utf-8", "")
        # A separator of no length joins namespace and name.
        parser.ordered_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(self._content, True)
        except expat.ExpatError:
            self.root = None

    def _place(self) -> int:
        """The offset in the text of what the parser has before it; events come in order."""
        at = self._parser.CurrentByteIndex
        self._offset += len(self._content[self._byte : at].decode())
        self._byte = at
        return self._offset

    def _start(self, name: str, given: list[str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            return
        start = self._place()
        element = Element(name, start, self._attributes(start, given))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _attributes(self, start: int, given: list[str]) -> dict[str, Attribute]:
        """The attributes that expat gave, each with its place in the start tag."""
        found: dict[str, Attribute] = {}
        tag = _NAME.match(self._text, start)
        at = tag.end() if tag else start
        waiting = iter(zip(given[::2], given[1::2], strict=True))
        while (written := _ATTRIBUTE.match(self._text, at)) is not None:
            at = self._text.index(self._text[written.end()], written.end() + 1) + 1
            # expat keeps declarations of namespaces to itself.
            if written[1] != "xmlns" and not written[1].startswith("xmlns:"):
                name, value = next(waiting)
                found[name] = Attribute(value, written.start(1), written.end() + 1)
        return found

    def _end(self, _: str) -> None:
        if self._depth <= _DEEPEST:
            self._open.pop()
        self._depth -= 1

    def _characters(self, _: str) -> None:
        if self._open and self._depth <= _DEEPEST and not self._open[-1].text_start:
            self._open[-1].text_start = self._place()
