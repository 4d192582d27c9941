"""A question taken back over HTTP: its evaluation ends, and only by its own key."""

import json
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest

from tests.waiting import wait_until
from tests.web.scraping import read_metrics

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
KEY = "c0ffee00c0ffee00c0ffee00"


def post(url: str, query: str, key: str) -> tuple[int, dict[str, object]]:
    """What the endpoint answers; the deadline is short, should nothing else end it."""
    body = urlencode({"query": query, "timeout": 10}).encode()
    request = urllib.request.Request(f"{url}/sparql", body, {"Cancel-Key": key})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def take_back(url: str, key: str) -> int:
    request = urllib.request.Request(f"{url}/sparql/running/{key}", method="DELETE")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_question_taken_back_ends_before_its_deadline(served: str) -> None:
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(post, served, ENDLESS, KEY)
        # Until it has arrived there is nothing to take back, which is no fault.
        while not asked.done():
            assert 204 == take_back(served, KEY)
            assert 204 == take_back(served, f"another-{KEY}")
        status, told = asked.result()

    assert (409, f"{served}/problems/cancelled") == (status, told["type"])
    assert 200 == post(served, "ASK {}", KEY)[0]


def ended(url: str) -> int:
    """How many evaluations ended because nobody waited for them."""
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        found = read_metrics(answer.read().decode())
    return int(found['peelgraph_evaluations_total{outcome="cancelled"}'])


@pytest.mark.parametrize("accept", ["text/csv", "text/html"])
@pytest.mark.parametrize("after_s", [0.05, 0.5])
def test_an_evaluation_ends_when_its_client_has_left(
    served: str, accept: str, after_s: float
) -> None:
    before, host = ended(served), urlsplit(served)
    path = f"/sparql?{urlencode({'query': ENDLESS, 'timeout': 20})}"
    with socket.create_connection((host.hostname, host.port)) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\n\r\n".encode())
        client.settimeout(after_s)
        with pytest.raises(TimeoutError):
            client.recv(1)
    wait_until(lambda: ended(served) > before, 10)

    assert 200 == post(served, "ASK {}", KEY)[0]


def test_a_key_that_could_be_guessed_is_refused(served: str) -> None:
    assert 400 == post(served, "ASK { ?s ?p 1 }", "1")[0]
    assert 400 == take_back(served, "1")
