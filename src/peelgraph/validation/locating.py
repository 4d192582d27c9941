"""The file, line and column of what a result is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import pyoxigraph as ox

from peelgraph.errors import Position
from peelgraph.sources import Source
from peelgraph.validation.model import ShapeResult

_FIRST_IRI = re.compile(r"\^?(<[^>]*>)")


class Locator:
    """Finds the source that states something; made once for a set of sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def locate(self, result: ShapeResult) -> ShapeResult:
        """The result with its place: the value where it is stated, else path, else focus.

        A literal is then the file's: the store may know it in another spelling.
        """
        subject, predicate, value = _statement(result)
        stated = f"{subject} {predicate} {value} ".encode()
        partly = f"{subject} {predicate} ".encode()
        about = f"{subject} ".encode()
        for wanted in (stated, partly, about) if predicate else (about,):
            for source, lines in self._about(subject):
                if not _states(lines, wanted):
                    continue
                written = value
                if value and not _states(lines, stated):
                    written = _written(lines, subject, predicate, value)
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

    def _about(self, subject: str) -> Sequence[tuple[Source, Sequence[bytes]]]:
        """The sources that state something of a subject, with their lines about it."""
        return self._index.get(subject.encode(), ())

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
        ending = f" {result.focus} .\n".encode()
        for source in self._sources:
            at = source.triples.find(ending)
            if at >= 0:
                line = source.triples[source.triples.rfind(b"\n", 0, at) + 1 : at]
                subject, predicate = line.decode().split(" ", 1)
                position = source.positions.of(subject, predicate, result.focus)
                if position is not None:
                    focus = _spelled(source, position, result.focus)
                    value = focus if result.value == result.focus else result.value
                    return placed(replace(result, focus=focus, value=value), source, position)
        return result


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


def _written(lines: Sequence[bytes], subject: str, predicate: str, value: str) -> str:
    """A literal as the file writes it; the store turns "+005" into "5"."""
    head = f"{subject} {predicate} ".encode()
    store = ox.Store()
    for line in lines:
        if line.startswith(head):
            store.clear()
            store.load(line, ox.RdfFormat.N_TRIPLES)
            if any(str(quad.object) == value for quad in store):
                return line[len(head) : -2].decode()
    return value


def _spelled(source: Source, position: Position, literal: str) -> str:
    """A literal with its language tag as the file writes it; the engine has it in lower case."""
    quoted, _, tag = literal.rpartition("@")
    if not quoted.endswith('"') or not tag:
        return literal
    return f"{quoted}@{source.positions.spell_tag(tag, position)}"


def _states(lines: Sequence[bytes], head: bytes) -> bool:
    return any(line.startswith(head) for line in lines)


def placed(result: ShapeResult, source: Source, position: Position | None) -> ShapeResult:
    """The result at a position in a source; in the source alone where there is none."""
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
