"""Queries made to bring a service down, and clients that send them from an address of their own."""

import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlencode

PRODUCT = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(5))
WORDS = " ".join(f'"{n:06d}{"x" * 20}"' for n in range(20_000))
SORTED = "?o0 ?o1 ?o2"

# Each kind with the statuses that may end it, once it has had its turn.
LATE, TOO_BIG, BAD = (503, "deadline"), (503, "memory"), (400, "query")
KINDS: dict[str, tuple[str, tuple[tuple[int, str], ...]]] = {
    "product": (f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}", (LATE, TOO_BIG)),
    "sorted product": (f"SELECT * {{ {PRODUCT} }} ORDER BY {SORTED}", (LATE, TOO_BIG)),
    "concatenated product": (
        f"SELECT (GROUP_CONCAT(CONCAT(STR(?s0), STR(?o1), STR(?o2))) AS ?x) {{ {PRODUCT} }}",
        (LATE, TOO_BIG),
    ),
    "long answer": (f"SELECT * {{ {PRODUCT} }}", (LATE, TOO_BIG, BAD)),
    "distinct product": (f"SELECT DISTINCT {SORTED} {{ {PRODUCT} }}", (LATE, TOO_BIG)),
    "path": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<x:a>|^!<x:b>)*/(!<x:a>|^!<x:b>)* ?b . "
        "?b (!<x:c>|^!<x:d>)* ?c . ?c (!<x:c>|^!<x:d>)* ?d }",
        (LATE, TOO_BIG),
    ),
    "regular expression": (
        f'ASK {{ {PRODUCT} FILTER(REGEX(CONCAT(STR(?o0), STR(?o1)), "^(.*a){{20}}.*(b|c|d)*x$")) '
        'FILTER(REGEX(STR(?o2), "((a*)*)*never$")) }',
        (LATE, TOO_BIG, (200, "")),
    ),
    "pattern too large": ('ASK { FILTER(REGEX("a", "(((a{100}){100}){100}){100}")) }',
                          (LATE, TOO_BIG, (200, ""), BAD)),
    "values": (
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {WORDS} }} ?x ?p ?y . ?z ?q ?w . ?u ?r ?v "
        "FILTER(CONTAINS(STR(?y), ?a) && CONTAINS(STR(?w), ?a) && ?v != ?a) }",
        (LATE, TOO_BIG),
    ),
    "nested braces": (f"ASK {{ {'{' * 4000}{'}' * 4000} }}", (BAD,)),
    "nested parentheses": (f"ASK {{ FILTER({'(' * 400}1{')' * 400}) }}", (BAD,)),
    "nested unions": ("ASK { " + "{ ?a ?b ?c } UNION " * 3000 + "{ } FILTER(1 > 2) }", (BAD,)),
    "growing string": (
        "SELECT (STRLEN(?h) AS ?n) { BIND('" + "x" * 1000 + "' AS ?a) "
        + " ".join(
            f"BIND(CONCAT({', '.join([f'?{a}'] * 20)}) AS ?{b})"
            for a, b in zip("abcdefg", "bcdefgh", strict=True)
        )
        + " }",
        (LATE, TOO_BIG),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How one request ended."""

    kind: str
    status: int
    problem: str
    seconds: float


def hostile(count: int) -> Iterator[tuple[str, str]]:
    """`count` hostile queries of every kind in turn, no two the same."""
    for number, (kind, (text, _)) in enumerate(islice(cycle(KINDS.items()), count)):
        yield kind, f"{text} # {number}"


def ask(port: int, source: str, kind: str, text: str, timeout: float | None = None) -> Ended:
    """How the service at a port of this machine ends a query that comes from an address."""
    fields = {"query": text} | ({"timeout": f"{timeout:g}"} if timeout else {})
    began = time.monotonic()
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=120, source_address=(source, 0)
    )
    try:
        connection.request(
            "POST",
            "/sparql",
            urlencode(fields),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    kind_of_problem = ""
    if answer.headers.get_content_type() == "application/problem+json":
        start = body.index(b"/problems/") + len(b"/problems/")
        kind_of_problem = body[start : body.index(b'"', start)].decode()
    return Ended(kind, answer.status, kind_of_problem, time.monotonic() - began)


def attack(port: int, count: int, at_once: int, deadline: float) -> list[Ended]:
    """How each of `count` hostile queries ends, `at_once` of them sent at a time."""
    queries = hostile(count)
    lock = threading.Lock()
    ended: list[Ended] = []

    def send() -> None:
        while True:
            with lock:
                query = next(queries, None)
            if query is None:
                return
            result = ask(port, "127.0.0.1", *query, deadline)
            with lock:
                ended.append(result)

    threads = [threading.Thread(target=send) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended
