"""Results and graphs written in the formats that a client asks for, bounded, and fit to be read.

JSON-LD comes as people and frames read it, from the engine's expanded form to a compact one: the
engine writes `rdf:type` as a property of its long name and no context, so that a frame, which
looks for `@type`, finds nothing. XML comes as XML 1.0 can carry it.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from html import unescape
from itertools import chain, islice
from types import SimpleNamespace
from typing import TypeVar
from xml.parsers import expat

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.errors import (
    NotAcceptable,
    PeelgraphError,
    QueryRefused,
    StoreDamaged,
    is_damage,
)
from peelgraph.sparql import QueryRequest, QueryResult

ROWS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
# The CSV and TSV standard gives ASK no form; this is Jena's: one column, with true or false.
_TRUTH = {"text/csv": b"_askResult\r\n%b\r\n", "text/tab-separated-values": b"?_askResult\n%b\n"}
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}

_LINES = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)

# A quoted cell, which may hold blank lines, or a line with nothing in it.
_QUOTED_OR_BLANK = re.compile(rb'"(?:[^"]|"")*+"|(?<=\n)(?=\r?\n)')

# The file that the engine names, without the folders around the version.
_DAMAGED = re.compile(r"\w+/\d+\.\w+")

_Syntax = TypeVar("_Syntax")
# Sorting these takes about 20 ms; more would keep readers waiting for looks.
_SORT_BELOW = 5_000

# In a longer answer, a few unused prefixes matter less than the time to look for them.
_TIDY_BELOW = 4_000_000

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


def evaluation_failure(error: Exception) -> PeelgraphError:
    """What is told of a failure of the engine while it evaluates."""
    if is_damage(error):
        file = _DAMAGED.search(str(error))
        return StoreDamaged(
            f"The published version is damaged{f', in {file[0]}' if file else ''}",
            hint="Its operator goes back to another version with: peelgraph rollback",
        )
    return QueryRefused(f"The query cannot be evaluated: {error}")


def serialised(
    evaluate: Callable[[], Results | list[ox.Triple]], request: QueryRequest, limit: int | None
) -> QueryResult:
    """The results in the format that `request` asks for; errors as of Embedded.query.

    `evaluate` gives the results; it is called again where the engine cannot write them.
    """
    buffer, results = _Bounded(limit), evaluate()
    try:
        if isinstance(results, ox.QueryTriples | list):
            media_type, form = request.graph, "graph"
            syntax = _offered(GRAPHS, media_type)
            # Nobody reads a line of these beside the next.
            triples = results if syntax in _LINES else _sorted(results)
            if isinstance(triples, ox.QueryTriples):
                triples.serialize(buffer, syntax)
            else:
                ox.serialize(triples, buffer, syntax, prefixes=terms.PREFIXES)
        else:
            media_type = request.results
            form = "ask" if isinstance(results, ox.QueryBoolean) else "select"
            _write_rows(results, media_type, buffer)
            if media_type == "text/csv" and not _is_table(buffer.getvalue(), results):
                buffer = _Bounded(limit)
                _write_csv(evaluate(), buffer)
    except (RuntimeError, OSError, ValueError) as error:
        if buffer.full:
            raise QueryRefused(
                f"The answer is longer than {limit} bytes, the limit; nothing of it is sent",
                hint="Ask for less: a LIMIT, fewer variables, a narrower pattern.",
            ) from error
        if is_reserved(error):
            raise cannot_carry(
                f"RDF/XML has no form for a property: {error}", _not_xml(GRAPHS)
            ) from error
        raise evaluation_failure(error) from error
    body = buffer.getvalue()
    if media_type == "text/csv" and isinstance(results, ox.QuerySolutions):
        body = _with_empty_cells(body, len(results.variables))
    if media_type == "application/rdf+xml":
        body = readable_rdf(body, _not_xml(GRAPHS))
    elif media_type.endswith("+xml"):
        body = readable(body, _not_xml(ROWS))
    return QueryResult(tidied(body, media_type) if form == "graph" else body, media_type, form)


def _not_xml(formats: Iterable[str]) -> str:
    return ", ".join(each for each in formats if not each.endswith("+xml"))


def _is_table(body: bytes, rows: Results) -> bool:
    """Whether CSV has as many cells in each row as there are variables.

    The engine quotes texts and no IRIs, which may hold commas.
    """
    if not isinstance(rows, ox.QuerySolutions):
        return True
    # A quotation mark in a cell is doubled, so that every other part is outside of quotes.
    outside = b"".join(body.split(b'"')[::2]) if b'"' in body else body
    return outside.count(b",") == outside.count(b"\r\n") * max(0, len(rows.variables) - 1)


def _write_rows(
    results: ox.QuerySolutions | ox.QueryBoolean, media_type: str, buffer: "_Bounded"
) -> None:
    syntax = _offered(ROWS, media_type)
    if isinstance(results, ox.QueryBoolean) and media_type in _TRUTH:
        buffer.write(_TRUTH[media_type] % (b"true" if results else b"false"))
    else:
        results.serialize(buffer, syntax)


def _write_csv(rows: Results | list[ox.Triple], buffer: "_Bounded") -> None:
    if not isinstance(rows, ox.QuerySolutions):
        raise TypeError(f"{rows!r} has no rows")
    out = csv.writer(SimpleNamespace(write=lambda line: buffer.write(line.encode())))
    out.writerow(variable.value for variable in rows.variables)
    for row in rows:
        out.writerow(map(_cell, row))


def _cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> str:
    """A term as CSV has it (SPARQL 1.1 Query Results CSV and TSV Formats, section 3.2)."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return "" if term is None else str(term)


