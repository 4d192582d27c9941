"""A report for a terminal, and how every rendering words a result."""

import re
from collections.abc import Sequence
from itertools import groupby

from peelgraph.terms import shorten
from peelgraph.validation.model import (
    POLICY,
    Counterpart,
    Remark,
    Report,
    Severity,
    ShapeResult,
)

_IRI = re.compile(r"<([^<>\s]*)>")
_MOST_LINES = 10
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def short(term: str) -> str:
    """A term or path as a person reads it: prefixed names where a prefix fits."""
    return _IRI.sub(lambda found: shorten(found.group(1)), term)


def harmless(text: str) -> str:
    """The text without characters that would steer a terminal or turn the reading direction."""
    return _CONTROL.sub("\ufffd", text)


def remainder(report: Report) -> str:
    """What a limit on length left out; "" when nothing was."""
    if not report.left_out:
        return ""
    more = f"{report.left_out} more result" + "s" * (report.left_out != 1)
    return f"{more} left out here: raise the limit to see them"


def apart(report: Report) -> list[tuple[str, Sequence[ShapeResult]]]:
    """What inference changes, under the title of each part; the verdict is without it."""
    most = report.most
    return [
        ("Only inferred statements show (not part of the verdict):", report.revealed[:most]),
        ("Inferred statements would hide (reported above):", report.hidden[:most]),
    ]


def folded(results: Sequence[ShapeResult]) -> list[tuple[ShapeResult, str]]:
    """The results, those that read alike only once, each with the identifiers of all these."""
    alike: dict[tuple[object, ...], tuple[ShapeResult, list[str]]] = {}
    for each in results:
        key = (each.shape, each.focus, each.path, each.value, each.message, each.hint, each.place)
        alike.setdefault(key, (each, []))[1].append(each.identifier)
    return [(first, ", ".join(dict.fromkeys(known))) for first, known in alike.values()]


def remedy(result: ShapeResult) -> str:
    """What to write instead, for a place that is headed so."""
    return result.hint.removeprefix("write ")


def against(result: ShapeResult) -> list[str]:
    """Each thing that a result clashes with."""
    return [side(part) for part in result.counterparts]


def side(part: Counterpart) -> str:
    """A thing that a result clashes with: its label, name, what it says and where."""
    name = short(part.term)
    told = f"“{part.label}” ({name})" if part.label else name
    if part.says:
        told += f", with {part.says}"
    if part.place:
        return f"{told}, at {part.place}"
    where = f", published in {shorten(part.graph)}" if part.graph else ""
    return f"{told}{where}: {part.page}" if part.page else f"{told}{where}"


def following(result: ShapeResult) -> str:
    """How many results follow from one, and at which lines; "" where none does."""
    if not result.follows:
        return ""
    count = len(result.follows)
    told = f"{count} more result{'s' * (count != 1)}"
    lines = sorted({each.position.line for each in result.follows if each.position})
    shown = ", ".join(map(str, lines[:_MOST_LINES]))
    more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
    return f"{told}, at line{'s' * (len(lines) != 1)} {shown}{more}" if lines else told


def describe(remark: Remark) -> str:
    """A remark with the shape it is about."""
    return f"{short(remark.shape)} {remark.message}" if remark.shape else remark.message


def total(report: Report) -> str:
    """The verdict and the counts in one line."""
    verdict = "conforms" if report.conforms else "does not conform"
    return f"{verdict if report.is_judged else 'nothing was judged'}: {report.summary}"


_COLOURS = {Severity.VIOLATION: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_WIDEST = 100  # a longer source line is shown around its caret


def to_text(report: Report, *, colour: bool = False) -> str:
    """The report as lines of text; escape sequences only when `colour` asks for them."""
    blocks = _blocks(report.listed, colour)
    for title, results in apart(report):
        if results:
            blocks += [_paint(title, "1", colour), *_blocks(results, colour)]
    blocks += _remarks(report, colour)
    ending = [harmless(total(report))]
    if report.left_out:
        ending.append(remainder(report))
    if not report.is_clean:
        ending.append(POLICY)
    return "\n\n".join([*blocks, "\n".join(ending)]) + "\n"


def _remarks(report: Report, colour: bool) -> list[str]:
    """One block of what judged nothing, where there is any."""
    if not report.remarks:
        return []
    lines = [_paint("What the verdict does not rest on:", "1", colour)]
    warning = _paint("warning", _COLOURS[Severity.WARNING], colour)
    for remark in report.listed_remarks:
        place = f"{remark.place}: " if remark.place else ""
        lines.append(f"  {harmless(place)}{warning}: {harmless(describe(remark))}")
    if len(report.remarks) > len(report.listed_remarks):
        lines.append(f"  and {len(report.remarks) - len(report.listed_remarks)} more")
    return ["\n".join(lines)]


def _blocks(listed: Sequence[ShapeResult], colour: bool) -> list[str]:
    """One block of lines for each thing."""
    blocks = []
    ordered = sorted(listed, key=_by_thing)
    for focus, group in groupby(ordered, key=lambda result: result.focus):
        results = list(group)
        label = harmless(results[0].label)
        name = f"{label} ({short(focus)})" if label else short(focus)
        lines = [_paint(harmless(name), "1", colour)]
        for result, identifiers in folded(results):
            lines += _lines(result, identifiers, colour)
        blocks.append("\n".join(lines))
    return blocks


def _by_thing(result: ShapeResult) -> tuple[str, int, str]:
    return (str(result.file or "~"), _first_line(result), result.focus)


def _first_line(result: ShapeResult) -> int:
    return result.position.line if result.position else 0


def _lines(result: ShapeResult, identifiers: str, colour: bool) -> list[str]:
    severity = _paint(result.severity.value.lower(), _COLOURS[result.severity], colour)
    place = f"{result.place}: " if result.place else ""
    lines = [f"  {harmless(place)}{severity}: {harmless(result.message)}"]
    lines += _source_line(result, colour)
    if result.pointer:
        lines.append(f"   where: {harmless(result.pointer)}")
    if result.path:
        lines.append(f"      at: {harmless(short(result.path))}")
    if result.value:
        lines.append(f"   found: {harmless(short(result.value))}")
    lines += [f" against: {harmless(other)}" for other in against(result)]
    if result.hint:
        lines.append(f"   write: {harmless(remedy(result))}")
    if result.follows:
        lines.append(f" follows: {harmless(following(result))}")
    lines.append(f"   shape: {harmless(short(result.shape))} [{identifiers}]")
    return lines


def _source_line(result: ShapeResult, colour: bool) -> list[str]:
    if result.position is None or not result.line:
        return []
    column = result.mark
    # A tab before the caret would move it, so it is shown as one space.
    line = harmless(result.line.replace("\t", " "))
    start = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = line[start : start + _WIDEST]
    number = f"{result.position.line:>6}"
    caret = _paint("^", _COLOURS[result.severity], colour)
    return [f"  {number} | {shown}", f"         | {' ' * (column - start)}{caret}"]


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
