"""Corrections of mechanical mistakes, offered as a diff and applied on request.

Safe is what has one reading: a term with one near name, a date with one meaning, a number or a text
in its plainest form or right datatype, the one value that another thing has for it. A missing
value, an unknown thing or a day that may be a month is not. In between stand corrections that are
offered and not applied: dates that look swapped, and the licence and source that the head of a
graph lacks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from peelgraph.errors import SourceError
from peelgraph.sources.turtle import OutsideTurtleError, Token, tokenise
from peelgraph.terms import LICENCE, PREFIXES, PROJECT, SHAPE, VOCABULARIES, expand
from peelgraph.validation.model import Report, ShapeResult, flatten

# Syntaxes that can be corrected, with those whose terms are written out in full.
_PLAIN = ("nt", "nq")
SYNTAXES = ("ttl", "trig", *_PLAIN)
_MEANT = re.compile(r"^did you mean ([\w-]+:[\w-]+|<[^<>\s]+>)\?$")
_WRITE = re.compile(r'^write ((?:"(?:[^"\\]|\\.)*"(?:@[A-Za-z-]+|\^\^\S+)?)|[\w.+-]+|<[^<>\s]+>)$')
_NAMESPACE = f"<{SHAPE}declared-namespace>"
_TERMS = tuple(f"<{SHAPE}declared-{role}>" for role in ("property", "class", "term"))
_LITERALS = tuple(f"<{SHAPE}{name}-literal>" for name in ("typed", "canonical"))
_INHERITED = tuple(f"<{expand(name)}>" for name in PROJECT.inherited)
_INHERIT = re.compile(r"^write ([\w-]+:[\w-]+)$")
_HEAD = {
    f"<{VOCABULARIES['dcterms']}license>": f"    dcterms:license <{LICENCE}> ;",
    f"<{VOCABULARIES['dcterms']}source>": (
        "    dcterms:source <https://write-the-address-of-the-source> ;"
    ),
}
_COMPONENTS = tuple(
    f"{name}ConstraintComponent" for name in ("And", "Datatype", "LanguageIn", "Or")
)


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


def repair(
    path: Path, text: str, report: Report, *, syntax: str = "ttl", offered: bool = False
) -> Repair:
    """The document `text` with the safe corrections that `report` has for it, and with those
    that a person has to agree to when they are asked to be `offered` (in Turtle and TriG).

    `path` is the one that the report names, `syntax` one of SYNTAXES.
    Errors: SourceError when `text` is no Turtle.
    """
    try:
        tokens = tokenise(text)
    except OutsideTurtleError as error:
        raise SourceError(path, f"cannot be corrected: {error}") from error
    starts = {token.start: number for number, token in enumerate(tokens)}
    lines = _line_starts(text)
    chosen: dict[int, Correction] = {}
    for result in flatten(report.results):
        if result.file != path or result.position is None:
            continue
        offset = lines[result.position.line - 1] + result.position.column - 1
        if offered and offset in starts and syntax not in _PLAIN:
            for one in find_offers(result, tokens, starts[offset]):
                chosen.setdefault(one.start, one)
        new = find_correction(result)
        if new and syntax in _PLAIN:
            new = _in_full(new)
        if result.shape == _NAMESPACE and _is_full(result, tokens, starts.get(offset)):
            for one in _rename_all(result, tokens, new):
                chosen.setdefault(one.start, one)
            continue
        if new and offset in starts and _is_declared(new, text):
            end = _term_end(tokens, starts[offset])
            chosen.setdefault(offset, Correction(offset, end, new, result))
    return _apply(path, text, sorted(chosen.values(), key=lambda one: one.start))


def find_correction(result: ShapeResult) -> str:
    """What to put in place of the term at a result's position; "" when no reading is safe."""
    meant, written = _MEANT.match(result.hint), _WRITE.match(result.hint)
    if result.shape in _TERMS and meant:
        return meant.group(1)
    is_query = result.component.endswith("SPARQLConstraintComponent")
    if is_query and result.path in _INHERITED and (inherit := _INHERIT.match(result.hint)):
        return inherit.group(1)
    mechanical = result.shape in {*_LITERALS, _NAMESPACE} or result.component.endswith(_COMPONENTS)
    if mechanical and written and not result.path.startswith("^"):
        return written.group(1)
    return ""


def _is_full(result: ShapeResult, tokens: list[Token], number: int | None) -> bool:
    """Whether a namespace is written in each term, and not once for a prefix."""
    return number is not None and tokens[number].text != result.focus


def _rename_all(result: ShapeResult, tokens: list[Token], right: str) -> list[Correction]:
    """The corrections of a namespace where each term is written in full."""
    wrong = result.focus[:-1]
    return [
        Correction(token.start, token.start + len(wrong), right[:-1], result)
        for token in tokens
        if token.kind == "iri" and token.text.startswith(wrong)
    ]


def find_offers(result: ShapeResult, tokens: list[Token], number: int) -> list[Correction]:
    """Corrections with a likely reading, of a result whose place is token `number`."""
    if "look swapped" in result.hint:
        return _swap(result, tokens, number)
    is_missing = result.component.endswith("MinCountConstraintComponent")
    ends = [at for at in range(number, len(tokens)) if tokens[at].text in {";", "."}]
    if not is_missing or result.path not in _HEAD or not ends or tokens[ends[0]].text != ";":
        return []
    # Behind the type, which stands first.
    end = tokens[ends[0]].start + 1
    return [Correction(end, end, f"\n{_HEAD[result.path]}", result)]


def _swap(result: ShapeResult, tokens: list[Token], number: int) -> list[Correction]:
    """The beginning and the end of one thing, each in the other's place."""
    periods = ({start, end} for start, end in PROJECT.periods.items())
    names = next(pair for pair in periods if result.path in {f"<{expand(name)}>" for name in pair})
    first = next((n for n in range(number, -1, -1) if tokens[n].text == "."), -1) + 1
    last = next((n for n in range(number, len(tokens)) if tokens[n].text == "."), number)
    values = {}
    for at in range(first, last):
        if tokens[at].text in names:
            start, end = tokens[at + 1].start, _term_end(tokens, at + 1)
            values[tokens[at].text] = (start, end)
    if len(values) != len(names):
        return []
    (one, two), written = values.values(), _Written(tokens)
    return [
        Correction(*one, written.between(*two), result),
        Correction(*two, written.between(*one), result),
    ]


class _Written:
    """The text of tokens, put together again as it stood."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens

    def between(self, start: int, end: int) -> str:
        """What stands from one offset to another, within one term."""
        return "".join(token.text for token in self._tokens if start <= token.start < end)


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


def _in_full(term: str) -> str:
    """A term of Turtle as N-Triples writes it."""
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    (triple,) = ox.parse(f"{head}<a:a> <a:a> {term} .", ox.RdfFormat.TURTLE)
    return str(triple.object)


def _is_declared(term: str, text: str) -> bool:
    """Whether the document declares the prefix that a correction uses."""
    prefixes: Iterable[str] = re.findall(r"(?:^|\^\^)([\w-]+):", term)
    return all(
        re.search(rf"^@?prefix\s+{re.escape(prefix)}:", text, re.MULTILINE | re.IGNORECASE)
        for prefix in prefixes
    )


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]
