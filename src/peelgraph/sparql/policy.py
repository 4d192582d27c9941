"""What a query or an update may not do, found before the engine parses it."""

from collections.abc import Iterator

from peelgraph.errors import BodyTooLarge, QueryRefused, RDFVersionRefused
from peelgraph.settings import Settings
from peelgraph.sparql.lexer import position
from peelgraph.sparql.structure import Feature, Parsed, Structure

HINT = (
    "Give the statement an IRI of its own and describe that; write a text with its language alone."
)


def check_policy(parsed: Parsed, settings: Settings, *, loads: bool = False) -> None:
    """Raise unless the engine may parse this; `loads` permits LOAD, whatever it calls.

    Errors: QueryRefused for brackets nested too deep, too many parts in a row, a call to another
            host, a text whose tokens cannot be told apart, SPARQL 1.2; BodyTooLarge for a text
            past the limit.
    """
    text = parsed.text
    check_length(text, settings)
    if "\x00" in text:
        raise _refused(text, text.index("\x00"), "The query holds a null character")
    for error in _errors(text, parsed.structure, settings, loads=loads):
        raise error


def check_length(text: str | bytes, settings: Settings) -> None:
    """Raise BodyTooLarge if the text is longer than a query may be."""
    most, length = settings.max_query * 1024, len(text)
    if isinstance(text, str) and most // 4 < length <= most:
        length = len(text.encode("utf-8", "surrogatepass"))
    if length > most:
        raise BodyTooLarge(
            f"The query is longer than {settings.max_query} KiB, the limit", limit="max_query"
        )


def _errors(
    text: str, found: Structure, settings: Settings, *, loads: bool
) -> Iterator[QueryRefused]:
    """What is against the policy, in the order of the text; too many parts come last."""
    deepest = found.nesting[settings.max_depth] if len(found.nesting) > settings.max_depth else None
    for feature in found.features:
        if deepest is not None and deepest <= feature.start:
            break
        if not _permits(feature, settings, loads=loads):
            yield _error(text, feature)
    if deepest is not None:
        yield _refused(
            text,
            deepest,
            f"Brackets are nested deeper than {settings.max_depth}, the limit",
            "Flatten the pattern; long alternatives fit in VALUES.",
        )
    if len(found.parts) > settings.max_parts:
        yield _refused(
            text,
            found.parts[settings.max_parts],
            f"More than {settings.max_parts} parts stand in a row, the limit",
            "Long alternatives fit in VALUES or IN; ask for the rest in another query.",
        )


def _permits(feature: Feature, settings: Settings, *, loads: bool) -> bool:
    if feature.kind == "service":
        return feature.text in settings.allow_service
    if feature.kind == "sparql12":
        return settings.is_plain
    return feature.kind == "load" and loads


def _error(text: str, feature: Feature) -> QueryRefused:
    start = feature.start
    if feature.kind in ("load", "glued"):
        return _refused(text, start, "LOAD is not served: a query only reads what is here")
    if feature.kind == "service":
        return _refused(
            text,
            start,
            "SERVICE is not served: a query reads what is here and calls no other endpoint",
            "Ask the other endpoint yourself, or let its SERVICE call this one.",
        )
    if feature.kind == "filter":
        return _refused(text, start, f"{feature.text} reads as a FILTER; choose another prefix")
    if feature.kind == "unclosed":
        return _refused(text, start, "A string starts here and does not end")
    error = RDFVersionRefused(
        "SPARQL",
        f"“{feature.text}” belongs to SPARQL 1.2; this is SPARQL 1.1",
        position=position(text, start),
        hint=HINT,
    )
    error.token = feature.text
    return error


def _refused(text: str, offset: int, message: str, hint: str | None = None) -> QueryRefused:
    at = position(text, offset)
    return QueryRefused(f"{message} (line {at.line}, column {at.column})", position=at, hint=hint)