def _with_empty_cells(body: bytes, columns: int) -> bytes:
    """CSV of one column with its empty cells quoted: readers drop a blank line."""
    if columns != 1:
        return body
    return _QUOTED_OR_BLANK.sub(lambda match: match[0] or b'""', body)


def _sorted(triples: Iterable[ox.Triple]) -> Iterable[ox.Triple]:
    """The triples subject by subject, types first, as people read them; very many as they come."""
    rest = iter(triples)
    first = list(islice(rest, _SORT_BELOW))
    if len(first) == _SORT_BELOW:
        return chain(first, rest)
    kind = ox.NamedNode(f"{terms.VOCABULARIES['rdf']}type")
    return sorted(
        first,
        key=lambda t: (str(t.subject), t.predicate != kind, str(t.predicate), str(t.object)),
    )


def tidied(body: bytes, media_type: str) -> bytes:
    """A graph's text with the prefixes that it uses, and no others."""
    if media_type == "application/ld+json":
        return compacted(body)
    if len(body) > _TIDY_BELOW:
        return body
    if media_type == "text/turtle":
        head = re.match(rb"(?:@prefix [^\n]*\n)*", body)
        declared, using = rb"@prefix (?P<name>[a-z-]+): [^\n]*\n", rb"(?:\A|[\s(^])([a-z-]+):"
    elif media_type == "application/rdf+xml":
        head = re.match(rb"<\?[^>]*\?>\s*<rdf:RDF[^>]*>", body)
        declared, using = rb' xmlns:(?P<name>[a-z-]+)="[^"]*"', rb"[</ ]([a-z-]+):"
    else:
        return body
    end = head.end() if head else 0
    # One look at the text for all of them: 90 looks took a second in a megabyte.
    used = set(re.findall(using, body[end:]))

    def kept(match: re.Match[bytes]) -> bytes:
        return match[0] if match["name"] in used else b""

    return re.sub(declared, kept, body[:end]) + body[end:]


class _Bounded(io.BytesIO):
    """A buffer that fails rather than hold more than `limit` bytes."""

    def __init__(self, limit: int | None) -> None:
        super().__init__()
        self._limit = limit
        self.full = False

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self._limit is not None and self.tell() + len(data) > self._limit:
            self.full = True
            raise ValueError("past the limit")
        return super().write(data)


def _offered(formats: dict[str, _Syntax], media_type: str) -> _Syntax:
    if media_type not in formats:
        raise NotAcceptable(
            f"{media_type} has no form for this result; offered: {', '.join(formats)}"
        )
    return formats[media_type]


# Characters that XML 1.0 has no form for (section 2.2): single bytes, and two of three bytes each.
_IMPOSSIBLE = bytes(each for each in range(0x20) if each not in b"\t\n\r")
_IMPOSSIBLE_LONG = ("\ufffe".encode(), "\uffff".encode())
_CHARACTER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# The start of an element as the engine writes it, with the namespace that it declares for itself.
# In a text and in an attribute, `<` is escaped.
_ELEMENT = re.compile(rb'<([^/? >]+)(?: xmlns(?::oxprefix)?="([^"]*)")?')
_XMLNS = "http://www.w3.org/2000/xmlns/"
# Names that RDF/XML withdrew (section 5.1). The engine fails at the others that it reserves.
_WITHDRAWN = ("rdf:aboutEach", "rdf:aboutEachPrefix", "rdf:bagID")


