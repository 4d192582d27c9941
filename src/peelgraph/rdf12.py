"""What belongs to RDF 1.2, in terms, in N-Triples and in answers: we take 1.1."""

import re
from collections.abc import Iterable

import pyoxigraph as ox

from peelgraph.errors import QueryRefused, RDFVersionRefused
from peelgraph.formats import GRAPHS, ROWS
from peelgraph.sparql import QueryResult
from peelgraph.sparql.policy import HINT

# What a line of N-Triples has where its object is of RDF 1.2, or where it cannot be parsed again:
# the engine makes literals of these two datatypes, which RDF gives to no literal of theirs.
_SUSPECT = re.compile(rb'<<\(|"@[A-Za-z0-9-]+--|#(?:dirL|l)angString>')
# What the text of an answer has that holds such a term, and others may have.
_MARKS = {
    "application/sparql-results+json": (b'"type":"triple"', b'"its:dir":'),
    "application/sparql-results+xml": (b"<triple>", b" its:dir="),
    "application/rdf+xml": (b":version=",),
    "application/ld+json": (b'"@direction"',),
    "text/csv": (),
}
_MARK = (b"<<(", b"--ltr", b"--rtl")


def is_newer(term: object) -> bool:
    """Whether a term is a triple, or a text with a direction."""
    return isinstance(term, ox.Triple) or getattr(term, "direction", None) is not None


def check_lines(lines: Iterable[bytes], graph: str, *, takes_newer: bool) -> None:
    """Raise unless these lines of N-Triples can be published in `graph`, and read again.

    Errors: RDFVersionRefused for a term of RDF 1.2, unless they are taken; QueryRefused for a
            literal whose datatype it cannot have.
    """
    for line in lines:
        if not _SUSPECT.search(line):
            continue
        shown = line.decode()
        try:
            (quad,) = ox.parse(line, ox.RdfFormat.N_TRIPLES)
        except SyntaxError as error:
            raise QueryRefused(
                f"<{graph}> would hold a literal that cannot be read again: {shown}",
                hint="Write a text with a language tag, or without that datatype.",
            ) from error
        if is_newer(quad.object) and not takes_newer:
            raise RDFVersionRefused(
                f"<{graph}>", f"would hold what belongs to RDF 1.2: {shown}", hint=HINT
            )


def check_answer(answer: QueryResult) -> None:
    """Raise RDFVersionRefused if the answer holds a term that readers of RDF 1.1 cannot read."""
    marks = _MARKS.get(answer.media_type, _MARK)
    if any(mark in answer.body for mark in marks) and any(
        is_newer(term) for term in _terms(answer)
    ):
        raise RDFVersionRefused(
            "answer",
            "it holds a triple as a term, or a text with a direction, which belong to RDF 1.2",
            hint="Ask for other variables, or as text/csv; what holds them can be deleted by "
            "a pattern, as DELETE WHERE { GRAPH <...> { <...> <...> ?o } }.",
        )


def _terms(answer: QueryResult) -> Iterable[object]:
    if answer.media_type in ROWS:
        rows = ox.parse_query_results(answer.body, ROWS[answer.media_type])
        return (term for row in rows for term in row) if isinstance(rows, ox.QuerySolutions) else ()
    return (quad.object for quad in ox.parse(answer.body, GRAPHS[answer.media_type]))
