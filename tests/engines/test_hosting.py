"""A version that a remote engine holds: moved there and back, written, served by many."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from rdflib import DCAT, VOID, Graph, URIRef

from peelgraph import terms
from peelgraph.cli import run
from peelgraph.errors import DeadlinePassed, EngineUnavailable, NothingPublished, SettingError
from peelgraph.remote import RemoteStore, read_engine
from peelgraph.repository import Home, Version
from peelgraph.repository.changes import Document, Gates, Order, Put
from peelgraph.repository.rebuild import rebuild
from peelgraph.repository.remote import RemoteRepository
from peelgraph.repository.remote_stage import RemoteStage
from peelgraph.repository.transaction import write
from peelgraph.repository.transfer import migrate_version
from peelgraph.repository.void_dcat import DATASET
from peelgraph.sparql import Query, QueryRequest
from tests.engines.servers import Server, free_port, install, running
from tests.services import serving
from tests.waiting import wait_until
from tests.writes.writes_world import insert, judged_world, put, turtle
from tests.xsd import triples

ROOT = Path(__file__).parents[2]
TOKEN = "0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.writing


@pytest.fixture
def hosted(server: Server, options: Path) -> RemoteRepository:
    """An engine that holds nothing."""
    store = RemoteStore(read_engine(server.query, options), 300)
    store.update("DROP ALL")
    return RemoteRepository(store)


@pytest.fixture
def moved(hosted: RemoteRepository, tmp_path: Path) -> RemoteRepository:
    """An engine that holds the tests' world, with a Welsh name and a percent-encoded IRI."""
    rebuild(Home(tmp_path / "home"), *judged_world())
    home = Home(tmp_path / "home")
    migrate_version(home, hosted)
    return hosted


def ask(hosted: RemoteRepository, pattern: str) -> bool:
    question = QueryRequest(Query(f"PREFIX : <urn:t#> ASK {{ {pattern} }}"))
    return b"true" in hosted.seen().query(question).body


def test_a_version_moves_there_and_back(moved: RemoteRepository, tmp_path: Path) -> None:
    write(moved, Order(put('<urn:a%20b> a :Force ; :name "Heddlu Caint"@cy .')))
    there = moved.current()
    back = migrate_version(moved, Home(tmp_path / "other"))

    assert (2, 1) == (there.number, back.number)
    assert there.digest == back.digest
    assert (there.triples, there.inferred) == (back.triples, back.inferred)
    assert there.graphs.keys() == back.graphs.keys()
    assert ask(moved, '<urn:a%20b> :name "Heddlu Caint"@cy ; a :Body')
    assert b'"Heddlu Caint"@cy' in b"".join(map(moved.seen().read, there.graphs))


def test_the_project_moves_there_and_back(
    hosted: RemoteRepository, project_home: Home, tmp_path: Path
) -> None:
    version = project_home.current()
    there = migrate_version(project_home, hosted)
    back = migrate_version(hosted, Home(tmp_path / "other"))

    assert {version.digest} == {there.digest, back.digest}
    assert {(version.triples, version.inferred)} == {
        (each.triples, each.inferred) for each in (there, back)
    }


