"""What the guard refuses before anything parses, and what only looks like it."""

import pytest

from peelgraph.engine import guard
from peelgraph.errors import BodyTooLarge, Position, QueryRefused
from peelgraph.settings import Settings
from peelgraph.tokens import remembered

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


def test_what_is_told_of_short_texts_is_kept_and_of_long_ones_not() -> None:
    asked = []

    @remembered
    def told(text: str, more: str) -> int:
        asked.append(text)
        return len(text + more)

    long = "x" * 9000
    answers = [told(*each) for each in [("a", "b"), (long, "b"), ("a", long)] * 2]

    assert [2, 9001, 9001] * 2 == answers
    assert ["a", long, "a", long, "a"] == asked