def readable(document: bytes, others: str) -> bytes:
    """The XML document with each carriage return as a reference, which a parser leaves as it is.

    Errors: NotAcceptable where XML 1.0 cannot hold it; `others` are the formats that can.
    """
    # Deleting bytes and finding fixed ones takes an eighth of the time of the pattern.
    is_short = len(document.translate(None, _IMPOSSIBLE)) < len(document)
    if is_short or any(each in document for each in _IMPOSSIBLE_LONG):
        point = ord(_CHARACTER.findall(document)[0].decode())
        raise cannot_carry(f"XML 1.0 has no form for the character U+{point:04X}", others)
    return document.replace(b"\r", b"&#13;")


def readable_rdf(document: bytes, others: str) -> bytes:
    """The same for RDF/XML, where each property is an element, and some classes are.

    Errors: NotAcceptable, too, for an IRI that ends in no name, or in one that not every parser of
            XML reads: the newest edition of XML 1.0 allows more names than those before it.
    """
    for element, namespace in dict.fromkeys(_ELEMENT.findall(document)):
        name = element.decode()
        prefix, _, local = name.rpartition(":")
        if name in _WITHDRAWN or prefix == "xmlns" or not _is_name(local):
            start = unescape(namespace.decode()) or terms.PREFIXES.get(prefix, _XMLNS)
            raise cannot_carry(f"RDF/XML has no form for the name <{start}{local}>", others)
    return readable(document, others)


def cannot_carry(told: str, others: str) -> NotAcceptable:
    """The failure to write an answer, with the formats that can hold it."""
    return NotAcceptable(f"{told}, which is in the answer", hint=f"Ask for one of: {others}")


def is_reserved(error: Exception) -> bool:
    """Whether the engine failed to write a property that RDF/XML reserves for its own syntax."""
    return "RDF/XML reserved" in str(error)


def _is_name(local: str) -> bool:
    """Whether Expat, which goes by the fourth edition of XML 1.0, reads it as a name."""
    try:
        expat.ParserCreate("utf-8").Parse(f"<{local}/>".encode(), True)
    except expat.ExpatError:
        return False
    return True


_ENTRY = rb'\{"@id":"[^"\\]*"\}'
_TYPES = re.compile(
    rb'"%s":\[(%s(?:,%s)*+)\]'
    % (re.escape(f"{terms.VOCABULARIES['rdf']}type".encode()), _ENTRY, _ENTRY)
)
_IDENTIFIER = re.compile(rb'\{"@id":("[^"\\]*")\}')
# An IRI where JSON-LD reads one: a key, an identifier, a class or a datatype.
_IRI = re.compile(
    rb'(?<=[\[{,:])(?<!"@value":)"((?:[^"\\]*[#/])?)([A-Za-z_][A-Za-z0-9_-]*)"(?=[:,\]}])'
)
_SCHEME = re.compile(rb'(?:"@(?:id|type)":\[?|[{,])"([A-Za-z][A-Za-z0-9+.-]*):')


def compacted(body: bytes) -> bytes:
    """A document in expanded form with the project's prefixes, and `@type` for `rdf:type`."""
    schemes = {found.decode() for found in _SCHEME.findall(body)}
    # An IRI whose scheme is called like one of our prefixes is not to be read by that.
    names = {ns.encode(): name for name, ns in terms.PREFIXES.items() if name not in schemes}
    used: set[str] = set()

    def typed(match: re.Match[bytes]) -> bytes:
        return b'"@type":[%s]' % _IDENTIFIER.sub(rb"\1", match[1])

    def prefixed(match: re.Match[bytes]) -> bytes:
        name = names.get(match[1])
        if name is None:
            return match[0]
        used.add(name)
        return b'"%s:%s"' % (name.encode(), match[2])

    graph = _IRI.sub(prefixed, _TYPES.sub(typed, body))
    context = {name: terms.PREFIXES[name] for name in sorted(used)}
    return b'{"@context":%s,"@graph":%s}' % (json.dumps(context).encode(), graph)
