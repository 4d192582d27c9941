"""/update and /data as clients meet them: statuses, bodies, and what is published."""

import codecs
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from peelgraph.repository import Home
from tests.writes.writes_web import BEARER, URL

PREFIX = "PREFIX : <urn:t#> "
TURTLE = {"Content-Type": "text/turtle", **BEARER}
UPDATE = {"Content-Type": "application/sparql-update", **BEARER}
FAULTY = "@prefix : <urn:t#> . :kent a :Force ;\n :name 'a' , 'b' ."


def address(name: str) -> str:
    return f"/data?graph=urn:g:{name}"


def put(client: FlaskClient, name: str, text: str, **headers: str) -> TestResponse:
    return client.put(
        address(name), data=f"@prefix : <urn:t#> . {text}", headers={**TURTLE, **headers}
    )


def update(client: FlaskClient, text: str, path: str = "/update", **headers: str) -> TestResponse:
    return client.post(path, data=PREFIX + text, headers={**UPDATE, **headers})


def test_a_graph_is_made_replaced_merged_read_and_dropped(client: FlaskClient) -> None:
    made = put(client, "life", ":kent a :Force .")
    replaced = put(client, "life", ":met a :Force .", Accept="application/json")
    again = put(client, "life", ":met a :Force .")
    merged = client.post(address("life"), data="<urn:t#kent> a <urn:t#Force> .", headers=TURTLE)
    read = client.get(address("life"), headers={"Accept": "application/n-triples"})
    head = client.head(address("life"))
    dropped = client.delete(address("life"), headers=BEARER)
    gone = client.get(address("life")), client.delete(address("life"), headers=BEARER)

    assert [201, 200, 200, 200, 200, 200] == [
        answer.status_code for answer in (made, replaced, merged, read, head, dropped)
    ]
    assert (204, b"") == (again.status_code, again.data)
    assert 2 == read.data.count(b"\n")
    assert b"" == head.data
    assert [404, 404] == [answer.status_code for answer in gone]
    assert (1, 1) == (replaced.get_json()["added"], replaced.get_json()["removed"])
    assert str(made.get_json()["version"]) == made.headers["Peelgraph-Version"]


def test_every_version_tells_who_when_and_what(client: FlaskClient, shared_home: Home) -> None:
    client.put(
        address("who") + "&message=Heddlu%20D%C5%B5r",
        headers=TURTLE,
        data="<urn:t#a> a <urn:t#Unit> .",
    )
    version = shared_home.current()
    told = client.get(f"/versions/{version.number}", headers={"Accept": "application/json"})
    quads = client.get(f"/versions/{version.base}..{version.number}")
    page = client.get(f"/versions/{version.base}..{version.number}?format=html")

    assert ("steward", "Heddlu Dŵr") == (told.get_json()["by"], told.get_json()["message"])
    assert "application/n-quads" == quads.mimetype
    assert b"<urn:t#a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>" in quads.data
    assert b"urn:t#a" in page.data
    for path in ("/versions", f"/versions/{version.number}"):
        assert "Heddlu Dŵr" in client.get(path, headers={"Accept": "text/html"}).text
    listed = client.get("/versions").get_json()
    assert [version.number, version.number] == [listed["current"], listed["versions"][0]["number"]]


def test_a_rollback_is_in_the_change_log(client: FlaskClient, shared_home: Home) -> None:
    put(client, "undone", ":a a :Unit .")
    number = shared_home.current().number
    shared_home.rollback(number - 1, by="steward", message="<script>")
    told = client.get("/versions").get_json()
    page = client.get("/versions", headers={"Accept": "text/html"}).text
    shared_home.rollback(number)

    assert number - 1 == told["current"]
    assert ("rollback", "steward", number, [number - 1]) == tuple(
        told["events"][0][name] for name in ("did", "by", "was", "versions")
    )
    assert f"back from version {number} to version {number - 1}" in page
    assert "&lt;script&gt;" in page


