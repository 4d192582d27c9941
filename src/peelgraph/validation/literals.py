"""Literals whose text does not fit their datatype, or is not its plainest form."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from decimal import Decimal

import pyoxigraph as ox
from rdflib import XSD, Literal, URIRef

from peelgraph.sources import Source
from peelgraph.sources.dates import read_dates
from peelgraph.terms import SHAPE, shorten
from peelgraph.validation.literal_forms import PLAIN, list_typed
from peelgraph.validation.locations import placed
from peelgraph.validation.model import Severity, ShapeResult

_XSD = str(XSD)
_DATES = frozenset(f"{_XSD}{name}" for name in ("date", "gYearMonth", "gYear"))
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?")
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
_FORMS = {
    "date": "year, month and day: YYYY-MM-DD",
    "dateTime": "a day and a time: YYYY-MM-DDThh:mm:ss",
    "gYear": "the four digits of a year",
    "gYearMonth": "year and month: YYYY-MM",
    "boolean": "true or false",
    "integer": "a whole number, in digits alone",
    "decimal": "a number in digits, with a point before decimals",
}
# What people put around the digits of a number: a currency, separators, a per cent sign.
_DRESSED = re.compile(r"[£$€]?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?)\s*%?")


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
    if datatype == str(XSD.string):
        return str(ox.Literal(lexical))
    pattern = _BARE.get(datatype)
    if pattern is not None and pattern.fullmatch(lexical):
        return lexical
    return f"{ox.Literal(lexical)}^^{shorten(datatype)}"


def remedy(lexical: str, datatypes: Sequence[str]) -> str:
    """What to write in place of a text that fits none of some datatypes.

    Where the text has one exact value, that is all there is in it; of two readings, or of one
    that takes something away, it says so.
    """
    exact = rewrite(lexical, datatypes)
    if exact:
        return f"write {' or '.join(exact)}"
    number = _DRESSED.fullmatch(lexical.strip())
    plain = rewrite(number[1].replace(",", ""), datatypes) if number else []
    if plain:
        return f"write {plain[0]}, if that is the number: digits alone, without signs around them"
    names = [datatype.removeprefix(_XSD) for datatype in datatypes]
    forms = [_FORMS.get(name, f"a value of xsd:{name}") for name in names]
    return f"write {' or '.join(forms)}"


def rewrite(lexical: str, datatypes: Sequence[str]) -> list[str]:
    """The values of some datatypes that a text can mean, as Turtle has them.

    The words of a date stand behind it where there are two of them.
    """
    meant = [each for each in read_dates(lexical) if f"{_XSD}{each.datatype}" in datatypes]
    if meant:
        written = [write_literal(each.lexical, f"{_XSD}{each.datatype}") for each in meant]
        if len(meant) == 1:
            return written
        return [f"{term} ({each.words})" for term, each in zip(written, meant, strict=True)]
    for datatype in datatypes:
        exact = _exact(lexical.strip(), datatype)
        if exact:
            return [write_literal(exact, datatype)]
    return []


def _exact(text: str, datatype: str) -> str:
    """The plainest text of a datatype that is exactly what `text` says; "" where none is."""
    if datatype == str(XSD.boolean):
        return text.lower() if text.lower() in {"true", "false"} else ""
    if datatype in {str(XSD.decimal), str(XSD.integer)}:
        if not _NUMBER.fullmatch(text):
            return ""
        number = Decimal(text)
        if number == number.to_integral_value():
            return f"{number:.0f}.0" if datatype == str(XSD.decimal) else f"{number:.0f}"
        return canonical(f"{number:f}", datatype) if datatype == str(XSD.decimal) else ""
    return text if datatype not in _DATES and fits(text, datatype) else ""


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
        # A month in place of a day is what the text says, whatever datatype was put behind it.
        datatypes = [datatype, *(_DATES - {datatype})] if datatype in _DATES else [datatype]
        hint = remedy(lexical, datatypes if rewrite(lexical, datatypes) else [datatype])
        return Severity.VIOLATION, "typed-literal", message, hint
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
