"""How the data spell the literals that the engine stores in another spelling.

Oxigraph stores "5"^^xsd:int as the xsd:integer 5 and "20.60" as 20.6. To SHACL, two spellings of a
value are two terms: they differ in datatype and text, and count as two value nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import RDF, XSD

from peelgraph.sources import Source

# The datatypes whose literals the engine stores as they are.
PLAIN = frozenset({str(XSD.string), str(RDF.langString), str(XSD.anyURI)})

# What a query asks of a value, or of a value with its subject and predicate: its text and its
# datatype as the data have them, unbound where there are several; whether the data spell it
# otherwise than it is stored, in several spellings, or ill.
TEXT = "urn:peelgraph:text"
DATATYPE = "urn:peelgraph:datatype"
IS_RESPELLED = "urn:peelgraph:isRespelled"
IS_SEVERAL = "urn:peelgraph:isSeveral"
IS_ILL_TYPED = "urn:peelgraph:isIllTyped"

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Function = Callable[..., Term | None]
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Doubts:
    """What the engine cannot tell of a stored value: what a query has to ask LiteralForms."""

    datatype: bool = False
    text: bool = False
    count: bool = False
    well_typed: bool = False
    queries: bool = False  # whether a query of a shape's own may read what the engine respells


class LiteralForms:
    """The spellings of the literals of `data` in `store`, where everything else is as stored.

    `ill_typed` are literals in N-Triples syntax.
    """

    def __init__(
        self, store: ox.Store, data: Sequence[Source], ill_typed: Collection[str] = ()
    ) -> None:
        typed = list(list_typed(data))
        stored = find_stored({triple.object for triple in typed})
        respelled = {kept for written, kept in stored.items() if kept != written}
        self._ill_typed = {kept for written, kept in stored.items() if str(written) in ill_typed}
        # A dict keeps the order of the data, as a set does not.
        self._stated: dict[tuple[Term, ...], dict[Term, None]] = defaultdict(dict)
        for triple in typed:
            kept = stored[triple.object]
            if kept in respelled:
                self._stated[triple.subject, triple.predicate, kept][triple.object] = None
        self._of = {
            kept: {
                written
                for quad in store.quads_for_pattern(None, None, kept, _DEFAULT)
                for written in self.of(quad)
            }
            for kept in respelled
        }

        self._is_retyped = any(
            literal.datatype != kept.datatype
            for kept in self._of
            if isinstance(kept, ox.Literal)
            for literal in self._literals(kept)
        )

    def doubts(self, *, forms: bool) -> Doubts:
        """What a query has to ask; without `forms`, another text of the same datatype is none."""
        return Doubts(
            datatype=self._is_retyped,
            text=bool(self._of) if forms else self._is_retyped,
            count=(forms or self._is_retyped) and any(len(each) > 1 for each in self._of.values()),
            well_typed=bool(self._ill_typed),
            queries=bool(self._of) and forms,
        )

    def of(self, quad: ox.Quad) -> Collection[Term]:
        """The objects of a stored statement, as the data spell them."""
        return self._stated.get((quad.subject, quad.predicate, quad.object), (quad.object,))

    def of_value(self, stored: Term) -> Collection[Term]:
        """All spellings of a stored literal."""
        return self._of.get(stored, (stored,))

    def functions(self) -> dict[ox.NamedNode, Function]:
        """What a query may ask of a stored value."""
        named: dict[str, Function] = {
            TEXT: self._text,
            DATATYPE: self._datatype,
            IS_RESPELLED: self._is_respelled,
            IS_SEVERAL: self._is_several,
            IS_ILL_TYPED: lambda value: ox.Literal(value in self._ill_typed),
        }
        return {ox.NamedNode(name): function for name, function in named.items()}

    def _text(self, value: Term, *place: Term) -> Term | None:
        if isinstance(value, ox.NamedNode):
            return ox.Literal(value.value)
        texts = {literal.value for literal in self._literals(value, *place)}
        return ox.Literal(texts.pop()) if len(texts) == 1 else None

    def _datatype(self, value: Term, *place: Term) -> Term | None:
        datatypes = {literal.datatype for literal in self._literals(value, *place)}
        return datatypes.pop() if len(datatypes) == 1 and value not in self._ill_typed else None

    def _is_respelled(self, value: Term, *place: Term) -> Term:
        return ox.Literal(value in self._of and self._literals(value, *place) != [value])

    def _is_several(self, value: Term, *place: Term) -> Term:
        return ox.Literal(len(self._literals(value, *place)) > 1)

    def _literals(self, value: Term, *place: Term) -> list[ox.Literal]:
        if value not in self._of:
            spelled: Collection[Term] = (value,)
        elif place:
            spelled = self._stated.get((*place, value), (value,))
        else:
            spelled = self._of[value]
        return [term for term in spelled if isinstance(term, ox.Literal)]


def list_typed(data: Sequence[Source]) -> Iterator[ox.Triple]:
    """The statements of `data` whose object is a literal that the engine may store as another."""
    for source in data:
        if b"^^" in source.triples:
            for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
                if is_typed(triple.object):
                    yield triple


def is_typed(term: Term) -> bool:
    """Whether a term is a literal of a datatype whose spellings the engine may alter."""
    return isinstance(term, ox.Literal) and term.datatype.value not in PLAIN


def find_stored(terms: Iterable[Term]) -> dict[Term, Term]:
    """Each term with the one that the engine stores in its place."""
    listed = list(terms)
    store, predicate = ox.Store(), ox.NamedNode("urn:is")
    store.extend(
        ox.Quad(ox.NamedNode(f"urn:{number}"), predicate, term)
        for number, term in enumerate(listed)
    )
    return {listed[int(str(quad.subject)[5:-1])]: quad.object for quad in store}
