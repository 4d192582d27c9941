"""The embedded store: datasets, formats, bindings, what is told of a malformed query."""

import csv
import io
from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.embedded import Embedded, Joined
from peelgraph.errors import QueryRefused, SettingError, SourceError
from peelgraph.formats import GRAPHS, ROWS
from peelgraph.repository.local_stage import materialise_union
from peelgraph.sparql import Dataset, Query, QueryRequest

WORLD = f"""<http://a> <http://p> "x" .
<http://a> <http://p> "x" <http://g1> .
<http://a> <http://p> "x" <http://g2> .
<http://b> <http://p> "\u0175"@cy <http://g2> .
<http://b> <http://p> <{terms.ID}force/derbyshire> <{terms.INFERRED}> .
""".encode()


@pytest.fixture
def store() -> Embedded:
    store = Embedded.memory()
    store.insert_quads(WORLD)
    return store


@pytest.fixture(params=["as it is", "joined", "copied", "copied from two graphs"])
def reader(request: pytest.FixtureRequest, store: Embedded, tmp_path: Path) -> Embedded | Joined:
    """The store, or it with its whole as workers open them: the same answers."""
    if request.param == "as it is":
        return store
    written = Embedded.open(tmp_path / "store")
    written.insert_quads(WORLD)
    if request.param != "copied from two graphs":
        materialise_union(written, tmp_path)
    written.flush()
    written.close()
    return Joined.open(tmp_path / "store", copy=request.param != "joined")


def count(store: Embedded | Joined, clause: str = "", **asked: object) -> int:
    question = QueryRequest(
        Query(f"SELECT (COUNT(*) AS ?n) {clause} {{ ?s ?p ?o }}"),
        "text/csv",
        **asked,  # type: ignore[arg-type]
    )
    return int(store.query(question).body.split()[1])


def test_default_graph_is_the_unnamed_one_and_what_follows(reader: Embedded | Joined) -> None:
    assert 2 == count(reader)
    assert 1 == count(reader, inference=False)


def test_merged_graphs_count_a_triple_once(reader: Embedded | Joined) -> None:
    assert 2 == count(reader, "FROM <http://g1> FROM <http://g2>")
    assert 2 == count(reader, dataset=Dataset(("http://g1", "http://g2"), ()))
    assert 2 == count(reader, dataset=Dataset(("", "http://g2"), ()))


def test_from_resolves_prefixes_and_the_base(reader: Embedded | Joined) -> None:
    text = "PREFIX e: <http://> SELECT (COUNT(*) AS ?n) FROM <g1> FROM e:g2 { ?s ?p ?o }"

    assert b"n\r\n2\r\n" == reader.query(QueryRequest(Query(text), "text/csv", base="http://")).body


def test_what_a_dataset_leaves_out_is_empty(reader: Embedded | Joined) -> None:
    assert 0 == count(reader, dataset=Dataset(named=("http://g1",)))
    assert 0 == count(reader, "FROM <http://none>")


def test_the_request_wins_over_from(reader: Embedded | Joined) -> None:
    assert 1 == count(reader, "FROM <http://g2>", dataset=Dataset(default=("http://g1",)))


@pytest.mark.parametrize("media_type", ROWS)
def test_rows_in_every_format(store: Embedded, media_type: str) -> None:
    answer = store.query(QueryRequest(Query("SELECT ?o { ?s ?p ?o }"), media_type))

    assert (media_type, "select") == (answer.media_type, answer.form)
    assert "derbyshire" in answer.body.decode()


@pytest.mark.parametrize("media_type", GRAPHS)
def test_graphs_in_every_format(store: Embedded, media_type: str) -> None:
    answer = store.query(QueryRequest(Query("CONSTRUCT WHERE { ?s ?p ?o }"), graph=media_type))

    assert (media_type, "graph") == (answer.media_type, answer.form)
    assert "derbyshire" in answer.body.decode()


