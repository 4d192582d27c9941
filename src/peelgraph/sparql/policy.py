"""What a query may not do, told from its tokens before anything parses it."""

import re
from itertools import chain

from peelgraph.errors import BodyTooLarge, QueryRefused, RDFVersionRefused
from peelgraph.settings import Settings
from peelgraph.sparql.lexer import END, Token, position, remembered, tokenise

HINT = (
    "Give the statement an IRI of its own and describe that; write a text with its language alone."
)

# Keywords of SPARQL 1.2 that the engine reads as functions, also right after another word.
_FUNCTIONS = (
    "TRIPLE SUBJECT PREDICATE OBJECT STRLANGDIR LANGDIR HASLANG HASLANGDIR".split()  # noqa: SIM905
)
# A text with none of these holds nothing of SPARQL 1.2, and most have none.
_SIGNS = (
    "{|",
    "~",
    "--",
    "version",
    "triple",
    "subject",
    "predicate",
    "object",
    "langdir",
    "haslang",
)
_DIRECTION = re.compile(r"--[A-Za-z]+")
_OPENING = "([{"
_CLOSING = ")]}"
# Kinds of token that may begin what belongs to SPARQL 1.2.
_NEWER = ("sign", "language", "word")

# What the engine nests though it stands side by side, each within the one before. The engine reads
# keywords without a gap around them: `trueUNION{`.
_CHAINING = frozenset(("!", "||", "&&", "+", "-", "*", "/", "|", "^"))
_CHAINING_WORD = re.compile(
    "UNION|OPTIONAL|MINUS|FILTER|BIND|GRAPH|SELECT|VALUES|FROM|LATERAL|SERVICE|AS$", re.IGNORECASE
)
_IN_PATTERN = (*"[.;,",)
_OPERANDS = frozenset(("string", "iri", "blank", "name", "variable", "number"))
# Braces after these hold data or a template, which the engine keeps as a list.
_LISTING = ("DATA", "INSERT", "DELETE", "CONSTRUCT")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


@remembered
def guard(text: str, settings: Settings) -> None:
    """Nothing, when the query may be parsed.

    Errors: QueryRefused for brackets nested too deep, too many parts in a row, a call to another
            host, a text whose tokens cannot be told apart, SPARQL 1.2; BodyTooLarge for a text
            past the limit.
    """
    check_length(text, settings)
    if "\x00" in text:
        raise _refused(text, text.index("\x00"), "The query holds a null character")
    depth = 0
    number = 0
    is_suspect = not settings.is_plain and may_be_newer(text)
    before, token = END, END
    for number, after in enumerate(chain(tokenise(text), [END])):  # noqa: B007 - read below
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            _check_sign(text, token, after, depth, settings.max_depth)
        elif token.kind == "word":
            _check_word(text, token, after, settings)
        elif token.kind == "name":
            _check_name(text, before, token, after)
        elif token.kind == "unclosed":
            raise _refused(text, token.start, "A string starts here and does not end")
        if is_suspect and token.kind in _NEWER:
            check_token(text, token, after)
        before, token = token, after
    if number > settings.max_parts:
        _check_parts(text, settings.max_parts)


def may_be_newer(text: str) -> bool:
    """Whether anything in a query or an update may belong to SPARQL 1.2."""
    lower = text.lower()
    return any(sign in lower for sign in _SIGNS)


def check_token(text: str, token: Token, after: Token) -> None:
    """Raise RDFVersionRefused if SPARQL 1.2 begins at `token`, which `after` follows."""
    found = ""
    if token.kind == "sign":
        found = next((sign for sign in ("{|", "~") if text.startswith(sign, token.start)), "")
    elif token.kind == "language":
        direction = _DIRECTION.match(text, token.end)
        found = token.text + direction[0] if direction else ""
    elif token.kind == "word" and after.text == "(":
        word = token.text.upper()
        found = f"{token.text}()" if word.endswith(tuple(_FUNCTIONS)) else ""
    elif token.kind == "word" and after.kind == "string" and after.text[1:-1] != "1.1":
        found = token.text if token.text.upper().endswith("VERSION") else ""
    if found:
        raise refusal(text, token.start, found)


