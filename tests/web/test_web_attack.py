"""Attacks over the wire: each is refused or harmless, and others are answered meanwhile."""

import contextlib
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.test import Client

from peelgraph.repository import Home
from tests.web.hostile import KINDS, LATE, Ended, ask, attack
from tests.web.strangers import request, send

PAGES = ("/", "/sparql", "/queries", "/ontology", "/doc/force/derbyshire", "/explain")
COMMAND = (sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "1")


@contextlib.contextmanager
def served(home: Path, *options: str) -> Iterator[int]:
    """The port of a service over a home folder."""
    command = [*COMMAND, "--home", str(home), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    """A service over the tests' world."""
    with served(home) as number:
        yield number


def sent(port: int, content: bytes, source: str = "127.0.0.1") -> bytes:
    """All that comes back for the bytes of a request."""
    return send(port, content, source, 30)[0]


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_hostile_queries_end_alone_and_others_are_answered(project_home: Home) -> None:
    light = "SELECT ?p ?o {{ <https://w3id.org/peelgraph/id/force/derbyshire> ?p ?o }} # {}"
    over = threading.Event()
    answered: list[Ended] = []
    options = ("--max-memory", "1024", "--max-rate", "0")
    with served(project_home.path, *options) as port:

        def look() -> None:
            while not over.is_set():
                answered.append(ask(port, "127.0.0.2", "light", light.format(len(answered))))

        watching = threading.Thread(target=look)
        watching.start()
        ended = attack(port, 2 * len(KINDS), 8, 1.0)
        over.set()
        watching.join()

    assert {200} == {one.status for one in answered}
    assert 2 * len(KINDS) == len(ended)
    for one in ended:
        # Beyond its share a client is told so, and the wait for a turn counts: nothing else but
        # the kind's own end is right.
        assert (one.status, one.problem) in ((429, "rate"), LATE, *KINDS[one.kind][1]), one


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (request("/%2e%2e/%2e%2e/etc/passwd"), 404),
        (request("/static/..%2f..%2fworker.py"), 404),
        (request("/static/....//worker.py"), 404),
        (request("/static/%00style.css"), 404),
        (request("/graph/..%5c..%5cetc%5cpasswd"), 404),
        (request("/doc/force/%ff%fe"), 400),
        (request("/sparql?query=%"), 400),
        (request("/sparql?query=%zz%ff"), 400),
        (request("/sparql?query=ASK%20{}%00"), 400),
        (request("/sparql?" + "&".join(f"a{n}=1" for n in range(2000))), 400),
        (request("/sparql", "Accept: " + "text/html;q=0.1," * 5000), 200),
        (request("/sparql", "Accept: " + "x" * 500_000), 431),
        (request("/sparql", *(f"X-{n}: x" for n in range(200))), 431),
        (request("/sparql", "Content-Length: 5", "Content-Length: 6", method="POST"), 400),
        (request("/sparql", "Content-Length: -1", method="POST"), 400),
        (request("/sparql", "X-HTTP-Method-Override: DELETE"), 200),
        (request("/sparql", "Transfer-Encoding: gzip", method="POST"), 400),
        (request("/sparql", method="TRACE"), 405),
        (request("/sparql", method="CONNECT"), 405),
        (b"GET /sparql\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0),
        (request("/sparql", "Bad Header: x"), 400),
        (b"GET /sparql HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET /sparql HTTP/1.0\r\nConnection: close\r\n\r\n", 200),
        (request("/sparql", "Host: y"), 400),
        (b"GET /sparql HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n", 400),
        (b"GET /sparql HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n", 200),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else str(value),
)
def test_tricks_with_paths_percents_and_headers(port: int, raw: bytes, expected: int) -> None:
    answer = sent(port, raw)

    assert expected == status(answer), answer[:300]
    assert b"root:" not in answer
    assert b"import " not in answer


def test_no_header_is_made_of_what_a_path_holds(port: int) -> None:
    answer = sent(port, request("/id/force/x%0d%0aSet-Cookie:%20a=b"))

    assert b"\r\nset-cookie" not in answer.lower()
    assert re.search(rb"(?i)\r\nlocation: /doc/force/x%0D%0ASet-Cookie", answer)


@pytest.mark.parametrize("path", ["//evil.example/", "/id//evil.example/x", "/id/%2f%2fevil/x"])
def test_no_redirect_leads_elsewhere(port: int, path: str) -> None:
    answer = sent(port, request(path, "X-Forwarded-Host: evil.example"))
    places = re.findall(rb"(?i)\r\nlocation: (\S*)", answer)

    assert all(place.startswith(b"/doc/") for place in places)
    assert places or 404 == status(answer)


def test_links_are_not_made_with_a_clients_host(port: int) -> None:
    answer = sent(port, b"GET /sparql HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    assert b"evil.example" not in answer


def test_slow_senders_take_no_thread_from_others(port: int) -> None:
    head = request("/sparql", "Content-Length: 1000", method="POST") + b"query"
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            slow = socket.create_connection(("127.0.0.1", port), timeout=30)
            stack.enter_context(slow).sendall(head)
        answer = sent(port, request("/sparql?query=ASK%20%7B%7D"), "127.0.0.2")
        body = request("/sparql", "Content-Length: 15", method="POST")
        kind = b"Content-Type: application/x-www-form-urlencoded\r\nHost: x"
        posted = sent(
            port, body.replace(b"Host: x", kind) + b"query=ASK%20%7B%7D"[:15], "127.0.0.2"
        )

    assert 200 == status(answer)
    assert status(posted) in (200, 400)


def test_idle_connections_take_no_place_from_others(port: int) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(800):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        answer = sent(port, request("/sparql?query=ASK%20%7B%7D"), "127.0.0.2")

    assert 200 == status(answer)


def test_a_huge_body_is_refused_unread(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("POST", "/sparql")
    connection.putheader("Content-Type", "application/sparql-query")
    connection.putheader("Content-Length", str(2**40))
    connection.endheaders()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(40):
            connection.send(b"#" * 2**20)
    answer = connection.getresponse()

    assert 413 == answer.status
    connection.close()


# What takes long to read, or did: 44 s for words of a quarter of this length.
LONG_TO_READ = {
    "words behind a comment": "SELECT * {}#NOW\n" + "a." * 250_000,
    "words": "a." * 250_000,
    "long strings": "SELECT * { ?s ?p now() " + "\\'''" * 125_000,
    "IRIs": "SELECT (now() AS ?n) {} " + "<a" * 60_000,
}


@pytest.mark.parametrize("text", LONG_TO_READ.values(), ids=LONG_TO_READ)
def test_a_query_that_takes_long_to_read_holds_nobody_up(port: int, text: str) -> None:
    kind = "Content-Type: application/sparql-query"
    heavy = request("/sparql", f"Content-Length: {len(text)}", kind, method="POST") + text.encode()
    light = request("/sparql?query=ASK%20%7B%7D")
    with ThreadPoolExecutor(20) as threads:
        heavies = [threads.submit(sent, port, heavy) for _ in range(20)]
        lights = [sent(port, light, "127.0.0.2") for _ in range(20)]
        ended = {status(each.result()) for each in heavies}

    assert {200} == {status(answer) for answer in lights}
    # Malformed; or the client's other questions are in the way.
    assert ended <= {400, 429}


def test_bodies_that_are_too_long_for_a_query_are_not_held(home: Path) -> None:
    escaped = b"%41" * (10 * 2**20 // 3)
    head = request(
        "/sparql",
        f"Content-Length: {6 + len(escaped)}",
        "Content-Type: application/x-www-form-urlencoded",
        method="POST",
    )
    with served(home) as port, ThreadPoolExecutor(30) as threads:
        before = most_memory(port)
        heavies = [threads.submit(sent, port, head + b"query=" + escaped) for _ in range(30)]
        light = sent(port, request("/sparql?query=ASK%20%7B%7D"), "127.0.0.2")
        ended = {status(each.result()) for each in heavies}
        grown = most_memory(port) - before

    assert 200 == status(light)
    assert ended <= {413, 429}
    assert 0 < before
    assert grown < 150 * 2**20


def most_memory(port: int) -> int:
    """The most bytes of memory that the processes which serve a port have had."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f'"port": {port},' in (process / "environ").read_text(errors="replace"):
                peak = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
                found += int(peak[1]) * 1024 if peak else 0
    return found


# What ended the process that read or evaluated it, side by side as it stands.
FLAT = {
    "not": "ASK { FILTER(" + "!" * 20_000 + "true) }",
    "steps of a path": "ASK { ?s " + "<p>/" * 20_000 + "<p> ?o }",
    "UNION": "ASK { " + "{} UNION " * 20_000 + "{} }",
    "semicolons": "ASK { ?s ?p ?o " + ";?p ?o" * 30_000 + " }",
    "plus": "ASK { FILTER(" + "1+" * 30_000 + "1) }",
    "columns": "SELECT " + "(1 AS ?x) " * 20_000 + "{}",
}


@pytest.mark.parametrize("text", FLAT.values(), ids=FLAT)
def test_long_flat_texts_are_refused_by_their_number(port: int, text: str) -> None:
    kind = "Content-Type: application/sparql-query"
    head = request("/sparql", f"Content-Length: {len(text)}", kind, method="POST")
    answer = sent(port, head + text.encode())

    assert 400 == status(answer)
    assert b"More than 1000 parts" in answer


@pytest.mark.parametrize(
    ("kind", "text"),
    [("application/ld+json", '{{"@id": "a:s", "a:p": {}}}'), ("text/turtle", "<a:s> <a:p> {} .")],
)
def test_a_number_of_a_million_digits_is_refused(port: int, kind: str, text: str) -> None:
    body = text.format("1" * 10**6).encode()
    length = f"Content-Length: {len(body)}"
    head = request("/validate", length, f"Content-Type: {kind}", method="POST")
    answer = sent(port, head + body)

    assert 400 == status(answer)
    assert b"a number of more than 1000 digits" in answer


MANY_NINES = "9" * 5000
NUMBERED = [
    "/versions?before={}",
    "/doc/force/derbyshire?page={}",
    "/explain?proofs={}&subject=a:a&predicate=a&object=a:a",
    "/queries/labels-of-things?limit={}",
    "/reconcile/suggest/entity?prefix=d&cursor={}",
    "/sparql?query=ASK%7B%7D&at={}",
    "/sparql?query=ASK%7B%7D&timeout={}",
]


@pytest.mark.parametrize("path", NUMBERED)
@pytest.mark.parametrize("number", [MANY_NINES, "-1", "1.5.", "\u0661", "0x1"])
def test_a_parameter_that_is_no_such_number_is_refused(
    client: Client, path: str, number: str
) -> None:
    response = client.get(path.format(urllib.parse.quote(number)))

    assert 400 == response.status_code
    assert len(response.text) < 1000


def test_a_version_of_too_many_digits_is_never_the_current_one(client: Client) -> None:
    for path in (f"/versions/{MANY_NINES}", f"/versions/1..{MANY_NINES}"):
        assert 404 == client.get(path).status_code


def test_a_form_of_too_many_files_is_told_their_number(port: int) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="file"; filename="{}.ttl"\r\n\r\n1\r\n'
    body = "".join(map(part.format, range(1001))) + "--x--\r\n"
    kind = "Content-Type: multipart/form-data; boundary=x"
    head = request("/validate", f"Content-Length: {len(body)}", kind, method="POST")
    answer = sent(port, head + body.encode())

    assert 413 == status(answer)
    assert b"more than 1000 parts" in answer


def test_a_text_that_is_typed_may_be_as_long_as_a_file(client: Client) -> None:
    text = f'<a:a> <a:a> "{"x" * 10**6}" .'
    response = client.post("/validate?context=none&format=json", data={"text": text})

    assert 413 != response.status_code, response.text[:300]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ('SELECT ("\\uD800" AS ?a) {}', "Line 1, column 10: “\\uD800” is half of a pair"),
        ("ASK { <a:\\uDFFF> ?p ?o }", "Line 1, column 10: “\\uDFFF” is half of a pair"),
        ('ASK { ?s ?p "\\U00110000" }', "Line 1, column 14: “\\U00110000” is past the last"),
        ('ASK {\n ?s ?p "a\\q" }', "Line 2, column 10: “\\q” is no escape"),
    ],
)
def test_an_escape_that_is_no_character_is_named(client: Client, query: str, told: str) -> None:
    response = client.get("/sparql", query_string={"query": query})

    assert 400 == response.status_code
    assert response.json
    assert response.json["detail"].startswith(told)


def test_half_a_character_in_json_is_refused_at_once(port: int) -> None:
    wanted = {"query": "a", "properties": [{"pid": "\ud800", "v": "\ud800"}]}
    fields = urllib.parse.urlencode({"queries": json.dumps({"q0": wanted})})
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = request("/reconcile", f"Content-Length: {len(fields)}", kind, method="POST")

    assert 400 == status(sent(port, head + fields.encode()))


def test_a_batch_that_asks_much_has_one_deadline(project_home: Home) -> None:
    wanted = {"properties": [{"pid": "label", "v": "e"}, {"pid": "covers", "v": "e"}] * 5}
    batch = {f"q{n}": {"query": f"police {n}", **wanted} for n in range(200)}
    fields = urllib.parse.urlencode({"queries": json.dumps(batch)})
    head = request(
        "/reconcile",
        f"Content-Length: {len(fields)}",
        "Content-Type: application/x-www-form-urlencoded",
        method="POST",
    )
    with served(project_home.path, "--timeout", "2") as port:
        answer = sent(port, head + fields.encode())

    assert 503 == status(answer)
    assert b"/problems/deadline" in answer


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_what_data_or_a_query_say(client: Client, path: str) -> None:
    attack = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>"
    fields = dict.fromkeys(("query", "subject", "predicate", "object", "thing", "example"), attack)
    response = client.get(path, query_string=fields, headers={"Accept": "text/html"})

    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_an_iri_that_is_script_is_no_link(client: Client) -> None:
    text = "SELECT (IRI('javascript:alert(1)') AS ?x) (IRI('data:text/html,x') AS ?y) {}"
    page = client.get("/sparql", query_string={"query": text}, headers={"Accept": "text/html"}).text

    assert "javascript:alert" in page
    assert not re.search(r"""href=["']?(javascript|data):""", page)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
        "SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }",
    ],
)
def test_from_reads_no_file_and_calls_nobody(client: Client, text: str) -> None:
    response = client.get("/sparql", query_string={"query": text, "format": "csv"})

    assert 200 == response.status_code
    assert 1 == len(response.data.split())
