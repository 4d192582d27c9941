"""Each case of tests/protocol/*.toml: one request, and what its response must show."""

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

FOLDER = Path(__file__).parents[1] / "protocol"
FORM = "application/x-www-form-urlencoded"
KNOWN = {
    *("name", "method", "path", "params", "raw", "form", "data", "latin", "repeat", "nested"),
    *("content_type", "accept", "accepts", "send", "status", "type", "headers", "body", "lacks"),
}

Case = dict[str, Any]


def cases() -> list[Case]:
    files = sorted(FOLDER.glob("*.toml"))
    assert files, "a check over nothing proves nothing"
    return [case for file in files for case in tomllib.loads(file.read_text())["case"]]


def send(client: FlaskClient, case: Case, method: str) -> TestResponse:
    params = [tuple(pair) for pair in case.get("params", [])]
    data: bytes | None = case["data"].encode() if "data" in case else None
    if "latin" in case:
        data = case["latin"].encode("latin-1")
    if "repeat" in case:
        start, times, *what = case["repeat"]
        data = (start + (what[0] if what else " ") * times).encode()
    if "nested" in case:
        opening, closing, times = case["nested"]
        params.append(("query", f"ASK {{ {opening * times}{closing * times} }}"))
    if "form" in case:
        data = urlencode([tuple(pair) for pair in case["form"]]).encode()
    headers = Headers(case.get("send", {}))
    for accept in [case["accept"]] if "accept" in case else case.get("accepts", []):
        headers.add("Accept", accept)
    return client.open(
        case.get("path", "/sparql"),
        method=method,
        query_string=case.get("raw", urlencode(params)),
        data=data,
        content_type=case.get("content_type", FORM if "form" in case else None),
        headers=headers,
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_response_shows_what_the_case_says(client: FlaskClient, case: Case) -> None:
    assert set(case) <= KNOWN
    response = send(client, case, case.get("method", "GET"))

    assert case.get("status", 200) == response.status_code, response.text
    assert case.get("type", response.content_type) == response.content_type
    for name, value in case.get("headers", {}).items():
        assert value == ", ".join(sorted(response.headers[name].split(", ")))
    for part in case.get("body", []):
        assert part in response.text
    for part in case.get("lacks", []):
        assert part not in response.text


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_every_response_carries_cors_and_security(client: FlaskClient, case: Case) -> None:
    headers = send(client, case, case.get("method", "GET")).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Peelgraph-Version"] == "7"


@pytest.mark.parametrize(
    "case", [case for case in cases() if "method" not in case], ids=lambda case: case["name"]
)
def test_head_carries_the_headers_of_get_and_no_body(client: FlaskClient, case: Case) -> None:
    get, head = send(client, case, "GET"), send(client, case, "HEAD")

    assert head.data == b""
    # The length of a problem, with an instance of its own, is the same; nothing else differs.
    assert dict(get.headers) == dict(head.headers)
