"""What the benchmark of engines asks, and of which data: the catalogue's own questions.

Each engine gets the same triples, asserted and inferred, in its default graph, and the report on
Derbyshire once more as a graph by its name, which one question asks for.
"""

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms
from peelgraph.catalogue import read_catalogue
from peelgraph.embedded import Embedded
from peelgraph.reasoning import compile_rules, infer
from peelgraph.sources import find_root
from peelgraph.sparql import binding
from tests.benchmarks.reasoning_growth import REPORT, copies, read_bundle

NAMED = terms.mint_graph(REPORT)
JSON = "application/sparql-results+json"
TRIPLES = "application/n-triples"
XSD = terms.VOCABULARIES["xsd"]
_NUMBERS = {f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "int")}
_PLAIN = ("", f"{XSD}string")

QUERIES = {
    "lookup": (
        "judgments-of-force",
        "judgments-in-report",
        "passages-of-thing",
        "units-of-force",
        "boards-chaired-by-role",
        "statements-of-passage",
    ),
    "join": (
        "partners-of-organisation",
        "provenance-of-judgment",
        "crime-rates-of-area",
        "figures-of-force",
        "capabilities-of-organisation",
        "judgment-comparisons-of-force",
        "judgments-in-round",
    ),
    "aggregate": (
        "judgments-counted-by-grade",
        "forces-that-improved",
        "statements-counted-by-kind",
        "grade-records-counted-by-round",
        "findings-counted-by-question",
    ),
    "path": ("organisations-by-sector", "statements-on-topic", "timeline-of-report"),
    "text": ("things-with-words", "things-without-label"),
    "construct": ("neighbourhood-of-unit", "description-of-thing"),
}


@dataclass(frozen=True)
class Query:
    """One question with its parameters filled in."""

    name: str
    kind: str
    text: str

    @property
    def accept(self) -> str:
        """The format it is asked in."""
        return TRIPLES if self.kind == "construct" else JSON


@dataclass(frozen=True)
class Data:
    """The graph of one size, as N-Triples."""

    asserted: bytes
    inferred: bytes
    named: bytes

    @property
    def size(self) -> int:
        """How many triples the default graph holds."""
        return self.asserted.count(b"\n") + self.inferred.count(b"\n")


def queries() -> list[Query]:
    """The twenty-five questions."""
    catalogue = read_catalogue(find_root() / "queries")
    found = []
    for kind, names in QUERIES.items():
        for name in names:
            stored = catalogue.get(name)
            text = binding.bind(stored.query, stored.bind({}))
            # Headers in comments, which some servers count into the length of an address.
            lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
            found.append(Query(name, kind, "\n".join(filter(None, lines))))
    return found


def grown(triples: int, folder: Path) -> Data:
    """The project's graph with copies of the report until there are about `triples` asserted."""
    ontology, data = read_bundle()
    bundle = b"".join(data.values())
    wanted = triples - bundle.count(b"\n") - ontology.count(b"\n")
    grown = [text for _, _, text in copies(data, wanted)] if wanted > 0 else []
    store = Embedded.open(folder / "reasoning")
    for part in (ontology, bundle, *grown):
        store.insert(part, "")
    infer(store, compile_rules(ontology))
    asserted, inferred = store.read(""), store.read(terms.INFERRED)
    store.close()
    return Data(asserted, inferred, data[REPORT])


def content(body: bytes, query: Query) -> Counter[str]:
    """An answer as a bag of rows or of triples, told the same by every engine that is right."""
    if query.kind == "construct":
        quads = ox.parse(body, ox.RdfFormat.N_TRIPLES, lenient=True)
        return Counter(
            {" ".join(_term_of(t) for t in (q.subject, q.predicate, q.object)): 1 for q in quads}
        )
    told = json.loads(body)
    return Counter(
        " ".join(f"{name}={_term(row[name])}" for name in sorted(row))
        for row in told["results"]["bindings"]
    )


def _term(term: dict[str, str]) -> str:
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return "_:"
    return _literal(term["value"], term.get("xml:lang", ""), term.get("datatype", ""))


def _term_of(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return f"<{term.value}>"
    if isinstance(term, ox.Literal):
        return _literal(term.value, term.language or "", term.datatype.value)
    return "_:"


def _literal(value: str, language: str, datatype: str) -> str:
    """A literal by its value: engines write the same number in several ways."""
    if language:
        return f'"{value}"@{language.lower()}'
    if datatype in _NUMBERS:
        try:
            return str(Decimal(value).normalize() + 0)
        except InvalidOperation:
            return value
    return f'"{value}"' if datatype in _PLAIN else f'"{value}"^^{datatype}'
