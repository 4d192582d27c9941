"""Validation as a whole: shapes, closed world and literals, with places and remedies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox
from rdflib import SH, Graph
from rdflib.term import Node

from peelgraph.errors import ShapesBroken, SourceError
from peelgraph.sources import Source
from peelgraph.store import Store
from peelgraph.validation.affected_nodes import AffectedNodes
from peelgraph.validation.candidates import Narrower, has_targets
from peelgraph.validation.causes import find_reported_once, fold
from peelgraph.validation.context import bring_context
from peelgraph.validation.counterparts import Counterparts, list_read
from peelgraph.validation.hints import Advisor
from peelgraph.validation.known_things import KnownThings
from peelgraph.validation.literal_forms import LiteralForms
from peelgraph.validation.literals import check_literals, find_ill_typed
from peelgraph.validation.locations import Locator
from peelgraph.validation.model import Remark, Report, ShapeResult
from peelgraph.validation.namespaces import correct_namespaces
from peelgraph.validation.pyshacl_runner import find_label, quiet, report_lines, run_pyshacl
from peelgraph.validation.rdflib_store import as_graph, to_oxigraph
from peelgraph.validation.shapes import list_shapes, load_shapes
from peelgraph.validation.undeclared_terms import check_declared, collect_declared
from peelgraph.validation.unjudged import NOTHING, ONLY_TERMS, find_remarks

# Gives the N-Triples that follow from some N-Triples.
Inferring = Callable[[bytes], bytes]
# Gives what in some N-Triples contradicts the ontology.
Refuting = Callable[[bytes], Sequence[ShapeResult]]
_DEFAULT = ox.DefaultGraph()
_ORDER = {"Violation": 0, "Warning": 1, "Info": 2}


def validate(
    data: Sequence[Source],
    shapes: Sequence[Source],
    ontology: Sequence[Source] = (),
    context: Store | None = None,
    *,
    replaced: Collection[str] = (),
    beside: Sequence[Source] = (),
    infer: Inferring | None = None,
    refute: Refuting | None = None,
) -> Report:
    """Every fault of `data`, judged before inference together with ontology and context.

    `replaced` names graphs of the context in whose place `data` would stand: what they alone
    state is left out. `beside` are other files of these graphs: read, but not judged. With
    `infer`, the report also tells what only inferred statements reveal or would hide; with
    `refute`, what contradicts the ontology, as far as the context reaches.

    The ontology and what `context` holds are read, not judged: to judge ontology files too,
    give them in `data` as well. With no ontology the world is open, and only the shapes count.

    Errors: SourceError when there is nothing to judge; ShapesBroken when the shapes are
            ill-formed: a failure, never a report.
    """
    return Validator(shapes, ontology).validate(
        data, context, replaced=replaced, beside=beside, infer=infer, refute=refute
    )


class Validator:
    """Shapes and ontology, made ready once to judge many documents; it never changes."""

    def __init__(self, shapes: Sequence[Source], ontology: Sequence[Source] = ()) -> None:
        if not shapes:
            raise ShapesBroken("no shapes: a check over nothing proves nothing")
        self._sources = tuple(shapes)
        self._shapes = load_shapes(shapes)
        self._remarks = find_remarks(self._shapes, self._sources)
        self._narrower = Narrower(self._shapes)
        self._affected = AffectedNodes(self._shapes, self._sources)
        self._count = len(list_shapes(self._shapes))
        self._once = find_reported_once(self._shapes)
        self._quads = [quad for source in ontology for quad in quads_of(source)]
        self._foreign = frozenset(str(quad.subject) for quad in self._quads)
        self._declared = collect_declared(ontology) if ontology else None
        # The shapes may declare properties of their own.
        self._misnamed = (
            check_declared(shapes, collect_declared([*ontology, *shapes]), frozenset())
            if self._declared
            else []
        )

    @quiet()
    def validate(
        self,
        data: Sequence[Source],
        context: Store | None = None,
        *,
        replaced: Collection[str] = (),
        beside: Sequence[Source] = (),
        infer: Inferring | None = None,
        refute: Refuting | None = None,
    ) -> Report:
        """Every fault of `data`; arguments and errors as those of `validate` above."""
        if not data:
            raise SourceError("data", "nothing to judge: a check over nothing proves nothing")
        store = ox.Store()
        store.extend(self._quads)
        things = KnownThings(store, context, replaced)
        misnamed: list[ShapeResult] = []
        if self._declared is not None:
            data, misnamed = correct_namespaces(data, self._declared, things)
        described: frozenset[str] = frozenset()
        affected: frozenset[str] = frozenset()
        before: list[ShapeResult] = []
        if context is not None:
            described = bring_context(store, data, context, self._shapes, replaced)
        for source in beside:
            store.extend(quads_of(source))
        described |= {name[1:-1] for source in beside for name in subjects_of(source)}
        if context is not None:
            affected = self._affected.find(store, data, described)
            described |= self._affected.bring(store, context, affected)
            before = self._affected.validate(store, affected)
        for source in data:
            store.extend(quads_of(source))
        ill_typed = find_ill_typed(data)
        locator = Locator(data)
        counterparts = Counterparts(things, locator)

        def spell() -> LiteralForms:
            return LiteralForms(store, data, ill_typed)

        has_focus, results, report = self._results(store, data, described, spell(), things)
        shaped = results
        if self._declared is not None:
            results = results + check_declared(data, self._declared, described, things.list_alike)
            results += misnamed + self._misnamed + check_literals(data)
        caused = _newly(self._affected.validate(store, affected), before)
        results = results + [locator.lead(each, _naming(store, each.focus)) for each in caused]
        if refute is not None:
            clashes = [
                clash if clash.file else locator.locate(clash) for clash in refute(_stated(store))
            ]
            results = [*results, *map(counterparts.add_stated, clashes)]
        revealed: tuple[ShapeResult, ...] = ()
        hidden: tuple[ShapeResult, ...] = ()
        if infer is not None:
            store.load(infer(_stated(store)), ox.RdfFormat.N_TRIPLES)
            _, inferred, _ = self._results(store, data, described, spell(), things)
            revealed = _sorted(store, _newly(inferred, shaped))
            hidden = _sorted(store, _newly(shaped, inferred))
        return Report(
            # Where there is no ontology, all that SHACL asks for.
            results=_sorted(store, fold(results, self._once) if self._declared else results),
            shapes_count=self._count,
            files_count=len({source.path for source in data}),
            triples_count=sum(source.triples.count(b"\n") for source in data),
            graph=report,
            revealed=revealed,
            hidden=hidden,
            remarks=self._remark(has_focus),
            # An ontology judges terms and literals, whatever the shapes speak of.
            is_judged=has_focus or self._declared is not None,
        )

    def _remark(self, has_focus: bool) -> tuple[Remark, ...]:
        """The remarks on the shapes, after the one on data that no shape speaks of."""
        if has_focus:
            return self._remarks
        message = NOTHING if self._declared is None else ONLY_TERMS
        return (Remark(message), *self._remarks)

    def _results(
        self,
        store: ox.Store,
        data: Sequence[Source],
        described: frozenset[str],
        spellings: LiteralForms,
        things: KnownThings,
    ) -> tuple[bool, list[ShapeResult], bytes]:
        """Whether the shapes target any of the data's own things, what they find in them, and
        pySHACL's report of it."""
        own = frozenset(name for source in data for name in subjects_of(source))
        foreign = self._foreign | {f"<{iri}>" for iri in described}
        # The queries of our own shapes ask nothing of a number's form; anybody else's may.
        forms = self._declared is None

        def concerns(node: Node) -> bool:
            return _concerns(node, own, foreign)

        focused = self._narrower.narrow(store, concerns, spellings, forms=forms)
        has_focus = has_targets(focused) or self._narrower.has_focus(store, concerns)
        graph = as_graph(store, spellings, forms=forms)
        return has_focus, *self._judge_shapes(graph, focused, data, things)

    def _judge_shapes(
        self, stated: Graph, graph: Graph, data: Sequence[Source], things: KnownThings
    ) -> tuple[list[ShapeResult], bytes]:
        if not has_targets(graph):
            return [], b""
        verdicts = run_pyshacl(stated, graph, self._sources)
        locator, advisor = Locator(data), Advisor(things, graph)
        counterparts = Counterparts(things, locator)
        read: dict[Node, frozenset[str]] = {}
        results = []
        for verdict in verdicts.items:
            value = verdicts.graph.value(verdict.node, SH.value)
            hint = advisor.advise(verdict, value)
            if verdict.shape not in read:
                read[verdict.shape] = list_read(graph, verdict.shape)
            told = replace(
                verdict.result,
                hint=hint.text,
                suggested=hint.suggested,
                reads=read[verdict.shape],
            )
            told = counterparts.add(told, graph, verdict.shape)
            said = self._shapes.value(verdict.shape, SH.targetSubjectsOf)
            if said is not None and not told.path:
                # Who may not say something is shown where it is said, and need not become another.
                placed = locator.locate(
                    replace(told, path=said.n3(), value="", hint="", suggested=())
                )
                results.append(replace(placed, path="", value=told.value))
            else:
                results.append(locator.locate(told))
        return results, report_lines(verdicts)