def test_a_difference_backwards_says_what_goes(client: FlaskClient, shared_home: Home) -> None:
    put(client, "back", ":a a :Unit .")
    number = shared_home.current().number
    line = (
        b"<urn:t#a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:t#Unit> <urn:g:back> ."
    )

    back = f"/versions/{number}..{number - 1}"
    assert b"# - " + line + b"\n" == client.get(back).data
    assert line + b"\n" == client.get(f"{back}?format=nq&part=removed").data
    assert b"- " + line + b"\n" == client.get(f"{back}?format=txt").data
    assert [line.decode()] == client.get(f"{back}?format=json").get_json()["removed"]
    assert 404 == client.get(f"/versions/1..{number + 1}").status_code


@pytest.mark.parametrize(
    ("accept", "told", "mark"),
    [
        ("", "application/problem+json", '"report"'),
        ("application/json", "application/problem+json", '"report"'),
        ("text/turtle", "text/turtle", "sh:ValidationReport"),
        ("application/ld+json", "application/ld+json", "ValidationReport"),
        ("text/plain", "text/plain", "A force has one name"),
        ("text/html", "text/html", "<h1>Validation report</h1>"),
        ("image/png", "application/problem+json", '"report"'),
    ],
)
def test_a_refused_write_returns_the_report_and_changes_nothing(
    client: FlaskClient, shared_home: Home, accept: str, told: str, mark: str
) -> None:
    before = shared_home.current()
    answer = client.put(address("bad"), data=FAULTY, headers={**TURTLE, "Accept": accept})

    assert (422, told) == (answer.status_code, answer.mimetype)
    assert mark in answer.text
    assert before == shared_home.current()


def test_a_lenient_gate_publishes_and_tells(lenient: FlaskClient) -> None:
    answer = lenient.put(address("bad"), data=FAULTY, headers=TURTLE)
    again = lenient.put(address("bad"), data=FAULTY.replace("b", "c"), headers=TURTLE)

    assert (201, 204) == (answer.status_code, again.status_code), "an old fault is told once"
    assert "A force has one name" in answer.text
    assert 1 == lenient.get("/versions/2").get_json()["faults"]


def test_a_problem_carries_report_line_and_type(client: FlaskClient) -> None:
    answer = client.put(address("bad"), data=FAULTY, headers=TURTLE)
    told = json.loads(answer.text)

    assert (422, 2, f"{URL}/problems/refused") == (told["status"], told["line"], told["type"])
    assert "no-store" == answer.headers["Cache-Control"]


def test_a_dry_run_has_the_same_verdict(client: FlaskClient, shared_home: Home) -> None:
    before = shared_home.current()
    good = client.put(
        address("dry") + "&dry-run", data="<urn:t#a> a <urn:t#Unit> .", headers=TURTLE
    )
    bad = client.put(address("dry") + "&dry-run=on", data=FAULTY, headers=TURTLE)

    assert (200, True, 1) == (
        good.status_code,
        good.get_json()["dry_run"],
        good.get_json()["added"],
    )
    assert 422 == bad.status_code
    assert before == shared_home.current()


def test_an_etag_guards_a_graph_from_a_change_unseen(client: FlaskClient) -> None:
    put(client, "tag", ":a a :Unit .")
    tag = client.get(address("tag")).headers["ETag"]
    rdf = client.get(address("tag"), headers={"Accept": "application/rdf+xml"}).headers["ETag"]

    assert tag != rdf
    assert 304 == client.get(address("tag"), headers={"If-None-Match": tag}).status_code
    assert 412 == put(client, "tag", ":b a :Unit .", **{"If-None-Match": "*"}).status_code
    assert 412 == put(client, "none", ":b a :Unit .", **{"If-Match": "*"}).status_code
    assert 204 == put(client, "tag", ":b a :Unit .", **{"If-Match": rdf}).status_code
    assert 412 == put(client, "tag", ":c a :Unit .", **{"If-Match": tag}).status_code
    assert 412 == client.delete(address("tag"), headers={**BEARER, "If-Match": tag}).status_code


