"""The server as a process: it starts, answers, refuses a taken port, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from rdflib import Graph
from SPARQLWrapper import CSV, GET, JSON, JSONLD, POST, RDFXML, TURTLE, XML, SPARQLWrapper

from peelgraph.errors import NothingPublished, SettingError, SourceError
from peelgraph.http.server import serve
from peelgraph.repository import Home
from peelgraph.settings import Settings
from tests.processes import below, wait_for_the_end
from tests.waiting import wait_until

PROGRAM = """
import sys
from pathlib import Path
from peelgraph.settings import Settings
from peelgraph.http.server import serve
settings = Settings(home=Path(sys.argv[1]), port=0, workers=1)
application = "peelgraph.site.app:application"
serve(settings, Path(sys.argv[2]), lambda url: print(url, flush=True), application)
"""
QUERIES = Path(__file__).parents[1] / "protocol" / "queries"


@pytest.fixture
def server(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server and its address."""
    command = [sys.executable, "-c", PROGRAM, str(home), str(QUERIES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_answers_and_leaves_nothing_behind(
    server: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    process, url = server
    request = urllib.request.Request(f"{url}sparql?query=ASK%20%7B%7D")
    request.add_header("Accept", "application/sparql-results+json")
    with urllib.request.urlopen(request) as answer:
        told = json.load(answer)
    started = below(process.pid)
    process.send_signal(number)
    code = process.wait(timeout=20)

    assert {"head": {}, "boolean": True} == told
    assert len(started) > 1
    assert (-9 if number == signal.SIGKILL else 0) == code
    for pid in started:
        wait_for_the_end(pid)


ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {' . '.join(f'?s{n} ?p{n} ?o{n}' for n in range(12))} }}"
SLOW_SHAPES = f"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; sh:sparql [ sh:message "no" ; sh:select
  "SELECT $this {{ {"?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o "} FILTER(?a = ?o) }}" ] .
"""
SLOW_DATA = "".join(f"<urn:a> <urn:p{n}> {n} .\n" for n in range(200))


def test_who_waits_while_it_stops_is_told_to_come_back(
    server: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = server
    files = (("file", "d.ttl", SLOW_DATA), ("shapes", "s.ttl", SLOW_SHAPES))
    form = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n{text}\r\n'
        for name, file, text in files
    )
    requests = [
        urllib.request.Request(f"{url}sparql?{urllib.parse.urlencode({'query': ENDLESS})}"),
        urllib.request.Request(
            f"{url}validate?context=none",
            f"{form}--x--\r\n".encode(),
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
    ]
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(failure, each) for each in requests]
        # The warm process, and the fork of it that validates.
        wait_until(lambda: sum("validation" in line for line in commands(process.pid)) > 1)
        wait_until(lambda: any(map(gives_way, below(process.pid))))
        process.terminate()
        told = [each.result() for each in waiting]
    code = process.wait(timeout=20)

    assert [(503, "2", "The service is stopping")] * 2 == told
    assert 0 == code


def failure(request: urllib.request.Request) -> tuple[int, str | None, str]:
    """The status, Retry-After and detail of what a request fails with."""
    with pytest.raises(urllib.error.HTTPError) as caught, urllib.request.urlopen(request):
        pass
    with caught.value as answer:
        return answer.code, answer.headers["Retry-After"], json.load(answer)["detail"]


def gives_way(pid: int) -> bool:
    """Whether a process evaluates what takes long: one of its threads lets others go first."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):
        threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
        return any(os.getpriority(os.PRIO_PROCESS, thread) > usual for thread in threads)
    return False


def commands(pid: int) -> list[str]:
    """The command lines of every process below `pid`."""
    found = []
    for each in below(pid):
        with suppress(OSError):
            found.append(Path(f"/proc/{each}/cmdline").read_text())
    return found


