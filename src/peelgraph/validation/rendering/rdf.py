"""A report as SHACL defines it (section 3.6), in Turtle or JSON-LD.

A result is stated in SHACL's own terms alone, those that follow from it as its sh:detail. What
SHACL has no word for is added in those of W3C's vocabularies of test results: its place as
earl:pointer (Pointers in RDF 1.0), the remedy and what it clashes with as rdfs:comment, and the
identifier by which two reports are compared as dcterms:identifier. A remark
on what judged nothing is an rdfs:comment of the report.

Terms are held and written in N-Triples syntax: rdflib's writers spell numbers anew, and no
reader of the report could find "1"^^xsd:decimal in the data as 1.0.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.validation.model import POLICY, SH, Report, ShapeResult
from peelgraph.validation.rendering.text import against, describe, remainder

_RDF, _XSD = terms.VOCABULARIES["rdf"], terms.VOCABULARIES["xsd"]
_TYPE = f"<{_RDF}type>"
_EARL, _PTR = "http://www.w3.org/ns/earl#", "http://www.w3.org/2009/pointers#"
_PREFIXES = {**terms.PREFIXES, "earl": _EARL, "ptr": _PTR}
_LITERAL = re.compile(
    r'("(?:[^"\\]++|(?=\\.)\\.)*+")(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL
)
_NUMBER = re.compile(r"[0-9]{1,15}")
_DEEPEST = 8  # blank nodes inside one another; a long list stays readable, and ends no recursion


@dataclass(frozen=True, slots=True)
class Statements:
    """What a report states: of each subject its predicates and objects; `head` is the report."""

    head: str
    about: dict[str, list[tuple[str, str]]]


def to_turtle(report: Report) -> str:
    """The report in Turtle; sh:conforms is SHACL 1.0's, false on a result of any severity."""
    notes = [f"# Policy: {POLICY}\n"]
    if not report.is_judged:
        notes.append("# Nothing was judged.\n")
    if report.left_out:
        notes.append(f"# {remainder(report)}\n")
    writer = _Turtle(build(report))
    blocks = writer.blocks()
    head = "".join(f"@prefix {name}: <{_PREFIXES[name]}> .\n" for name in sorted(writer.used))
    return f"{''.join(notes)}{head}\n" + "\n".join(blocks)


def to_jsonld(report: Report) -> str:
    """The report in JSON-LD with its context inline."""
    writer = _JsonLd(build(report))
    graph = writer.nodes()
    context = {name: _PREFIXES[name] for name in sorted(writer.used)}
    document = {"@context": context, "@graph": graph}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def build(report: Report) -> Statements:
    """One sh:ValidationReport with its results."""
    about: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for triple in ox.parse(report.graph, ox.RdfFormat.N_TRIPLES):
        about[str(triple.subject)].append((str(triple.predicate), str(triple.object)))
    head = "_:report"
    about[head] = [
        (_TYPE, _sh("ValidationReport")),
        (_sh("conforms"), _typed(str(report.is_clean).lower(), "boolean")),
    ]
    for remark in report.listed_remarks:
        place = f"{remark.place}: " if remark.place else ""
        comment = ox.Literal(f"{place}{describe(remark)}", language="en")
        about[head].append((f"<{terms.VOCABULARIES['rdfs']}comment>", str(comment)))
    for number, result in enumerate(report.listed):
        node = _add(about, result, str(number))
        about[head].append((_sh("result"), node))
        for inner, each in enumerate(result.follows):
            about[node].append((_sh("detail"), _add(about, each, f"{number}-{inner}")))
    return Statements(head, dict(about))


def _add(about: dict[str, list[tuple[str, str]]], result: ShapeResult, number: str) -> str:
    """Say all there is of a result; its node."""
    node = result.node or f"_:result-{number}"
    told = _state(result)
    # The report's own terms are those of the file; pySHACL saw those of the store.
    replaced = {predicate for predicate, _ in told}
    kept = [each for each in about[node] if each[0] not in replaced] if result.node else []
    about[node] = kept + told + list(_describe(about, f"_:place-{number}", result))
    return node


