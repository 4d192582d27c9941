"""The ontology and the shapes as pages: each term, who uses it, examples, what became of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from flask import render_template
from markupsafe import Markup

from peelgraph import terms
from peelgraph.catalogue.graph_names import whole_graph
from peelgraph.embedded import Embedded
from peelgraph.errors import PeelgraphError
from peelgraph.http.cells import Cell, link, short
from peelgraph.http.page_queries import ask, ask_each
from peelgraph.http.service import Service
from peelgraph.repository import Version
from peelgraph.repository.factory import repository_of
from peelgraph.site.diagrams import Box, draw_relations, draw_tree
from peelgraph.site.triples import Triples, facts_of, text_of

_V = terms.VOCABULARIES
_A = f"{_V['rdf']}type"
_LABEL = f"{_V['rdfs']}label"
_DEFINITION = f"{_V['skos']}definition"
_SH = _V["sh"]
_EXAMPLES = 3
CLASS = f"{_V['owl']}Class"
# What stands at the head of a term or in a part of its own, not in the list of what is said of it.
_APART = frozenset(
    (
        *(_A, _LABEL, _DEFINITION, f"{_V['rdfs']}isDefinedBy", f"{_V['rdfs']}comment"),
        *(f"{_SH}message", f"{_SH}property"),
    )
)
_SUBCLASS = f"{_V['rdfs']}subClassOf"
_MOST_REVISIONS = 10

# What is said of a term, each property with its values in words.
Said = Mapping[str, frozenset[str]]
_SECTIONS = (
    ("Classes", (CLASS,)),
    (
        "Properties",
        (f"{_V['owl']}ObjectProperty", f"{_V['owl']}DatatypeProperty", f"{_V['rdf']}Property"),
    ),
)


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


def read_term(graph: Triples, iri: str, namespace: str) -> Term | None:
    """The term of that IRI; None when it is another's."""
    if not iri.startswith(namespace):
        return None
    anchor = iri.removeprefix(namespace)
    return Term(
        iri,
        anchor,
        graph.one(iri, _LABEL) or anchor,
        graph.one(iri, _DEFINITION, f"{_V['rdfs']}comment"),
        graph.values(iri, _A),
        facts_of(graph, iri, _APART),
    )


def count(service: Service, by_iri: Mapping[str, Term]) -> None:
    """Note how often each term is used, where the version tells it."""
    if terms.DESCRIPTION in service.current().derived:
        for row in ask(service, "uses-of-terms"):
            if row["term"] in by_iri:
                by_iri[row["term"]].used = int(row["uses"])


def exemplify(service: Service, by_iri: Mapping[str, Term]) -> None:
    """Note a few things of each class, and a statement with each property."""
    classes = [iri for iri, term in by_iri.items() if not term.kinds or CLASS in term.kinds]
    properties = [iri for iri in by_iri if iri not in classes]
    for row in (
        *ask_each(service, "examples-of-class", "term", classes),
        *ask_each(service, "examples-of-property", "term", properties),
    ):
        subject = row["subject"]
        other: Cell | None = None
        if value := row.term("object"):
            other = Cell(value["value"])
            if value["type"] == "uri":
                other = Cell(row["objectName"] or short(value["value"]), link(value["value"]))
        example = (Cell(row["subjectName"] or short(subject), link(subject)), other)
        held = by_iri[row["term"]].examples
        if example not in held and len(held) < _EXAMPLES:
            held.append(example)


def note_questions(service: Service, by_iri: Mapping[str, Term]) -> None:
    """Note the stored questions that use each term."""
    for question in service.catalogue.questions:
        for local in sorted(set(re.findall(r"\bpeel:(\w+)", question.text))):
            if terms.PEEL + local in by_iri:
                by_iri[terms.PEEL + local].questions.append(question.name)


def relate(shapes: Triples, by_iri: Mapping[str, Term]) -> dict[str, list[tuple[str, Box]]]:
    """What the shapes let lead from each class; each term learns the shapes that name it."""
    relations: defaultdict[str, list[tuple[str, Box]]] = defaultdict(list)
    for shape, held in list(shapes.by_subject.items()):
        for triples in held.values():
            for triple in triples:
                value = text_of(triple.object)
                if value in by_iri and shape.startswith(terms.PSH):
                    cell = Cell(short(shape), link(shape))
                    if cell not in by_iri[value].shapes:
                        by_iri[value].shapes.append(cell)
        for target in shapes.values(shape, f"{_SH}targetClass"):
            for part in shapes.values(shape, f"{_SH}property"):
                path = shapes.one(part, f"{_SH}path")
                for cls in shapes.values(part, f"{_SH}class"):
                    known = by_iri.get(cls)
                    box = box_of(known) if known else Box(short(cls), link(cls))
                    if path in by_iri and (by_iri[path].name, box) not in relations[target]:
                        relations[target].append((by_iri[path].name, box))
    return relations


def draw_hierarchy(ontology: Triples, by_iri: Mapping[str, Term]) -> Markup:
    """The tree of the classes."""
    classes = {iri: term for iri, term in by_iri.items() if CLASS in term.kinds}
    below: defaultdict[Box, list[Box]] = defaultdict(list)
    roots = []
    for iri, term in sorted(classes.items(), key=lambda pair: pair[1].name):
        parents = [p for p in ontology.values(iri, _SUBCLASS) if p in classes and p != iri]
        for parent in parents:
            below[box_of(classes[parent])].append(box_of(term))
        if not parents:
            roots.append(box_of(term))
    return draw_tree(roots, below, "The classes of the ontology and their subclasses")