def test_turtle_declares_the_prefixes_it_uses_and_no_other(store: Embedded) -> None:
    turtle = store.query(
        QueryRequest(Query("CONSTRUCT { ?o a ?o } { <http://b> ?p ?o }"), graph="text/turtle")
    )

    assert turtle.body.decode().count("@prefix") == 1
    assert "\nforce:derbyshire a force:derbyshire ." in turtle.body.decode()


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/csv", b"_askResult\r\ntrue\r\n"),
        ("text/tab-separated-values", b"?_askResult\ntrue\n"),
    ],
)
def test_ask_as_a_table_has_one_column(store: Embedded, media_type: str, body: bytes) -> None:
    answer = store.query(QueryRequest(Query("ASK {}"), media_type))

    assert ("ask", body) == (answer.form, answer.body)


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("SELECT * { VALUES (?z ?a ?m) { (1 2 3) } }", "z,a,m"),
        ("select distinct*{ ?z ?p $a . { SELECT (?o AS ?m) { ?s ?p ?o } } }", "z,p,a,m"),
        ("SELECT * { { SELECT ?b ?a { ?a ?b ?c } } ?x ?b [] }", "b,a,x"),
        ("SELECT (COUNT(*) AS ?z) (1 AS ?a) {}", "z,a"),
        ("SELECT * {}", ""),
    ],
)
def test_columns_come_in_the_order_of_the_query(store: Embedded, text: str, head: str) -> None:
    answer = store.query(QueryRequest(Query(text), "text/csv"))

    assert head == answer.body.decode().splitlines()[0].strip('"')


BOUND = {
    "a pattern": ("SELECT ?o { ?s ?p ?o }", "o\r\nx\r\n"),
    "its own column": ("SELECT ?s ?o { ?s ?p ?o }", "s,o\r\nhttp://a,x\r\n"),
    "a subquery": ("SELECT ?o { { SELECT ?o { ?s ?p ?o } } }", "o\r\nx\r\n"),
    "a filter inside": ("SELECT ?o { ?x ?p ?o { ?x ?p ?o FILTER(?x = ?s) } }", "o\r\nx\r\n"),
    "BOUND": ("SELECT (BOUND(?s) AS ?b) {}", "b\r\ntrue\r\n"),
    "a group": (
        "SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o } GROUP BY ?s ORDER BY ?s",
        "s,n\r\nhttp://a,1\r\n",
    ),
    "not a string": ("SELECT ('?s' AS ?t) {} # ?s", "t\r\n?s\r\n"),
}


@pytest.mark.parametrize(("text", "expected"), BOUND.values(), ids=BOUND)
def test_a_bound_variable_is_a_term_everywhere(store: Embedded, text: str, expected: str) -> None:
    answer = store.query(QueryRequest(Query(text), "text/csv", bindings=(("s", "<http://a>"),)))

    assert expected == answer.body.decode()


@pytest.mark.parametrize(
    "term", ['"x" . <http://a> <http://b> <http://c>', "<http://a> }", "?x", "_:b", "", '"a" #']
)
def test_only_a_term_can_be_bound(store: Embedded, term: str) -> None:
    with pytest.raises(QueryRefused):
        store.query(QueryRequest(Query("SELECT ?s { ?s ?p ?o }"), bindings=(("o", term),)))


def test_an_assigned_variable_cannot_be_bound(store: Embedded) -> None:
    with pytest.raises(QueryRefused, match="assigns"):
        store.query(
            QueryRequest(Query("SELECT ?s { BIND(1 AS ?s) }"), bindings=(("s", "<http://a>"),))
        )


