"""Literals whose text does not fit their datatype, or is not its plainest form."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import pyoxigraph as ox
from rdflib import XSD, Literal, URIRef

from peelgraph.sources import Source
from peelgraph.terms import SHAPE, shorten
from peelgraph.validation.literal_forms import PLAIN, list_typed
from peelgraph.validation.locations import placed
from peelgraph.validation.model import Severity, ShapeResult

_XSD = str(XSD)
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
# What Turtle reads as a literal of the datatype when no quotation marks stand around it.
_BARE = {
    str(XSD.boolean): re.compile(r"true|false"),
    str(XSD.integer): re.compile(r"[+-]?[0-9]+"),
    str(XSD.decimal): re.compile(r"[+-]?[0-9]*\.[0-9]+"),
}
_LEXICAL = {
    "date": re.compile(r"-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?"),
    "gYear": re.compile(r"-?\d{4,}(Z|[+-]\d\d:\d\d)?"),
    "gYearMonth": re.compile(r"-?\d{4,}-(0[1-9]|1[0-2])(Z|[+-]\d\d:\d\d)?"),
    "gMonth": re.compile(r"--(0[1-9]|1[0-2])(Z|[+-]\d\d:\d\d)?"),
    "gDay": re.compile(r"---(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?"),
    "gMonthDay": re.compile(r"--(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?"),
    "integer": re.compile(r"[+-]?\d+"),
    "decimal": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"),
    "boolean": re.compile(r"true|false|1|0"),
}
# Whatever has the form is a value; days and months have to be looked up.
_TOLD_BY_FORM = {"integer", "decimal", "boolean"}
_EXAMPLES = {
    "date": '"2015-06-01"^^xsd:date',
    "dateTime": '"2015-06-01T09:00:00Z"^^xsd:dateTime',
    "gYear": '"2015"^^xsd:gYear',
    "gYearMonth": '"2015-06"^^xsd:gYearMonth',
    "boolean": "true or false",
    "integer": "a whole number such as 3",
    "decimal": "a number such as 20.6",
}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_UNPADDED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def fits(lexical: str, datatype: str) -> bool:
    """Whether a text is a form of its datatype; True for a datatype we do not know."""
    if datatype in PLAIN or not datatype.startswith(_XSD):
        return True
    # rdflib takes some dates that XSD does not (20150601), so the form is looked at first.
    if not has_form(lexical, datatype):
        return False
    if datatype.removeprefix(_XSD) in _TOLD_BY_FORM:
        return True
    return not Literal(lexical, datatype=URIRef(datatype), normalize=False).ill_typed


def has_form(lexical: str, datatype: str) -> bool:
    """Whether a text looks like one of its datatype, where rdflib would take others too."""
    pattern = _LEXICAL.get(datatype.removeprefix(_XSD))
    return pattern is None or pattern.fullmatch(lexical) is not None


def canonical(lexical: str, datatype: str) -> str:
    """The plainest form of a fitting text: no plus, no leading zero, true rather than 1."""
    if datatype == str(XSD.boolean):
        return {"1": "true", "0": "false"}.get(lexical, lexical)
    if datatype == str(XSD.integer) and not _INTEGER.fullmatch(lexical):
        # Python reads no longer ones.
        return str(int(lexical)) if len(lexical) <= sys.get_int_max_str_digits() else lexical
    if datatype == str(XSD.decimal) and not _DECIMAL.fullmatch(lexical):
        sign = "-" if lexical.startswith("-") else ""
        whole, _, rest = lexical.lstrip("+-").partition(".")
        return f"{sign}{whole.lstrip('0') or '0'}" + (f".{rest}" if rest else "")
    return lexical


def write_literal(lexical: str, datatype: str) -> str:
    """A typed literal as Turtle has it: without quotes only where that reads back the same."""
    pattern = _BARE.get(datatype)
    if pattern is not None and pattern.fullmatch(lexical):
        return lexical
    return f"{ox.Literal(lexical)}^^{shorten(datatype)}"


def remedy(lexical: str, datatype: str) -> str:
    """What to write instead of an ill-typed text."""
    name = datatype.removeprefix(_XSD)
    corrected = as_date(lexical) if name == "date" else ""
    if corrected:
        return f'write "{corrected}"^^xsd:date'
    return f"write {_EXAMPLES.get(name, f'a value of xsd:{name}')}"


def as_date(text: str) -> str:
    """A date written day first, or without zeros, as xsd:date has it; "" when it is none."""
    day_first, unpadded = _DAY_FIRST.fullmatch(text), _UNPADDED.fullmatch(text)
    if day_first:
        day, month, year = day_first.groups()
    elif unpadded:
        year, month, day = unpadded.groups()
    else:
        return ""
    written = f"{year}-{int(month):02d}-{int(day):02d}"
    return written if fits(written, str(XSD.date)) else ""


def check_literals(sources: Sequence[Source]) -> list[ShapeResult]:
    """A violation for each ill-typed literal, a warning for each that is not canonical."""
    verdicts: dict[tuple[str, str], tuple[Severity, str, str, str] | None] = {}
    results = []
    for source in sources:
        if b"^^" not in source.triples:
            continue
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
            value = triple.object
            if not isinstance(value, ox.Literal):
                continue
            key = value.value, value.datatype.value
            if key not in verdicts:
                verdicts[key] = _verdict(*key)
            verdict = verdicts[key]
            if verdict is not None:
                results.append(_result(source, triple, verdict))
    return results


def find_ill_typed(sources: Sequence[Source]) -> set[str]:
    """The literals whose text does not fit their datatype, in N-Triples syntax."""
    typed = {triple.object for triple in list_typed(sources)}
    literals = [term for term in typed if isinstance(term, ox.Literal)]
    return {str(each) for each in literals if not fits(each.value, each.datatype.value)}


def _verdict(lexical: str, datatype: str) -> tuple[Severity, str, str, str] | None:
    if not fits(lexical, datatype):
        message = f'"{lexical}" is no {shorten(datatype)}.'
        return Severity.VIOLATION, "typed-literal", message, remedy(lexical, datatype)
    plain = canonical(lexical, datatype)
    if plain != lexical:
        message = f'"{lexical}" is not the plainest form of this {shorten(datatype)}.'
        hint = f"write {write_literal(plain, datatype)}"
        return Severity.WARNING, "canonical-literal", message, hint
    return None


def _result(
    source: Source, triple: ox.Triple, verdict: tuple[Severity, str, str, str]
) -> ShapeResult:
    severity, shape, message, hint = verdict
    terms = str(triple.subject), str(triple.predicate), str(triple.object)
    position = source.positions.of(*terms)
    result = ShapeResult(
        severity=severity,
        shape=f"<{SHAPE}{shape}>",
        focus=terms[0],
        path=terms[1],
        value=terms[2],
        message=message,
        hint=hint,
    )
    return placed(result, source, position)