def test_an_update_guards_itself_by_version(client: FlaskClient, shared_home: Home) -> None:
    number = shared_home.current().number
    text = "INSERT DATA { GRAPH <urn:g:if> { :if a :Unit } }"

    assert 412 == update(client, text, **{"If-Match": f'"{number - 1}"'}).status_code
    assert 412 == update(client, text, **{"If-Match": '"abc"'}).status_code
    assert 200 == update(client, text, **{"If-Match": f'"{number}"'}).status_code


def patch(client: FlaskClient, name: str, text: str, **headers: str) -> TestResponse:
    return client.patch(address(name), data=PREFIX + text, headers={**UPDATE, **headers})


def test_a_patch_updates_one_graph(client: FlaskClient) -> None:
    put(client, "patch", ":a a :Unit .")
    tag = client.get(address("patch")).headers["ETag"]
    unnamed = patch(client, "patch", "DELETE { ?s a :Unit } INSERT { :b a ?c } WHERE { ?s a ?c }")
    named = patch(client, "patch", "WITH <urn:g:patch> INSERT { :c a :Unit } WHERE {} ; "
                  "INSERT DATA { GRAPH <urn:g:patch> { :d a :Unit } }")  # fmt: skip
    stale = patch(client, "patch", "CLEAR ALL", **{"If-Match": tag})
    faulty = patch(client, "patch", "INSERT DATA { :kent a :Force ; :name 'a' , 'b' }")
    malformed = patch(client, "patch", "INSERT DATA { :a a }")
    read = client.get(address("patch"), headers={"Accept": "application/n-triples"})

    assert (200, 1, 1) == (unnamed.status_code, unnamed.json["added"], unnamed.json["removed"])
    assert (200, 2) == (named.status_code, named.json["added"])
    assert [412, 422, 400] == [one.status_code for one in (stale, faulty, malformed)]
    assert ["<urn:t#b>", "<urn:t#c>", "<urn:t#d>"] == sorted(
        line.split()[0] for line in read.text.splitlines()
    )


@pytest.mark.parametrize(
    ("text", "added", "removed"),
    [
        ("INSERT DATA { :c a :Unit }", 1, 0),
        ("DELETE DATA { :b a :Unit }", 0, 1),
        ("DELETE { ?s :runs ?o } WHERE { ?s :runs ?o }", 0, 1),
    ],
)
def test_a_patch_leaves_other_blank_nodes_as_they_are(
    client: FlaskClient, text: str, added: int, removed: int
) -> None:
    name = f"blank-{added}-{removed}-{len(text)}"
    put(client, name, ":b a :Unit . [ a :Force ; :runs [ a :Unit ] ] . [ a :Unit ] .")
    before = client.get(address(name), headers={"Accept": "application/n-triples"}).text
    answer = patch(client, name, text)
    after = client.get(address(name), headers={"Accept": "application/n-triples"}).text

    assert (added, removed) == (answer.json["added"], answer.json["removed"])
    assert removed == len({*before.splitlines()} - {*after.splitlines()})


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH <urn:g:elsewhere> { :a a :Unit } }",
        "INSERT DATA { GRAPH <urn:g:bound> { :a a :Unit } } ; INSERT DATA { :b a :Unit }",
        "PREFIX x: <urn:> INSERT DATA { GRAPHx:y { :a a :Unit } }",
        "COPY <urn:g:gwent> TO DEFAULT",
        "CREATE GRAPH <urn:g:elsewhere>",
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    ],
)
def test_a_patch_reaches_no_other_graph(client: FlaskClient, shared_home: Home, text: str) -> None:
    put(client, "bound", ":a a :Unit .")
    before = shared_home.current()
    answer = patch(client, "bound", text)

    assert (409, before) == (answer.status_code, shared_home.current()), answer.text


