"""Files, and bytes from elsewhere, to triples with their positions."""

import codecs
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyoxigraph

from peelgraph.errors import Position, RDFVersionRefused, SourceError
from peelgraph.rdf12 import is_newer
from peelgraph.settings import Settings
from peelgraph.sources.model import Source
from peelgraph.sources.positions import JsonPositions, Positions, XmlPositions
from peelgraph.sources.rdf12_syntax import find_rdf12, may_be_rdf12
from peelgraph.sources.turtle import find_nesting
from peelgraph.sources.xml_tree import find_depth
from peelgraph.sparql.policy import HINT
from peelgraph.terms import PREFIXES, PROJECT

_LEAD = re.compile(
    r"^Parser error (?:at|between) line \d+ "
    r"(?:columns? \d+(?: and (?:column )?\d+)?|between columns? \d+ and (?:column )?\d+)"
    r"(?: and line \d+ column \d+)?: ",
)
_PROPERTY = PROJECT.example_property
# A name of the project's things; its own example is of a kind, which the text may say nothing of.
_THING = re.compile(rf"(?<![\w:/.-])(?:{'|'.join(PROJECT.types)}):[\w-]+")
_KIND = f"{PROJECT.example_thing.partition(':')[0]}:..."
_DECLARED = re.compile(r"@?prefix\s+([\w.-]*):", re.IGNORECASE)

# What the parser says, and what a person should write; the first that fits is taken.
_REMEDIES = (
    ("dot is expected", "end the statement before this with ' .' (or ' ;' if it goes on)"),
    ("Unexpected end of file", "close the quotation or bracket that opens here"),
    ("Unexpected end", "the file stops inside a statement: finish it with ' .'"),
    ("No scheme found", "write the whole IRI (https://...) or a prefixed name ({thing})"),
    ("Invalid IRI code point", "an IRI holds no space or quote: write %20 for a space"),
    ("should end with a ']'", "close the '[' with ']' before the statement ends"),
    ("^ is not a valid", 'write two carets: "2015-06-01"^^xsd:date'),
    ("is not a valid subject", "a statement begins with an IRI or a prefixed name"),
    (", is not a valid predicate", "only objects are listed with ','; give each subject its own"),
    ("is not a valid predicate", f"a predicate is an IRI or a prefixed name ({_PROPERTY}) or 'a'"),
    (". is not a valid RDF object", "write the value before the '.'"),
    ("True is not", "write true, in lower case"),
    ("False is not", "write false, in lower case"),
    ("is not a valid RDF object", 'write a prefixed name ({thing}) or "text" in quotes'),
    ("subtag", "a language tag is short: @en, @cy"),
    ("LoadDocumentCallback", "write the context into the file: none is fetched from elsewhere"),
    ("XML namespaces", "declare the prefix with xmlns on rdf:RDF, and close every element"),
)
_CURLY = "\u201c\u201d\u2018\u2019"


def strip_lead(message: str) -> str:
    """The parser's message without the position, which we state in our own way."""
    return _LEAD.sub("", message)


def find_remedy(message: str, text: str, position: Position | None) -> str | None:
    """What to write instead of the fault that `message` names; None when we do not know."""
    undeclared = re.search(r"prefix ([\w.-]*): has not been declared", message)
    if undeclared:
        return _declare(undeclared.group(1), text)
    if any(mark in message for mark in _CURLY):
        return 'write straight quotation marks: "text"'
    for words, remedy in _REMEDIES:
        if words in message:
            named = _THING.search(text)
            told = remedy.replace("{thing}", named[0] if named else _KIND)
            return told + _previous_line(text, position) if "dot" in words else told
    return None


def _declare(prefix: str, text: str) -> str:
    if prefix in PREFIXES:
        return f"add at the head of the file: @prefix {prefix}: <{PREFIXES[prefix]}> ."
    known = [*_DECLARED.findall(text), *PREFIXES]
    near = difflib.get_close_matches(prefix, known, n=1)
    if near:
        return f"did you mean {near[0]}: ? Otherwise declare it: @prefix {prefix}: <...> ."
    return f"declare it at the head of the file: @prefix {prefix}: <...> ."


def _previous_line(text: str, position: Position | None) -> str:
    """Names the line where the statement stops, which may be far above the fault."""
    if position is None:
        return ""
    lines = text.split("\n")[: position.line - 1]
    for number in range(len(lines), 0, -1):
        line = lines[number - 1].strip()
        if line and not line.startswith("#"):
            return f", after line {number}: {line[-60:]}"
    return ""


