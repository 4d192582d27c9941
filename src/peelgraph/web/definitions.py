"""Each term of the ontology and each shape: what is said of it, who uses it, and examples."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from peelgraph import terms
from peelgraph.sparql import Query, QueryRequest
from peelgraph.web.asked import ask
from peelgraph.web.cells import Cell, link, read_rows, short
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
        for row in ask(service, _COUNTS):
            if row["term"] in by_iri:
                by_iri[row["term"]].used = int(row["n"])


def exemplify(service: Service, by_iri: Mapping[str, Term]) -> None:
    """Note a few things of each class, and a statement with each property."""
    arms = [
        _of_property(iri) if term.kinds and CLASS not in term.kinds else _of_class(iri)
        for iri, term in by_iri.items()
    ]
    if not arms:
        return
    text = f"SELECT * WHERE {{ {' UNION '.join(arms)} }}"
    for row in read_rows(
        service.reader.query(QueryRequest(Query(text), inference=service.infers())).body
    ):
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


def note_questions(service: Service, by_iri: Mapping[str, Term]) -> None:
    """Note the stored questions that use each term."""
    for question in service.catalogue.questions:
        for local in sorted(set(re.findall(r"\bpeel:(\w+)", question.text))):
            if terms.PEEL + local in by_iri:
                by_iri[terms.PEEL + local].questions.append(question.name)


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
