"""Where statements stand in their file, found only when somebody asks."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyoxigraph

from peelgraph.errors import Position
from peelgraph.sources.json_places import JsonPlaces
from peelgraph.sources.turtle import TOKEN, Place, locate
from peelgraph.sources.xml_places import locate_xml

LINE_SYNTAXES = frozenset({"nt", "nq"})
TOKEN_SYNTAXES = frozenset({"ttl", "trig"})
# Where a tag is written: as a value or, in a language map, as a key; as an attribute.
_JSON_TAG = r'@language"\s*:\s*"({0})"|"({0})"\s*:'
_XML_TAG = r"xml:lang\s*=\s*[\"']({0})[\"']"


@dataclass(slots=True)
class Positions:
    """The places of one file's triples; terms are given in N-Triples syntax.

    Most files are right and nobody asks, so the text is walked at the first question. Where
    a file holds several graphs, `numbers` says which of its statements these triples are.
    """

    text: str
    syntax: str
    triples: bytes = field(repr=False)
    numbers: Sequence[int] | None = field(default=None, kw_only=True, repr=False)
    _lines: list[int] = field(default_factory=list, init=False, repr=False)
    _places: dict[tuple[str, ...], Place] = field(default_factory=dict, init=False, repr=False)
    _walked: bool = field(default=False, init=False, repr=False)

    def of(self, subject: str, predicate: str = "", value: str = "") -> Position | None:
        """Where `value` is stated of `subject`; else the predicate; else the subject itself."""
        self._walk()
        whole = self._places.get((subject, predicate, value))
        if whole is not None:
            return self.at(whole.object)
        return self.of_predicate(subject, predicate)

    def of_predicate(self, subject: str, predicate: str, value: str = "") -> Position | None:
        """Where the predicate of a triple is written; else the subject."""
        self._walk()
        place = self._places.get((subject, predicate, value))
        place = place or self._places.get((subject, predicate))
        if place is not None:
            return self.at(place.predicate)
        return self.of_subject(subject)

    def of_subject(self, subject: str) -> Position | None:
        """Where the first statement about `subject` begins."""
        self._walk()
        place = self._places.get((subject,))
        return self.at(place.subject) if place is not None else None

    def at(self, offset: int) -> Position:
        """Line and column of an offset in the text, both from 1."""
        if not self._lines:
            self._lines = line_starts(self.text)
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)

    def pointer(self, position: Position) -> str:
        """The JSON pointer of what stands at a position; "" in a text that is no JSON."""
        return ""

    def mark(self, position: Position) -> int:
        """The offset, in its line as shown, of what stands at a position."""
        return position.column - 1

    def line(self, number: int) -> str:
        """One line of the text as written, without its end; "" when there is none."""
        if not self._lines:
            self._lines = line_starts(self.text)
        if not 0 < number <= len(self._lines):
            return ""
        ends = self._lines[number] if number < len(self._lines) else len(self.text)
        return self.text[self._lines[number - 1] : ends].rstrip("\r\n")

    def spell_tag(self, tag: str, position: Position) -> str:
        """The language tag of the literal at a position, in upper and lower case as written."""
        at = self._offset(position)
        found = TOKEN.match(self.text, at)
        written = TOKEN.match(self.text, found.end()) if found else None
        spelled = written[0][1:] if written and written.lastgroup == "tag" else tag
        return spelled if spelled.lower() == tag.lower() else tag

    def _offset(self, position: Position) -> int:
        if not self._lines:
            self._lines = line_starts(self.text)
        return self._lines[position.line - 1] + position.column - 1

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        places = find_places(self.text, self.syntax)
        if self.numbers is not None and len(places) > max(self.numbers, default=0):
            places = [places[number] for number in self.numbers]
        parsed = list(pyoxigraph.parse(self.triples, pyoxigraph.RdfFormat.N_TRIPLES))
        # A parser that gave the triples in another number would make every place a guess.
        if len(parsed) != len(places):
            return
        for triple, place in zip(parsed, places, strict=True):
            self._keep((str(triple.subject), str(triple.predicate), str(triple.object)), place)

    def _keep(self, terms: tuple[str, str, str], place: Place) -> None:
        for length in (3, 2, 1):
            self._places.setdefault(terms[:length], place)


@dataclass(slots=True)
class JsonPositions(Positions):
    """The places of a JSON-LD document's triples, with the pointer of each."""

    base: str = field(default="", kw_only=True, repr=False)
    _pointers: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    def pointer(self, position: Position) -> str:
        """The JSON pointer of what stands at a position."""
        self._walk()
        return self._pointers.get(self._offset(position), "")

    def spell_tag(self, tag: str, position: Position) -> str:
        """The language tag of the literal at a position, as the nearest one is written."""
        return nearest_tag(self.text, _JSON_TAG, tag, self._offset(position))

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        found = JsonPlaces(self.text, self.base)
        self._pointers = found.pointers
        for stated in found.stated:
            self._keep(stated.terms, stated.place)


@dataclass(slots=True)
class XmlPositions(Positions):
    """The places of an RDF/XML document's triples."""

    def spell_tag(self, tag: str, position: Position) -> str:
        """The language tag of the literal at a position, as the nearest one is written."""
        return nearest_tag(self.text, _XML_TAG, tag, self._offset(position))

    def _walk(self) -> None:
        if self._walked:
            return
        self._walked = True
        parsed = pyoxigraph.parse(self.triples, pyoxigraph.RdfFormat.N_TRIPLES)
        for triple, place in locate_xml(self.text, parsed):
            self._keep((str(triple.subject), str(triple.predicate), str(triple.object)), place)


def nearest_tag(text: str, form: str, tag: str, at: int) -> str:
    """A language tag as the text writes it in a `form`, whatever its case, nearest to an offset."""
    found = re.finditer(form.format(re.escape(tag)), text, re.IGNORECASE)
    nearest = min(found, key=lambda each: abs(each.start() - at), default=None)
    return nearest[nearest.lastindex or 0] if nearest else tag


def line_starts(text: str) -> list[int]:
    """The offset at which each line of `text` begins."""
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def find_places(text: str, syntax: str) -> list[Place]:
    """The place of each triple, in the order of the parser; none for a syntax without lines."""
    if syntax in TOKEN_SYNTAXES or syntax in LINE_SYNTAXES:
        return locate(text) if syntax in TOKEN_SYNTAXES else _locate_lines(text)
    return []


def _locate_lines(text: str) -> list[Place]:
    """Places in N-Triples or N-Quads; N-Quads is read as lines of three terms and a graph."""
    places = []
    start = 0
    for line in text.splitlines(keepends=True):
        stripped = line.lstrip(" \t")
        if stripped.strip() and not stripped.startswith("#"):
            subject = start + len(line) - len(stripped)
            predicate = _after_term(text, subject)
            places.append(Place(subject, predicate, _after_term(text, predicate)))
        start += len(line)
    return places


def _after_term(text: str, at: int) -> int:
    """The offset of the term after the IRI or blank node at `at`."""
    end = text.find(">", at) + 1 if text[at] == "<" else at
    while text[end] not in ' \t<"':
        end += 1
    while text[end] in " \t":
        end += 1
    return end
