"""The file, line and column of what a result is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from peelgraph.errors import Position
from peelgraph.sources import Source
from peelgraph.validation.literal_forms import find_stored, list_typed
from peelgraph.validation.model import ShapeResult

# A literal with its language or datatype, which JSON-LD and RDF/XML write in other ways.
_AS_IN_TURTLE = re.compile(r'"(?:@|\^\^)')
_FIRST_IRI = re.compile(r"\^?(<[^>]*>)")


class Locator:
    """Finds the source that states something; made once for a set of sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._found: dict[str, list[tuple[Source, set[bytes]]]] = {}

    def locate(self, result: ShapeResult) -> ShapeResult:
        """The result with its place: the value where it is stated, else path, else focus.

        A literal is then the file's: the store may know it in another spelling.
        """
        subject, predicate, value = _statement(result)
        stated = f"{subject} {predicate} {value} ".encode()
        partly = f"{subject} {predicate} ".encode()
        about = f"{subject} ".encode()
        for wanted in (stated, partly, about) if predicate else (about,):
            for source, heads in self._about(subject):
                if wanted not in heads:
                    continue
                written = value
                if value and stated not in heads:
                    key = (source.path, subject, predicate, value)
                    written = self._spellings.get(key, value)
                if not predicate:
                    position = source.positions.of_subject(subject)
                else:
                    position = source.positions.of(subject, predicate, written)
                if position is None:
                    continue
                if value and value == result.value:
                    result = replace(result, value=_spelled(source, position, written))
                return placed(result, source, position)
        if self._about(result.focus):
            return result
        return self._locate_value(result)

    def lead(self, result: ShapeResult, naming: Sequence[str]) -> ShapeResult:
        """The result with its place: where the focus is named, or one of the things `naming` it."""
        found = self.locate(result)
        for step in naming:
            if found.file is None:
                near = self._locate_value(replace(result, focus=step))
                found = replace(near, focus=result.focus)
        return found

    def states(self, subject: str, predicate: str, value: str) -> bool:
        """Whether a source states a triple."""
        stated = f"{subject} {predicate} {value} ".encode()
        return any(stated in heads for _, heads in self._about(subject))

    def find_place(self, subject: str) -> str:
        """Where a source describes a thing, as an editor takes it; "" where none does."""
        for source, _ in self._about(subject):
            position = source.positions.of_subject(subject)
            where = f":{position.line}:{position.column}" if position else ""
            return f"{source.path}{where}"
        return ""

    def _about(self, subject: str) -> list[tuple[Source, set[bytes]]]:
        """The sources that state something of a subject, with how their lines about it begin.

        A thing may have thousands of values, and a result for each.
        """
        if subject not in self._found:
            self._found[subject] = [
                (source, {head for line in lines for head in _heads(line)})
                for source, lines in self._index.get(subject.encode(), ())
            ]
        return self._found[subject]

    @cached_property
    def _index(self) -> dict[bytes, list[tuple[Source, list[bytes]]]]:
        """What `_about` looks up: a search through half a million lines takes long each time."""
        index: dict[bytes, list[tuple[Source, list[bytes]]]] = {}
        for source in self._sources:
            described: dict[bytes, list[bytes]] = {}
            for line in source.triples.split(b"\n"):
                described.setdefault(line.partition(b" ")[0], []).append(line)
            for subject, lines in described.items():
                index.setdefault(subject, []).append((source, lines))
        return index

    def _locate_value(self, result: ShapeResult) -> ShapeResult:
        """A focus that no file describes stands where it is somebody's object."""
        for source, line in self._objects.get(f"{result.focus} .".encode(), ()):
            subject, predicate, _ = line.decode().split(" ", 2)
            position = source.positions.of(subject, predicate, result.focus)
            if position is not None:
                focus = _spelled(source, position, result.focus)
                value = focus if result.value == result.focus else result.value
                return placed(replace(result, focus=focus, value=value), source, position)
        return result

    @cached_property
    def _objects(self) -> dict[bytes, list[tuple[Source, bytes]]]:
        """Each object with the sources that state it, and the first line of each that does."""
        objects: dict[bytes, list[tuple[Source, bytes]]] = {}
        for source in self._sources:
            first: dict[bytes, bytes] = {}
            for line in source.triples.split(b"\n"):
                first.setdefault(line.split(b" ", 2)[-1], line)
            for value, line in first.items():
                objects.setdefault(value, []).append((source, line))
        return objects

    @cached_property
    def _spellings(self) -> dict[tuple[Path, str, str, str], str]:
        """How a file writes a literal that the engine stores otherwise: "+005" is stored as "5".

        By file, subject, predicate and the literal as stored.
        """
        typed = [(source, triple) for source in self._sources for triple in list_typed([source])]
        stored = find_stored({triple.object for _, triple in typed})
        spelled: dict[tuple[Path, str, str, str], str] = {}
        for source, triple in typed:
            kept = str(stored[triple.object])
            key = (source.path, str(triple.subject), str(triple.predicate), kept)
            spelled.setdefault(key, str(triple.object))
        return spelled


def _statement(result: ShapeResult) -> tuple[str, str, str]:
    """The triple a result is about; an inverse path turns it round."""
    path = _FIRST_IRI.match(result.path)
    if path is None:
        return result.focus, "", ""
    value = result.value
    if result.path.startswith("^"):
        if value:
            return value, path.group(1), result.focus
        return result.focus, "", ""
    return result.focus, path.group(1), value


def _spelled(source: Source, position: Position, literal: str) -> str:
    """A literal with its language tag as the file writes it; the engine has it in lower case."""
    quoted, _, tag = literal.rpartition("@")
    if not quoted.endswith('"') or not tag:
        return literal
    return f"{quoted}@{source.positions.spell_tag(tag, position)}"


def _heads(line: bytes) -> Iterator[bytes]:
    """A line without its full stop, its subject with the predicate, and its subject."""
    yield line.removesuffix(b".")
    subject, _, rest = line.partition(b" ")
    yield subject + b" " + rest.partition(b" ")[0] + b" "
    yield subject + b" "


def placed(result: ShapeResult, source: Source, position: Position | None) -> ShapeResult:
    """The result at a position in a source; in the source alone where there is none.

    A hint with a literal says so where the source is no Turtle.
    """
    if source.positions.syntax in {"jsonld", "rdf"} and _AS_IN_TURTLE.search(result.hint):
        result = replace(result, hint=f"{result.hint} (as Turtle writes it)")
    if position is None:
        return replace(result, file=source.path)
    positions = source.positions
    return replace(
        result,
        file=source.path,
        position=position,
        line=positions.line(position.line),
        mark=positions.mark(position),
        pointer=positions.pointer(position),
    )
