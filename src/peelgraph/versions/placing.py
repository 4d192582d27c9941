"""An update turned to other graphs: each graph that it names, written as the place it lies at."""

from collections.abc import Mapping

from peelgraph.errors import QueryRefused
from peelgraph.sparql.lexer import Token, position, tokenise

# What stands before the name of a graph; SILENT stands between a verb and the name.
_BEFORE = ("GRAPH", "WITH", "USING", "NAMED", "INTO", "TO", "SILENT")
_VERBS = ("CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD")


def placed(text: str, places: Mapping[str, str]) -> str:
    """`text` with the name of each graph of `places` replaced.

    Errors: QueryRefused for a graph that is a variable, which would range over both.
    """
    prefixes: dict[str, str] = {}
    pieces: list[str] = []
    done = 0
    earlier, before = Token("start", "", 0), Token("start", "", 0)
    for token in tokenise(text):
        if earlier.is_word("PREFIX") and before.kind == "name":
            prefixes[before.text.removesuffix(":")] = token.text[1:-1]
        if before.is_word(*_BEFORE, *_VERBS):
            if token.kind == "variable":
                raise _refused(text, token)
            place = places.get(_iri(token, prefixes))
            if place is not None:
                pieces += [text[done : token.start], f"<{place}>"]
                done = token.end
        earlier, before = before, token
    return "".join([*pieces, text[done:]])


def _iri(token: Token, prefixes: Mapping[str, str]) -> str:
    """The IRI of a term; a name with an escape is none that can be told."""
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + local


def _refused(text: str, token: Token) -> QueryRefused:
    at = position(text, token.start)
    return QueryRefused(
        f"Line {at.line}, column {at.column}: {token.text} stands for a graph; an update to a "
        "remote engine names each graph",
        position=at,
        hint="Write the IRI of the graph, or ask for it with a query first.",
    )
