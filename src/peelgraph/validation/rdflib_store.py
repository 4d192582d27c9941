"""Oxigraph under rdflib, read-only, so that pySHACL judges a store without a copy of it.

pySHACL reads a pyoxigraph store too, but there a plain string carries xsd:string and so differs
from the same string in a shape: sh:in ("x") and sh:hasValue "x" fail on "x" (pySHACL 0.40.1).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef, Variable
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Identifier, Node

from peelgraph import sparql
from peelgraph.errors import QueryRefused
from peelgraph.sparql import ParseCache, bind
from peelgraph.validation.literal_forms import LiteralForms, Term
from peelgraph.validation.literals import has_form

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query

_BINDINGS = 3
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_TRIMMED = {
    "http://www.w3.org/2001/XMLSchema#normalizedString",
    "http://www.w3.org/2001/XMLSchema#token",
}
_DEFAULT = ox.DefaultGraph()


class Comparable(Literal):
    """A literal that is neither before nor after what it cannot be compared with.

    rdflib raises TypeError there, which pySHACL lets through: an ill-typed date ended the run.
    """

    @property
    def ill_typed(self) -> bool | None:
        """Whether the text is none of the datatype; rdflib takes "x" for an xsd:gYear."""
        if self.datatype is None or has_form(str(self), str(self.datatype)):
            return super().ill_typed
        return True

    def __lt__(self, other: Any) -> bool:
        return _is_true(super().__lt__, other)

    def __le__(self, other: Any) -> bool:
        return _is_true(super().__le__, other)

    def __gt__(self, other: Any) -> bool:
        return _is_true(super().__gt__, other)

    def __ge__(self, other: Any) -> bool:
        return _is_true(super().__ge__, other)

    def __hash__(self) -> int:
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)


class _Untrimmed(Comparable):
    """A literal whose white space rdflib would take out, though asked not to normalise."""

    def __new__(cls, lexical: str, datatype: URIRef, normalize: bool) -> _Untrimmed:
        """As rdflib makes it, with the text as written."""
        made = Literal(lexical, datatype=datatype, normalize=normalize)
        written = str.__new__(cls, lexical)
        for name in Literal.__slots__:
            setattr(written, name, getattr(made, name))
        return written


def _is_true(compare: Callable[[Any], Any], other: Any) -> bool:
    try:
        return compare(other) is True
    except TypeError:
        return False


def to_rdflib(term: Term | ox.Variable | ox.DefaultGraph) -> URIRef | BNode | Literal:
    """The same term for rdflib, its lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Comparable(term.value, lang=term.language)
        datatype = term.datatype.value
        if datatype == _STRING:
            return Comparable(term.value)
        if datatype in _TRIMMED:
            return _Untrimmed(term.value, datatype=URIRef(datatype), normalize=False)
        return Comparable(term.value, datatype=URIRef(datatype), normalize=False)
    raise TypeError(f"{term!r} is no term of RDF 1.1")


