"""A batch of reconciliation queries, read and checked (W3C Reconciliation API 0.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import json

from peelgraph import terms
from peelgraph.errors import RequestRefused

MOST_RESULTS = 50
FEW_RESULTS = 10
LONGEST = 300
_MOST_QUERIES = 200
# Each property asks the graph of each thing that may be meant.
_MOST_PROPERTIES = 10
_MOST_KINDS = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one query looks for: a name, or things that have all the `properties`, or both."""

    name: str
    kinds: tuple[str, ...]
    most: int
    properties: tuple[tuple[str, str], ...]


def read_batch(text: str) -> dict[str, Wanted]:
    """The queries by their keys; RequestRefused for what the specification does not allow."""
    try:
        batch = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(f"queries is no JSON: {error}") from error
    if not isinstance(batch, dict) or not all(isinstance(each, dict) for each in batch.values()):
        raise RequestRefused('queries is an object of queries: {"q0": {"query": "Derbyshire"}}')
    if len(batch) > _MOST_QUERIES:
        raise RequestRefused(f"{len(batch)} queries at once; {_MOST_QUERIES} are answered")
    return {key: _read(query) for key, query in batch.items()}


def local(name: str) -> str:
    """A class or a property as it is called here."""
    return name.removeprefix(terms.PEEL).removeprefix("peel:")


def _read(query: Mapping[str, Any]) -> Wanted:
    properties = tuple(_properties(query.get("properties") or []))
    name = query.get("query", "")
    if not isinstance(name, str) or not (name.strip() or properties):
        raise RequestRefused(
            'A query has a name to match, or properties: {"query": "Derbyshire"}',
        )
    kinds = query.get("type") or ()
    if not isinstance(kinds, str | list | tuple):
        raise RequestRefused(f"type is the name of a class, or a list of them, not {kinds!r}")
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if len(kinds) > _MOST_KINDS:
        raise RequestRefused(f"{len(kinds)} types in one query; {_MOST_KINDS} are looked at")
    limit = query.get("limit", FEW_RESULTS)
    if not isinstance(limit, int) or limit < 1:
        raise RequestRefused(f"limit is a number from 1, not {limit!r}")
    return Wanted(
        name[:LONGEST].strip(),
        tuple(local(str(kind)) for kind in kinds),
        min(limit, MOST_RESULTS),
        properties,
    )


def _properties(given: Any) -> list[tuple[str, str]]:
    """Each property with one value; several values of one are as many wishes."""
    if not isinstance(given, list) or not all(
        isinstance(each, dict) and isinstance(each.get("pid"), str) and "v" in each
        for each in given
    ):
        raise RequestRefused('properties is a list: [{"pid": "covers", "v": "South Yorkshire"}]')
    found = []
    for each in given:
        values = each["v"] if isinstance(each["v"], list) else [each["v"]]
        for value in values:
            known = value.get("id") or value.get("name") if isinstance(value, dict) else value
            found.append((local(each["pid"]), str(known)[:LONGEST]))
    if len(found) > _MOST_PROPERTIES:
        raise RequestRefused(
            f"{len(found)} values of properties in one query; {_MOST_PROPERTIES} are looked at"
        )
    return found