SUFFIXES = {
    ".ttl": "ttl",
    ".nt": "nt",
    ".nq": "nq",
    ".trig": "trig",
    ".jsonld": "jsonld",
    ".json": "jsonld",
    ".rdf": "rdf",
    ".owl": "rdf",
    ".xml": "rdf",
}
FORMATS = {
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "nq": pyoxigraph.RdfFormat.N_QUADS,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "rdf": pyoxigraph.RdfFormat.RDF_XML,
}
_STRING = pyoxigraph.NamedNode("http://www.w3.org/2001/XMLSchema#string")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
# No number of more digits is anything that was counted or measured, and Python reads no integer of
# more than 4,300.
_DIGITS = 1000
_MANY_DIGITS = re.compile(rf"(?<!\d)\d{{{_DIGITS + 1}}}")
_XML_ENCODING = re.compile(r"""<\?xml[^>]*encoding=["']([^"']+)["']""")


def read_turtle(path: Path, graph: str, shown: Path | None = None) -> Source:
    """The triples of one Turtle file; `shown` is the path that messages name.

    Errors: SourceError with line and column, what was found and what to write instead.
    """
    return parse(read_bytes(path, shown), "ttl", graph, shown or path)


def find_syntax(
    path: Path, shown: Path | None = None, suffixes: Mapping[str, str] = SUFFIXES
) -> str:
    """The syntax that a file's suffix names; SourceError for one that is not in `suffixes`."""
    syntax = suffixes.get(path.suffix.lower())
    if syntax is None:
        offered = ", ".join(suffixes)
        found = f"the suffix {path.suffix!r}" if path.suffix else "a name without suffix"
        raise SourceError(
            shown or path,
            f"{found} does not tell the syntax",
            hint=f"name the file with one of: {offered}",
        )
    return syntax


def read_bytes(path: Path, shown: Path | None = None) -> bytes:
    """The bytes of a file; SourceError when it is missing, a folder or not ours to read."""
    name = shown or path
    if path.is_dir():
        raise SourceError(name, "is a folder, not a file", hint="name the files in it")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError(name, "no such file", hint="check the spelling of the path") from error
    except PermissionError as error:
        raise SourceError(
            name, "may not be read", hint="give yourself the right to read it: chmod +r"
        ) from error
    except OSError as error:
        raise SourceError(name, f"cannot be read: {error.strerror}") from error


def parse(
    content: bytes,
    syntax: str,
    graph: str,
    path: Path,
    *,
    base: str | None = None,
) -> Source:
    """The triples of a document held in memory; a document of named graphs is read as one graph
    here, and as several by parse_graphs.

    Without `base` a relative IRI is an error: it would mean another thing in another folder.

    Errors: SourceError with line and column where the syntax has them.
    """
    text, parsed = _parse(content, syntax, path, base)
    triples = _write([quad.triple for quad in parsed])
    return Source(path, graph, triples, _positions(text, syntax, triples, base, None))


def parse_graphs(
    content: bytes,
    syntax: str,
    graph: str,
    path: Path,
    *,
    base: str | None = None,
) -> tuple[Source, ...]:
    """One source for each graph of a document; its unnamed graph is called `graph`.

    Errors: as parse.
    """
    text, parsed = _parse(content, syntax, path, base)
    members: dict[str, list[int]] = {}
    for number, quad in enumerate(parsed):
        name = quad.graph_name
        # A blank node names no graph that anybody could ask for or replace.
        named = name.value if isinstance(name, pyoxigraph.NamedNode) else graph
        members.setdefault(named, []).append(number)
    sources = []
    for named, numbers in members.items():
        triples = _write([parsed[number].triple for number in numbers])
        whole = None if len(members) == 1 else numbers
        sources.append(Source(path, named, triples, _positions(text, syntax, triples, base, whole)))
    return tuple(sources)


def _parse(
    content: bytes, syntax: str, path: Path, base: str | None
) -> tuple[str, list[pyoxigraph.Quad]]:
    text = decode(content, path)
    check_safe(text, syntax, path)
    try:
        parsed = list(
            pyoxigraph.parse(text, FORMATS[syntax], base_iri=base, rename_blank_nodes=True)
        )
    except SyntaxError as error:
        newer = find_rdf12(text, syntax)
        if newer and _end_of(text[: newer[0]]).line == error.lineno:
            raise _refuse_newer(text, newer, path) from error
        raise _explain(error, text, path) from error
    if not parsed:
        raise SourceError(
            path,
            "states nothing: no triple in it",
            hint="an empty file proves nothing; write its statements or delete it",
        )
    if any(is_newer(quad.object) for quad in parsed):
        raise _refuse_newer(text, find_rdf12(text, syntax), path)
    _check_digits(text, parsed, path)
    return text, parsed


