"""Words that several forms of a report share."""

import re
from collections.abc import Sequence

from peelgraph.terms import shorten
from peelgraph.validation.model import Remark, Report, ShapeResult

_IRI = re.compile(r"<([^<>\s]*)>")
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


def describe(remark: Remark) -> str:
    """A remark with the shape it is about."""
    return f"{short(remark.shape)} {remark.message}" if remark.shape else remark.message


def total(report: Report) -> str:
    """The verdict and the counts in one line."""
    verdict = "conforms" if report.conforms else "does not conform"
    return f"{verdict if report.is_judged else 'nothing was judged'}: {report.summary}"
