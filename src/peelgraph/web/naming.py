"""What things are called, asked of the graph in one go."""

import re
from collections.abc import Iterable

from peelgraph import terms
from peelgraph.sparql import Query, QueryRequest
from peelgraph.web.cells import read_rows
from peelgraph.web.service import Service

# More names than a page shows; what is beyond keeps its IRI.
MOST = 2000
_SAFE = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")
_NAMES = f"""
PREFIX rdfs: <{terms.VOCABULARIES["rdfs"]}>
PREFIX skos: <{terms.VOCABULARIES["skos"]}>
PREFIX dcterms: <{terms.VOCABULARIES["dcterms"]}>
SELECT ?thing ?name
WHERE {{
  VALUES ?thing {{ %s }}
  ?thing rdfs:label|skos:prefLabel|dcterms:title ?name .
}}
ORDER BY ?thing ?name"""


def read_names(service: Service, iris: Iterable[str]) -> dict[str, str]:
    """The name of each of `iris` that has one, in English where there is a choice."""
    wanted = sorted({iri for iri in iris if _SAFE.fullmatch(iri)})[:MOST]
    if not wanted:
        return {}
    text = _NAMES % " ".join(f"<{iri}>" for iri in wanted)
    names: dict[str, str] = {}
    for row in read_rows(service.reader.query(QueryRequest(Query(text))).body):
        name = row["name"]
        if row["thing"]["value"] not in names or name.get("xml:lang") == "en":
            names[row["thing"]["value"]] = name["value"]
    return names
