"""What a query may not do, told from its tokens before anything parses it."""

from itertools import chain

from peelgraph.errors import BodyTooLarge, QueryRefused
from peelgraph.settings import Settings
from peelgraph.tokens import END, Token, position, remembered, tokenise

_OPENING = "([{"
_CLOSING = ")]}"


@remembered
def guard(text: str, settings: Settings) -> None:
    """Nothing, when the query may be parsed.

    Errors: QueryRefused for brackets nested too deep, a call to another host, a text whose tokens
            cannot be told apart; BodyTooLarge for a text past the limit.
    """
    length = len(text.encode("utf-8", "surrogatepass"))
    if length > settings.max_query * 1024:
        raise BodyTooLarge(
            f"The query is {length} bytes long; the limit is {settings.max_query} KiB"
        )
    if "\x00" in text:
        raise _refused(text, text.index("\x00"), "The query holds a null character")
    depth = 0
    before, token = END, END
    for after in chain(tokenise(text), [END]):
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            _check_sign(text, token, after, depth, settings.max_depth)
        elif token.kind == "word":
            _check_word(text, token, after, settings)
        elif token.kind == "name":
            _check_name(text, before, token, after)
        before, token = token, after


def _check_sign(text: str, token: Token, after: Token, depth: int, deepest: int) -> None:
    if depth > deepest:
        raise _refused(
            text,
            token.start,
            f"Brackets are nested deeper than {deepest}, the limit",
            "Flatten the pattern; long alternatives fit in VALUES.",
        )
    if token.text == "<" and after.text[:1] == "<" and after.start == token.end:
        raise _refused(
            text,
            token.start,
            "Triple terms belong to SPARQL 1.2; this is SPARQL 1.1",
            "Less-than an IRI is written with a space between.",
        )
    if token.text in ('"', "'"):
        raise _refused(text, token.start, "A string starts here and does not end")


def _check_word(text: str, token: Token, after: Token, settings: Settings) -> None:
    """The engine reads keywords without a gap after them: `SERVICESILENT<...>` calls too."""
    word = token.text.upper()
    if word == "LOAD" or word.startswith("LOADSILENT"):
        raise _refused(text, token.start, "LOAD is not served: a query only reads what is here")
    if "SERVICE" not in word:
        return
    address = after
    if word == "SERVICE" and after.is_word("SILENT"):
        address = next(iter(tokenise(text[after.end :])), END)
    if (
        word != "SERVICE"
        or address.kind != "iri"
        or address.text[1:-1] not in settings.allow_service
    ):
        raise _call(text, token)


def _check_name(text: str, before: Token, token: Token, after: Token) -> None:
    """The engine reads `service:x {` as a call of `:x`, and `filter:x(` as a filter by it."""
    prefix = token.text.partition(":")[0].upper()
    named = before.is_word("GRAPH", "FROM", "NAMED")
    if "SERVICE" in prefix and after.text == "{" and not named:
        raise _call(text, token)
    if "FILTER" in prefix and after.text == "(":
        raise _refused(text, token.start, f"{token.text} reads as a FILTER; choose another prefix")


def _call(text: str, token: Token) -> QueryRefused:
    return _refused(
        text,
        token.start,
        "SERVICE is not served: a query reads what is here and calls no other endpoint",
        "Ask the other endpoint yourself, or let its SERVICE call this one.",
    )


def _refused(text: str, offset: int, message: str, hint: str | None = None) -> QueryRefused:
    at = position(text, offset)
    return QueryRefused(f"{message} (line {at.line}, column {at.column})", position=at, hint=hint)
