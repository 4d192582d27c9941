"""What the guard refuses before anything parses, and what only looks like it."""

import pytest

from peelgraph.errors import BodyTooLarge, Position, QueryRefused
from peelgraph.settings import Settings
from peelgraph.sparql import Query, check_policy


def guard(text: str, settings: Settings) -> None:
    check_policy(Query(text), settings)


CALL = "SERVICE <http://evil/> {}"

REFUSED = {
    "service": f"ASK {{ {CALL} }}",
    "in lower case": "ASK { service silent <http://evil/> {} }",
    "by variable": "ASK { SERVICE ?e {} }",
    "by prefixed name": "PREFIX e: <http://evil/> ASK { SERVICE e: {} }",
    "after a comment": "ASK { SERVICE # here\n <http://evil/> {} }",
    "glued to SILENT": "ASK { SERVICESILENT<http://evil/>{} }",
    "glued to a word": "ASK { ?s ?p trueSERVICE<http://evil/>{} }",
    "as a prefix": "PREFIX service: <http://evil/> ASK { service:x {} }",
    "behind less-than and a comment": f"ASK {{ FILTER(1<2#x>'''\n) {CALL} FILTER(1<2#y>'''\n) }}",
    "behind an IRI after less-than": f"ASK {{ FILTER(1<<http://x#'''>) {CALL}\n }}",
    "behind a triple term": f"ASK {{ <<?s#>'''\n ?p ?o>> ?x 1 . {CALL} <<?s#>'''\n ?p 1>> ?x 1 }}",
    "behind a filter's prefix": f"ASK {{ FILTERe:f(1<2#x>'''\n) {CALL} FILTERe:f(1<2#y>'''\n) }}",
    "behind a subquery": f"ASK {{ {{ SELECT (1<2#x>'''\n AS ?x) {{ {CALL} }} }} }} #'''",
    "load": "LOAD <file:///etc/passwd>",
    "braces": "ASK " + "{" * 4000 + "}" * 4000,
    "parentheses behind less-than": "ASK { FILTER(1<" + "(" * 300 + "1" + ")" * 300 + ">2) }",
    "an open string": "ASK { ?s ?p 'x }",
    "an open long string": "ASK { ?s ?p '''x }",
    "a null character": "ASK {} \x00",
}

ALLOWED = {
    "in a comment": f"ASK {{}} # {CALL}",
    "in a string": f"ASK {{ ?s ?p '{CALL}', \"{CALL}\", '''\n{CALL}''', \"\"\"'{CALL}\"\"\" }}",
    "in an escaped string": f"ASK {{ ?s ?p 'it\\'s {CALL}' }}",
    "in an IRI": "ASK { ?s ?p <http://x/SERVICE#service> }",
    "in names and variables": "PREFIX service: <http://x/> ASK { ?service service:SERVICE ?LOAD }",
    "as a graph": "PREFIX service: <http://x/> ASK { GRAPH service:x { ?s ?p ?o } }",
    "in a list of IRIs": "ASK { ?s ?p (1 <http://x#a> 2) VALUES (?a ?b) { (1 <http://x#b>) } }",
    "brackets that do not nest": "ASK {} #" + "{" * 4000,
    "many brackets side by side": "ASK { " + "{} " * 4000 + "}",
}


