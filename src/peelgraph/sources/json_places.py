"""Where each statement of a JSON-LD document stands, by offset and by JSON pointer.

The parser gives triples without places. This walk reads the same document with its own context
(terms, prefixes, @vocab, @base, coercion, language) and says where each triple begins. What it
does not follow (scoped contexts, @nest, indexed containers) has no place of its own; a result
there falls back to its predicate or its subject, never to a wrong line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

import pyoxigraph as ox

from peelgraph.sources.json_tree import Member, Value, read_tree
from peelgraph.sources.turtle import Place

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Term:
    """What a context says of one name."""

    iri: str
    kind: str = ""
    language: str | None = None
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """The active context."""

    terms: dict[str, Term] = field(default_factory=dict)
    base: str = ""
    vocabulary: str = ""
    language: str = ""

    def expand(self, name: str, *, vocabulary: bool) -> str:
        """The IRI that a name stands for; keywords stay."""
        if name.startswith("@"):
            return name
        if vocabulary and name in self.terms:
            return self.terms[name].iri
        prefix, colon, local = name.partition(":")
        if colon and prefix in self.terms and not local.startswith("//"):
            return self.terms[prefix].iri + local
        if colon:
            return name
        return self.vocabulary + name if vocabulary else urljoin(self.base, name)

    def extended(self, value: Value) -> "Context":
        """This context with what an @context adds."""
        context = self
        for part in value.items if value.items is not None else [value]:
            if part.members is not None:
                context = context._with(part.members)
            elif part.scalar is None:
                context = Context(base=context.base)
        return context

    def _with(self, members: dict[str, Member]) -> "Context":
        def word(name: str, before: str) -> str:
            return str(members[name].value.scalar or "") if name in members else before

        context = replace(
            self,
            terms=dict(self.terms),
            base=urljoin(self.base, word("@base", self.base)),
            vocabulary=word("@vocab", self.vocabulary),
            language=word("@language", self.language),
        )
        plain = {name: member.value for name, member in members.items() if name[:1] != "@"}
        for name, value in plain.items():
            if isinstance(value.scalar, str):
                context.terms[name] = Term(value.scalar)
        for name, value in plain.items():
            defined = context._define(name, value)
            if defined is not None:
                context.terms[name] = defined
        return context

    def _define(self, name: str, value: Value) -> Term | None:
        if isinstance(value.scalar, str):
            # A term may be defined by a prefix that stands in the same context.
            del self.terms[name]
            return Term(self.expand(value.scalar, vocabulary=True))
        if value.members is None:
            return None
        given = {key: str(member.value.scalar or "") for key, member in value.members.items()}
        iri = given.get("@reverse") or given.get("@id") or name
        return Term(
            self.expand(iri, vocabulary=True),
            self.expand(given.get("@type", ""), vocabulary=True) if "@type" in given else "",
            given.get("@language"),
            "@reverse" in given,
        )


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement with its place; the object is "" where the walk cannot tell it."""

    terms: tuple[str, str, str]
    place: Place


class JsonPlaces:
    """The statements of one document, and the pointer of each offset that begins a value."""

    def __init__(self, text: str, base: str) -> None:
        self.pointers: dict[int, str] = {}
        self.stated: list[Stated] = []
        self._top(read_tree(text), Context(base=base))

    def _top(self, value: Value, context: Context) -> None:
        if value.items is not None:
            for item in value.items:
                self._top(item, context)
        elif value.members is not None:
            self._node(value, context)

    def _node(self, value: Value, context: Context) -> str:
        """Read a node object; its IRI, "" for one without."""
        members = value.members or {}
        if "@context" in members:
            context = context.extended(members["@context"].value)
        named = {context.expand(key, vocabulary=True): key for key in members}
        subject = ""
        if "@id" in named:
            name = str(members[named["@id"]].value.scalar)
            subject = name if name[:2] == "_:" else f"<{context.expand(name, vocabulary=False)}>"
        self.pointers[value.start] = value.pointer
        for key, member in members.items():
            self._member(value, subject, key, member, context)
        return subject

    def _member(
        self, node: Value, subject: str, key: str, member: Member, context: Context
    ) -> None:
        name = context.expand(key, vocabulary=True)
        self.pointers.setdefault(member.start, member.value.pointer)
        if name in {"@graph", "@included"}:
            self._top(member.value, context)
        elif name == "@type":
            for item in _each(member.value):
                iri = f"<{context.expand(str(item.scalar), vocabulary=True)}>"
                self._state((subject, f"<{_TYPE}>", iri), node, member, item)
        elif name == "@reverse" and member.value.members is not None:
            for inner, each in member.value.members.items():
                self._reverse(subject, context.expand(inner, vocabulary=True), each, context)
        elif name[:1] != "@" and ":" in name:
            term = context.terms.get(key, Term(name))
            if term.reverse:
                self._reverse(subject, name, member, context)
                return
            for item in _each(member.value):
                found = self._object(item, term, context)
                self._state((subject, f"<{name}>", found), node, member, item)

    def _reverse(self, subject: str, name: str, member: Member, context: Context) -> None:
        for item in _each(member.value):
            other = self._object(item, Term(name, "@id"), context)
            self._state((other, f"<{name}>", subject), item, member, item)

    def _object(self, item: Value, term: Term, context: Context) -> str:
        """The term that a value stands for, in N-Triples syntax."""
        if item.members is None:
            return _literal(item, term, context)
        names = {context.expand(key, vocabulary=True): key for key in item.members}
        if "@value" in names:
            told = {name: item.members[key].value for name, key in names.items()}
            language = told["@language"].scalar if "@language" in told else ""
            kind = (
                context.expand(str(told["@type"].scalar), vocabulary=True)
                if ("@type" in told)
                else ""
            )
            return _literal(told["@value"], Term("", kind, str(language or "")), context)
        if "@list" in names or "@set" in names:
            inner = item.members[names.get("@list") or names["@set"]].value
            for each in _each(inner):
                self._object(each, term, context)
            return ""
        return self._node(item, context)

    def _state(self, terms: tuple[str, str, str], node: Value, member: Member, item: Value) -> None:
        self.pointers[item.start] = item.pointer
        if terms[0]:
            self.stated.append(Stated(terms, Place(node.start, member.start, item.start)))


def _each(value: Value) -> Iterator[Value]:
    yield from value.items if value.items is not None else [value]


def _literal(value: Value, term: Term, context: Context) -> str:
    scalar = value.scalar
    if isinstance(scalar, bool):
        lexical, kind = str(scalar).lower(), term.kind or f"{_XSD}boolean"
    elif isinstance(scalar, int):
        lexical, kind = str(scalar), term.kind or f"{_XSD}integer"
    elif isinstance(scalar, float):
        lexical, kind = f"{scalar:.15E}", term.kind or f"{_XSD}double"
    elif isinstance(scalar, str):
        return _text(scalar, term, context)
    else:
        return ""
    return str(ox.Literal(lexical, datatype=ox.NamedNode(kind))) if ":" in kind else ""


def _text(scalar: str, term: Term, context: Context) -> str:
    if term.kind in {"@id", "@vocab"}:
        iri = context.expand(scalar, vocabulary=term.kind == "@vocab")
        return iri if iri[:2] == "_:" else f"<{iri}>"
    if ":" in term.kind:
        return str(ox.Literal(scalar, datatype=ox.NamedNode(term.kind)))
    language = context.language if term.language is None else term.language
    return str(ox.Literal(scalar, language=language) if language else ox.Literal(scalar))