def test_patch_is_advertised(client: FlaskClient) -> None:
    told = client.options(address("any")).headers

    assert "application/sparql-update" == told["Accept-Patch"]
    assert "PATCH" in told["Access-Control-Allow-Methods"]


def test_a_post_to_the_store_makes_a_graph_with_an_address(client: FlaskClient) -> None:
    made = client.post("/data", data="<> a <urn:t#Unit> .", headers=TURTLE)
    location = made.headers["Location"]
    read = client.get(location.removeprefix(URL), headers={"Accept": "application/n-triples"})

    assert 201 == made.status_code
    assert location.startswith(f"{URL}/data/")
    assert f"<{location}> ".encode() in read.data


def test_a_graph_answers_at_its_own_address(client: FlaskClient) -> None:
    made = client.put("/data/person/1.ttl", data="<> a <urn:t#Unit> .", headers=TURTLE)
    indirect = client.get(f"/data?graph={URL}/data/person/1.ttl")

    assert (201, 200) == (made.status_code, indirect.status_code)
    assert 400 == client.get("/data/person/1.ttl?default").status_code
    assert 200 == client.delete("/data/person/1.ttl", headers=BEARER).status_code
    assert 404 == client.get("/data/person/1.ttl").status_code


def test_files_of_a_form_are_merged(client: FlaskClient) -> None:
    files = [
        (io.BytesIO(b"<urn:t#a> a <urn:t#Unit> ."), "a.ttl"),
        (io.BytesIO(b'{"@id": "urn:t#b", "@type": "urn:t#Unit"}'), "b", "application/ld+json"),
    ]
    made = client.post(address("form"), data={"file": files}, headers=BEARER)
    none = client.post(
        address("form"), data={"x": "1"}, headers=BEARER, content_type="multipart/form-data"
    )

    assert (201, 2) == (made.status_code, made.get_json()["added"])
    assert 415 == none.status_code


def test_a_part_of_a_form_need_not_be_a_file(client: FlaskClient) -> None:
    part = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
        b"Content-Type: text/turtle; charset=utf-8\r\n\r\n<urn:t#%s> a <urn:t#Unit> .\r\n"
    )
    headers = {**BEARER, "Content-Type": "multipart/form-data; boundary=x"}
    whole = part % b"a" + part % b"b" + b"--x--\r\n"
    made = client.post(address("part"), data=whole, headers=headers)
    cut = client.post(address("part"), data=whole[:-12], headers=headers)

    assert (201, 2) == (made.status_code, made.get_json()["added"])
    assert 400 == cut.status_code


def test_empty_bodies_are_legal(client: FlaskClient) -> None:
    made = client.put(address("empty"), data="", headers=TURTLE)
    same = client.post(address("empty"), data="", headers=TURTLE)
    read = client.get(address("empty"), headers={"Accept": "application/n-triples"})

    assert (201, 200, 200, b"") == (
        made.status_code,
        same.status_code,
        read.status_code,
        read.data,
    )


@pytest.mark.parametrize(
    "name", ["graph:gwent", "gwent", "<https://w3id.org/peelgraph/graph/gwent>"]
)
@pytest.mark.parametrize("place", ["/data?graph", "/update?using-graph-uri"])
def test_where_a_protocol_wants_an_iri_the_one_meant_is_told(
    client: FlaskClient, place: str, name: str
) -> None:
    kind, text = "application/sparql-update", "DELETE WHERE { ?s ?p ?o }"
    method = client.patch if "data" in place else client.post
    answer = method(f"{place}={name}", data=text, headers={**BEARER, "Content-Type": kind})

    assert 400 == answer.status_code
    parameter = place.partition("?")[2]
    assert f"{parameter}=https://w3id.org/peelgraph/graph/gwent" in json.loads(answer.data)["hint"]