def refusal(text: str, offset: int, found: str) -> RDFVersionRefused:
    """The refusal of what stands at `offset` of a query or an update."""
    at = position(text, offset)
    error = RDFVersionRefused(
        "SPARQL", f"“{found}” belongs to SPARQL 1.2; this is SPARQL 1.1", position=at, hint=HINT
    )
    error.token = found
    return error


def check_length(text: str | bytes, settings: Settings) -> None:
    """Nothing, when the text is no longer than a query may be; BodyTooLarge otherwise."""
    most, length = settings.max_query * 1024, len(text)
    if isinstance(text, str) and most // 4 < length <= most:
        length = len(text.encode("utf-8", "surrogatepass"))
    if length > most:
        raise BodyTooLarge(
            f"The query is longer than {settings.max_query} KiB, the limit", limit="max_query"
        )


def _check_parts(text: str, most: int) -> None:
    parts = _Parts()
    before = END
    for token in tokenise(text):
        if parts.add(before, token) > most:
            raise _refused(
                text,
                token.start,
                f"More than {most} parts stand in a row, the limit",
                "Long alternatives fit in VALUES or IN; ask for the rest in another query.",
            )
        before = token


class _Parts:
    """How many parts stand in a row, in the brackets that are open and in those around them."""

    def __init__(self) -> None:
        self._bracket, self._count = "", 0
        self._around: list[tuple[str, int]] = []
        # Whether the braces that open next hold the rows of VALUES.
        self._is_listed = False

    def add(self, before: Token, token: Token) -> int:
        """Take the next token in; the count so far, none for what is data."""
        text = token.text
        if token.kind == "sign":
            if text in _OPENING:
                self._count += (text == "(" and before.text == ")") or text == "["
                self._around.append((self._bracket, self._count))
                self._bracket = self._opened(before, text)
            elif text in _CLOSING and self._around:
                is_group = text == "}" and before.text != "{" and self._bracket != "data"
                self._bracket, self._count = self._around.pop()
                self._count += is_group
            elif text in _CHAINING or (text in _IN_PATTERN and self._bracket in "{["):
                self._count += 1
            if text == ";" and not self._around:
                self._count = 0
        elif token.kind in _OPERANDS:
            self._count += before.kind in _OPERANDS
        elif token.kind == "word":
            if not self._around and token.is_word(*_FORMS):
                self._count = 0
            self._count += _CHAINING_WORD.search(text) is not None
            self._is_listed = self._is_listed or text.upper().endswith("VALUES")
        return 0 if self._bracket == "data" else self._count

    def _opened(self, before: Token, bracket: str) -> str:
        if self._bracket == "data":
            return "data"
        if bracket != "{":
            return bracket
        if self._is_listed or (before.kind == "word" and before.text.upper().endswith(_LISTING)):
            self._is_listed = False
            return "data"
        return bracket


def _check_sign(text: str, token: Token, after: Token, depth: int, deepest: int) -> None:
    if depth > deepest:
        raise _refused(
            text,
            token.start,
            f"Brackets are nested deeper than {deepest}, the limit",
            "Flatten the pattern; long alternatives fit in VALUES.",
        )
    if token.text == "<" and after.text[:1] == "<" and after.start == token.end:
        raise refusal(text, token.start, "<<")


def _check_word(text: str, token: Token, after: Token, settings: Settings) -> None:
    """The engine reads keywords without a gap after them: `SERVICESILENT<...>` calls too."""
    word = token.text.upper()
    if word == "LOAD" or word.startswith("LOADSILENT"):
        raise _refused(text, token.start, "LOAD is not served: a query only reads what is here")
    if "SERVICE" not in word:
        return
    address = after
    if word == "SERVICE" and after.is_word("SILENT"):
        address = next(tokenise(text, after.end), END)
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
