"""Every query of the catalogue and of the pages over the project's own graph: its rows as expected.

`expected/<query>.tsv` holds the head and the sorted rows of a SELECT, `.nt` the sorted triples of
a CONSTRUCT, `.txt` the true or false of an ASK. A query with `#+ check: true` looks for mistakes:
it finds none in the graph, and some in `checks/<query>.ttl`, a small world made to trip it.
"""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.catalogue import StoredQuery, read_query
from peelgraph.embedded import Embedded
from peelgraph.repository import canonical_lines
from peelgraph.sources import read_turtle
from peelgraph.sparql import QueryRequest, QueryResult
from peelgraph.store import Store
from tests.under_test import ENGINE, empty_store

HERE = Path(__file__).parent
FOLDERS = ("queries", "src/peelgraph/http/queries", "src/peelgraph/site/queries")
QUERIES = sorted(path for folder in FOLDERS for path in (HERE.parent / folder).rglob("*.rq"))
# What the general service gives its own queries, which know nothing of the project.
THINGS = {"things": terms.ID, "terms": terms.PEEL}
DESCRIPTION = {"description": terms.DESCRIPTION, "dataset": f"{terms.DESCRIPTION}#dataset"}
GIVEN = {
    "classes-of-dataset": {**DESCRIPTION, "kind": "peel:Judgment"},
    "classes-of-things": {**THINGS, "thing": "force:derbyshire"},
    "described-things": {"thing": "force:derbyshire", "namespace": terms.ID},
    "document-of-thing": {
        "thing": "case-kind:kidnap",
        "document": f"{terms.BASE}doc/case-kind/kidnap",
        "licence": terms.LICENCE,
    },
    "facts-for-preview": {"thing": "force:derbyshire", "terms": terms.PEEL},
    "link-counts": {"thing": "case-kind:kidnap"},
    "names-of-things": {"thing": "force:derbyshire"},
    "names-to-match": {**THINGS, "thing": "force:derbyshire"},
    "number-of-links": {"thing": "unit:emsou"},
    "properties-and-links": {"thing": "case-kind:kidnap", "terms": terms.PEEL},
    "subjects-of-graph": {"graph": "graph:kinds"},
    "terms-of-ontology": {"term": "peel:Judgment", "terms": terms.PEEL},
    "things-by-class": {"kind": "peel:Force"},
    "things-in-namespace": {"namespace": f"{terms.ID}pillar/"},
    "things-with-property": {"property": "peel:inRegion", "things": terms.ID},
    "values-of-parameter": {"namespace": f"{terms.ID}pillar/"},
    "values-of-property": {"thing": "force:derbyshire", "property": "peel:inRegion"},
}
SUFFIXES = {"select": ".tsv", "graph": ".nt", "ask": ".txt"}


def ask(store: Store, query: StoredQuery, *, inference: bool = True) -> QueryResult:
    rows = "text/tab-separated-values"
    if "ask" == form(query):
        rows = "application/sparql-results+json"
    bound = query.bind(GIVEN.get(query.name, {}))
    request = QueryRequest(query.query, results=rows, bindings=bound, inference=inference)
    return store.query(request)


def form(query: StoredQuery) -> str:
    json = "application/sparql-results+json"
    return Embedded.memory().query(QueryRequest(query.query, results=json)).form


def lines(answer: QueryResult) -> list[str]:
    """The answer as its expectation is written."""
    if answer.form == "ask":
        return ["true" if b"true" in answer.body else "false"]
    if answer.form == "graph":
        return [line.decode() for line in canonical_lines([answer.body])]
    return ordered(answer.body.decode().splitlines())


def ordered(table: list[str]) -> list[str]:
    """A table with its rows sorted; on engines that write numbers their own way, by value."""
    head, *rows = table
    if ENGINE != "embedded":
        rows = ["\t".join(map(value, row.split("\t"))) for row in rows]
    return [head, *sorted(rows)]


def value(cell: str) -> str:
    found = re.fullmatch(r'"?(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"?(?:\^\^<[^>]*>)?', cell)
    return str(Decimal(found[1]).normalize() + 0) if found else cell


def test_there_are_queries_and_no_expectation_is_left_over() -> None:
    names = {path.stem for path in QUERIES}

    assert names
    assert len(names) == len(QUERIES), "a name tells one query"
    assert set() == {path.stem for path in (HERE / "expected").iterdir()} - names
    assert set() == {path.stem for path in (HERE / "checks").glob("*")} - names


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_gives_the_rows_expected(path: Path, project_store: Store) -> None:
    query = read_query(path)
    answer = ask(project_store, query)
    expected = HERE / "expected" / f"{path.stem}{SUFFIXES[answer.form]}"
    wanted = expected.read_text(encoding="utf-8").splitlines()

    assert query.is_check == (wanted[1:] == [] and answer.form == "select"), "rows, or a check"
    assert (ordered(wanted) if answer.form == "select" else wanted) == lines(answer)


@pytest.mark.writing
@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_check_finds_the_mistake_made_for_it(path: Path) -> None:
    query = read_query(path)
    world = HERE / "checks" / f"{path.stem}.ttl"

    assert query.is_check == world.exists(), "each check has a world that trips it"
    if query.is_check:
        source = read_turtle(world, "urn:world")
        store = empty_store()
        store.insert(source.triples, "")
        store.insert(source.triples, source.graph)
        assert lines(ask(store, query))[1:]