REFUSED = {
    "unparsable": ("PUT", address("r"), "text/turtle", "<urn:a> <urn:b>", 400),
    "relative IRI": ("PUT", "/data?graph=r", "text/turtle", "", 400),
    "two graphs": ("PUT", address("r") + "&graph=urn:g:s", "text/turtle", "", 400),
    "graph and default": ("PUT", address("r") + "&default", "text/turtle", "", 400),
    "no graph": ("PUT", "/data", "text/turtle", "", 400),
    "unknown type": ("PUT", address("r"), "text/csv", "", 415),
    "no type": ("PUT", address("r"), "", "", 415),
    "another charset": ("PUT", address("r"), "text/turtle; charset=latin1", "", 415),
    "default of a union": ("PUT", "/data?default", "text/turtle", "<urn:a> a <urn:t#Unit> .", 409),
    "dropped default": ("DELETE", "/data?default", "", "", 409),
    "a file's graph": (
        "DELETE", "/data?graph=https://w3id.org/peelgraph/graph/gwent", "", "", 409),
    "patch of nothing": ("PATCH", address("r"), "application/sparql-update",
                         "INSERT DATA { <urn:a> a <urn:t#Unit> }", 404),
    "patch in Turtle": ("PATCH", address("r"), "text/turtle", "", 415),
    "patch of the store": ("PATCH", "/data", "application/sparql-update", "CLEAR ALL", 400),
    "patch of a file's graph": (
        "PATCH", "/data?graph=https://w3id.org/peelgraph/graph/gwent",
        "application/sparql-update", "CLEAR ALL", 409),
    "patch that calls": ("PATCH", address("r"), "application/sparql-update",
                         "LOAD <http://127.0.0.1:9/>", 400),
    "entity": ("PUT", address("r"), "application/rdf+xml", '<!DOCTYPE a [<!ENTITY b "c">]>', 400),
    "remote context": ("PUT", address("r"), "application/ld+json",
                       '{"@context": "http://127.0.0.1:9/", "name": "a"}', 400),
    "too long": ("PUT", address("r"), "text/turtle", "#" * (2**20 + 1), 413),
    "too long a form": ("POST", address("r"), "multipart/form-data; boundary=x", "#" * 2**21, 413),
    "too long an update": ("POST", "/update", "application/sparql-update", "#" * 2**21, 413),
    "a form without boundary": ("POST", address("r"), "multipart/form-data", "--\r\n", 400),
    "get of an update": ("GET", "/update?update=CLEAR%20ALL", "", "", 405),
    "unnamed graph": ("POST", "/update", "application/sparql-update", "CLEAR DEFAULT", 409),
    "malformed update": ("POST", "/update", "application/sparql-update", "CLEAR", 400),
    "update as a query": ("POST", "/update", "application/sparql-query", "CLEAR ALL", 415),
    "update without type": ("POST", "/update", "", "CLEAR ALL", 415),
    "two updates": ("POST", "/update", "application/x-www-form-urlencoded",
                    "update=CLEAR%20ALL&update=CLEAR%20ALL", 400),
    "no update": ("POST", "/update", "application/x-www-form-urlencoded", "a=b", 400),
    "a query's parameter": ("POST", "/update?default-graph-uri=urn:g",
                            "application/sparql-update", "CLEAR ALL", 400),
    "service": ("POST", "/update", "application/sparql-update",
                "INSERT { GRAPH <urn:g> { ?s ?p ?o } } WHERE { SERVICE <urn:x> { ?s ?p ?o } }",
                400),
    "load": ("POST", "/update", "application/sparql-update",
             "LOAD <http://127.0.0.1:9/> INTO GRAPH <urn:g>", 400),
    "load of a file": ("POST", "/update", "application/sparql-update",
                       "LOAD <file:///etc/passwd> INTO GRAPH <urn:g>", 400),
    "using twice": ("POST", "/update?using-graph-uri=urn:g", "application/sparql-update",
                    "INSERT { GRAPH <urn:g> { ?s ?p ?o } } USING <urn:h> WHERE { ?s ?p ?o }", 400),
    "deep": ("POST", "/update", "application/sparql-update",
             "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> " + "[ <urn:b> " * 300 + "1", 400),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_protocols_forbid_is_refused(
    client: FlaskClient, shared_home: Home, case: str
) -> None:
    method, path, kind, body, status = REFUSED[case]
    before = shared_home.current()
    headers = {**BEARER, **({"Content-Type": kind} if kind else {})}
    answer = client.open(path, method=method, data=body or None, headers=headers)

    assert status == answer.status_code, answer.text
    assert "application/problem+json" == answer.mimetype
    assert before == shared_home.current()


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/update", "application/sparql-update"),
        ("PUT", address("r"), "text/turtle"),
        ("POST", "/validate", "text/turtle"),
    ],
)
def test_a_body_packed_otherwise_is_refused_unread(
    client: FlaskClient, method: str, path: str, kind: str
) -> None:
    headers = {**BEARER, "Content-Type": kind, "Content-Encoding": "br"}
    answer = client.open(path, method=method, data=b"x", headers=headers)

    assert 415 == answer.status_code, answer.text
    assert "gzip" in answer.text