MALFORMED = {
    "a missing object": ("SELECT * WHERE { ?s ?p }", (1, 24), "“}”"),
    "a missing full stop": ("ASK {\n  ?s a <http://x>\n  ?s ?p ?o }", (3, 3), "may be missing"),
    "a missing bracket": ("ASK { ?s ?p ?o", (1, 15), "not closed"),
    "a misspelt keyword": ("SELEKT * {}", (1, 1), "Did you mean SELECT?"),
    "a misspelt function": ("SELECT (STRLENGTH(?s) AS ?n) {}", (1, 9), "Did you mean STRLEN?"),
    "a comma between columns": ("SELECT ?s, ?o { ?s ?p ?o }", (1, 10), "“,”"),
    "an undeclared prefix": ("ASK { ?s a peel:Force }", (1, 12), f"PREFIX peel: <{terms.PEEL}>"),
    "an update": ("CLEAR ALL", (1, 1), "not a query"),
    "an ungrouped column": ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", (1, 41), "GROUP BY"),
    "nothing": ("", (1, 1), "SELECT"),
    "two queries": ("ASK {} ASK {}", (1, 8), "the end"),
}


@pytest.mark.parametrize(("text", "place", "told"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_query_is_told_at_its_place(
    store: Embedded, text: str, place: tuple[int, int], told: str
) -> None:
    with pytest.raises(QueryRefused) as caught:
        store.query(QueryRequest(Query(text)))

    assert caught.value.position
    assert place == (caught.value.position.line, caught.value.position.column)
    assert told in str(caught.value)


def test_graphs_are_read_written_and_cleared(store: Embedded) -> None:
    store.insert(b"<http://c> <http://p> <http://d> .\n", "http://new")

    assert ["http://g1", "http://g2", "http://new", terms.INFERRED] == list(store.graphs())
    assert b"<http://c> <http://p> <http://d> .\n" == store.read("http://new")
    store.clear("http://new")
    assert 0 == store.size("http://new")
    assert "http://new" not in store.graphs()


def test_an_update_runs_or_is_refused(store: Embedded) -> None:
    store.update("INSERT DATA { <http://c> <http://p> 1 }")

    assert 2 == store.size("")
    with pytest.raises(QueryRefused):
        store.update("INSERT DATA { <http://c> ")


def test_broken_triples_are_refused(store: Embedded) -> None:
    with pytest.raises(SourceError):
        store.insert(b"<http://a b> <http://p> 1 .", "http://g1")


def test_a_flushed_store_is_read_beside_its_writer(tmp_path: Path) -> None:
    writer = Embedded.open(tmp_path / "store")
    writer.insert_quads(WORLD)
    writer.flush()
    writer.backup(tmp_path / "copy")

    stores = [Embedded.read_only(tmp_path / name) for name in ("store", "copy")]
    assert [writer.total()] * 2 == [store.total() for store in stores]
    writer.close()


def test_a_missing_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be opened"):
        Embedded.read_only(tmp_path / "none")


@pytest.mark.parametrize("before", [b"bc", b""])
def test_renewed_graph_holds_what_it_is_given_and_no_more(before: bytes) -> None:
    store = Embedded.memory()
    for name in before:
        store.insert(b"<http://e/a> <http://e/p> <http://e/%c> ." % name, "")
    wanted = (
        b'_:node <http://e/p> "x"@cy .\n<http://e/a> <http://e/p> <http://e/b> .\n'
        b'<http://e/a> <http://e/p> "_:x" .\n<http://e/b> <http://e/p> _:other .\n'
        b'<http://e/b> <http://e/p> "last" .'
    )

    store.renew("", wanted)

    assert sorted(wanted.splitlines()) == sorted(store.read("").splitlines())


def test_held_lines_are_those_of_any_graph() -> None:
    store = Embedded.memory()
    one, two, three = (b"<http://e/%c> <http://e/p> <http://e/o> ." % name for name in b"abc")
    store.insert(one, "")
    store.insert(two, "http://e/graph")

    assert frozenset({one, two}) == store.held(b"\n".join([one, two, three]), "", "http://e/graph")
    assert frozenset({two}) == store.held(b"\n".join([one, two, three]), "http://e/graph")


def test_a_copy_shows_no_graph_that_is_not_there(reader: Embedded | Joined) -> None:
    text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    rows = reader.query(QueryRequest(Query(text), "text/csv")).body.decode().splitlines()
    missing = QueryRequest(Query("SELECT * { ?s ?p "), "text/csv")

    assert rows == ["g,n", "http://g1,1", "http://g2,2", f"{terms.INFERRED},1"]
    assert 1 == count(reader, dataset=Dataset((terms.INFERRED,), ()))
    with pytest.raises(QueryRefused):
        reader.query(missing)


@pytest.mark.parametrize(
    "pattern",
    [
        "GRAPH ?g { ?s ?p 'x' }",
        "graph<http://g1>{ ?s ?p ?o }",
        "graph:g1 { ?s ?p ?o }",
        "GraphG:g1 { ?s ?p ?o }",
        "?s ?p ?o .GRAPH?g { ?s ?p ?o }",
        "?s ?p 'x'GRAPH?g { ?s ?p ?o }",
        "# GRAPH\n GRAPH ?g { ?s ?p 'x' }",
        "FILTER EXISTS { GRAPH ?g { ?s ?p 'x' } } ?s ?p ?o",
    ],
)
def test_a_graph_is_seen_however_it_is_written(reader: Embedded | Joined, pattern: str) -> None:
    text = f"PREFIX : <http://> PREFIX G: <http://> ASK {{ {pattern} }}"

    assert Query(text).names_graph
    assert b"true" in reader.query(QueryRequest(Query(text))).body


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX graph: <http://> ASK { graph:a graph:p ?graph }",
        "ASK { ?s ?p ?o } # of this graph: <http://e> GRAPH ?g {",
        "ASK { ?s ?p 'GRAPH ?g { }' }",
        "PREFIX e: <http://e/graph/> ASK { ?s ?p <http://e/graph/a> , e:graph , [] , _:graph }",
    ],
)
def test_a_word_that_names_no_graph_is_none(text: str) -> None:
    assert not Query(text).names_graph


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ('("a") ("") ("b")', ["a", "", "b"]),
        ('("") ("")', ["", ""]),
        ('(UNDEF) ("a")', ["", "a"]),
        ('("a\\n\\nb") ("") ("\\"")', ["a\n\nb", "", '"']),
        ('("a\\r\\n\\r\\nb") ("")', ["a\r\n\r\nb", ""]),
    ],
)
def test_an_empty_cell_of_one_column_is_a_row(values: str, expected: list[str]) -> None:
    question = QueryRequest(
        Query(f"SELECT ?x {{ VALUES (?x) {{ {values} }} }}"), results="text/csv"
    )
    body = Embedded.memory().query(question).body.decode()
    rows = [row for row in csv.reader(io.StringIO(body, newline="")) if row]

    assert [["x"], *([each] for each in expected)] == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT (<urn:f>(1) AS ?x) {}", 1),
        ("SELECT * { VALUES ?x { 1 2 } FILTER (<urn:f>(?x)) }", 0),
        ("SELECT * { VALUES ?x { 1 2 } FILTER (COALESCE(<urn:f>(?x), true)) }", 2),
        ("PREFIX f: <urn:> SELECT * { VALUES ?x { 1 } BIND (f:f(f:f(?x)) AS ?y) }", 1),
        ("SELECT * { VALUES ?x { 1 } FILTER NOT EXISTS { FILTER (<urn:f>()) } }", 1),
    ],
)
def test_a_function_that_nobody_knows_has_no_value(store: Embedded, text: str, rows: int) -> None:
    request = QueryRequest(Query(text), results="text/tab-separated-values")
    answer = store.query(request)

    assert rows == answer.body.count(b"\n") - 1
    assert ("<urn:f> is no function known here: what it gives has no value",) == answer.warnings
    assert () == store.query(QueryRequest(Query("ASK {}"))).warnings


def test_many_functions_that_nobody_knows_are_refused(store: Embedded) -> None:
    calls = " ".join(f"(<urn:f{number}>() AS ?x{number})" for number in range(30))

    with pytest.raises(QueryRefused, match="custom function"):
        store.query(QueryRequest(Query(f"SELECT {calls} {{}}")))