def test_every_datatype_moves_there_and_back(moved: RemoteRepository, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    put_all = Put("urn:g:xsd", (Document(triples().encode(), "ttl", "xsd.ttl"),))
    order = Order(put_all, gates=Gates("off"))
    write(home, order)
    version = home.current()
    there = migrate_version(home, moved)
    back = migrate_version(moved, Home(tmp_path / "other"))
    again = write(moved, order)

    assert {version.digest} == {there.digest, back.digest}
    assert not again.changed


def test_a_record_of_an_older_release_moves_and_takes_a_build(
    moved: RemoteRepository, tmp_path: Path
) -> None:
    version, record = Home(tmp_path / "home").current(), moved.record()
    graphs = {
        name: replace(graph, digest=64 * "0") for name, graph in record.version.graphs.items()
    }
    older = replace(record.version, graphs=graphs, digest=64 * "f", digests_by_value=False)
    moved.store.update(moved.write_record(replace(record, version=older)))

    assert version.digest == migrate_version(moved, Home(tmp_path / "other")).digest
    assert version.digest == rebuild(moved, *judged_world()).digest


def test_what_an_engine_alters_is_not_published(
    hosted: RemoteRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild(Home(tmp_path / "home"), *judged_world())
    read = RemoteStore.read
    monkeypatch.setattr(
        RemoteStore, "read", lambda self, graph: read(self, graph).replace(b"Gwent", b"gwent")
    )
    with pytest.raises(SettingError, match="not the same ones"):
        migrate_version(Home(tmp_path / "home"), hosted)

    assert hosted.find() is None
    assert [terms.PUBLISHED] >= [*hosted.store.graphs()]


def test_each_command_works_on_an_engine(
    moved: RemoteRepository,
    server: Server,
    options: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = ["--store", server.query, "--store-options", str(options)]
    kent = tmp_path / "kent.ttl"
    kent.write_bytes(turtle(":kent a :Force .").content)
    faulty = tmp_path / "faulty.ttl"
    faulty.write_bytes(turtle(":kent a :Force ; :name 'a' , 'b' .").content)
    query = tmp_path / "bodies.rq"
    query.write_text("SELECT ?s { ?s a <urn:t#Body> } ORDER BY ?s")
    triple = ["<urn:t#kent>", "rdf:type", "<urn:t#Body>"]

    assert 1 == run(["load", str(faulty), "--graph", "urn:g:kent", *store])
    assert "A force has one name" in capsys.readouterr().err
    assert 0 == run(["load", str(kent), "--graph", "urn:g:kent", *store])
    assert 0 == run(["query", str(query), "--format", "csv", *store])
    assert "urn:t#gwent\r\nurn:t#kent\r\n" in capsys.readouterr().out
    assert 0 == run(["explain", *triple, *store])
    assert "is inferred" in capsys.readouterr().out
    assert 0 == run(["dump", *store])
    assert "<urn:t#kent>" in capsys.readouterr().out
    assert 0 == run(["withdraw", "urn:g:kent", *store])
    assert 0 == run(["query", str(query), "--inference", "off", *store])
    assert 0 == run(["versions", *store])
    told = capsys.readouterr().out
    assert "No rows" in told or "urn:t#kent" not in told
    assert 2 == run(["query", str(query), "--at", "1", *store])
    assert "version 1 is not kept" in capsys.readouterr().err


def test_the_writer_after_a_dead_one_takes_over_and_sweeps(
    moved: RemoteRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = f"{terms.STAGING}dead/0"
    moved.store.insert(b"<urn:a> <urn:b> <urn:c> .\n", left)
    held = '"dead 2020-01-01T00:00:00+00:00 elsewhere:1"'
    graph = f"<{terms.PUBLISHED}>"
    moved.store.update(
        f"INSERT DATA {{ GRAPH {graph} {{ {graph} <{terms.PUBLISHED}#lock> {held} }} }}"
    )
    written = write(moved, Order(insert(":kent a :Force")))

    assert 2 == written.number
    assert not [name for name in moved.store.graphs() if name.startswith(terms.STAGING)]
    assert ask(moved, ":kent a :Body")


def test_a_turn_that_was_lost_publishes_nothing(
    moved: RemoteRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = RemoteStage.commit

    def late(stage: RemoteStage, *given: Any) -> Version:
        moved.store.update(f"CLEAR GRAPH <{terms.PUBLISHED}>")
        return commit(stage, *given)

    monkeypatch.setattr(RemoteStage, "commit", late)
    with pytest.raises(EngineUnavailable, match="another writer took over"):
        write(moved, Order(insert(":kent a :Force")))

    assert not [name for name in moved.store.graphs() if name.startswith(terms.STAGING)]


def test_an_engine_without_a_version_says_what_to_do(hosted: RemoteRepository) -> None:
    with pytest.raises(NothingPublished, match="peelgraph build --store"):
        hosted.current()


def test_a_slow_answer_is_given_up(hosted: RemoteRepository) -> None:
    # Seconds of an engine, which may go on once we have left.
    pairs = " ".join(f"(<urn:{at}>)" for at in range(300))
    slow = f"SELECT (COUNT(*) AS ?n) {{ VALUES (?a) {{ {pairs} }} VALUES (?b) {{ {pairs} }} "
    slow += f"VALUES (?c) {{ {pairs} }} }}"
    with pytest.raises(DeadlinePassed):
        hosted.store.query(QueryRequest(Query(slow)), timeout=0.2)


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_service_over_an_engine_tells_of_itself(
    moved: RemoteRepository, server: Server, options: Path, tmp_path: Path
) -> None:
    here, dataset = ("--store", server.query, "--store-options", str(options)), URIRef(DATASET)
    with serving(tmp_path / "none", tmp_path, *here) as url:
        told = Graph().parse(f"{url}/.well-known/void", format="turtle")
        service = Graph().parse(f"{url}/sparql", format="turtle")
        dump = str(told.value(dataset, VOID.dataDump))
        status, quads = get(dump)

    version, sizes = moved.current(), told.objects(dataset, VOID.triples)
    assert [version.triples + version.inferred] == [int(size) for size in sizes]
    assert list(told.objects(dataset, VOID.classPartition))
    assert URIRef(dump) == told.value(dataset, DCAT.distribution)
    assert URIRef(f"{url}/sparql") in set(told.objects(None, DCAT.endpointURL))
    assert (200, True) == (status, dump.startswith(url))
    assert all(f"<{graph}> .\n" in quads for graph in version.graphs)
    named = set(service.objects(None, URIRef(f"{terms.VOCABULARIES['sd']}name")))
    assert {URIRef(graph) for graph in version.graphs} <= named


@contextmanager
def fronts(server: Server, options: Path, folder: Path, number: int) -> Iterator[list[str]]:
    """So many services that keep nothing, over one engine."""
    tokens = folder / "tokens"
    tokens.write_text(f"steward:{TOKEN}\n")
    with ExitStack() as stack:
        urls = []
        for at in range(number):
            port = free_port()
            home = folder / f"front-{at}"
            home.mkdir()
            command = [sys.executable, "-m", "peelgraph", "serve", "--port", str(port)]
            command += ["--workers", "1", "--home", str(home / "none"), "--trusted-proxy", "1"]
            command += ["--store", server.query, "--store-options", str(options)]
            command += ["--token-file", str(tokens), "--public-url", "https://graph.example"]
            url = f"http://127.0.0.1:{port}"
            stack.enter_context(running(command, home, f"{url}/health/ready"))
            urls.append(url)
        yield urls


@pytest.mark.installing
def test_fronts_behind_nginx_serve_one_engine(
    moved: RemoteRepository, server: Server, options: Path, tmp_path: Path
) -> None:
    install("nginx", "nginx-light")
    with fronts(server, options, tmp_path, 2) as urls:
        port = free_port()
        config = nginx(tmp_path, port, urls)
        subprocess.run(["nginx", "-t", "-q", "-c", str(config)], check=True, capture_output=True)
        command = [shutil.which("nginx") or "nginx", "-c", str(config), "-g", "daemon off;"]
        (tmp_path / "nginx").mkdir(exist_ok=True)
        with running(command, tmp_path / "nginx", f"http://127.0.0.1:{port}/health/ready"):
            _ask_fronts(urls, f"http://127.0.0.1:{port}")


def names_kent(url: str) -> bool:
    return "Caint" in get(url, Accept="text/csv")[1]


def _ask_fronts(urls: list[str], front: str) -> None:
    asked = quote("SELECT ?n { <urn:t#kent> <urn:t#name> ?n }")
    seen = [get(f"{url}/sparql?query={asked}", Accept="text/csv")[1] for url in [*urls, front]]
    assert 1 == len({*seen})
    assert "Caint" not in seen[0]
    body = turtle(':kent a :Force ; :name "Heddlu Caint"@cy .').content
    write = urllib.request.Request(f"{front}/data?graph=urn:g:kent", body, method="PUT")
    write.add_header("Authorization", f"Bearer {TOKEN}")
    write.add_header("Content-Type", "text/turtle")
    with urllib.request.urlopen(write) as answer:
        assert 201 == answer.status
    version = json.loads(get(f"{front}/versions", Accept="application/json")[1])["current"]
    # Another front looks again within a second: to be asked until then is what a client sees.
    for url in urls:
        wait_until(partial(names_kent, f"{url}/sparql?query={asked}"))
        assert (
            version == json.loads(get(f"{url}/versions", Accept="application/json")[1])["current"]
        )
    assert 403 == get(f"{front}/metrics")[0]
    assert 200 == get(f"{front}/", Accept="text/html")[0]
    # What an engine says of itself is not told to readers.
    status, problem = get(f"{front}/sparql?query=nonsense")
    assert 400 == status
    assert not re.search(r"127\.0\.0\.1:\d+/query", problem)


def nginx(folder: Path, port: int, urls: list[str]) -> Path:
    """The configuration in docs/deploy, at a free port, without TLS, before these services."""
    text = (ROOT / "docs/deploy/nginx-fronts.conf").read_text(encoding="utf-8")
    listed = "".join(f"    server {url.removeprefix('http://')};\n" for url in urls)
    text, named = re.subn(r"(?:    server 127\.0\.0\.1:80\d\d[^\n]*\n)+", listed, text)
    text, listened = re.subn(r"    listen 443 ssl[^\n]*\n", f"    listen 127.0.0.1:{port};\n", text)
    text = re.sub(r"    (?:listen \[::\]|http2|ssl_)[^\n]*\n", "", text)
    assert (1, 1) == (named, listened)
    config = folder / "nginx.conf"
    config.write_text(
        f"pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n"
        f"access_log off;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f;\nuwsgi_temp_path {folder}/u;\nscgi_temp_path {folder}/s;\n"
        f"{text}\n}}\n"
    )
    return config
