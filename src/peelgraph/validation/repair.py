"""Corrections of mechanical mistakes, offered as a diff and applied on request.

Safe is what has one reading: a term with one near name, a date written in another order, a
literal in its plainest form or right datatype. A missing grade or an unknown force is not.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from peelgraph.errors import SourceError
from peelgraph.sources.turtle import OutsideTurtleError, Token, tokenise
from peelgraph.terms import PSH
from peelgraph.validation.model import Report, ShapeResult

_MEANT = re.compile(r"^did you mean ([\w-]+:[\w-]+|<[^<>\s]+>)\?$")
_WRITE = re.compile(r'^write ((?:"(?:[^"\\]|\\.)*"(?:@[A-Za-z-]+|\^\^\S+)?)|[\w.+-]+)$')
_TERMS = tuple(f"<{PSH}declared-{role}>" for role in ("property", "class", "term"))
_LITERALS = tuple(f"<{PSH}{name}-literal>" for name in ("typed", "canonical"))
_COMPONENTS = ("DatatypeConstraintComponent", "LanguageInConstraintComponent")


@dataclass(frozen=True, slots=True)
class Correction:
    """One replacement in a text: from `start` to `end`, with the result that asked for it."""

    start: int
    end: int
    text: str
    result: ShapeResult


@dataclass(frozen=True, slots=True)
class Repair:
    """A corrected text, what was changed in it, and the change as a unified diff."""

    path: Path
    text: str
    corrections: tuple[Correction, ...]
    diff: str


def repair(path: Path, text: str, report: Report) -> Repair:
    """The Turtle or TriG document `text` with the safe corrections that `report` offers for it.

    `path` is the one that the report names. Errors: SourceError when `text` is no Turtle.
    """
    try:
        tokens = tokenise(text)
    except OutsideTurtleError as error:
        raise SourceError(path, f"cannot be corrected: {error}") from error
    starts = {token.start: number for number, token in enumerate(tokens)}
    lines = _line_starts(text)
    chosen: dict[int, Correction] = {}
    for result in report.results:
        new = find_correction(result)
        if result.file != path or result.position is None or not new:
            continue
        offset = lines[result.position.line - 1] + result.position.column - 1
        if offset in starts and _is_declared(new, text):
            end = _term_end(tokens, starts[offset])
            chosen.setdefault(offset, Correction(offset, end, new, result))
    return _apply(path, text, sorted(chosen.values(), key=lambda one: one.start))


def find_correction(result: ShapeResult) -> str:
    """What to put in place of the term at a result's position; "" when no reading is safe."""
    meant, written = _MEANT.match(result.hint), _WRITE.match(result.hint)
    if result.shape in _TERMS and meant:
        return meant.group(1)
    mechanical = result.shape in _LITERALS or result.component.endswith(_COMPONENTS)
    if mechanical and written and not result.path.startswith("^"):
        return written.group(1)
    return ""


def _apply(path: Path, text: str, corrections: list[Correction]) -> Repair:
    corrected = text
    for correction in reversed(corrections):
        corrected = corrected[: correction.start] + correction.text + corrected[correction.end :]
    diff = "".join(
        difflib.unified_diff(
            text.splitlines(keepends=True),
            corrected.splitlines(keepends=True),
            f"a/{path.as_posix()}",
            f"b/{path.as_posix()}",
        )
    )
    return Repair(path, corrected, tuple(corrections), diff)


def _term_end(tokens: list[Token], number: int) -> int:
    """The offset after a term; a literal goes on with its tag or datatype."""
    last = tokens[number]
    following = tokens[number + 1 : number + 3]
    if last.kind == "string" and following:
        if following[0].kind == "tag":
            last = following[0]
        elif following[0].kind == "datatype":
            last = following[1]
    return last.start + len(last.text)


def _is_declared(term: str, text: str) -> bool:
    """Whether the document declares the prefix that a correction uses."""
    prefixes: Iterable[str] = re.findall(r"(?:^|\^\^)([\w-]+):", term)
    return all(
        re.search(rf"^@?prefix\s+{re.escape(prefix)}:", text, re.MULTILINE | re.IGNORECASE)
        for prefix in prefixes
    )


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]
