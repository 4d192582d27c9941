"""Who may write, and that a refusal says how without saying too much."""

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from peelgraph.cli import run
from peelgraph.errors import AccessRefused, SettingError
from peelgraph.http.access import Access, is_loopback, read_tokens
from peelgraph.repository import Home
from peelgraph.settings import Settings
from tests.writes.writes_web import BEARER, TOKEN, URL

GRAPH = "/data?graph=urn:g:access"
TURTLE = {"Content-Type": "text/turtle"}


def test_writing_is_off_without_tokens(shared_web: FlaskClient) -> None:
    answer = shared_web.put(GRAPH, headers={**TURTLE, **BEARER}, data="")

    assert (403, "application/problem+json") == (answer.status_code, answer.mimetype)
    assert "--token-file" in answer.get_json()["hint"]


@pytest.mark.parametrize("path", ["/update", GRAPH])
def test_a_missing_or_wrong_token_is_told(client: FlaskClient, path: str) -> None:
    missing = client.post(path)
    wrong = client.post(path, headers={"Authorization": f"Bearer {TOKEN}x"})
    other = client.post(path, headers={"Authorization": "Basic c3Rld2FyZDp4"})

    assert [401, 401, 401] == [answer.status_code for answer in (missing, wrong, other)]
    ways = ['Bearer realm="peelgraph"', 'Basic realm="peelgraph", charset="UTF-8"']
    assert ways == missing.headers.getlist("WWW-Authenticate")
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    assert TOKEN not in wrong.get_data(as_text=True)


@pytest.mark.parametrize(
    ("password", "status"),
    [(TOKEN, 200), (f" {TOKEN} ", 200), (f"{TOKEN}x", 401), ("", 401)],
)
def test_a_token_is_the_password_of_any_user(
    client: FlaskClient, password: str, status: int
) -> None:
    fields = {"update": "DELETE WHERE { GRAPH <urn:none> { ?s ?p ?o } }"}
    asked = [
        client.post("/sparql", data=fields, auth=(user, password))
        for user in ("steward", "anybody", "")
    ]

    assert [status] * 3 == [answer.status_code for answer in asked]


@pytest.mark.parametrize(
    ("url", "host", "origin", "is_read"),
    [
        ("https://graph.example", "graph.example", "", True),
        ("https://graph.example", "graph.example", "https://graph.example", True),
        ("https://graph.example", "graph.example", "https://evil.example", False),
        ("https://graph.example", "graph.example", "null", False),
        ("http://graph.example", "graph.example", "", False),
        ("http://graph.example", "127.0.0.1:8000", "", True),
        ("", "localhost:8000", "http://localhost:8000", True),
        ("", "localhost:8000", "http://localhost:3000", False),
    ],
)
def test_a_password_is_read_in_private_and_from_no_other_site(
    shared_home: Home, tokens: Path, url: str, host: str, origin: str, *, is_read: bool
) -> None:
    settings = Settings(home=shared_home.path, token_file=tokens, public_url=url)
    app = Flask("access")
    headers = {"Host": host, **({"Origin": origin} if origin else {})}
    with app.test_request_context("/", headers=headers, auth=("me", TOKEN)):
        try:
            found = Access(settings).check()
        except AccessRefused:
            found = ""

    assert ("steward" if is_read else "") == found


def test_a_token_taken_back_is_refused_at_once(client: FlaskClient, tokens: Path) -> None:
    before = tokens.read_text()
    tokens.write_text("other:ffffffffffffffffffffffffffffffff\n")
    try:
        answer = client.delete("/data?graph=urn:g:none", headers=BEARER)
    finally:
        tokens.write_text(before)

    assert 401 == answer.status_code
    assert 404 == client.delete("/data?graph=urn:g:none", headers=BEARER).status_code


def test_tokens_may_be_kept_as_hashes(tmp_path: Path) -> None:
    digest = hashlib.sha256(TOKEN.encode())
    (tmp_path / "tokens").write_text(f"\n# a\none:{TOKEN}\ntwo: sha256:{digest.hexdigest()}\n")

    assert {"one": digest.digest(), "two": digest.digest()} == read_tokens(tmp_path / "tokens")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# none\n",
        "steward\n",
        "a b:0123456789abcdef\n",
        "a:short\n",
        "a:\n",
        f"a:{TOKEN}\na:{TOKEN}\n",
        f"a:{TOKEN[:-1]}é\n",
    ],
)
def test_a_broken_token_file_is_named_and_not_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match="tokens") as caught:
        read_tokens(path)

    assert TOKEN[:-1] not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8000", "", 201),
        ("localhost:8000", "http://localhost:8000", 201),
        ("[::1]:8000", "", 201),
        ("evil.example", "", 403),
        ("127.0.0.1:8000", "https://evil.example", 403),
        ("127.0.0.1:8000", "null", 403),
    ],
)
def test_open_writes_are_for_this_machine(
    plain: FlaskClient, host: str, origin: str, status: int
) -> None:
    headers = {"Host": host, **({"Origin": origin} if origin else {}), **TURTLE}

    assert (
        status == plain.put(GRAPH + re.sub(r"\W", "-", host), headers=headers, data="").status_code
    )


def test_loopback_is_told_from_the_rest() -> None:
    near = ("127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST.")
    far = ("0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example", "")

    assert [True] * len(near) == [is_loopback(host) for host in near]
    assert [False] * len(far) == [is_loopback(host) for host in far]
    assert URL != Settings().url


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--open-writes", "--host", "0.0.0.0"], "lets anybody write who reaches 0.0.0.0"),
        (["--token-file", "short"], "too short to be secret"),
    ],
)
def test_serve_does_not_start_open_to_strangers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    options: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short").write_text("one:secret\n")

    assert 2 == run(["serve", "--empty", "--port", "0", *options])
    assert told in capfd.readouterr().err


@pytest.mark.parametrize(("mode", "is_told"), [(0o644, True), (0o640, False), (0o600, False)])
def test_tokens_that_everybody_can_read_are_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    mode: int,
    is_told: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    tokens = tmp_path / "tokens"
    tokens.write_text("one:0123456789abcdef0123\n")
    tokens.chmod(mode)
    # A port that is no port of this machine's ends it after the tokens were read.
    code = run(["serve", "--empty", "--host", "192.0.2.1", "--token-file", "tokens"])

    assert 2 == code
    assert is_told == ("chmod o-r tokens" in capfd.readouterr().err)


def test_the_description_names_the_update_service_where_one_may_write(
    client: FlaskClient, shared_web: FlaskClient
) -> None:
    def languages(web: FlaskClient) -> set[str]:
        answer = web.get("/sparql", headers={"Accept": "application/n-triples"})
        return set(re.findall(r"SPARQL11\w+", answer.get_data(as_text=True)))

    assert {"SPARQL11Query", "SPARQL11Update"} == languages(client)
    assert {"SPARQL11Query"} == languages(shared_web)
