"""A query is lexed and parsed once, and travels to other processes as its text."""

import pickle

import pytest

from peelgraph.settings import Settings
from peelgraph.sparql import ParseCache, Query, Update, bind, check_policy
from peelgraph.sparql import structure as module
from peelgraph.sparql.lexer import tokenise

WHOLE = """\
# SELECT ?not { }
PREFIX x: <http://x/> PREFIX : <http://y/>
CONSTRUCT { ?s x:p ?o } FROM x:g FROM NAMED <http://g> WHERE {
  GRAPH ?g { ?s :p ?o } BIND (RAND() AS ?n) FILTER (?o < 2) # ?comment
} LIMIT 3
"""


def test_one_reading_finds_all() -> None:
    query = Query(WHOLE)

    assert ("CONSTRUCT", "graph") == (query.form, query.result_form)
    assert WHOLE[: WHOLE.index("CONSTRUCT")] == query.prologue
    assert {"x": "http://x/", "": "http://y/"} == query.prefixes
    assert (("x:g",), ("<http://g>",)) == query.dataset
    assert {"s", "o", "g", "n"} == query.variables
    assert query.names_graph
    assert not query.is_stable
    assert query.structure.limits_rows
    assert WHOLE[: query.structure.pattern].endswith("WHERE {")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", ""),
        ("PREFIX select: <http://x/> ASK {}", "ask"),
        ("BASE <http://SELECT/> describe <x>", "graph"),
        ("# ASK\nSELECT * {}", "select"),
        ("INSERT DATA {}", ""),
    ],
)
def test_the_form_is_the_keyword_after_the_prologue(text: str, form: str) -> None:
    assert form == Query(text).result_form


def test_a_text_is_lexed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lexed: list[str] = []

    def count(text: str) -> object:
        lexed.append(text)
        return tokenise(text)

    monkeypatch.setattr(module, "tokenise", count)
    text = "SELECT ?s FROM <http://g> { GRAPH ?g { ?s ?p ?o } }"
    query = Query(text)
    check_policy(query, Settings())
    found = (query.names_graph, query.dataset, query.variables, query.is_stable)

    assert (True, (("<http://g>",), ()), frozenset("sgpo"), True) == found
    assert "(<http://s> AS ?s)" in bind(query, [("s", "<http://s>")])
    assert [text] == lexed


@pytest.mark.parametrize("kind", [Query, Update])
def test_what_travels_is_the_text(kind: type[Query] | type[Update]) -> None:
    text = "ASK { ?s ?p ?o }"
    parsed = kind(text)
    assert parsed.structure.variables

    sent = pickle.dumps(parsed)
    assert parsed == pickle.loads(sent)
    assert len(sent) < len(text) + 80


def test_what_is_found_in_short_texts_is_kept_and_in_long_ones_not() -> None:
    queries = ParseCache(Query, most=3)
    long = "x" * 9000
    first = {text: queries.get(text) for text in ("a", long, "b")}

    assert first["a"] is queries.get("a")
    assert first["b"] is queries.get("b")
    assert first[long] is not queries.get(long)
    assert long == queries.get(long).text
    queries.get("cd")
    assert first["b"] is queries.get("b")
    assert first["a"] is not queries.get("a")