def _state(result: ShapeResult) -> list[tuple[str, str]]:
    """What SHACL says of a result; of one that pySHACL gave, what the file spells otherwise."""
    told = [(_sh("focusNode"), result.focus)]
    if result.value:
        told.append((_sh("value"), result.value))
    if result.node:
        return told
    component = result.component or f"{terms.SHAPE}ClosedWorldConstraintComponent"
    told += [
        (_TYPE, _sh("ValidationResult")),
        (_sh("sourceConstraintComponent"), f"<{component}>"),
        (_sh("resultSeverity"), _sh(result.severity.value)),
        (_sh("resultMessage"), str(ox.Literal(result.message, language="en"))),
        (_sh("sourceShape"), result.shape),
    ]
    # A path of several steps is written as SPARQL does, and is no term.
    if re.fullmatch(r"<[^<>]*>", result.path):
        told.append((_sh("resultPath"), result.path))
    return told


def _describe(
    about: dict[str, list[tuple[str, str]]], place: str, result: ShapeResult
) -> Iterator[tuple[str, str]]:
    """The identifier, the remedy and the place of a result."""
    yield f"<{terms.VOCABULARIES['dcterms']}identifier>", str(ox.Literal(result.identifier))
    if result.hint:
        comment = str(ox.Literal(result.hint, language="en"))
        yield f"<{terms.VOCABULARIES['rdfs']}comment>", comment
    for other in against(result):
        comment = str(ox.Literal(f"Against: {other}", language="en"))
        yield f"<{terms.VOCABULARIES['rdfs']}comment>", comment
    if result.file is None:
        return
    yield f"<{_EARL}pointer>", place
    told = [
        (_TYPE, f"<{_PTR}LineCharPointer>"),
        (f"<{_PTR}reference>", str(ox.Literal(result.file.as_posix()))),
    ]
    if result.position is not None:
        told.append((f"<{_PTR}lineNumber>", _typed(str(result.position.line), "integer")))
        told.append((f"<{_PTR}charNumber>", _typed(str(result.position.column), "integer")))
    if result.pointer:
        told.append((f"<{_PTR}expression>", str(ox.Literal(result.pointer))))
    about[place] = told


def _sh(name: str) -> str:
    return f"<{SH}{name}>"


def _typed(lexical: str, name: str) -> str:
    return f'"{lexical}"^^<{_XSD}{name}>'


def _shorten(iri: str) -> str:
    """An IRI as a prefixed name where a prefix fits, else in angle brackets."""
    for prefix, namespace in (("earl", _EARL), ("ptr", _PTR)):
        if iri.startswith(namespace) and iri.removeprefix(namespace).isalpha():
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return terms.shorten(iri)


class _Tree:
    """The statements as a reader takes them: what only one thing names stands inside it."""

    def __init__(self, statements: Statements) -> None:
        self._about = statements.about
        self._named = Counter(
            value
            for told in statements.about.values()
            for predicate, value in told
            if value.startswith("_:")
        )
        # In the order in which they are named; those inside others are taken out on the way.
        self._waiting = [statements.head]
        self.used: set[str] = set()

    def is_inside(self, node: str, depth: int) -> bool:
        """Whether a blank node is written inside what names it; else it is written later."""
        if node not in self._about:
            return False
        if self._named[node] == 1 and depth < _DEEPEST:
            return True
        self._waiting.append(node)
        return False

    def told(self, node: str) -> Iterator[tuple[str, list[str]]]:
        """Each predicate of a node with its objects; its type first."""
        found: dict[str, list[str]] = defaultdict(list)
        for predicate, value in self._about[node]:
            if value not in found[predicate]:
                found[predicate].append(value)
        yield from sorted(found.items(), key=lambda each: (each[0] != _TYPE, each[0]))

    def roots(self) -> Iterator[str]:
        """The nodes that stand in no other, as they become known."""
        done: set[str] = set()
        for node in self._waiting:
            if node not in done:
                done.add(node)
                yield node

    def shorten(self, iri: str) -> str:
        """An IRI as a prefixed name, whose prefix is then declared, else in angle brackets."""
        short = _shorten(iri)
        if not short.startswith("<"):
            self.used.add(short.partition(":")[0])
        return short

    def name(self, node: str) -> str:
        """The label of a node that somebody names; "" where nobody does."""
        return node if self._named[node] else ""


