"""Running it: a switch of versions under load, a stop that finishes, the plain mode."""

import contextlib
import http.client
import json
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from peelgraph.embedded import Embedded
from peelgraph.errors import SettingError
from peelgraph.http.problems import kinds
from peelgraph.http.server import serve
from peelgraph.settings import Settings, from_json, table, to_json
from tests.web.scraping import read_metrics

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
PLAIN = ("--empty", "--inference", "off", "--gate", "off", "--default-graph", "strict",
         "--open-writes")  # fmt: skip


@contextlib.contextmanager
def served(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a service, and its process."""
    command = [sys.executable, "-m", "peelgraph", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1], process
        finally:
            process.terminate()
            process.communicate(timeout=20)


def ask(url: str, text: str) -> tuple[str, bytes]:
    """The version that answered, and the answer."""
    address = f"{url}sparql?format=csv&query={quote(text)}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.headers["Peelgraph-Version"], answer.read()


def publish(home: Path, number: int) -> None:
    """Publish version 7 again under another number, with one triple more."""
    old, new = home / "versions" / "7", home / "versions" / str(number)
    new.mkdir()
    Embedded.read_only(old / "store").backup(new / "store")
    store = Embedded.open(new / "store")
    store.insert(b"<http://a> <http://p> <http://b> .", "http://g")
    store.flush()
    store.close()
    changed = {"number": number, "manifests": {}}
    record = json.loads((old / "version.json").read_text()) | changed
    (new / "version.json").write_text(json.dumps(record))
    (new / "published").touch()
    (home / "current.new").write_text(f"{number}\n")
    (home / "current.new").replace(home / "current")


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A home folder that a test may change."""
    return Path(shutil.copytree(home, tmp_path / "home"))


def test_a_new_version_is_served_without_a_gap(own_home: Path) -> None:
    answers: list[tuple[str, bytes]] = []
    over = threading.Event()
    with served("--home", str(own_home)) as (url, _):

        def look(client: int) -> None:
            while not over.is_set():
                answers.append(ask(url, f"{COUNT} # {client if len(answers) % 2 else 0}"))

        threads = [threading.Thread(target=look, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        publish(own_home, 8)
        told = ask(url, COUNT)
        publish(own_home, 9)
        last = ask(url, COUNT)
        over.set()
        for thread in threads:
            thread.join()

    assert ("8", "9") == (told[0], last[0])
    assert {"7": b"n\r\n10\r\n", "8": b"n\r\n11\r\n", "9": b"n\r\n11\r\n"}.items() >= dict(
        answers
    ).items()
    assert len(set(answers)) == len(dict(answers))


def test_a_stop_lets_a_question_finish(home: Path) -> None:
    values = " ".join(f"VALUES ?a{n} {{ 1 2 3 4 5 6 7 }}" for n in range(7))
    slow = quote(f"SELECT (COUNT(*) AS ?n) {{ {values} FILTER(?a0 + ?a6 > 3) }}")
    with served("--home", str(home)) as (url, process):
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=60)
        connection.request("GET", f"/sparql?format=csv&query={slow}")
        # Asked later and answered, so the slow one is on its way.
        ask(url, COUNT)
        process.send_signal(signal.SIGTERM)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()

    assert (200, b"n\r\n773122\r\n") == (answer.status, body)


def metrics(url: str) -> dict[str, float]:
    with urllib.request.urlopen(f"{url}metrics", timeout=20) as answer:
        return read_metrics(answer.read().decode())


def test_metrics_count_over_the_wire(home: Path) -> None:
    with served("--home", str(home), "--log", "requests") as (url, _):
        ask(url, COUNT)
        ask(url, COUNT)
        with pytest.raises(urllib.error.HTTPError):
            ask(url, "nonsense")
        found = metrics(url)

    assert 1 == found["peelgraph_cache_hits_total"]
    assert 1 == found['peelgraph_requests_total{status="4xx"}']
    assert 7 == found["peelgraph_version"]


def test_the_plain_mode_is_empty_and_leaves_nothing(tmp_path: Path) -> None:
    with served(*PLAIN) as (url, _):
        version, body = ask(url, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        with urllib.request.urlopen(f"{url}sparql") as answer:
            description = answer.read()

    assert ("1", b"n\r\n0\r\n") == (version, body)
    assert b"UnionDefaultGraph" not in description
    assert b"namedGraph" not in description


def test_the_plain_mode_goes_on_where_it_was(own_home: Path) -> None:
    with served(*PLAIN, "--home", str(own_home)) as (url, _):
        version, _ = ask(url, COUNT)

    assert "7" == version


def test_open_writes_are_for_loopback_alone(home: Path) -> None:
    settings = Settings(home=home, host="0.0.0.0", port=0, open_writes=True)
    with pytest.raises(SettingError, match="without a token"):
        serve(settings, Path(), print)


def test_settings_cross_to_another_process() -> None:
    settings = Settings(home=Path("a"), token_file=Path("b"), allow_service=("http://x/",))

    assert settings == from_json(json.loads(json.dumps(to_json(settings))))
    assert Settings() == from_json(json.loads(json.dumps(to_json(Settings()))))


def test_each_setting_has_a_reason() -> None:
    for name, _, unit, reason in table():
        assert unit and reason, name


def test_a_problem_type_is_described_by_the_class_that_names_it() -> None:
    """Some failures share the type of the class above them, and are no type of their own."""
    told = {kind: title for kind, (title, _, _) in kinds().items()}

    assert ("Service busy", "Engine unavailable") == (told["busy"], told["engine"])
