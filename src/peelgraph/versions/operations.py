"""An update taken apart into its operations, and put together again as the engine needs it."""

from collections.abc import Sequence

from peelgraph.errors import QueryRefused, RequestRefused
from peelgraph.sparql import Dataset
from peelgraph.sparql.lexer import Token, position, tokenise

_OPENING, _CLOSING = "{([", "})]"
_NAMING = ("GRAPH", "WITH", "USING", "MOVE", "COPY", "ADD", "CREATE")
_START = Token("start", "", 0)


def without_loads(text: str) -> str:
    """`text` with the words LOAD blanked, each character in its place."""
    if "load" not in text.lower():
        return text
    pieces, done = [], 0
    for token in tokenise(text):
        if token.is_word("LOAD"):
            pieces += [text[done : token.start], " " * len(token.text)]
            done = token.end
    return "".join([*pieces, text[done:]])


def with_dataset(text: str, dataset: Dataset) -> str:
    """`text` with the dataset of the protocol written into each of its operations.

    Errors: RequestRefused when the text says USING or WITH itself (SPARQL 1.1 Protocol, 2.2.3).
    """
    if dataset == Dataset():
        return text
    clause = "".join(f" USING <{iri}>" for iri in dataset.default or ())
    clause += "".join(f" USING NAMED <{iri}>" for iri in dataset.named or ())
    pieces, done = [], 0
    for operation in operations_of(text):
        before = _START
        depth = 0
        for token in operation:
            depth += step(token)
            if depth == 0 and token.is_word("USING", "WITH"):
                at = position(text, token.start)
                raise RequestRefused(
                    f"Line {at.line}, column {at.column}: {token.text} stands in the update, and "
                    "a dataset in the request",
                    position=at,
                    hint="Leave out using-graph-uri and using-named-graph-uri, or the clause.",
                )
            if depth == 0 and token.is_word("WHERE"):
                pieces.append(text[done : token.start])
                if before.is_word("DELETE"):
                    pieces.append(_block(text, operation, token) + " ")
                pieces.append(f"{clause.strip()} ")
                done = token.start
            before = token
    return "".join([*pieces, text[done:]])


def in_turn(text: str) -> list[str]:
    """The update as the engine reads it: whole, or by operations where a later one has PREFIX.

    SPARQL 1.1 allows a prologue after each semicolon, pyoxigraph 0.5.13 only before the first
    operation.
    """
    later = operations_of(text)[1:]
    return apart(text) if any(each[0].is_word("PREFIX", "BASE") for each in later) else [text]


def apart(text: str) -> list[str]:
    """Each operation as an update of its own, with every prologue that stands before it."""
    prologue, pieces = "", []
    for operation in operations_of(text):
        at = past_prologue(operation)
        start = operation[at].start if at < len(operation) else operation[-1].end
        prologue += text[operation[0].start : start] + " "
        if at < len(operation):
            pieces.append(prologue + text[start : operation[-1].end])
    return pieces


def names_graph(text: str) -> bool:
    """Whether an update speaks of any graph but the unnamed one."""
    return any(token.is_word(*_NAMING) for token in tokenise(text))


def is_silent_load(operation: str) -> bool:
    """Whether an operation on its own is a LOAD whose failure is none."""
    tokens = list(tokenise(operation))
    at = past_prologue(tokens)
    words = [token.text.upper() for token in tokens[at : at + 2]]
    return words == ["LOAD", "SILENT"]


def past_prologue(tokens: Sequence[Token]) -> int:
    """How many tokens the PREFIX and BASE lines at the beginning are."""
    at = 0
    while at < len(tokens) and tokens[at].is_word("PREFIX", "BASE"):
        at += 3 if tokens[at].is_word("PREFIX") else 2
    return at


def _block(text: str, operation: Sequence[Token], where: Token) -> str:
    """The braces after a token, with what is in them: DELETE WHERE has no place for USING."""
    depth = 0
    start = where.end
    for token in operation:
        if token.start < where.end:
            continue
        depth += step(token)
        if depth == 0:
            return text[start : token.end]
    raise QueryRefused("A bracket that was opened is not closed")


def operations_of(text: str) -> list[list[Token]]:
    """The tokens of each operation; a semicolon outside of brackets parts them."""
    operations: list[list[Token]] = [[]]
    depth = 0
    for token in tokenise(text):
        depth += step(token)
        if depth == 0 and token.text == ";" and token.kind == "sign":
            operations.append([])
        else:
            operations[-1].append(token)
    return [operation for operation in operations if operation]


def step(token: Token) -> int:
    if token.kind != "sign":
        return 0
    return (token.text in _OPENING) - (token.text in _CLOSING)
