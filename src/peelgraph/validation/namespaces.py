"""Wrong namespaces: each is one mistake, however many terms are written with it.

`http` for `https`, a `#` left out or a folder too many make every term of a vocabulary unknown.
Such a namespace is told once, where it is declared, and the data are judged as they are meant: what
else is wrong with them is found in the same run.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from peelgraph.errors import Position
from peelgraph.sources import Source
from peelgraph.sources.namespaces import Namespace, find_namespaces
from peelgraph.sources.positions import Positions
from peelgraph.terms import BASE, ID, PREFIXES, SHAPE
from peelgraph.validation.known_things import KnownThings
from peelgraph.validation.locations import placed
from peelgraph.validation.model import Severity, ShapeResult
from peelgraph.validation.undeclared_terms import LANGUAGES, Declared, is_language_term

NAMESPACE = f"<{SHAPE}declared-namespace>"
_IRI = re.compile(rb"<([^<>\"{}|^`\\\s]*)>")
_KNOWN = tuple(dict.fromkeys([*PREFIXES.values(), *map(str, LANGUAGES)]))
_HOSTS = tuple({f"//{iri.split('/')[2]}/" for iri in _KNOWN if "//" in iri})
# Addresses of documents are like those of the things that these describe, and no mistake.
_RIGHT = (*_KNOWN, f"{BASE}doc/")
_MANY = 50  # namespaces looked at in one document
_ALIKE = 0.8  # of two namespaces: http for https, a folder more or less
_HALF = 0.5  # of the terms: some may be misspelt besides


@dataclass(slots=True)
class RenamedPositions(Positions):
    """The places of triples whose namespaces were put right: each stands where it is written."""

    inner: Positions = field(kw_only=True, repr=False)
    written: Mapping[str, str] = field(kw_only=True, repr=False)

    def of(self, subject: str, predicate: str = "", value: str = "") -> Position | None:
        """Where `value` is stated of `subject`; else the predicate; else the subject itself."""
        return self.inner.of(*self._as_written(subject, predicate, value))

    def of_predicate(self, subject: str, predicate: str, value: str = "") -> Position | None:
        """Where the predicate of a triple is written; else the subject."""
        return self.inner.of_predicate(*self._as_written(subject, predicate, value))

    def of_subject(self, subject: str) -> Position | None:
        """Where the first statement about `subject` begins."""
        return self.inner.of_subject(*self._as_written(subject))

    def pointer(self, position: Position) -> str:
        """The JSON pointer of what stands at a position."""
        return self.inner.pointer(position)

    def spell_tag(self, tag: str, position: Position) -> str:
        """The language tag of the literal at a position, as it is written."""
        return self.inner.spell_tag(tag, position)

    def _as_written(self, *terms: str) -> Iterator[str]:
        return (self.written.get(term, term) for term in terms)


def correct_namespaces(
    data: Sequence[Source], declared: Declared, things: KnownThings
) -> tuple[list[Source], list[ShapeResult]]:
    """The data with the namespaces that are meant, and a result for each that is wrong."""
    sources, results = [], []
    for source in data:
        wrong = _find_wrong(source, declared, things)
        results += [_result(source, *each) for each in wrong.items()]
        right = {iri: right for found in wrong.values() for iri, right in found}
        sources.append(_rename(source, right) if right else source)
    return sources, results


def _find_wrong(
    source: Source, declared: Declared, things: KnownThings
) -> dict[Namespace, list[tuple[str, str]]]:
    """Each wrong namespace, with the IRIs written with it and what they should be."""
    used = dict.fromkeys(found.decode() for found in _IRI.findall(source.triples))
    known = declared.terms | declared.properties | declared.classes
    # A module of the ontology has an address beside the namespace of the terms.
    unknown = [iri for iri in used if not iri.startswith(_RIGHT) and iri not in known]
    if not unknown:
        return {}
    wrong: dict[Namespace, list[tuple[str, str]]] = {}
    for namespace in _list_candidates(source, unknown):
        mine = [iri for iri in unknown if iri.startswith(namespace.iri)]
        for right in _list_right(namespace):
            meant = {iri: right + iri.removeprefix(namespace.iri) for iri in mine}
            if mine and _is_meant(namespace, right, meant.values(), known, things):
                wrong[namespace] = list(meant.items())
                unknown = [iri for iri in unknown if iri not in meant]
                break
    return wrong


def _list_candidates(source: Source, unknown: Iterable[str]) -> list[Namespace]:
    """The namespaces that the document declares and we do not know, else those of its IRIs.

    The longest come first: one may begin another.
    """
    declared: dict[str, Namespace] = {}
    for each in find_namespaces(source.positions.text, source.positions.syntax):
        if each.iri and each.iri not in _KNOWN:
            declared.setdefault(each.iri, each)
    beginnings = tuple(declared)
    prefixes = {each.prefix: each.offset for each in declared.values()}
    for iri in unknown:
        if iri.startswith(beginnings) or len(declared) > _MANY:
            continue
        scheme, _, rest = iri.partition(":")
        if scheme in PREFIXES:
            # A name with a prefix, where the syntax takes it for a whole IRI.
            offset = prefixes.get(scheme, -1)
            declared.setdefault(f"{scheme}:", Namespace(scheme, f"{scheme}:", offset))
        elif rest.startswith(_HOSTS):
            folder = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
            cut = [known[:-1] for known in _KNOWN if iri.startswith(known[:-1])]
            name = max([folder, *cut], key=len)
            declared.setdefault(name, Namespace("", name, -1))
    return sorted(declared.values(), key=lambda each: -len(each.iri))


def _list_right(namespace: Namespace) -> list[str]:
    """The namespaces that may be meant, the likeliest first."""
    own = [PREFIXES[namespace.prefix]] if namespace.prefix in PREFIXES else []
    return [*own, *difflib.get_close_matches(namespace.iri, _KNOWN, n=3, cutoff=_ALIKE)]


def _is_meant(
    namespace: Namespace,
    right: str,
    meant: Iterable[str],
    known: frozenset[str],
    things: KnownThings,
) -> bool:
    """Whether the terms would be known with another namespace."""
    iris = list(meant)
    if right.startswith(ID):
        # New things are known to nobody, so that a declared namespace has to be like the right one.
        like = difflib.SequenceMatcher(None, namespace.iri, right).ratio()
        is_declared = namespace.offset >= 0 and like >= _ALIKE
        return is_declared or bool(things.find_described(iris))
    found = sum(iri in known or is_language_term(iri) for iri in iris)
    return found >= _HALF * len(iris)


def _rename(source: Source, right: Mapping[str, str]) -> Source:
    written: dict[str, str] = {}

    def renamed(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
        text = str(term)
        if isinstance(term, ox.NamedNode) and term.value in right:
            written[new := f"<{right[term.value]}>"] = text
            return new
        if isinstance(term, ox.Literal) and term.datatype.value in right:
            kind = ox.NamedNode(right[term.datatype.value])
            written[new := str(ox.Literal(term.value, datatype=kind))] = text
            return new
        return text

    lines = [
        f"{renamed(triple.subject)} {renamed(triple.predicate)} {renamed(triple.object)} .\n"
        for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)
    ]
    triples = "".join(lines).encode()
    positions = RenamedPositions(
        source.positions.text,
        source.positions.syntax,
        triples,
        inner=source.positions,
        written=written,
    )
    return replace(source, triples=triples, positions=positions)


def _result(
    source: Source, namespace: Namespace, concerned: Sequence[tuple[str, str]]
) -> ShapeResult:
    iri, right = concerned[0]
    right = right.removesuffix(iri.removeprefix(namespace.iri))
    count = len(concerned)
    prefix, written = f"{namespace.prefix}:", f"<{namespace.iri}>"
    hint = f"write <{right}>"
    if namespace.iri == prefix:
        told = f"The prefix {prefix} stands for no namespace"
        hint = f"declare {prefix} as <{right}>, or write the names in full"
    elif namespace.prefix:
        told = f"The prefix {prefix} stands for {written}, which is no namespace known here"
    else:
        told = f"{written} is no namespace known here"
    result = ShapeResult(
        severity=Severity.VIOLATION,
        shape=NAMESPACE,
        focus=f"<{namespace.iri}>",
        path="",
        value="",
        message=f"{told}: {count} term{'s are' if count != 1 else ' is'} written with it.",
        hint=hint,
        suggested=(right,),
    )
    if namespace.offset >= 0:
        return placed(result, source, source.positions.at(namespace.offset))
    return placed(result, source, _first_use(source, {f"<{iri}>" for iri, _ in concerned}))


def _first_use(source: Source, terms: set[str]) -> Position | None:
    """Where the first of some terms is written."""
    places = []
    for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
        stated = str(triple.subject), str(triple.predicate), str(triple.object)
        if stated[0] in terms:
            places.append(source.positions.of_subject(stated[0]))
        if stated[1] in terms:
            places.append(source.positions.of_predicate(*stated))
        if stated[2] in terms:
            places.append(source.positions.of(*stated))
    found = [place for place in places if place is not None]
    return min(found, key=lambda place: (place.line, place.column), default=None)
