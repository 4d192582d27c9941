"""rdflib joins what is bound first, with the same solutions."""

from collections.abc import Generator
from typing import Any

from rdflib import Graph, Namespace

from peelgraph.validation.join_order import bound_first

EX = Namespace("https://example.org/")
QUERY = """
PREFIX : <https://example.org/>
SELECT ?this ?one ?two WHERE {
  ?this :area ?area ; :kind ?kind .
  ?one :area ?area ; :kind ?kindOne .
  ?two :area ?area ; :kind ?kindTwo .
  ?kindOne :group?/:like ?kind .
  ?kindTwo :group?/:like ?kind .
}"""


class Counting(Graph):
    """A graph that counts the triples it gives."""

    given = 0

    def triples(self, triple: Any) -> Generator[Any, None, None]:
        for found in super().triples(triple):
            self.given += 1
            yield found


def test_the_solutions_are_the_same_and_no_product_is_searched() -> None:
    graph = Counting()
    for number in range(40):
        graph.add((EX[f"figure-{number}"], EX.area, EX.derbyshire))
        graph.add((EX[f"figure-{number}"], EX.kind, EX[f"kind-{number}"]))
        graph.add((EX[f"kind-{number}"], EX.like, EX[f"kind-{number // 2}"]))

    def ask() -> tuple[set[Any], int]:
        graph.given = 0
        rows = graph.query(QUERY, initBindings={"this": EX["figure-7"]})
        return {tuple(row) for row in rows}, graph.given  # type: ignore[arg-type]

    plain, many = ask()
    with bound_first():
        ordered, few = ask()

    assert 4 == len(plain)
    assert plain == ordered
    assert few * 5 < many
    assert (plain, many) == ask()
