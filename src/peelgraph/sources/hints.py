"""What to write instead, for each way a document breaks its syntax."""

import difflib
import re

from peelgraph.errors import Position
from peelgraph.terms import PREFIXES, PROJECT

_LEAD = re.compile(
    r"^Parser error (?:at|between) line \d+ "
    r"(?:columns? \d+(?: and (?:column )?\d+)?|between columns? \d+ and (?:column )?\d+)"
    r"(?: and line \d+ column \d+)?: ",
)
_THING, _PROPERTY = PROJECT.example_thing, PROJECT.example_property
_DECLARED = re.compile(r"@?prefix\s+([\w.-]*):", re.IGNORECASE)

# What the parser says, and what a person should write; the first that fits is taken.
_REMEDIES = (
    ("dot is expected", "end the statement before this with ' .' (or ' ;' if it goes on)"),
    ("Unexpected end of file", "close the quotation or bracket that opens here"),
    ("Unexpected end", "the file stops inside a statement: finish it with ' .'"),
    ("No scheme found", f"write the whole IRI (https://...) or a prefixed name ({_THING})"),
    ("Invalid IRI code point", "an IRI holds no space or quote: write %20 for a space"),
    ("should end with a ']'", "close the '[' with ']' before the statement ends"),
    ("^ is not a valid", 'write two carets: "2015-06-01"^^xsd:date'),
    ("is not a valid subject", "a statement begins with an IRI or a prefixed name"),
    (", is not a valid predicate", "only objects are listed with ','; give each subject its own"),
    ("is not a valid predicate", f"a predicate is an IRI or a prefixed name ({_PROPERTY}) or 'a'"),
    (". is not a valid RDF object", "write the value before the '.'"),
    ("True is not", "write true, in lower case"),
    ("False is not", "write false, in lower case"),
    ("is not a valid RDF object", f'write a prefixed name ({_THING}) or "text" in quotes'),
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
            return remedy + _previous_line(text, position) if "dot" in words else remedy
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
