"""The ontology and the shapes as pages: each term with what it means, who uses it, and examples."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox
from flask import render_template
from markupsafe import Markup

from peelgraph import terms
from peelgraph.errors import PeelgraphError
from peelgraph.store import Question
from peelgraph.versions import Home
from peelgraph.versions.difference import compare
from peelgraph.web.asked import ask
from peelgraph.web.cells import Cell, link, read_rows, short
from peelgraph.web.diagrams import Box, draw_relations, draw_tree
from peelgraph.web.service import Service, whole_graph

_V = terms.VOCABULARIES
_A = f"{_V['rdf']}type"
_LABEL = f"{_V['rdfs']}label"
_DEFINITION = f"{_V['skos']}definition"
_SUBCLASS = f"{_V['rdfs']}subClassOf"
_FIRST, _REST = f"{_V['rdf']}first", f"{_V['rdf']}rest"
_NIL = f"{_V['rdf']}nil"
_SH = _V["sh"]
_EXAMPLES = 3
_MOST_CHANGES = 10
_CLASS = f"{_V['owl']}Class"
# What stands at the head of a term or in a part of its own, not in the list of what is said of it.
_APART = frozenset(
    (
        *(_A, _LABEL, _DEFINITION, f"{_V['rdfs']}isDefinedBy", f"{_V['rdfs']}comment"),
        *(f"{_SH}message", f"{_SH}property"),
    )
)
_SECTIONS = (
    ("Classes", (_CLASS,)),
    (
        "Properties",
        (f"{_V['owl']}ObjectProperty", f"{_V['owl']}DatatypeProperty", f"{_V['rdf']}Property"),
    ),
)
_COUNTS = f"""
PREFIX void: <{_V["void"]}>
SELECT ?term ?n
WHERE {{
  GRAPH <{terms.DESCRIPTION}> {{
    {{ <{terms.DESCRIPTION}#dataset> void:classPartition [ void:class ?term ; void:entities ?n ] }}
    UNION
    {{
      <{terms.DESCRIPTION}#dataset> void:propertyPartition
        [ void:property ?term ; void:triples ?n ]
    }}
  }}
}}"""


def _of_class(iri: str) -> str:
    where = f"?subject a <{iri}> FILTER(ISIRI(?subject))"
    found = f"SELECT (<{iri}> AS ?term) ?subject WHERE {{ {where} }} LIMIT {_EXAMPLES}"
    return f"{{ {{ {found} }} {_named('subject')} }}"


def _of_property(iri: str) -> str:
    where = f"?subject <{iri}> ?object FILTER(ISIRI(?subject))"
    found = f"SELECT (<{iri}> AS ?term) ?subject ?object WHERE {{ {where} }} LIMIT 1"
    return f"{{ {{ {found} }} {_named('subject')} {_named('object')} }}"


def _named(name: str) -> str:
    return f"OPTIONAL {{ ?{name} <{_LABEL}> ?{name}Name }}"


@dataclass(slots=True)
class Term:
    """One term of the ontology, or one shape, as its page shows it."""

    iri: str
    anchor: str
    name: str
    definition: str
    kinds: Sequence[str]
    facts: dict[Cell, list[Cell]] = field(default_factory=dict)
    used: int = 0
    examples: list[tuple[Cell, Cell | None]] = field(default_factory=list)
    shapes: list[Cell] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    diagram: Markup | None = None


class Triples:
    """One graph by subject, with its lists unrolled."""

    def __init__(self, service: Service, graph: str) -> None:
        body = service.reader.query(whole_graph(graph, "application/n-triples")).body
        self.by_subject: defaultdict[str, defaultdict[str, list[ox.Triple]]]
        self.by_subject = defaultdict(lambda: defaultdict(list))
        for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES):
            self.by_subject[_text(quad.subject)][quad.predicate.value].append(quad.triple)

    def values(self, subject: str, predicate: str) -> list[str]:
        """The values of one property of one subject, lists as their members."""
        found = self.by_subject[subject][predicate] if subject in self.by_subject else []
        return [part for triple in found for part in self._members(_text(triple.object))]

    def one(self, subject: str, *predicates: str) -> str:
        """The first value of the first property that has one, or ""."""
        found = (value for name in predicates for value in self.values(subject, name))
        return next(found, "")

    def _members(self, node: str) -> Iterator[str]:
        held = self.by_subject.get(node)
        if held is None or _FIRST not in held:
            yield node
            return
        while node != _NIL and node in self.by_subject:
            yield from (_text(triple.object) for triple in self.by_subject[node][_FIRST])
            node = next((_text(t.object) for t in self.by_subject[node][_REST]), _NIL)


def ontology_page(service: Service) -> str:
    """Every class and property of the ontology."""
    ontology, shapes = (Triples(service, terms.mint_graph(n)) for n in ("ontology", "shapes"))
    found = [term for iri in ontology.by_subject if (term := _term(ontology, iri, terms.PEEL))]
    by_iri = {term.iri: term for term in found}
    _count(service, by_iri)
    _exemplify(service, by_iri)
    _note_questions(service, by_iri)
    relations = _relate(shapes, by_iri)
    for term in found:
        leading = relations.get(term.iri, ())
        if leading:
            title = f"What the shapes let lead from {term.name}"
            term.diagram = draw_relations(_box(term), leading, title)
    sections = [
        (title, sorted((t for t in found if set(kinds) & set(t.kinds)), key=lambda t: t.anchor))
        for title, kinds in _SECTIONS
    ]
    shown = {term.iri for _, listed in sections for term in listed}
    others = sorted((t for t in found if t.iri not in shown), key=lambda t: t.anchor)
    if others:
        sections.append(("Others", others))
    header = ontology.by_subject[terms.ONTOLOGY]
    return render_template(
        "ontology.html",
        iri=terms.ONTOLOGY,
        header=_facts(ontology, header, ()),
        tree=_hierarchy(ontology, dict(by_iri)),
        sections=sections,
        changes=list(_changes(service, terms.mint_graph("ontology"), terms.PEEL)),
    )


def shapes_page(service: Service) -> str:
    """Every node shape with its property shapes."""
    shapes = Triples(service, terms.mint_graph("shapes"))
    found = {iri: term for iri in shapes.by_subject if (term := _term(shapes, iri, terms.PSH))}
    targets = {iri: shapes.values(iri, f"{_SH}targetClass") for iri in found}
    counted = {cls: Term(cls, "", "", "", ()) for every in targets.values() for cls in every}
    _count(service, counted)
    _exemplify(service, counted)
    nodes = []
    for iri, term in found.items():
        term.definition = shapes.one(iri, f"{_SH}message") or term.definition
        for cls in targets[iri]:
            term.used += counted[cls].used
            term.examples += counted[cls].examples
        parts = [found[part] for part in shapes.values(iri, f"{_SH}property") if part in found]
        if f"{_SH}NodeShape" in term.kinds:
            nodes.append((term, sorted(parts, key=lambda part: part.anchor)))
    shown = {part.iri for _, parts in nodes for part in parts} | {node.iri for node, _ in nodes}
    return render_template(
        "shapes.html",
        iri=terms.SHAPES,
        nodes=sorted(nodes, key=lambda pair: pair[0].anchor),
        others=sorted((t for t in found.values() if t.iri not in shown), key=lambda t: t.anchor),
        changes=list(_changes(service, terms.mint_graph("shapes"), terms.PSH)),
    )


def _term(graph: Triples, iri: str, namespace: str) -> Term | None:
    """The term of that IRI; None when it is another's."""
    if not iri.startswith(namespace):
        return None
    held = graph.by_subject[iri]
    anchor = iri.removeprefix(namespace)
    return Term(
        iri,
        anchor,
        graph.one(iri, _LABEL) or anchor,
        graph.one(iri, _DEFINITION, f"{_V['rdfs']}comment"),
        graph.values(iri, _A),
        _facts(graph, held, _APART),
    )


def _facts(
    graph: Triples, held: Mapping[str, Sequence[ox.Triple]], apart: Iterable[str]
) -> dict[Cell, list[Cell]]:
    facts: dict[Cell, list[Cell]] = {}
    for predicate, triples in sorted(held.items()):
        if predicate in apart or not triples:
            continue
        cells = []
        for triple in triples:
            members = list(graph._members(_text(triple.object)))
            if len(members) > 1:
                cells.append(Cell(" · ".join(_shown(graph, member) for member in members)))
            elif isinstance(triple.object, ox.BlankNode) and members[0].startswith("_:"):
                cells.append(Cell(_restriction(graph, members[0])))
            elif isinstance(triple.object, ox.NamedNode):
                cells.append(Cell(short(triple.object.value), link(triple.object.value)))
            else:
                cells.append(Cell(members[0]))
        facts[Cell(short(predicate), link(predicate))] = cells
    return facts


def _restriction(graph: Triples, node: str) -> str:
    """A class or a path without a name, in a few words."""
    held: Mapping[str, Sequence[ox.Triple]] = graph.by_subject.get(node, {})
    return ", ".join(
        f"{short(predicate).partition(':')[2]} {_shown(graph, member)}"
        for predicate, triples in sorted(held.items())
        if predicate != _A
        for triple in triples
        for member in graph._members(_text(triple.object))
    )


def _shown(graph: Triples, node: str) -> str:
    return f"({_restriction(graph, node)})" if node.startswith("_:") else short(node)


def _count(service: Service, by_iri: Mapping[str, Term]) -> None:
    if terms.DESCRIPTION in service.current().derived:
        for row in ask(service, _COUNTS):
            if row["term"] in by_iri:
                by_iri[row["term"]].used = int(row["n"])


def _exemplify(service: Service, by_iri: Mapping[str, Term]) -> None:
    """A few things of each class, a statement with each property."""
    arms = [
        _of_property(iri) if term.kinds and _CLASS not in term.kinds else _of_class(iri)
        for iri, term in by_iri.items()
    ]
    if not arms:
        return
    text = f"SELECT * WHERE {{ {' UNION '.join(arms)} }}"
    for row in read_rows(service.reader.query(Question(text, inference=service.infers())).body):
        subject = row["subject"]["value"]
        name = row.get("subjectName", {}).get("value", "")
        other: Cell | None = None
        if "object" in row:
            value = row["object"]["value"]
            label = row.get("objectName", {}).get("value", "")
            is_iri = row["object"]["type"] == "uri"
            other = Cell(label or short(value), link(value)) if is_iri else Cell(value)
        example = (Cell(name or short(subject), link(subject)), other)
        held = by_iri[row["term"]["value"]].examples
        if example not in held and len(held) < _EXAMPLES:
            held.append(example)


def _note_questions(service: Service, by_iri: Mapping[str, Term]) -> None:
    for question in service.catalogue.questions:
        for local in sorted(set(re.findall(r"\bpeel:(\w+)", question.text))):
            if terms.PEEL + local in by_iri:
                by_iri[terms.PEEL + local].questions.append(question.name)


def _relate(shapes: Triples, by_iri: Mapping[str, Term]) -> dict[str, list[tuple[str, Box]]]:
    """What the shapes let lead from each class; each term learns the shapes that name it."""
    relations: defaultdict[str, list[tuple[str, Box]]] = defaultdict(list)
    for shape, held in list(shapes.by_subject.items()):
        for triples in held.values():
            for triple in triples:
                value = _text(triple.object)
                if value in by_iri and shape.startswith(terms.PSH):
                    cell = Cell(short(shape), link(shape))
                    if cell not in by_iri[value].shapes:
                        by_iri[value].shapes.append(cell)
        for target in shapes.values(shape, f"{_SH}targetClass"):
            for part in shapes.values(shape, f"{_SH}property"):
                path = shapes.one(part, f"{_SH}path")
                for cls in shapes.values(part, f"{_SH}class"):
                    known = by_iri.get(cls)
                    box = _box(known) if known else Box(short(cls), link(cls))
                    if path in by_iri and (by_iri[path].name, box) not in relations[target]:
                        relations[target].append((by_iri[path].name, box))
    return relations


def _hierarchy(ontology: Triples, by_iri: Mapping[str, Term]) -> Markup:
    classes = {iri: term for iri, term in by_iri.items() if _CLASS in term.kinds}
    below: defaultdict[Box, list[Box]] = defaultdict(list)
    roots = []
    for iri, term in sorted(classes.items(), key=lambda pair: pair[1].name):
        parents = [p for p in ontology.values(iri, _SUBCLASS) if p in classes and p != iri]
        for parent in parents:
            below[_box(classes[parent])].append(_box(term))
        if not parents:
            roots.append(_box(term))
    return draw_tree(roots, below, "The classes of the ontology and their subclasses")


def _changes(
    service: Service, graph: str, namespace: str
) -> Iterator[tuple[int, int, dict[str, list[str]]]]:
    """Each version that changed `graph`, newest first: its base, and the terms by what befell."""
    try:
        versions = Home(service.settings.home).list()
    except PeelgraphError:
        return
    kept = {version.number: version for version in versions}
    ending, found = f" <{graph}> .".encode(), 0
    for version in sorted(versions, key=lambda v: -v.number):
        base = kept.get(version.base)
        records = [v.graphs.get(graph) for v in (version, base) if v is not None]
        if base is None or not all(records) or len({r.digest for r in records if r}) == 1:
            continue
        difference = compare(base, version)
        sides = [
            {line.split(b" ", 1)[0] for line in lines if line.endswith(ending)}
            for lines in (difference.added, difference.removed)
        ]
        named = [{s.decode()[1:-1].removeprefix(namespace) for s in side} for side in sides]
        added, removed = ({name for name in side if ":" not in name} for side in named)
        told = {
            "only added": sorted(added - removed),
            "changed": sorted(added & removed),
            "only removed": sorted(removed - added),
        }
        yield version.base, version.number, {what: names for what, names in told.items() if names}
        found += 1
        if found == _MOST_CHANGES:
            return


def _box(term: Term) -> Box:
    return Box(term.name, f"#{term.anchor}")


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return str(term) if isinstance(term, ox.BlankNode) else str(getattr(term, "value", term))