def _stated(store: ox.Store) -> bytes:
    return store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=_DEFAULT) or b""


def _newly(after: Sequence[ShapeResult], before: Sequence[ShapeResult]) -> list[ShapeResult]:
    known = {result.identifier for result in before}
    return [result for result in after if result.identifier not in known]


def _naming(store: ox.Store, focus: str) -> list[str]:
    """The things that name a published one, in N-Triples syntax."""
    found = store.quads_for_pattern(None, None, ox.NamedNode(focus[1:-1]))
    return sorted(str(quad.subject) for quad in found)


def _sorted(store: ox.Store, results: Sequence[ShapeResult]) -> tuple[ShapeResult, ...]:
    return tuple(sorted((_name(store, result) for result in results), key=_key))


def subjects_of(source: Source) -> set[str]:
    """The subjects of a source, in N-Triples syntax."""
    return {line.partition(" ")[0] for line in source.triples.decode().splitlines()}


def quads_of(source: Source) -> Iterator[ox.Quad]:
    """The statements of a source in the unnamed graph, blank nodes named as in the source."""
    for triple in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES):
        yield ox.Quad(triple.subject, triple.predicate, triple.object)


def _concerns(node: Node, own: frozenset[str], foreign: frozenset[str]) -> bool:
    """Whether a node is the data's; what only the surroundings describe is not judged."""
    name = str(to_oxigraph(node))
    return name in own or name not in foreign


def _name(store: ox.Store, result: ShapeResult) -> ShapeResult:
    return result if result.label else replace(result, label=find_label(store, result.focus))


def _key(result: ShapeResult) -> tuple[object, ...]:
    where = result.position
    return (
        _ORDER[result.severity.value],
        str(result.file or "~"),
        (where.line, where.column) if where else (0, 0),
        result.focus,
        result.shape,
        result.path,
        result.value,
    )