def test_an_update_in_a_form_reads_the_dataset_of_the_protocol(client: FlaskClient) -> None:
    put(client, "from", ":one a :Unit .")
    fields = {
        "update": "INSERT { GRAPH <urn:g:to> { ?s ?p ?o } } WHERE { ?s ?p ?o }",
        "using-graph-uri": "urn:g:from",
    }
    answer = client.post("/update", data=fields, headers=BEARER)

    assert (200, 1) == (answer.status_code, answer.get_json()["added"])


def test_the_address_of_queries_takes_updates(client: FlaskClient) -> None:
    text = f"{PREFIX} INSERT DATA {{ GRAPH <urn:g:one-address> {{ :kent a :Force }} }}"
    count = "SELECT * { GRAPH <urn:g:one-address> { ?s ?p ?o } }"
    bodies: list[dict[str, Any]] = [
        {"data": text, "headers": UPDATE},
        {"data": {"update": "CLEAR GRAPH <urn:g:one-address>"}, "headers": BEARER},
        {"data": {"update": text, "using-graph-uri": "urn:g:a"}, "headers": BEARER},
    ]
    rows = []
    for body in bodies:
        answer = client.post("/sparql", **body)
        assert 200 == answer.status_code, answer.get_data(as_text=True)
        found = client.get("/sparql", query_string={"query": count}).get_json()
        rows.append(len(found["results"]["bindings"]))

    assert [1, 0, 1] == rows


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"data": "INSERT", "headers": UPDATE}, 400),
        ({"data": {"update": "CLEAR ALL"}}, 401),
        ({"data": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update"}}, 401),
        ({"data": {"update": "CLEAR ALL", "query": "ASK {}"}, "headers": BEARER}, 400),
        ({"query_string": {"query": "ASK {}"}, "data": "CLEAR ALL", "headers": UPDATE}, 400),
        ({"query_string": {"update": "CLEAR ALL"}, "data": {"a": "b"}, "headers": BEARER}, 400),
        ({"data": {"update": "CLEAR ALL", "default-graph-uri": "urn:g"}, "headers": BEARER}, 400),
    ],
)
def test_an_update_among_queries_needs_what_updates_need(
    client: FlaskClient, asked: dict[str, Any], status: int
) -> None:
    answer = client.post("/sparql", **asked)

    assert (status, "application/problem+json") == (answer.status_code, answer.mimetype)


def test_the_default_graph_of_a_union_is_read_whole(client: FlaskClient) -> None:
    answer = client.get("/data?default", headers={"Accept": "application/n-triples"})

    assert b"<urn:t#gwent> " in answer.data
    assert b"<urn:t#Body>" in answer.data


