"""RDF 1.2 is refused at every way in, by text and by term, and no answer holds it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from peelgraph.errors import Position, QueryRefused, RDFVersionRefused
from peelgraph.repository import Home
from peelgraph.repository.changes import Gates, Order, Update
from peelgraph.repository.gate import GateCache
from peelgraph.repository.transaction import write
from peelgraph.settings import Settings
from peelgraph.sources import parse
from peelgraph.sparql import Query, QueryRequest
from peelgraph.workers.writer import Writer
from tests.under_test import opened
from tests.writes.writes_web import BEARER, URL, application
from tests.writes.writes_world import ask, insert, put, update

pytestmark = pytest.mark.embedded

OFF = Gates("off")
UPDATE = {**BEARER, "Content-Type": "application/sparql-update"}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ROOT = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:p="urn:p#" xmlns:its="http://www.w3.org/2005/11/its"'
XML = (
    f'{ROOT} rdf:version="1.2">\n <rdf:Description rdf:about="urn:s">%s</rdf:Description></rdf:RDF>'
)

BOUND = "INSERT { GRAPH <urn:g> { ?s ?p ?t } } WHERE { BIND(%s AS ?t) }"
CHOSEN = "DELETE { GRAPH <urn:g> { ?s ?p ?t } } WHERE { %s }"
GIVEN = "INSERT DATA { GRAPH <urn:g> { %s } }"

# Each with the column where it stands, and what is told of it.
TEXTS = {
    "direction": (GIVEN % '<urn:s> <urn:p> "Kent"@en--ltr', 53, "@en--ltr"),
    "annotation": (GIVEN % "<urn:s> <urn:p> 1 {| <urn:a> 2 |}", 49, "{|"),
    "reifier": (GIVEN % "<urn:s> <urn:p> 1 ~ <urn:r>", 49, "~"),
    "term": (GIVEN % "<urn:s> <urn:p> <<(<urn:a> <urn:b> 1)>>", 47, "<<"),
    "reified": (GIVEN % "<< <urn:s> <urn:p> 1 >> <urn:q> 2", 31, "<<"),
    "TRIPLE": (BOUND % "TRIPLE(?s, ?p, 1)", 52, "TRIPLE()"),
    "no arguments": (BOUND % "TRIPLE()", 52, "TRIPLE()"),
    "SUBJECT": (BOUND % "subject(?x)", 52, "subject()"),
    "STRLANGDIR": (BOUND % "STRLANGDIR('a', 'en', 'ltr')", 52, "STRLANGDIR()"),
    "LANGDIR": (BOUND % "LANGDIR(?x)", 52, "LANGDIR()"),
    "isTRIPLE": (CHOSEN % "FILTER isTRIPLE(?t)", 54, "isTRIPLE()"),
    "glued": (CHOSEN % "FILTERisTRIPLE(?t)", 47, "FILTERisTRIPLE()"),
    "hasLANG": (CHOSEN % "FILTER hasLANG (?t)", 54, "hasLANG()"),
    "version": (f'VERSION "1.2" {GIVEN % "<urn:s> <urn:p> 1"}', 1, "VERSION"),
}
HARMLESS = [
    "INSERT DATA { GRAPH <urn:g:fine> { <urn:~s> a <urn:t#Unit> } } # {| ~ TRIPLE() @en--ltr",
    "PREFIX o: <urn:t#> INSERT { GRAPH <urn:g:fine> { ?object a o:Unit } } WHERE "
    "{ VALUES ?object { o:triple\\~x } FILTER(STR(?object) != '{| ~ TRIPLE() <<( --ltr') }",
]

# Syntax, document, line and column, and what is told of it.
DOCUMENTS = {
    "ttl direction": ("ttl", '\n<urn:s> <urn:p> "x"@en--ltr .', 2, 20, "@en--ltr"),
    "ttl annotation": ("ttl", "<urn:s> <urn:p> 1\n  {| <urn:a> 2 |} .", 2, 3, "{|"),
    "ttl reifier": ("ttl", "<urn:s> <urn:p> 1 ~ .", 1, 19, "~"),
    "ttl reified": ("ttl", "<< <urn:s> <urn:p> 1 >> .", 1, 1, "<<"),
    "ttl term": ("ttl", "<urn:s> <urn:p> <<( <urn:s> <urn:p> 1 )>> .", 1, 17, "<<("),
    "ttl version": ("ttl", '\nVERSION "1.2"\n<urn:s> <urn:p> 1 .', 2, 1, "VERSION"),
    "ttl at version": ("ttl", '@version "1.2-basic" .\n<urn:s> <urn:p> 1 .', 1, 1, "@version"),
    "trig": ("trig", "<urn:g> {\n <urn:s> <urn:p> 1 {| <urn:a> 2 |} }", 2, 20, "{|"),
    "nt direction": ("nt", '<urn:s> <urn:p> "x"@en--rtl .', 1, 20, "@en--rtl"),
    "nt term": ("nt", "<urn:s> <urn:p> <<( <urn:s> <urn:p> <urn:o> )>> .", 1, 17, "<<("),
    "nt version": ("nt", 'VERSION "1.2"\n<urn:s> <urn:p> <urn:o> .', 1, 1, "VERSION"),
    "nq": ("nq", "<urn:s> <urn:p> <<( <urn:s> <urn:p> <urn:o> )>> <urn:g> .", 1, 17, "<<("),
    "json value": (
        "jsonld",
        '{"@id": "urn:s",\n "urn:p": {"@value": "x", "@direction": "ltr"}}',
        2,
        27,
        "@direction",
    ),
    "json context": (
        "jsonld",
        '{"@context": {"p": {"@id": "urn:p", "@direction": "rtl"}}, "@id": "urn:s", "p": "x"}',
        1,
        37,
        "@direction",
    ),
    "json alias": (
        "jsonld",
        '{"@context": {"d": "@direction"}, "@id": "urn:s", "urn:p": {"@value": "x", "d": "ltr"}}',
        1,
        20,
        "@direction",
    ),
    "json annotation": (
        "jsonld",
        '{"@id": "urn:s", "urn:p": {"@value": "x", "@annotation": {"urn:q": 1}}}',
        1,
        43,
        "@annotation",
    ),
    "xml version": ("rdf", XML % "<p:p>x</p:p>", 1, len(ROOT) + 2, 'rdf:version="1.2"'),
    "xml direction": (
        "rdf",
        f'{ROOT}>\n<rdf:Description rdf:about="urn:s"><p:p its:dir="rtl">x</p:p>'
        "</rdf:Description></rdf:RDF>",
        2,
        41,
        "http://www.w3.org/2005/11/itsdir",
    ),
    "xml triple": (
        "rdf",
        f'{ROOT}>\n<rdf:Description rdf:about="urn:s"><p:p rdf:parseType="Triple">'
        '<rdf:Description rdf:about="urn:a"><p:q>x</p:q></rdf:Description></p:p>'
        "</rdf:Description></rdf:RDF>",
        2,
        41,
        'rdf:parseType="Triple"',
    ),
}
TYPES = {
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
TAKEN = {
    "ttl version": ("ttl", 'VERSION "1.1"\n<urn:s> <urn:p> "~ <<( --ltr"@en , <urn:~> . # {| |}'),
    "json value": ("jsonld", '{"@id": "urn:s", "urn:p": [{"@value": "@direction"}]}'),
    "json null": ("jsonld", '{"@id": "urn:s", "@context": {"@direction": null}, "urn:p": "x"}'),
    "xml literal": (
        "rdf",
        f'{ROOT}><rdf:Description rdf:about="urn:s"><p:p rdf:parseType="Literal">'
        '<b its:dir="rtl">x</b></p:p></rdf:Description></rdf:RDF>',
    ),
}

# What no text tells: the terms that an evaluation gives.
COMPUTED = {
    "triple": "INSERT { GRAPH <urn:g> { :s :name ?t } } WHERE { BIND(TRIPLE(:a, :b, :c) AS ?t) }",
    "direction": "INSERT { GRAPH <urn:g> { :s :name ?t } } WHERE "
    "{ BIND(STRLANGDIR('a', 'en', 'ltr') AS ?t) }",
    "nested": "INSERT { GRAPH <urn:g> { :s :name ?t } } WHERE "
    "{ BIND(TRIPLE(:a, :b, STRLANGDIR('a', 'en', 'rtl')) AS ?t) }",
    "annotation": "INSERT DATA { GRAPH <urn:g> { :s :name 'x' {| :name 'y' |} } }",
}
UNREADABLE = {
    "langString": f"INSERT DATA {{ GRAPH <urn:g> {{ :s :name 'x'^^<{RDF}langString> }} }}",
    "dirLangString": f"INSERT DATA {{ GRAPH <urn:g> {{ :s :name 'x'^^<{RDF}dirLangString> }} }}",
    "computed": f"INSERT {{ GRAPH <urn:g> {{ :s :name ?t }} }} WHERE "
    f"{{ BIND(STRDT('x', <{RDF}langString>) AS ?t) }}",
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("way", ["update", "patch", "query"])
def test_sparql_1_2_is_refused_where_it_stands(
    client: FlaskClient, shared_home: Home, case: str, way: str
) -> None:
    text, column, found = TEXTS[case]
    before = shared_home.current()
    if way == "patch":
        put_in = {**BEARER, "Content-Type": "text/turtle"}
        client.put("/data?graph=urn:g", data="<urn:s> a <urn:t#Unit> .", headers=put_in)
        before = shared_home.current()
        answer = client.patch("/data?graph=urn:g", data=text, headers=UPDATE)
    elif way == "query":
        answer = client.get("/sparql", query_string={"query": text})
    else:
        answer = client.post("/update", data=text, headers=UPDATE)
    problem = answer.get_json()

    assert (400, f"{URL}/problems/rdf-version") == (answer.status_code, problem["type"])
    assert (1, column, found) == (problem["line"], problem["column"], problem["token"])
    assert "Give the statement an IRI of its own" in problem["hint"]
    assert before == shared_home.current()


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_it_is_taken(client: FlaskClient, text: str) -> None:
    answer = client.post("/update", data=text, headers=UPDATE)

    assert 200 == answer.status_code, answer.text


@pytest.mark.parametrize("case", DOCUMENTS)
@pytest.mark.parametrize("path", ["/data?graph=urn:g:kept", "/validate"])
def test_a_document_of_rdf_1_2_is_refused_where_it_stands(
    client: FlaskClient, shared_home: Home, case: str, path: str
) -> None:
    syntax, text, line, column, found = DOCUMENTS[case]
    headers = {**BEARER, "Content-Type": TYPES[syntax]}
    turtle = {**headers, "Content-Type": "text/turtle"}
    client.put("/data?graph=urn:g:kept", data="<urn:k> a <urn:t#Unit> .", headers=turtle)
    before = shared_home.current()
    if path == "/validate":
        answer = client.post(path, data=text, headers={**headers, "Accept": "application/json"})
    elif syntax in ("nq", "trig"):
        pytest.skip("one graph is written at a time")
    else:
        answer = client.put(path, data=text, headers=headers)
    problem = answer.get_json()

    assert (400, f"{URL}/problems/rdf-version") == (answer.status_code, problem["type"])
    assert (line, column) == (problem["line"], problem["column"])
    assert f"“{found}” belongs to RDF 1.2" in problem["detail"]
    assert before == shared_home.current()


@pytest.mark.parametrize("case", TAKEN)
def test_a_document_that_only_looks_like_it_is_read(case: str) -> None:
    syntax, text = TAKEN[case]

    assert parse(text.encode(), syntax, "urn:g", Path("a"), base="urn:b").triples


@pytest.mark.parametrize("case", COMPUTED)
def test_what_is_computed_is_looked_at_as_terms(home: Home, cache: GateCache, case: str) -> None:
    with pytest.raises(RDFVersionRefused, match=r"<urn:g>: would hold what belongs to RDF 1\.2"):
        write(home, Order(update(COMPUTED[case]), gates=OFF), cache)

    assert 1 == home.current().number


def test_a_copied_graph_is_looked_at_too(home: Home, cache: GateCache) -> None:
    write(home, Order(update(COMPUTED["triple"]), gates=OFF, takes_rdf12=True), cache)
    with pytest.raises(RDFVersionRefused, match="<urn:copy>"):
        write(home, Order(Update("COPY <urn:g> TO <urn:copy>"), gates=OFF), cache)


@pytest.mark.parametrize("is_plain", [True, False])
@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_again_does_not_end_the_writer(
    home: Home, case: str, is_plain: bool
) -> None:
    writer = Writer(Settings(home=home.path))
    try:
        writer.write(Order(insert(":kent a :Force .")))
        process = writer._process
        with pytest.raises(QueryRefused, match="cannot be read again"):
            writer.write(Order(update(UNREADABLE[case]), gates=OFF, takes_rdf12=is_plain))
        written = writer.write(Order(put(":met a :Force .")))
        assert process is writer._process
    finally:
        writer.close()

    assert 3 == written.number
    assert not ask(home, ":s :name ?x")


@pytest.mark.parametrize("case", COMPUTED)
def test_a_plain_store_takes_it_as_before(plain: FlaskClient, case: str) -> None:
    here = {"Host": "localhost"}
    kind = {**here, "Content-Type": "application/sparql-update"}
    plain.post("/update", data="DROP SILENT GRAPH <urn:g>", headers=kind)
    text = f"PREFIX : <urn:t#> {COMPUTED[case]}"
    answer = plain.post("/update", data=text, headers=kind)
    read = plain.get("/data?graph=urn:g", headers={**here, "Accept": "application/n-triples"})

    assert (200, True) == (answer.status_code, answer.get_json()["changed"])
    assert "<<(" in read.text or "@en--ltr" in read.text


READ = {
    "SELECT ?x { GRAPH <urn:g> { ?s <urn:t#name> ?x } }": [
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/tab-separated-values",
    ],
    "CONSTRUCT { ?s ?p ?x } { GRAPH <urn:g> { ?s ?p ?x } }": [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/trig",
        "application/n-quads",
    ],
}


@pytest.mark.parametrize("case", ["triple", "direction"])
def test_no_answer_holds_what_its_readers_cannot_read(
    home: Home, cache: GateCache, tokens: Path, case: str
) -> None:
    """A home that an older release let it into: what is there can be left out, and deleted."""
    write(home, Order(update(COMPUTED[case]), gates=OFF, takes_rdf12=True), cache)
    settings = Settings(home=home.path, token_file=tokens, public_url=URL)
    for client in application(settings):
        refused = [
            client.get("/sparql", query_string={"query": text}, headers={"Accept": accept})
            for text, offered in READ.items()
            for accept in offered
        ]
        refused.append(client.get("/data?graph=urn:g", headers={"Accept": "text/turtle"}))
        fine = "SELECT ?s { GRAPH <urn:g> { ?s ?p ?x } }"
        asked = client.get("/sparql", query_string={"query": fine})
        gone = "DELETE WHERE { GRAPH <urn:g> { <urn:t#s> ?p ?x } }"
        deleted = client.post("/update", data=gone, headers=UPDATE)

    assert [(400, True)] * len(refused) == [
        (answer.status_code, "belong to RDF 1.2" in answer.text) for answer in refused
    ]
    assert (200, 200) == (asked.status_code, deleted.status_code)
    assert 1 == deleted.get_json()["removed"]


def test_a_text_that_only_looks_like_it_is_answered(home: Home, cache: GateCache) -> None:
    text = """<<( "x"@en--ltr "type":"triple" "its:dir": <triple> its:dir= "@direction" :version="""
    change = f"INSERT DATA {{ GRAPH <urn:g> {{ :s a :Unit ; :name '{text}' }} }}"
    write(home, Order(update(change), gates=OFF), cache)
    settings = Settings(home=home.path, public_url=URL)
    for client in application(settings):
        answers = [
            client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
            for query, offered in READ.items()
            for accept in [*offered, "text/csv"][: len(offered) + ("SELECT" in query)]
        ]

    assert {200} == {answer.status_code for answer in answers}
    asked = QueryRequest(Query("ASK { ?s <urn:t#name> ?x FILTER CONTAINS(?x, '<<(') }"))
    assert b"true" in opened(home).query(asked).body


def test_the_place_is_told_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(RDFVersionRefused) as caught:
        parse(b'<urn:s> <urn:p> "x"@en--ltr .', "ttl", "urn:g", tmp_path / "kent.ttl")

    assert Position(1, 20) == caught.value.position
    assert caught.value.message.startswith(f"{tmp_path / 'kent.ttl'}:1:20: ")