def box_of(term: Term) -> Box:
    """The term as a diagram shows it."""
    return Box(term.name, f"#{term.anchor}")


@dataclass(frozen=True, slots=True)
class Revision:
    """What one version changed in the vocabulary of the version before it.

    A term that changed comes with the properties that did; one that is gone leads nowhere.
    """

    base: int
    number: int
    added: tuple[Cell, ...]
    changed: tuple[tuple[Cell, tuple[str, ...]], ...]
    removed: tuple[Cell, ...]


def read_revisions(service: Service, graph: str) -> list[Revision]:
    """The latest versions that changed `graph`, newest first; none where no older is kept."""
    try:
        versions = repository_of(service.settings).list()
    except PeelgraphError:
        return []
    kept = {version.number: version for version in versions}
    pairs = (
        (kept[new.base], new)
        for new in sorted(versions, key=lambda version: -version.number)
        if new.base in kept and _digest(new, graph) != _digest(kept[new.base], graph)
    )
    return list(islice((_compared(old, new, graph) for old, new in pairs), _MOST_REVISIONS))


def _digest(version: Version, graph: str) -> str:
    return version.graphs[graph].digest if graph in version.graphs else ""


def _compared(old: Version, new: Version, graph: str) -> Revision:
    before, after = _said(old, graph), _said(new, graph)
    return Revision(
        old.number,
        new.number,
        tuple(_term_cell(iri) for iri in sorted(after.keys() - before.keys())),
        tuple(
            (_term_cell(iri), tuple(_differing(before[iri], after[iri])))
            for iri in sorted(before.keys() & after.keys())
            if before[iri] != after[iri]
        ),
        tuple(Cell(short(iri)) for iri in sorted(before.keys() - after.keys())),
    )


def _said(version: Version, graph: str) -> dict[str, Said]:
    """What a version says of each term that has a name, nodes without one in words."""
    store = Embedded.read_only(version.store_path)
    try:
        triples = Triples(store.read(graph))
    finally:
        store.close()
    return {
        iri: {
            name.text: frozenset(value.text for value in values)
            for name, values in facts_of(triples, iri).items()
        }
        for iri in list(triples.by_subject)
        if not iri.startswith("_:")
    }


def _differing(before: Said, after: Said) -> Iterator[str]:
    nothing: frozenset[str] = frozenset()
    for name in sorted(before.keys() | after.keys()):
        if before.get(name, nothing) != after.get(name, nothing):
            yield name.rpartition(":")[2]


def _term_cell(iri: str) -> Cell:
    return Cell(short(iri), link(iri))


def ontology_page(service: Service) -> str:
    """Every class and property of the ontology."""
    ontology, shapes = (_read(service, name) for name in ("ontology", "shapes"))
    found = [term for iri in ontology.by_subject if (term := read_term(ontology, iri, terms.PEEL))]
    by_iri = {term.iri: term for term in found}
    count(service, by_iri)
    exemplify(service, by_iri)
    note_questions(service, by_iri)
    relations = relate(shapes, by_iri)
    for term in found:
        leading = relations.get(term.iri, ())
        if leading:
            title = f"What the shapes let lead from {term.name}"
            term.diagram = draw_relations(box_of(term), leading, title)
    sections = [
        (title, sorted((t for t in found if set(kinds) & set(t.kinds)), key=lambda t: t.anchor))
        for title, kinds in _SECTIONS
    ]
    shown = {term.iri for _, listed in sections for term in listed}
    others = sorted((t for t in found if t.iri not in shown), key=lambda t: t.anchor)
    if others:
        sections.append(("Others", others))
    return render_template(
        "ontology.html",
        iri=terms.ONTOLOGY,
        header=facts_of(ontology, terms.ONTOLOGY),
        tree=draw_hierarchy(ontology, dict(by_iri)),
        sections=sections,
        changes=read_revisions(service, terms.ONTOLOGY_GRAPH),
    )


def shapes_page(service: Service) -> str:
    """Every node shape with its property shapes."""
    shapes = _read(service, "shapes")
    found = {iri: term for iri in shapes.by_subject if (term := read_term(shapes, iri, terms.PSH))}
    targets = {iri: shapes.values(iri, f"{_SH}targetClass") for iri in found}
    counted = {cls: Term(cls, "", "", "", ()) for every in targets.values() for cls in every}
    count(service, counted)
    exemplify(service, counted)
    used = Counter(
        part for iri in found for part in {*shapes.values(iri, f"{_SH}property")} & found.keys()
    )
    nodes = []
    for iri, term in found.items():
        term.definition = shapes.one(iri, f"{_SH}message") or term.definition
        for cls in targets[iri]:
            term.used += counted[cls].used
            term.examples += counted[cls].examples
        # A part that several shapes have is shown once, among what they share.
        own = (part for part in shapes.values(iri, f"{_SH}property") if used[part] == 1)
        parts = [found[part] for part in own]
        if f"{_SH}NodeShape" in term.kinds:
            nodes.append((term, sorted(parts, key=lambda part: part.anchor)))
    shown = {part.iri for _, parts in nodes for part in parts} | {node.iri for node, _ in nodes}
    return render_template(
        "shapes.html",
        iri=terms.SHAPES,
        nodes=sorted(nodes, key=lambda pair: pair[0].anchor),
        others=sorted((t for t in found.values() if t.iri not in shown), key=lambda t: t.anchor),
        changes=read_revisions(service, terms.SHAPES_GRAPH),
    )


def _read(service: Service, name: str) -> Triples:
    question = whole_graph(terms.mint_graph(name), "application/n-triples")
    return Triples(service.reader.query(question).body)
