"""The values that a parameter of a stored question may take, from the graph itself."""

from dataclasses import dataclass

from peelgraph import terms
from peelgraph.sparql import Query, QueryRequest
from peelgraph.web.cells import read_rows, short
from peelgraph.web.service import ParameterFacts, Service

# A list to choose from; whoever needs more searches.
MOST_VALUES = 2000
_VALUES = f"""
PREFIX rdfs: <{terms.VOCABULARIES["rdfs"]}>
PREFIX skos: <{terms.VOCABULARIES["skos"]}>
SELECT ?value (SAMPLE(?label) AS ?name)
WHERE {{
  ?value rdfs:label|skos:prefLabel|<{terms.VOCABULARIES["dcterms"]}title> ?label
  FILTER(STRSTARTS(STR(?value), "%s"))
}}
GROUP BY ?value
ORDER BY LCASE(STR(?name)) ?value
LIMIT {MOST_VALUES}"""


@dataclass(frozen=True, slots=True)
class Offered:
    """One value as a caller writes it, its IRI and its label."""

    value: str
    iri: str
    label: str


def offer_values(service: Service, parameter: ParameterFacts) -> list[Offered]:
    """The things of the parameter's kind, by label; none where any value will do."""
    prefix = parameter.default.partition(":")[0]
    if parameter.type != "iri" or prefix not in terms.PREFIXES:
        return []
    question = QueryRequest(Query(_VALUES % terms.PREFIXES[prefix]), inference=service.infers())
    return [
        Offered(short(row["value"]["value"]), row["value"]["value"], row["name"]["value"])
        for row in read_rows(service.reader.query(question).body)
        if "value" in row
    ]
