"""How the classes hang together: under which each stands, and what the shapes let lead where."""

from collections import defaultdict
from collections.abc import Mapping

from markupsafe import Markup

from peelgraph import terms
from peelgraph.web.cells import Cell, link, short
from peelgraph.web.definitions import CLASS, Term
from peelgraph.web.diagrams import Box, draw_tree
from peelgraph.web.triples import Triples, text_of

_SUBCLASS = f"{terms.VOCABULARIES['rdfs']}subClassOf"
_SH = terms.VOCABULARIES["sh"]


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
