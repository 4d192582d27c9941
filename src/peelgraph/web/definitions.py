"""Each term of the ontology and each shape: what is said of it, who uses it, and examples."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from peelgraph import terms
from peelgraph.web.cells import Cell, link, short
from peelgraph.web.page_queries import ask, ask_each
from peelgraph.web.service import Service
from peelgraph.web.triples import Triples, facts_of

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
                by_iri[row["term"]].used = int(row["n"])


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