def to_oxigraph(term: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """The same term for pyoxigraph."""
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        datatype = str(term.datatype) if term.datatype else _STRING
        return ox.Literal(str(term), datatype=ox.NamedNode(datatype))
    raise TypeError(f"{term!r} is no term of RDF 1.1")


class Backed(Store):
    """The unnamed graph of a pyoxigraph store, as rdflib asks for triples.

    With `spellings`, its literals are spelled as in the data.
    """

    # pySHACL wraps every graph as a dataset, which rdflib allows on such stores alone.
    context_aware = True
    graph_aware = True

    def __init__(self, store: ox.Store, spellings: LiteralForms | None = None) -> None:
        super().__init__()
        self._store = store
        self._spellings = spellings
        # pySHACL asks for the size thousands of times, and Oxigraph counts each time.
        self._size = len(store)
        self._graph = Graph(store=self, bind_namespaces="none")

    def triples(
        self, triple_pattern: tuple[Any, Any, Any], context: Graph | None = None
    ) -> Iterator[Any]:
        """The triples that fit, each with the graph that asked."""
        subject, predicate, value = triple_pattern
        # pySHACL asks some things of the whole dataset and wants to hear a graph.
        graph = context if context is not None else self._graph
        if isinstance(subject, Literal) or isinstance(predicate, BNode | Literal):
            return
        wanted = None if value is None else to_oxigraph(value)
        found = self._store.quads_for_pattern(
            None if subject is None else to_oxigraph(subject),  # type: ignore[arg-type]
            None if predicate is None else to_oxigraph(predicate),  # type: ignore[arg-type]
            wanted,
            _DEFAULT,
        )
        for quad in found:
            # The engine finds the integer 5 for "5"^^xsd:int, which is another term.
            for spelled in self._spelled(quad):
                if wanted is None or wanted == spelled:
                    yield (
                        (
                            to_rdflib(quad.subject) if subject is None else subject,
                            to_rdflib(quad.predicate) if predicate is None else predicate,
                            to_rdflib(spelled) if value is None else value,
                        ),
                        iter((graph,)),
                    )

    def _spelled(self, quad: ox.Quad) -> Collection[Term]:
        return (quad.object,) if self._spellings is None else self._spellings.of(quad)

    def __len__(self, context: Graph | None = None) -> int:
        """How many triples there are."""
        return self._size


class PreparedGraph(Graph):
    """A graph that parses each query once; pySHACL asks the same for every focus node.

    Parsing took 43 ms of the 45 that a query of a shape takes.
    """

    def __init__(self, store: Store | str = "default") -> None:
        super().__init__(store=store, bind_namespaces="none")
        self._prepared: dict[str, Query] = {}

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """The answer to a query, as any rdflib graph gives it."""
        if isinstance(query_object, str):
            from rdflib.plugins.sparql import prepareQuery  # noqa: PLC0415 - as pySHACL, in judging

            prepared = self._prepared.get(query_object)
            if prepared is None:
                prepared = prepareQuery(query_object)
                self._prepared[query_object] = prepared
            query_object = prepared
        return super().query(query_object, *args, **kwargs)


class EngineGraph(PreparedGraph):
    """The unnamed graph of a store, whose queries the engine itself answers where it can.

    A query that compares every rate with every other took rdflib 7 s for one focus node.
    """

    def __init__(self, store: ox.Store) -> None:
        super().__init__(Backed(store))
        self._engine = store
        # A shape asks one query for every focus node.
        self._queries = ParseCache(sparql.Query)

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """The answer to a query, with the same terms as rdflib's own."""
        # As rdflib has them: processor, result, initNs, initBindings.
        given = args[_BINDINGS] if len(args) > _BINDINGS else kwargs.get("initBindings")
        if isinstance(query_object, str):
            try:
                return self._ask(query_object, given or {})
            except (QueryRefused, SyntaxError, RuntimeError, TypeError):
                # A blank node, a function of somebody's own, a form that binding does not reach.
                pass
        return super().query(query_object, *args, **kwargs)

    def _ask(self, text: str, given: Mapping[Any, Node]) -> Result:
        terms = [(str(name), str(to_oxigraph(term))) for name, term in given.items()]
        bound = bind(self._queries.get(text), terms)
        found = self._engine.query(bound)
        if isinstance(found, ox.QueryBoolean):
            answer = Result("ASK")
            answer.askAnswer = bool(found)
            return answer
        if not isinstance(found, ox.QuerySolutions):
            raise TypeError("a query of a shape asks for rows or for a truth")
        names = [name.value for name in found.variables]
        answer = Result("SELECT")
        answer.vars = [Variable(name) for name in names]
        answer.bindings = [_row(names, row) for row in found]
        return answer


def _row(names: list[str], row: ox.QuerySolution) -> Mapping[Variable, Identifier]:
    values = zip(names, row, strict=True)
    return {Variable(name): to_rdflib(term) for name, term in values if term is not None}


def as_graph(
    store: ox.Store, spellings: LiteralForms | None = None, *, forms: bool = True
) -> Graph:
    """The unnamed graph of `store` as an rdflib graph that nobody can change.

    Its literals are spelled as `spellings` say, and queries left to rdflib, where the engine
    stores any in another spelling; without `forms`, where it stores any with another datatype.
    """
    if spellings is not None and spellings.doubts(forms=forms).text:
        return PreparedGraph(Backed(store, spellings))
    return EngineGraph(store)
