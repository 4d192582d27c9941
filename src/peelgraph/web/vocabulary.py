"""The ontology and the shapes as pages: each term with what it means, who uses it, and examples."""

from flask import render_template

from peelgraph import terms
from peelgraph.web.definitions import CLASS, Term, count, exemplify, note_questions, read_term
from peelgraph.web.diagrams import draw_relations
from peelgraph.web.relations import box_of, draw_hierarchy, relate
from peelgraph.web.revisions import read_revisions
from peelgraph.web.service import Service, whole_graph
from peelgraph.web.triples import Triples, facts_of

_V = terms.VOCABULARIES
_SH = _V["sh"]
_SECTIONS = (
    ("Classes", (CLASS,)),
    (
        "Properties",
        (f"{_V['owl']}ObjectProperty", f"{_V['owl']}DatatypeProperty", f"{_V['rdf']}Property"),
    ),
)


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
        changes=read_revisions(service, terms.mint_graph("ontology")),
    )


def shapes_page(service: Service) -> str:
    """Every node shape with its property shapes."""
    shapes = _read(service, "shapes")
    found = {iri: term for iri in shapes.by_subject if (term := read_term(shapes, iri, terms.PSH))}
    targets = {iri: shapes.values(iri, f"{_SH}targetClass") for iri in found}
    counted = {cls: Term(cls, "", "", "", ()) for every in targets.values() for cls in every}
    count(service, counted)
    exemplify(service, counted)
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
        changes=read_revisions(service, terms.mint_graph("shapes")),
    )


def _read(service: Service, name: str) -> Triples:
    question = whole_graph(terms.mint_graph(name), "application/n-triples")
    return Triples(service.reader.query(question).body)
