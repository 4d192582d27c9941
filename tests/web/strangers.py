"""What strangers send to stop a service: requests as bytes, and clients that keep on sending them.

    python -m tests.web.strangers PORT SECONDS ADDRESSES

All kinds at once, from so many addresses; prints a line of JSON for each request: its kind, the
status that ended it, the kind of problem and the seconds from its last byte to its answer.
"""

import contextlib
import json
import re
import socket
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from itertools import count, cycle

from tests.web.hostile import KINDS

MIB = 2**20
_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
# A shape whose query joins everything with everything: only its deadline ends it.
SLOW_SHAPES = '''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:x#> .
:Slow a sh:NodeShape ; sh:targetNode :it ; sh:sparql [ sh:message "slow" ; sh:select
"""SELECT $this { $this ?a ?b . ?c ?d ?e . ?f ?g ?h . ?i ?j ?k
  FILTER(STR(?e) = CONCAT(STR(?h), STR(?k), 'x')) }""" ] .
'''


def request(
    path: str, *headers: str, method: str = "GET", body: bytes = b"", kind: str = ""
) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers]
    if kind:
        lines += [f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def query(text: str) -> bytes:
    """A query in a body."""
    return request("/sparql?timeout=2", method="POST", body=text.encode(), kind=_QUERY)


def validation(syntax: str, body: bytes) -> bytes:
    """A document to validate."""
    return request("/validate?context=none", method="POST", body=body, kind=syntax)


def form(path: str, **fields: str) -> bytes:
    """A form."""
    body = urllib.parse.urlencode(fields).encode()
    return request(path, method="POST", body=body, kind=_FORM)


def reconciliation(properties: int, queries: int) -> bytes:
    """A batch to reconcile."""
    wanted = {"properties": [{"pid": "label", "v": "e"}, {"pid": "covers", "v": "e"}] * properties}
    batch = {f"q{n}": {"query": f"police {n}", **wanted} for n in range(queries)}
    return form("/reconcile", queries=json.dumps(batch))


_ONE_LITERAL = b'<urn:a> <urn:b> """' + b"x" * (15 * MIB) + b'""" .'
_OPEN_QUOTE = b'force,question\n"' + b"x" * (15 * MIB)
_DEEP_XML = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="urn:x#">'
    + b"<x:a><x:b>" * 100_000
)
_TEXTS = cycle(KINDS.values())

# Each kind: how many clients send it at a time, and what the next request is.
ATTACKS: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "hostile queries": (8, lambda n: query(f"{next(_TEXTS)[0]} # {n}")),
    "long to read, GET": (
        8,
        lambda n: request(
            f"/sparql?timeout=2&query={urllib.parse.quote(f'SELECT * {{}}#{n} NOW')}%0A"
            + "a." * 29_000
        ),
    ),
    "long to read, POST": (4, lambda n: query(f"SELECT * {{}}#{n} NOW\n" + "a." * 131_072)),
    "long strings": (2, lambda n: query(f"SELECT * {{ ?s ?p now() #{n}\n" + "\\'''" * 125_000)),
    "10 MiB": (4, lambda n: query(f"ASK {{}} #{n} " + "a." * (5 * MIB))),
    "flat": (2, lambda n: query(f"ASK {{ FILTER({'!' * 20_000}{n}) }}")),
    "one long literal": (2, lambda _: validation("text/turtle", _ONE_LITERAL)),
    "an open quotation mark": (2, lambda _: validation("text/csv", _OPEN_QUOTE)),
    "deep XML": (1, lambda _: validation("application/rdf+xml", _DEEP_XML)),
    "a million digits": (1, lambda _: validation("application/ld+json", b"[" + b"9" * MIB + b"]")),
    "slow shapes": (4, lambda _: _slow_shapes()),
    "reconciliation": (2, lambda _: reconciliation(5, 200)),
    "many properties": (1, lambda _: reconciliation(2500, 1)),
    "nines": (1, lambda _: request(f"/versions?before={'9' * 5000}")),
    "no token": (1, lambda n: form("/update", update=f"INSERT DATA {{ <urn:{n}> <urn:p> 1 }}")),
}


def _slow_shapes() -> bytes:
    parts = [
        ("file", "data.ttl", "<urn:x#it> <urn:x#p> 1 ."),
        ("shapes", "shapes.ttl", SLOW_SHAPES),
    ]
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n{text}\r\n'
        for name, file, text in parts
    )
    return request(
        "/validate",
        method="POST",
        body=f"{body}--x--\r\n".encode(),
        kind="multipart/form-data; boundary=x",
    )


def send(port: int, content: bytes, source: str, timeout: float = 60) -> tuple[bytes, float]:
    """All that comes back for the bytes of a request, and the seconds since its last byte."""
    with socket.create_connection(
        ("127.0.0.1", port), timeout=timeout, source_address=(source, 0)
    ) as connection:
        # An answer may come, and the connection close, before all is sent.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(content)
        began = time.monotonic()
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
        return answer, time.monotonic() - began


def keep_sending(port: int, kind: str, source: str, end: float) -> Iterator[dict[str, object]]:
    """How each request of one kind ends, until `end`."""
    _, make = ATTACKS[kind]
    for number in count():
        if time.monotonic() > end:
            return
        try:
            answer, seconds = send(port, make(number), source)
        except (TimeoutError, ConnectionError) as error:
            answer, seconds = type(error).__name__.encode(), 60.0
        found = re.match(rb"HTTP/1\.1 (\d+)", answer)
        problem = re.search(rb"/problems/([a-z-]+)", answer)
        yield {
            "kind": kind,
            "status": int(found[1]) if found else 0,
            "problem": problem[1].decode() if problem else "",
            "seconds": seconds,
        }


def hold_connections(port: int, source: str, end: float) -> None:
    """Keep a hundred connections open that say nothing, and fifty that send a byte a second."""
    held: list[socket.socket] = []
    for number in range(150):
        with contextlib.suppress(OSError):
            one = socket.create_connection(("127.0.0.1", port), 5, (source, 0))
            held.append(one)
            if number % 3 == 0:
                one.sendall(request("/sparql", "Content-Length: 100000", method="POST")[:-4])
    while time.monotonic() < end:
        for one in held[::3]:
            with contextlib.suppress(OSError):
                one.sendall(b"a")
        time.sleep(1)
    for one in held:
        one.close()


def main(port: int, seconds: float, addresses: int) -> None:
    """Send all kinds at once."""
    end = time.monotonic() + seconds
    lock = threading.Lock()

    def work(kind: str, source: str) -> None:
        for ended in keep_sending(port, kind, source, end):
            with lock:
                print(json.dumps(ended), flush=True)

    threads = [threading.Thread(target=hold_connections, args=(port, "127.0.0.10", end))]
    for number, (kind, (clients, _)) in enumerate(ATTACKS.items()):
        source = f"127.0.0.{10 + number % addresses}"
        threads += [threading.Thread(target=work, args=(kind, source)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
