"""Rows of an answer as bindings of variables to terms in N-Triples syntax."""

import json
from typing import Any

from peelgraph.sparql import QueryRequest
from peelgraph.store import Reader


def rows(reader: Reader, question: QueryRequest) -> list[dict[str, str]]:
    """The solutions of a SELECT, a variable written `?x`; unbound ones are left out."""
    answer = json.loads(reader.query(question).body)
    found: list[dict[str, Any]] = answer["results"]["bindings"]
    return [{f"?{name}": write_term(term) for name, term in row.items()} for row in found]


def write_term(term: dict[str, str]) -> str:
    """A term of SPARQL's JSON results in N-Triples syntax."""
    value = term["value"]
    if term["type"] == "uri":
        return f"<{value}>"
    if term["type"] == "bnode":
        return f"_:{value}"
    quoted = f'"{value.translate(ESCAPES)}"'
    if language := term.get("xml:lang"):
        return f"{quoted}@{language}"
    datatype = term.get("datatype", "")
    return quoted if datatype in ("", STRING) else f"{quoted}^^<{datatype}>"


STRING = "http://www.w3.org/2001/XMLSchema#string"
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
