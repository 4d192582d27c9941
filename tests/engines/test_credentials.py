"""What an engine asks for before it answers: nginx before one, with a password or a token."""

import shutil
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import pytest

from peelgraph.errors import EngineUnavailable
from peelgraph.remote import RemoteStore, read_engine
from peelgraph.sparql import Query, QueryRequest
from tests.engines.servers import Server, free_port, install, running

pytestmark = [pytest.mark.writing, pytest.mark.installing]

TOKEN = "0123456789abcdef0123456789abcdef"
GUARDS = {
    "basic": 'auth_basic "engine"; auth_basic_user_file {folder}/passwords;',
    "bearer": f'if ($http_authorization != "Bearer {TOKEN}") {{{{ return 401; }}}}',
}
RIGHT = {"basic": 'user = "steward"\npassword = "gair ŵ"\n', "bearer": f'token = "{TOKEN}"\n'}
WRONG = {"basic": 'user = "steward"\npassword = "guess"\n', "bearer": 'token = "guess"\n'}
TRIPLE = b"<urn:a> <urn:b> <urn:c> .\n"


@pytest.fixture(scope="module")
def guarded(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of nginx before the engine, by what each asks for."""
    install("nginx", "nginx-light")
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "passwords").write_text("steward:{PLAIN}gair ŵ\n", encoding="utf-8")
    ports = {way: free_port() for way in GUARDS}
    origin = "/".join(server.query.split("/")[:3])
    servers = "\n".join(
        f"server {{ listen 127.0.0.1:{port}; location = /up {{ return 200; }}\n"
        f"location / {{ {GUARDS[way].format(folder=folder)} proxy_pass {origin}; }} }}"
        for way, port in ports.items()
    )
    scratch = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user {getuser()};\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{scratch}{servers}\n}}\n"
    )
    command = [shutil.which("nginx") or "nginx", "-c", str(folder / "nginx.conf")]
    urls = {way: f"http://127.0.0.1:{port}" for way, port in ports.items()}
    with running([*command, "-g", "daemon off;"], folder, f"{urls['basic']}/up"):
        yield urls


def store_at(server: Server, url: str, secrets: str, folder: Path) -> RemoteStore:
    """The engine behind nginx, by a file of options."""
    origin = "/".join(server.query.split("/")[:3])
    update, graphs = (each.replace(origin, url) for each in (server.update, server.graphs))
    options = folder / "options.toml"
    options.write_text(f'update = "{update}"\ngraphs = "{graphs}"\n{secrets}', encoding="utf-8")
    return RemoteStore(read_engine(server.query.replace(origin, url), options), 30)


@pytest.mark.parametrize("way", GUARDS)
def test_an_engine_is_read_and_written_with_what_it_asks_for(
    server: Server, guarded: dict[str, str], tmp_path: Path, way: str
) -> None:
    store = store_at(server, guarded[way], RIGHT[way], tmp_path)
    store.update("DROP ALL")
    store.insert(TRIPLE, "urn:g")
    held = store.read("urn:g")
    store.remove(TRIPLE, "urn:g")

    assert held == TRIPLE
    assert store.size("urn:g") == 0
    assert b"true" in store.query(QueryRequest(Query("ASK {}"))).body


@pytest.mark.parametrize("way", GUARDS)
@pytest.mark.parametrize("secrets", [WRONG, {"basic": "", "bearer": ""}], ids=["wrong", "none"])
def test_without_it_the_refusal_says_so_and_tells_no_secret(
    server: Server, guarded: dict[str, str], tmp_path: Path, way: str, secrets: dict[str, str]
) -> None:
    store = store_at(server, guarded[way], secrets[way], tmp_path)
    for call in (
        lambda: store.query(QueryRequest(Query("ASK {}"))),
        lambda: store.update("CLEAR ALL"),
        lambda: store.insert(TRIPLE, "urn:g"),
    ):
        with pytest.raises(EngineUnavailable, match="401") as refused:
            call()
        assert "guess" not in f"{refused.value} {refused.value.hint}"
        assert refused.value.hint
