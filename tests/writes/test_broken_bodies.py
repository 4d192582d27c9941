"""A body that breaks off changes nothing, whatever frames it and wherever it goes."""

import socket
import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from peelgraph.repository import Home
from tests.services import serving
from tests.writes.writes_world import GWENT

pytestmark = pytest.mark.embedded

LINES = b"".join(b'<urn:s:%d> <urn:p> "%d" .\n' % (number, number) for number in range(10))
CUT = LINES[: LINES.index(b"<urn:s:4>")]
EMPTYING = b"DELETE WHERE { GRAPH <urn:g:kept> { ?s ?p ?o } } ;\n"
REQUESTS = {
    "put": (b"PUT /data?graph=urn:g:kept", b"application/n-triples", CUT),
    "post": (b"POST /data?graph=urn:g:kept", b"application/n-triples", CUT),
    "patch": (b"PATCH /data?graph=urn:g:kept", b"application/sparql-update", EMPTYING),
    "update": (b"POST /update", b"application/sparql-update", EMPTYING),
    "form": (b"POST /update", b"application/x-www-form-urlencoded", b"update=" + EMPTYING),
    "validate": (b"POST /validate", b"application/n-triples", CUT),
}


@pytest.fixture(scope="module")
def served_home(shared_home: Home) -> Iterator[tuple[Home, int]]:
    """A home, and the port of a service that lets anybody write to it."""
    with serving(shared_home.path, shared_home.path, "--open-writes", "--gate", "off") as url:
        port = urlsplit(url).port
        assert port is not None
        whole = request("put", "length")[0] % (len(LINES), LINES)
        assert b" 201 " in send(port, whole, "whole")
        yield shared_home, port


def request(kind: str, framing: str) -> tuple[bytes, bytes]:
    """The head of a request that promises more than it sends, and what it sends."""
    line, media_type, body = REQUESTS[kind]
    head = line + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + media_type + b"\r\n"
    if framing == "length":
        return head + b"Content-Length: %d\r\n\r\n%s", body
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    promised = len(body) + (20 if framing == "within a chunk" else 0)
    return head, b"%x\r\n%s" % (promised, body) + (b"\r\n" if framing == "chunks" else b"")


def send(port: int, content: bytes, ending: str) -> bytes:
    """The first line of the answer to a client that stops sending; b"" after a reset."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(content)
        if ending == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return b""
        if ending == "half":
            client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").readline()


@pytest.mark.parametrize("ending", ["half", "reset"])
@pytest.mark.parametrize("framing", ["chunks", "within a chunk", "length"])
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_body_that_breaks_off_changes_nothing(
    served_home: tuple[Home, int], kind: str, framing: str, ending: str
) -> None:
    home, port = served_home
    before = home.current()
    head, body = request(kind, framing)
    content = head % (len(body) + 20, body) if framing == "length" else head + body
    answer = send(port, content, ending)

    assert not answer or answer.split()[1] in (b"400", b"411")
    assert before == home.current()
    assert 10 == before.graphs["urn:g:kept"].triples


@pytest.mark.parametrize("protocol", [b"HTTP/1.0", b"HTTP/1.1"])
def test_a_body_without_a_length_is_no_empty_one(
    served_home: tuple[Home, int], protocol: bytes
) -> None:
    """Neither length nor chunks: HTTP reads no body, and PUT of none would empty the graph."""
    home, port = served_home
    before = home.current()
    line, media_type, body = REQUESTS["put"]
    head = b"%s %s\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n" % (line, protocol, media_type)
    refused = send(port, head + b"\r\n" + body, "half")

    assert b" 411 " in refused
    assert before == home.current()


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_length_beside_chunks_does_not_count(served_home: tuple[Home, int], order: slice) -> None:
    home, port = served_home
    before = home.current()
    line, media_type, body = REQUESTS["put"]
    framing = [b"Content-Length: %d\r\n" % len(body), b"Transfer-Encoding: chunked\r\n"][order]
    head = b"%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n" % (line, media_type)
    chunk = b"%x\r\n%s\r\n" % (len(body), body)

    assert b" 411 " in send(port, head + b"".join(framing) + b"\r\n" + chunk, "half")
    assert before == home.current()


def test_a_form_of_files_in_chunks_is_refused(served_home: tuple[Home, int]) -> None:
    """Whole to its last boundary, and yet not to the end of its chunks."""
    home, port = served_home
    before = home.current()
    head = (
        b"POST /data?graph=urn:g:kept HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    part = b'Content-Disposition: form-data; name="f"; filename="a.nt"\r\n\r\n<urn:n> <urn:n> 1 .'
    form = b"--b\r\n%s\r\n--b--\r\n" % part

    assert b" 411 " in send(port, head + b"%x\r\n%s\r\n" % (len(form), form), "half")
    assert before == home.current()


def test_a_body_that_is_whole_is_still_written(served_home: tuple[Home, int]) -> None:
    """The last test of the module: what was broken off before is not written later, either."""
    home, port = served_home
    number = home.current().number
    head, _ = request("post", "length")
    added = b"<urn:s:more> <urn:p> <urn:o> .\n"

    assert b" 200 " in send(port, head % (len(added), added), "whole")
    assert number + 1 == home.current().number
    assert 11 == home.current().graphs["urn:g:kept"].triples
    assert GWENT in home.current().graphs