# Each of these in a row ends the process that reads or evaluates it, or did at a greater number.
IN_A_ROW = {
    "not": ("ASK { FILTER(", "!", "true) }"),
    "or": ("ASK { FILTER(", "?a||", "?a) }"),
    "and": ("ASK { FILTER(", "?a&&", "?a) }"),
    "plus": ("ASK { FILTER(", "1+", "1) }"),
    "signed numbers": ("ASK { FILTER(1", " -1", ") }"),
    "times": ("ASK { FILTER(", "1*", "1) }"),
    "steps of a path": ("ASK { ?s ", "<p>/", "<p> ?o }"),
    "steps with stars": ("ASK { ?s ", "<p>*/", "<p> ?o }"),
    "ways of a path": ("ASK { ?s ", "<p>|", "<p> ?o }"),
    "UNION": ("ASK { ", "{} UNION ", "{} }"),
    "OPTIONAL": ("ASK { ", "OPTIONAL {} ", "}"),
    "MINUS": ("ASK { ", "MINUS {} ", "}"),
    "FILTER": ("ASK { ", "FILTER(true) ", "}"),
    "FILTER glued to a word": ("ASK { ?s ?p true", "FILTER(true)true", "}"),
    "EXISTS": ("ASK { ", "FILTER EXISTS {} ", "}"),
    "GRAPH": ("ASK { ", "GRAPH <g> {} ", "}"),
    "BIND": ("ASK { ", "BIND(1 AS ?x) ", "}"),
    "VALUES": ("ASK { ", "VALUES ?x {} ", "}"),
    "LATERAL": ("ASK { ", "LATERAL {} ", "}"),
    "groups": ("ASK { ", "{ ?s ?p ?o } ", "}"),
    "subqueries": ("ASK { ", "{ SELECT * {} } ", "}"),
    "triples": ("ASK { ", "?s ?p ?o . ", "}"),
    "triples of blank nodes": ("ASK { ", "[] ?p [] . ", "}"),
    "semicolons": ("ASK { ?s ?p ?o", " ;", " }"),
    "objects": ("ASK { ?s ?p ?o", " , ?o", " }"),
    "members of a collection": ("ASK { ?s ?p (", "1 ", ") }"),
    "columns": ("SELECT ", "(1 AS ?x) ", "{}"),
    "HAVING": ("SELECT (1 AS ?x) {} GROUP BY ?y HAVING", " (true)", ""),
    "FROM": ("SELECT * ", "FROM <g> ", "{}"),
    "DESCRIBE": ("DESCRIBE ", "<g> ", ""),
    "behind a graph called INSERT": ("ASK { GRAPH x:insert { ", "OPTIONAL {} ", "} }"),
    "in an update": ("DELETE {} WHERE { ", "OPTIONAL {} ", "}"),
    "in brackets around brackets": ("ASK { { OPTIONAL { ", "{} UNION ", "{} } } }"),
}

LISTED = {
    "VALUES": ("ASK { VALUES ?x { ", "1 ", "} }"),
    "rows of VALUES": ("ASK { VALUES (?x ?y) { ", "(1 2) ", "} }"),
    "IN": ("ASK { FILTER(?x IN (", "?y, ", "1)) }"),
    "arguments": ("ASK { FILTER(CONCAT(", "?y, ", "'') = '') }"),
    "data": ("INSERT DATA { ", "<s> <p> 1 . ", "}"),
    "data of a graph": ("INSERT DATA { GRAPH <g> { ", "<s> <p> 1 ; <q> 2, 3 . ", "} }"),
    "data glued": ("INSERTDATA{", "<s> <p> (1 2) . ", "}"),
    "a template": ("CONSTRUCT { ", "<s> <p> ?o . ", "} WHERE {}"),
    "operations": ("", "INSERT DATA { <s> <p> 1 } ; ", ""),
    "columns and nothing else": ("SELECT ", "?x ", "{}"),
}


@pytest.mark.parametrize("parts", IN_A_ROW.values(), ids=IN_A_ROW)
def test_many_parts_in_a_row_are_refused_and_some_are_not(parts: tuple[str, str, str]) -> None:
    head, part, tail = parts
    guard(head + part * 250 + tail, Settings())

    with pytest.raises(QueryRefused, match="More than 1000 parts stand in a row") as caught:
        guard(head + part * 1100 + tail, Settings())
    assert caught.value.position


@pytest.mark.parametrize("parts", LISTED.values(), ids=LISTED)
def test_what_the_engine_keeps_as_a_list_may_be_long(parts: tuple[str, str, str]) -> None:
    head, part, tail = parts
    guard(head + part * (900 if part == "?x " else 5000) + tail, Settings())


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_guard_refuses(text: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        guard(text, Settings())

    assert caught.value.position


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_guard_allows(text: str) -> None:
    guard(text, Settings())


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_guard_allows_the_operators_addresses_alone(silent: str) -> None:
    settings = Settings(allow_service=("http://friend/",))
    guard(f"ASK {{ SERVICE {silent}<http://friend/> {{}} }}", settings)

    with pytest.raises(QueryRefused):
        guard(f"ASK {{ SERVICE {silent}<http://friend/x> {{}} }}", settings)


def test_guard_tells_line_and_column() -> None:
    with pytest.raises(QueryRefused) as caught:
        guard(f"ASK {{\r\n  {CALL} }}", Settings())

    assert Position(2, 3) == caught.value.position


def test_guard_counts_bytes() -> None:
    with pytest.raises(BodyTooLarge):
        guard("ŵ" * 600, Settings(max_query=1))