def test_a_plain_store_takes_and_gives_its_default_graph(plain: FlaskClient) -> None:
    here = {"Host": "localhost"}
    turtle = {**here, "Content-Type": "text/turtle"}
    plain.put("/data?default", data="<urn:a> <urn:b> 1 .", headers=turtle)
    text = "INSERT DATA { <urn:a> <urn:b> <x> } ; DELETE DATA { <urn:a> <urn:b> 1 }"
    kind = {**here, "Content-Type": "application/sparql-update"}
    updated = plain.post("/update", data=text, headers=kind)
    read = plain.get("/data?default", headers={**here, "Accept": "application/n-triples"})
    asked = plain.get("/sparql", query_string={"query": "ASK { <urn:a> <urn:b> ?x }"}, headers=here)

    assert 200 == updated.status_code, updated.text
    assert f"<urn:a> <urn:b> <{URL}/x> .\n".encode() == read.data
    assert asked.get_json()["boolean"]
    assert 200 == plain.delete("/data?default", headers=here).status_code


def test_a_thing_that_was_taken_out_is_gone_and_tells_when(client: FlaskClient) -> None:
    thing = "https://w3id.org/peelgraph/id/force/of-a-day"
    name = "<http://www.w3.org/2000/01/rdf-schema#label>"
    client.put(address("day"), data=f'<{thing}> {name} "A day"@en .', headers=TURTLE)
    there = client.get("/doc/force/of-a-day.nt")
    dropped = client.delete(address("day"), headers={**BEARER, "Accept": "application/json"})
    version = int(dropped.headers["Peelgraph-Version"])
    gone = client.get("/doc/force/of-a-day.nt")
    before = client.get(f"/doc/force/of-a-day.nt?at={version - 1}")
    never = client.get("/doc/force/of-a-day-or-two.nt")

    assert [200, 410, 200, 404] == [r.status_code for r in (there, gone, before, never)]
    assert f"/doc/force/of-a-day?at={version - 1}" in gone.get_json()["hint"]
    assert b'"A day"@en' in before.data


def test_any_two_versions_are_compared_by_a_form(client: FlaskClient, shared_home: Home) -> None:
    put(client, "compared", ":a a :Unit .")
    numbers = shared_home.numbers()
    led = client.get(f"/versions?from={numbers[0]}&to={numbers[-1]}")
    page = client.get(led.headers["Location"], headers={"Accept": "text/html"})
    listed = client.get("/versions", headers={"Accept": "text/html"})

    assert 303 == led.status_code
    assert f"/versions/{numbers[0]}..{numbers[-1]}" == led.headers["Location"]
    assert '<span class="state">new</span>' in page.text
    assert f"<option>{numbers[0]}</option>" in listed.text
    assert [404, 400] == [client.get(f"/versions?from=1&to={n}").status_code for n in (999, "x")]


def test_a_byte_order_mark_before_any_body_is_skipped(client: FlaskClient) -> None:
    mark, turtle_headers = codecs.BOM_UTF8, {**BEARER, "Content-Type": "text/turtle"}
    turtle = mark + b"<urn:t#b> a <urn:t#Unit> ."
    written = client.put(address("mark"), data=turtle, headers=turtle_headers)
    update = mark + b"INSERT DATA { GRAPH <urn:g:mark> { <urn:t#c> a <urn:t#Unit> } }"
    updated = client.post("/update", data=update, headers=UPDATE)
    patched = client.patch(
        address("mark"), data=mark + b"DELETE DATA { <urn:t#b> a <urn:t#Unit> }", headers=UPDATE
    )
    asked = client.post(
        "/sparql",
        data=mark + b"ASK { GRAPH <urn:g:mark> { <urn:t#c> a <urn:t#Unit> } }",
        content_type="application/sparql-query",
    )
    judged = client.post("/validate", data=turtle, headers=turtle_headers)

    assert [201, 200, 200, 200] == [one.status_code for one in (written, updated, patched, asked)]
    assert b"true" in asked.data
    assert (
        judged.status_code
        == client.post(
            "/validate", data=turtle.removeprefix(mark), content_type="text/turtle"
        ).status_code
    )
