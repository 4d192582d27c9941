"""The values that a parameter of a stored question may take, from the graph itself."""

from dataclasses import dataclass

from peelgraph import terms
from peelgraph.web.cells import short
from peelgraph.web.page_queries import ask
from peelgraph.web.service import ParameterFacts, Service


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
    return [
        Offered(short(row["value"]), row["value"], row["name"])
        for row in ask(service, "values-of-parameter", namespace=terms.PREFIXES[prefix])
        if row["value"]
    ]