class _Turtle(_Tree):
    def blocks(self) -> list[str]:
        return [f"{self.name(node) or '[]'} {self._inner(node, 0)} .\n" for node in self.roots()]

    def _inner(self, node: str, depth: int) -> str:
        margin = f" ;\n{'    ' * (depth + 1)}"
        lines = []
        for predicate, values in self.told(node):
            verb = "a" if predicate == _TYPE else self.shorten(predicate[1:-1])
            lines.append(f"{verb} {' , '.join(self._term(value, depth) for value in values)}")
        return margin.join(lines)

    def _term(self, value: str, depth: int) -> str:
        if value.startswith("<"):
            return self.shorten(value[1:-1])
        if value.startswith("_:"):
            if self.is_inside(value, depth):
                return f"[ {self._inner(value, depth + 1)} ]"
            return value
        quoted, tag, datatype = _parts(value)
        if datatype and _is_plain(quoted[1:-1], datatype):
            return quoted[1:-1]
        if tag:
            return f"{quoted}@{tag}"
        return f"{quoted}^^{self.shorten(datatype)}" if datatype else quoted


class _JsonLd(_Tree):
    def __init__(self, statements: Statements) -> None:
        super().__init__(statements)
        # An IRI such as <graph:x> would be read as a prefixed name.
        self._schemes = {
            term[1:-1].partition(":")[0]
            for told in statements.about.values()
            for _, term in told
            if term.startswith("<")
        }

    def nodes(self) -> list[dict[str, Any]]:
        return [self._node(node, 0) for node in self.roots()]

    def _node(self, node: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"@id": node} if self.name(node) and not depth else {}
        for predicate, values in self.told(node):
            if predicate == _TYPE and all(value.startswith("<") for value in values):
                key, items = "@type", [self._iri(value[1:-1]) for value in values]
            else:
                key = self._iri(predicate[1:-1])
                items = [self._value(value, depth) for value in values]
            found[key] = items[0] if len(items) == 1 else items
        return found

    def _iri(self, iri: str) -> str:
        is_safe = _shorten(iri).partition(":")[0] not in self._schemes
        short = self.shorten(iri) if is_safe else iri
        return iri if short.startswith("<") else short

    def _value(self, value: str, depth: int) -> Any:
        if value.startswith("<"):
            return {"@id": self._iri(value[1:-1])}
        if value.startswith("_:"):
            inside = self.is_inside(value, depth)
            return self._node(value, depth + 1) if inside else {"@id": value}
        quoted, tag, datatype = _parts(value)
        text = json.loads(quoted, strict=False)
        if tag:
            return {"@language": tag, "@value": text}
        if not datatype:
            return text
        if _is_plain(text, datatype):
            return json.loads(text)
        return {"@type": self._iri(datatype), "@value": text}


def _parts(literal: str) -> tuple[str, str, str]:
    """The quoted text, the language tag and the datatype of a literal in N-Triples syntax."""
    found = _LITERAL.fullmatch(literal)
    if found is None:
        raise TypeError(f"{literal!r} is no RDF term")
    return found[1], found[2] or "", found[3] or ""


def _is_plain(lexical: str, datatype: str) -> bool:
    """Whether a literal reads back as it was when written without quotes and datatype."""
    if datatype == f"{_XSD}boolean":
        return lexical in ("true", "false")
    is_number = datatype == f"{_XSD}integer" and _NUMBER.fullmatch(lexical) is not None
    return is_number and (lexical == "0" or not lexical.startswith("0"))
