"""In front of Flask: what is kept, packed, counted, refused, and never mixed up."""

import gzip
import io
import json
import logging
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client.multiprocess import mark_process_dead
from werkzeug.test import Client, TestResponse

from peelgraph.errors import ServiceBusy, TooManyRequests
from peelgraph.http.cache import Cache, Kept
from peelgraph.http.client_limits import Rates, client_of
from peelgraph.http.encoding import takes_gzip
from peelgraph.http.metrics import FOLDER, Metrics
from peelgraph.http.middleware import REFUSAL, Front
from peelgraph.http.streaming import Outgoing
from peelgraph.settings import Settings
from tests.web.scraping import read_metrics

# In one order: a worker's copy in memory would give the rows in another than the disk.
ROWS = "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20ORDER%20BY%20%3Fs%20%3Fp%20%3Fo"
PACKED = {"Accept-Encoding": "gzip"}


class Counted:
    """An application that counts how often it is entered."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.entered = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.entered += 1
        return self.application(environ, start)


class World:
    """The front over the application, with a version that can be published anew."""

    def __init__(self, application: Flask, settings: Settings) -> None:
        self.inner = Counted(application)
        self.mark = 1
        self.metrics = Metrics()
        self.client = Client(Front(self.inner, settings, lambda: self.mark, self.metrics))

    def get(self, path: str, **headers: str) -> TestResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=names)


@pytest.fixture
def world(application: Flask, settings: Settings) -> World:
    return World(application, settings)


def test_a_repeated_question_never_reaches_the_application(world: World) -> None:
    first, second = world.get(ROWS), world.get(ROWS)
    head = world.client.head(ROWS)
    held = world.get(ROWS, If_None_Match=first.headers["ETag"])

    assert 1 == world.inner.entered
    assert first.data == second.data
    assert (b"", first.headers["Content-Length"]) == (head.data, head.headers["Content-Length"])
    assert (304, b"", first.headers["ETag"]) == (held.status_code, held.data, held.headers["ETag"])
    assert "Content-Type" not in held.headers
    assert 3 == read_metrics(world.metrics.render().decode())["peelgraph_cache_hits_total"]


def test_no_two_requests_have_one_number(world: World) -> None:
    first, kept = world.get(ROWS), world.get(ROWS)

    # A problem names the request as urn:uuid:..., which has one form.
    number = first.headers["Request-Id"]
    assert number == str(uuid.UUID(number))
    assert "Request-Id" not in kept.headers


@pytest.mark.parametrize(
    "other",
    [
        {"Accept": "text/csv"},
        {"Host": "other.example"},
        {"Accept-Encoding": "gzip"},
    ],
    ids=str,
)
def test_what_an_answer_depends_on_tells_questions_apart(
    world: World, other: dict[str, str]
) -> None:
    world.get(ROWS)
    world.client.get(ROWS, headers=other)

    assert 2 == world.inner.entered


def test_a_new_version_is_asked_anew(world: World) -> None:
    world.get(ROWS)
    world.mark = 2
    world.get(ROWS)

    assert 2 == world.inner.entered


@pytest.mark.parametrize(
    "path",
    [
        "/sparql?query=SELECT%20(NOW()%20AS%20%3Fn)%20%7B%7D",
        "/sparql?query=nonsense",
        "/doc/force/nobody",
        "/health/live",
    ],
)
def test_what_changes_or_fails_is_not_kept(world: World, path: str) -> None:
    world.get(path)
    world.get(path)

    assert 2 == world.inner.entered


def test_a_posted_question_is_kept_by_its_body(world: World) -> None:
    def post(text: str) -> bytes:
        body: bytes = world.client.post("/sparql", data={"query": text}).data
        return body

    answers = [post("ASK {}"), post("ASK {}"), post("ASK { ?nothing ?is <here:> }")]

    assert 2 == world.inner.entered
    assert answers[0] == answers[1] != answers[2]


def test_whoever_shows_a_token_is_answered_afresh(world: World) -> None:
    world.get(ROWS, Authorization="Bearer x")
    world.get(ROWS, Authorization="Bearer x")

    assert 2 == world.inner.entered


def test_gzip_is_another_representation(world: World) -> None:
    plain = world.get(ROWS)
    packed = world.get(ROWS, **{"Accept-Encoding": "gzip"})
    kept = world.get(ROWS, **{"Accept-Encoding": "br, gzip;q=0.5"})

    assert "gzip" == packed.headers["Content-Encoding"]
    assert plain.data == gzip.decompress(packed.data)
    assert packed.data == kept.data
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert str(len(packed.data)) == packed.headers["Content-Length"]


def test_a_strong_tag_stays_strong(world: World) -> None:
    file, rows = world.get("/static/style.css"), world.get(ROWS)

    assert ('"', "W") == (file.headers["ETag"][0], rows.headers["ETag"][0])


@pytest.mark.parametrize("kept", [True, False])
def test_a_tag_of_gzip_brings_a_304_to_who_takes_gzip(world: World, kept: bool) -> None:
    tag = world.get(ROWS, **PACKED).headers["ETag"]
    if not kept:
        world.mark = 2
    again = world.get(ROWS, If_None_Match=tag, **PACKED)
    plain = world.get(ROWS, If_None_Match=tag)

    assert (304, tag) == (again.status_code, again.headers["ETag"])
    assert 200 == plain.status_code


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("x-gzip, br", True),
        ("*", True),
        ("gzip;q=0", False),
        ("*, gzip; q=0.0", False),
        ("identity", False),
        ("", False),
        ("gzip;q=0.001", True),
    ],
)
def test_takes_gzip(header: str, taken: bool) -> None:
    assert taken == takes_gzip(header)


def test_an_older_version_is_asked(world: World) -> None:
    count = "query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%3Fs%20%3Fp%20%3Fo%7D&format=csv"
    now = world.get(f"/sparql?{count}")
    then = world.get(f"/sparql?{count}&at=6")
    posted = world.client.post("/sparql?format=csv", data={
        "query": "SELECT (COUNT(*) AS ?n) {?s ?p ?o}", "at": "6"})  # fmt: skip
    stored = world.get("/queries/labels-of-things?format=csv&at=6")

    assert ["7", "6", "6", "6"] == [
        response.headers["Peelgraph-Version"] for response in (now, then, posted, stored)
    ]
    assert b"n\r\n1\r\n" == then.data == posted.data != now.data
    assert now.headers["ETag"] != then.headers["ETag"]
    assert 404 == world.get("/doc/force/derbyshire?at=6").status_code


@pytest.mark.parametrize(
    ("query", "status"), [("at=5", 404), ("at=x", 400), ("at=-1", 400), ("at=6&at=7", 400)]
)
def test_a_version_that_is_none_is_told(world: World, query: str, status: int) -> None:
    for path in (ROWS, "/doc/force/derbyshire?", "/queries/labels-of-things?"):
        response = world.get(f"{path}&{query}")

        assert status == response.status_code
        assert re.search(r"version|\bat is\b", response.text)


def test_the_address_of_queries_may_end_in_a_slash(world: World) -> None:
    slashed = ROWS.replace("?", "/?")
    body = "ASK {} #" + "x" * 2**20
    long = world.client.post("/sparql/", data=body, content_type="application/sparql-query")

    assert world.get(ROWS).data == world.get(slashed).data
    assert 413 == long.status_code


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/queries/", "/queries"),
        ("/id/force/kent/", "/id/force/kent"),
        ("/id/force/k%C3%A9nt//", "/id/force/k%C3%A9nt"),
        ("/versions/?at=1", "/versions?at=1"),
        ("//evil.example/id/force/", ""),
        ("/nothing/", ""),
        ("/nothing", ""),
    ],
)
def test_a_slash_at_the_end_leads_to_the_thing(world: World, path: str, location: str) -> None:
    answer = world.client.open(
        path, base_url="http://graph.example", headers={"Accept": "text/turtle"}
    )

    assert location == answer.headers.get("Location", "")
    assert (308 if location else 404) == answer.status_code


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "text/html"])
def test_a_function_that_nobody_knows_is_named_with_every_answer(world: World, accept: str) -> None:
    path = "/sparql?query=SELECT%20(%3Curn:%C3%A9%3E(1)%20AS%20%3Fx)%20%7B%7D"
    answers = [world.get(path, Accept=accept) for _ in range(2)]

    told = "<urn:\\xe9> is no function known here: what it gives has no value"
    assert [200, 200] == [answer.status_code for answer in answers]
    assert [told, told] == [answer.headers["Peelgraph-Warning"] for answer in answers]
    if accept == "text/html":
        assert "&lt;urn:é&gt; is no function known here" in answers[0].text


def test_a_body_in_gzip_is_unpacked_within_the_limit(world: World) -> None:
    def ask(body: bytes) -> TestResponse:
        return world.client.post(
            "/sparql",
            data=body,
            content_type="application/sparql-query",
            headers={"Content-Encoding": "gzip"},
        )

    query = b"SELECT (1 AS ?x) {} #" + b"x" * 2000
    whole = gzip.compress(query)
    plain = [whole, gzip.compress(query[:500]) + gzip.compress(query[500:])]
    broken = [whole[:-9], b"plain", whole[:30] + b"x" + whole[31:], whole + b"x"]
    bombs = [gzip.compress(b"#" * 2**24), gzip.compress(b"#" * 2**24, 1) * 20]

    assert [200] * 2 == [ask(body).status_code for body in plain]
    assert [400] * 4 == [ask(body).status_code for body in broken]
    assert [413] * 2 == [ask(body).status_code for body in bombs]


def test_a_body_past_the_limit_is_413(world: World) -> None:
    body = "ASK {} #" + "x" * 2**20
    kind = "application/sparql-query"
    long = world.client.post("/sparql", data=body, content_type=kind)
    unsized = world.client.post(
        "/sparql",
        input_stream=io.BytesIO(body.encode()),
        content_type=kind,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert [413, 413] == [long.status_code, unsized.status_code]


@pytest.mark.parametrize(("others", "status"), [("the same", 429), ("another each", 503)])
def test_bodies_are_held_within_a_bound(settings: Settings, others: str, status: int) -> None:
    answered: list[int] = []
    held: list[int] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        # While this one is answered, another one comes, until one is refused.
        if REFUSAL in environ:
            assert not environ["wsgi.input"].read()
            start(f"{environ[REFUSAL].status} NO", [])
            return [environ[REFUSAL].limit.encode()]
        held.append(len(environ["wsgi.input"].read()))
        address = f"127.0.0.{len(held) if others == 'another each' else 1}"
        told = client.post("/update", data=b"x" * 2**20, environ_base={"REMOTE_ADDR": address})
        answered.append(told.status_code)
        start("200 OK", [])
        return [told.data]

    small = replace(settings, max_body=1, max_bodies=1)
    client = Client(Front(application, small, lambda: 1, Metrics()))
    again = [client.post("/update", data=b"x" * 2**20).data for _ in range(2)]

    assert [b"max_bodies"] * 2 == again
    assert status == answered[0]
    # Both times there is room for as many: what was held is let go.
    assert held[: len(held) // 2] == held[len(held) // 2 :] == [2**20] * (len(held) // 2)


def test_a_long_text_is_refused_before_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str) -> None:
        raise AssertionError("a long text is read")

    monkeypatch.setattr("peelgraph.sparql.query.tokenise", fail)
    text = "ASK {} #" + "a." * 40_000
    kind = "application/sparql-query"
    asked = [
        world.client.get("/sparql", query_string={"query": text}),
        world.client.post("/sparql", data={"query": text}),
        world.client.post("/sparql", data=text, content_type=kind),
        world.client.post("/sparql", data={"query": "%" * 300_000}),
        world.client.post("/sparql", data="\xff" * 300_000, content_type=kind),
    ]

    assert [413] * 5 == [response.status_code for response in asked]
    assert {"max_query"} == {response.json["limit"] for response in asked}


@pytest.mark.parametrize(("more", "tagged"), [("", True), ("# now", False), ("# known", False)])
def test_a_long_text_that_may_change_is_not_kept(world: World, more: str, tagged: bool) -> None:
    text = "ASK {} #" + "a." * 5000 + more
    response = world.client.get("/sparql", query_string={"query": text})

    assert (200, tagged) == (response.status_code, "ETag" in response.headers)


def test_long_answers_are_sent_in_pieces_within_a_bound() -> None:
    outgoing = Outgoing(Settings(max_result=1, max_memory=2, workers=2, max_wait=0.01))
    body = b"x" * 2**20
    pieces = outgoing.send(body, "a")
    with pytest.raises(ServiceBusy):
        outgoing.send(b"y", "b")
    sent = list(pieces)
    pieces.close()
    pieces.close()

    assert body == b"".join(sent)
    assert len(sent) > 1
    assert 0 == outgoing.held


def test_a_client_reads_no_more_long_answers_than_its_share() -> None:
    outgoing = Outgoing(Settings(max_uploads=4, max_wait=0.01))
    reading = [outgoing.send(b"x", "slow") for _ in range(2)]
    with pytest.raises(TooManyRequests):
        outgoing.send(b"x", "slow")
    reading.append(outgoing.send(b"x", "other"))

    assert 3 == outgoing.held


def test_a_long_answer_that_finds_no_place_is_refused_whole(
    settings: Settings,
) -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        refused = environ.get(REFUSAL)
        start("503 BUSY" if refused else "200 OK", [])
        return [b"busy"] if refused else [b"x" * 3 * 2**20]

    narrow = replace(settings, max_result=3, max_memory=2)
    client = Client(Front(application, narrow, lambda: 1, Metrics()))
    reading = client.get("/", buffered=False)
    refused = client.get("/")
    reading.close()

    assert (503, b"busy") == (refused.status_code, refused.data)
    assert 200 == client.get("/").status_code


def test_half_a_body_is_not_taken_for_a_whole_one(world: World) -> None:
    response = world.client.post(
        "/sparql",
        input_stream=io.BytesIO(b"ASK {}"),
        content_type="application/sparql-query",
        environ_overrides={"CONTENT_LENGTH": "30"},
    )

    assert 400 == response.status_code
    assert "6 of 30 bytes" in response.text


@pytest.mark.parametrize(
    ("path", "open_writes", "status"),
    [
        ("/data", False, 411),
        ("/data", True, 411),
        ("/update", True, 411),
        ("/validate", False, 411),
        ("/sparql", False, 200),
    ],
)
def test_what_is_to_be_written_says_how_long_it_is(
    settings: Settings, path: str, open_writes: bool, status: int
) -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        refused = environ.get(REFUSAL)
        start(f"{refused.status if refused else 200} X", [])
        return [b""]

    chosen = replace(settings, open_writes=open_writes)
    client = Client(Front(application, chosen, lambda: 1, Metrics()))
    response = client.post(
        path,
        input_stream=io.BytesIO(b"x"),
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""},
    )

    assert status == response.status_code


def test_too_many_requests_are_told_when_to_come_back(
    application: Flask, settings: Settings
) -> None:
    world = World(application, replace(settings, max_rate=1))
    answers = [world.get("/problems") for _ in range(3)]

    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert "2" == answers[2].headers["Retry-After"]
    assert "max_rate" == json.loads(answers[2].data)["limit"]


def test_a_bucket_is_refilled_and_each_client_has_one() -> None:
    now = [0.0]
    rates = Rates(Settings(max_rate=1), lambda: now[0])
    for client in "aabb":
        rates.count(client)
    with pytest.raises(TooManyRequests):
        rates.count("a")
    now[0] = 1.0
    rates.count("a")
    with pytest.raises(TooManyRequests):
        rates.count("a")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, "6.6.6.6", "1.1.1.1"),
        (1, "6.6.6.6, 2.2.2.2", "2.2.2.2"),
        (2, "6.6.6.6, 2.2.2.2, 3.3.3.3", "2.2.2.2"),
        (2, "6.6.6.6", "1.1.1.1"),
        (1, "", "1.1.1.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::nonsense::", "::nonsense::"),
    ],
)
def test_a_client_is_who_the_outermost_proxy_saw(proxies: int, forwarded: str, client: str) -> None:
    environ = {"REMOTE_ADDR": "1.1.1.1", "HTTP_X_FORWARDED_FOR": forwarded}

    assert client == client_of(environ, proxies)


def test_a_cache_is_bounded_in_bytes() -> None:
    cache = Cache(100_000)
    for number in range(100):
        cache.put(1, (f"{number}",), Kept("200 OK", [], [b"x" * 5_000]))
    cache.put(1, ("large",), Kept("200 OK", [], [b"x" * 50_000]))

    assert 100_000 >= cache.size > 80_000
    assert cache.get(1, ("99",))
    assert not cache.get(1, ("0",))
    assert not cache.get(1, ("large",))


def test_an_answer_that_comes_late_takes_nothing_of_the_next_version() -> None:
    cache, kept = Cache(100_000), Kept("200 OK", [], [b"x"])
    cache.put(1, ("a",), kept)
    assert cache.get(1, ("a",))
    assert not cache.get(2, ("a",))
    cache.put(2, ("a",), kept)
    cache.put(1, ("b",), kept)

    assert cache.get(2, ("a",))
    assert not cache.get(2, ("b",))


def test_counts_of_all_processes_are_added_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    count = (
        "import os; from peelgraph.http.metrics import Metrics; ours = Metrics();"
        "ours.observe('deadline', 0.3); ours.observe('unheard-of', 99.0); ours.workers.set(4);"
        "print(os.getpid())"
    )
    processes = [subprocess.check_output([sys.executable, "-c", count], text=True) for _ in "ab"]
    mark_process_dead(int(processes[0]), str(tmp_path))
    found = read_metrics(Metrics().render([("peelgraph_version", "The version.", 7)]).decode())

    assert 2 == found['peelgraph_evaluations_total{outcome="deadline"}']
    assert 2 == found['peelgraph_evaluations_total{outcome="other"}']
    assert 2 == found['peelgraph_evaluation_seconds_bucket{le="0.5"}']
    assert 4 == found['peelgraph_evaluation_seconds_bucket{le="+Inf"}']
    # What a process counted stays true when it is gone; what it had does not.
    assert 4 == found["peelgraph_workers"]
    assert 7 == found["peelgraph_version"]


def test_metrics_are_served(world: World) -> None:
    response = world.get("/metrics")

    assert response.content_type.startswith("text/plain; version=0.0.4")
    assert read_metrics(response.text)["peelgraph_asserted_triples"] > 0


def test_a_log_holds_no_token_and_no_parameter(
    application: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(application, replace(settings, log="requests"))
    with caplog.at_level(logging.INFO, "peelgraph"):
        response = world.get(f"{ROWS}&access_token=secret", Authorization="Bearer secret")
    facts = caplog.records[0].facts  # type: ignore[attr-defined]

    assert response.headers["Request-Id"] == facts["request"]
    assert {"request", "client", "method", "path", "status", "seconds", "bytes"} == set(facts)
    assert "secret" not in str(facts) + caplog.text
