"""Queries, too, use only terms that are declared."""

from pathlib import Path

from peelgraph.validation.undeclared_terms import check_query, collect_declared
from tests.validation.world import ONTOLOGY, source

QUERY = """\
PREFIX peel: <https://w3id.org/peelgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
# peel:noTerm in a comment is none
SELECT ?judgment WHERE {
  ?judgment a peel:Judgment ; peel:givs ?grade ; rdfs:label "peel:text" .
  ?grade rdfs:lable ?label
}
"""


def test_undeclared_terms_of_a_query_are_named_with_line_and_remedy() -> None:
    declared = collect_declared([source(ONTOLOGY)])

    results = check_query(Path("queries/a.rq"), QUERY, declared)

    assert [("queries/a.rq:5:31", "did you mean peel:gives?")] == [
        (result.place, result.hint) for result in results if "givs" in result.focus
    ]
    assert ["queries/a.rq:6:10"] == [r.place for r in results if "lable" in r.focus]
    assert 2 == len(results)