def test_damage_that_shows_while_it_serves_is_told(project_home: Home, tmp_path: Path) -> None:
    """Blocks that are read only by some queries: neither is the service late, nor the query bad."""
    home = tmp_path / "home"
    shutil.copytree(project_home.path, home)
    for file in home.glob("versions/*/*/*.sst"):
        content = bytearray(file.read_bytes())
        if len(content) > 20_000:
            # What tells of the file stands at its end.
            content[2000 : len(content) // 3] = b"Z" * (len(content) // 3 - 2000)
            file.unlink()
            file.write_bytes(content)
    command = [sys.executable, "-c", PROGRAM, str(home), str(QUERIES)]
    query = urllib.parse.urlencode({"query": "SELECT * { ?s ?p ?o }"})
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        told = [failure(urllib.request.Request(f"{url}sparql?{query}")) for _ in range(2)]
        process.terminate()

    assert [500, 500] == [status for status, _, _ in told]
    assert all("The published version is damaged, in" in detail for _, _, detail in told)
    assert str(home) not in str(told)


def test_two_accept_headers_over_the_wire(server: tuple[subprocess.Popen[str], str]) -> None:
    port = int(server[1].rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(
            b"GET /sparql?query=SELECT%20*%20%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Accept: image/png\r\nAccept: text/csv\r\n\r\n"
        )
        with connection.makefile("rb") as answer:
            text = answer.read()

    assert b"text/csv" in text


def test_the_clients_people_use(server: tuple[subprocess.Popen[str], str]) -> None:
    wrapper = SPARQLWrapper(f"{server[1]}sparql")
    wrapper.setQuery("SELECT ?force { ?force a <https://w3id.org/peelgraph/ontology#Force> }")
    found = {}
    for format_ in (JSON, XML, CSV):
        wrapper.setReturnFormat(format_)
        for method in (GET, POST):
            wrapper.setMethod(method)
            found[format_, method] = wrapper.query().response.read()
    wrapper.setQuery("DESCRIBE <https://w3id.org/peelgraph/id/report/one>")
    graphs = []
    for format_, syntax in ((TURTLE, "turtle"), (RDFXML, "xml")):
        wrapper.setReturnFormat(format_)
        body = wrapper.query().response.read()
        graphs.append(Graph().parse(data=body, format=syntax))
    wrapper.setReturnFormat(JSONLD)
    nodes = json.loads(wrapper.query().response.read())
    document = Graph().parse(f"{server[1]}doc/report/one")

    assert 6 == len(found)
    assert all(b"derbyshire" in body for body in found.values())
    assert ["report:one"] == [node["@id"] for node in nodes["@graph"]]
    assert [2, 2] == [len(graph) for graph in graphs]
    assert len(document) >= 2


def test_a_taken_port_is_told(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"port {port}"):
            serve(Settings(home=home, port=port), QUERIES, print)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no.such.host.invalid", 0)])
def test_an_address_of_another_machine_is_told(home: Path, host: str, port: int) -> None:
    with pytest.raises(SettingError, match="cannot listen"):
        serve(Settings(home=home, host=host, port=port), QUERIES, print)


def test_an_empty_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        serve(Settings(home=tmp_path), QUERIES, print)


def test_a_folder_without_questions_is_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        serve(Settings(home=home), tmp_path, print)


def test_a_broken_store_is_told(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    (tmp_path / "home" / "versions" / "7" / "store" / "CURRENT").write_text("x")

    with pytest.raises(SettingError, match="cannot be opened"):
        serve(Settings(home=tmp_path / "home"), QUERIES, print)


def fronts_of(process: int) -> set[int]:
    """The processes that listen: those below it that have processes of their own."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {int(child) for child in found if below(int(child))}


def is_answered(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}sparql?query=ASK%20%7B%7D", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_front_that_dies_is_replaced_however_often(
    server: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = server
    killed: set[int] = set()
    for _ in range(4):
        wait_until(lambda: bool(fronts_of(process.pid) - killed))
        (front,) = fronts_of(process.pid) - killed
        os.kill(front, signal.SIGKILL)
        wait_for_the_end(front)
        killed.add(front)

    wait_until(lambda: is_answered(url))
    assert process.poll() is None
    process.terminate()
    assert 0 == process.wait(20)


def test_a_front_killed_before_it_serves_is_replaced(
    server: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = server
    killed: set[int] = set()
    for _ in range(4):
        # As soon as it is there, while it still imports what it needs.
        wait_until(lambda: bool(listening_below(process.pid) - killed))
        for front in listening_below(process.pid) - killed:
            os.kill(front, signal.SIGKILL)
            killed.add(front)

    wait_until(lambda: is_answered(url))
    assert process.poll() is None


def listening_below(process: int) -> set[int]:
    """The processes that one has started to listen, whether they do so yet or not."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    kinds = {}
    for child in found:
        with suppress(FileNotFoundError, ProcessLookupError):  # one that has ended meanwhile
            kinds[child] = Path(f"/proc/{child}/cmdline").read_bytes()
    return {int(child) for child, command in kinds.items() if b"spawn_main" in command}


def test_a_front_that_cannot_start_ends_the_service_and_says_why(
    home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "home")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "home"), str(QUERIES)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        (tmp_path / "home" / "versions" / "7" / "version.json").write_text("{")
        for front in listening_below(process.pid):
            os.kill(front, signal.SIGKILL)
        told = process.communicate(timeout=60)[1]

    assert 1 == process.returncode
    *log, last = told.strip().splitlines()
    assert "The service cannot start: " in told
    assert "version.json" in last + log[-1]


@pytest.mark.parametrize("damage", ["CURRENT", "MANIFEST"])
def test_a_broken_store_of_the_whole_is_told(home: Path, tmp_path: Path, damage: str) -> None:
    shutil.copytree(home, tmp_path / "home")
    folder = tmp_path / "home" / "versions" / "7"
    shutil.copytree(folder / "store", folder / "whole")
    for file in (folder / "whole").glob(f"{damage}*"):
        file.write_text("x")

    with pytest.raises(SettingError, match=r"whole.* cannot be opened"):
        serve(Settings(home=tmp_path / "home"), QUERIES, print)
