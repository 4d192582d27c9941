"""What the store holds about single triples, looked up for many of them in one query."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from peelgraph import terms
from peelgraph.reasoning.rules import Pattern, conjunction
from peelgraph.sparql import Query, QueryRequest
from peelgraph.store import Reader


def rows(reader: Reader, question: QueryRequest) -> list[dict[str, str]]:
    """The solutions of a SELECT, a variable written `?x`; unbound ones are left out."""
    answer = json.loads(reader.query(question).body)
    found: list[dict[str, Any]] = answer["results"]["bindings"]
    return [{f"?{name}": write_term(term) for name, term in row.items()} for row in found]


def write_term(term: dict[str, str]) -> str:
    """A term of SPARQL's JSON results in N-Triples syntax."""
    value = term["value"]
    if term["type"] == "uri":
        return f"<{value}>"
    if term["type"] == "bnode":
        return f"_:{value}"
    quoted = f'"{value.translate(ESCAPES)}"'
    if language := term.get("xml:lang"):
        return f"{quoted}@{language}"
    datatype = term.get("datatype", "")
    return quoted if datatype in ("", STRING) else f"{quoted}^^<{datatype}>"


STRING = "http://www.w3.org/2001/XMLSchema#string"
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


Item = TypeVar("Item")

EVIDENCE = tuple(f"<{terms.expand(name)}>" for name in terms.PROJECT.evidence)
BATCH = 100  # triples a query
SOLUTIONS = 200  # ways by one body that are looked at


def is_plain(pattern: Pattern) -> bool:
    """Whether a query can ask for just this triple: a blank node has no name to ask by."""
    return not any(term.startswith(("_:", "?")) for term in pattern)


def can_be(pattern: Pattern) -> bool:
    """Whether a triple can match `pattern`: none has a literal as its subject."""
    return not pattern.subject.startswith('"')


def find_asserted(store: Reader, triples: Iterable[Pattern]) -> set[Pattern]:
    """Those of `triples` that are asserted; one with a blank node is taken to be."""
    wanted = list(dict.fromkeys(triples))
    found = {triple for triple in wanted if not is_plain(triple)}
    for batch in _batches([triple for triple in wanted if is_plain(triple)]):
        parts = " UNION ".join(
            f"{{ {triple} BIND({number} AS ?number) }}" for number, triple in enumerate(batch)
        )
        text = f"SELECT ?number WHERE {{ {parts} }}"
        for row in rows(store, QueryRequest(Query(text), inference=False)):
            found.add(batch[_number(row)])
    return found


def find_graphs(store: Reader, triples: Collection[Pattern]) -> dict[Pattern, tuple[str, ...]]:
    """The named graphs that assert each triple, as IRIs without brackets, sorted."""
    found: dict[Pattern, set[str]] = defaultdict(set)
    for batch in _batches([triple for triple in triples if is_plain(triple)]):
        parts = " UNION ".join(
            f"{{ GRAPH ?graph {{ {triple} }} BIND({number} AS ?number) }}"
            for number, triple in enumerate(batch)
        )
        for row in rows(store, QueryRequest(Query(f"SELECT ?number ?graph WHERE {{ {parts} }}"))):
            graph = row["?graph"].strip("<>")
            if not graph.startswith(terms.DERIVED):
                found[batch[_number(row)]].add(graph)
    return {triple: tuple(sorted(graphs)) for triple, graphs in found.items()}


def find_passages(store: Reader, triples: Collection[Pattern]) -> dict[Pattern, tuple[str, ...]]:
    """The passages behind each asserted triple, as IRIs without brackets, sorted.

    They state or name its subject in a graph that asserts the triple: a passage of another graph
    is no evidence for it.
    """
    found: dict[Pattern, set[str]] = defaultdict(set)
    for batch in _batches([triple for triple in triples if EVIDENCE and is_plain(triple)]):
        parts = " UNION ".join(
            f"{{ GRAPH ?graph {{ {triple} . {triple.subject} {path} ?passage }}"
            f" BIND({number} AS ?number) }}"
            for number, triple in enumerate(batch)
            for path in EVIDENCE
        )
        for row in rows(
            store, QueryRequest(Query(f"SELECT ?number ?graph ?passage WHERE {{ {parts} }}"))
        ):
            if not row["?graph"].strip("<>").startswith(terms.DERIVED):
                found[batch[_number(row)]].add(row["?passage"].strip("<>"))
    return {triple: tuple(sorted(passages)) for triple, passages in found.items()}


def is_known(store: Reader, term: str) -> bool:
    """Whether any triple has the IRI `term`."""
    places = (f"{term} ?b ?c", f"?a {term} ?c", f"?a ?b {term}")
    return any(
        rows(store, QueryRequest(Query(f"SELECT * {{ {each} }} LIMIT 1"))) for each in places
    )


def find_kin(store: Reader, term: str) -> list[str]:
    """The typed things whose IRIs are those of `term` but for the local name."""
    stem = re.sub(r"[^/#]*$", "", term.strip("<>"))
    told = f'?kin a ?kind FILTER(ISIRI(?kin) && STRSTARTS(STR(?kin), "{stem}"))'
    return [
        row["?kin"]
        for row in rows(store, QueryRequest(Query(f"SELECT DISTINCT ?kin {{ {told} }}")))
    ]


def find_solutions(
    store: Reader, bodies: Sequence[Sequence[Pattern]], limit: int = SOLUTIONS
) -> list[tuple[int, dict[str, str]]]:
    """The number of each body that holds, with its bindings, sorted; up to `limit` a body."""
    found: list[tuple[int, dict[str, str]]] = []
    for batch in _batches(list(enumerate(bodies))):
        parts = " UNION ".join(
            f"{{ SELECT * WHERE {{ {conjunction(body)} BIND({number} AS ?number) }}"
            f" LIMIT {limit} }}"
            for number, body in batch
        )
        for row in rows(store, QueryRequest(Query(f"SELECT * WHERE {{ {parts} }}"))):
            number = _number(row)
            del row["?number"]
            found.append((number, row))
    return sorted(found, key=lambda each: (each[0], sorted(each[1].items())))


def _number(row: dict[str, str]) -> int:
    return int(row["?number"].split('"')[1])


def _batches(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