def _write(triples: Iterable[pyoxigraph.Triple]) -> bytes:
    written = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert written is not None  # noqa: S101 - None only when an output is given
    return written


def _positions(
    text: str, syntax: str, triples: bytes, base: str | None, numbers: Sequence[int] | None
) -> Positions:
    if syntax == "jsonld":
        return JsonPositions(text, syntax, triples, base=base or "")
    if syntax == "rdf":
        return XmlPositions(text, syntax, triples)
    return Positions(text, syntax, triples, numbers=numbers)


def decode(content: bytes, path: Path) -> str:
    """`content` as text, without a byte order mark; SourceError for another encoding or a NUL."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(path, "is UTF-16, not UTF-8", hint="save it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise SourceError(
            path,
            f"the byte 0x{content[error.start]:02x} is not UTF-8",
            position=_end_of(before),
            hint="save the file as UTF-8 (it may be Windows-1252 or Latin-1)",
        ) from error
    nul = text.find("\0")
    if nul >= 0:
        raise SourceError(
            path,
            "a NUL byte: this is no text, or a damaged one",
            position=_end_of(text[:nul]),
            hint="restore the file from the version before",
        )
    return text


def check_safe(text: str, syntax: str, path: Path) -> None:
    """Refuse what would cost a parser too much, or what it would leave out.

    That is XML entities and deep nesting, and parts of RDF 1.2 that leave no triple.
    """
    if syntax == "rdf":
        entity = _ENTITY.search(text)
        if entity:
            # Internal entities let 1 kB grow to 1 GB; external ones read files.
            raise SourceError(
                path,
                "declares an XML entity, which we do not expand",
                position=_end_of(text[: entity.start()]),
                hint="write IRIs in full, or use xml:base",
            )
        encoding = _XML_ENCODING.match(text)
        if encoding and encoding.group(1).lower() != "utf-8":
            raise SourceError(
                path,
                f"declares the encoding {encoding.group(1)}, but is UTF-8",
                position=_end_of(text[: encoding.start(1)]),
                hint='write encoding="UTF-8"',
            )
    if syntax in {"rdf", "ttl", "trig", "jsonld"}:
        depth = Settings().max_depth
        start = find_depth(text, depth) if syntax == "rdf" else find_nesting(text, depth)
        if start is not None:
            raise SourceError(
                path,
                f"{'elements' if syntax == 'rdf' else 'brackets'} nest deeper than {depth}",
                position=_end_of(text[:start]),
                hint="give the inner things IRIs of their own",
            )
    if may_be_rdf12(text, syntax) and (newer := find_rdf12(text, syntax)):
        raise _refuse_newer(text, newer, path)


def _explain(error: SyntaxError, text: str, path: Path) -> SourceError:
    message = strip_lead(str(error.args[0]))
    position = Position(error.lineno, error.offset or 1) if error.lineno else None
    hint = find_remedy(message, text, position)
    return SourceError(path, message, position=position, hint=hint)


def _refuse_newer(text: str, newer: tuple[int, str] | None, path: Path) -> RDFVersionRefused:
    offset, found = newer or (0, "a triple as a term, or a text with a direction")
    return RDFVersionRefused(
        path,
        f"“{found}” belongs to RDF 1.2; RDF 1.1 is read here",
        position=_end_of(text[:offset]) if newer else None,
        hint=HINT,
    )


def _check_digits(text: str, parsed: Iterable[pyoxigraph.Quad], path: Path) -> None:
    """SourceError for a number of more digits than anybody reads; a text may have them."""
    digits = _MANY_DIGITS.search(text)
    if digits is None:
        return
    for quad in parsed:
        term = quad.object
        if (
            isinstance(term, pyoxigraph.Literal)
            and not (term.language or term.datatype == _STRING)
            and _MANY_DIGITS.search(term.value)
        ):
            at = text.find(term.value)
            raise SourceError(
                path,
                f"a number of more than {_DIGITS} digits",
                position=_end_of(text[: at if at >= 0 else digits.start()]),
                hint="write a number that can be read, or a text in quotation marks",
            )


def _end_of(text: str) -> Position:
    """The position just after `text`."""
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))
