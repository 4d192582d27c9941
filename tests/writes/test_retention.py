"""Writes that follow one another fill no disk: by the store, the service and the commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from peelgraph.cli import run
from peelgraph.embedded import Embedded
from peelgraph.errors import NoLongerKept
from peelgraph.repository import Home
from peelgraph.repository import local as homes
from peelgraph.repository.changes import Gates, Order
from peelgraph.repository.gate import GateCache
from peelgraph.repository.retention import Retention
from peelgraph.repository.transaction import write
from peelgraph.repository.version import read_record
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest
from tests.writes.test_crashes import crash
from tests.writes.writes_web import BEARER, URL, application
from tests.writes.writes_world import KENT, insert, update

pytestmark = pytest.mark.embedded

CITATION = "/queries/labels-of-things/citation"


def add_units(home: Home, cache: GateCache, numbers: range, retention: Retention) -> None:
    for number in numbers:
        order = Order(insert(f":u{number} a :Unit"), gates=Gates("off"))
        write(home, order, cache, retention=retention)


def files_of(home: Home) -> int:
    """The bytes of all versions together, a file that several share counted once."""
    found = {path.stat().st_ino: path for path in home.path.rglob("*")}
    return sum(path.stat().st_blocks * 512 for path in found.values())


@pytest.mark.slow("sixty writes, pruned as they come")
def test_sixty_writes_keep_five_versions_and_the_build(home: Home, cache: GateCache) -> None:
    few = Retention(5, 0)
    add_units(home, cache, range(20), few)
    then = files_of(home)
    add_units(home, cache, range(20, 60), few)

    assert [1, *range(57, 62)] == home.numbers()
    assert ["build", *["write"] * 5] == [version.made or "build" for version in home.list()]
    assert then * 2 > files_of(home)
    assert () == tuple(home.events())


def test_an_open_store_goes_on_and_is_removed_later(home: Home, cache: GateCache) -> None:
    add_units(home, cache, range(2), Retention())
    store = Embedded.read_only(home.current().store_path)
    add_units(home, cache, range(2, 6), Retention(1, 0))
    held = f"ASK {{ GRAPH <{KENT}> {{ <urn:t#u1> a <urn:t#Unit> }} }}"

    assert [1, 3, 6, 7] == home.numbers()
    assert b"true" in store.query(QueryRequest(Query(held))).body
    store.close()
    add_units(home, cache, range(6, 7), Retention(1, 0))
    assert [1, 7, 8] == home.numbers()


def test_killed_while_it_removes_versions_a_writer_leaves_a_whole_home(home: Home) -> None:
    told = crash(home, "retain")

    assert told["kills"] >= 4
    assert told["acknowledged"] == told["kills"] + 1
    assert [1, told["current"] - 1, told["current"]] == home.numbers()
    assert 3 == len([*(home.path / "versions").iterdir()])


@pytest.fixture
def service(home: Home, tokens: Path) -> Iterator[FlaskClient]:
    """A service that keeps the last two versions made by writes."""
    yield from application(
        Settings(home=home.path, token_file=tokens, public_url=URL, keep_versions=2, keep_days=0)
    )


def send(service: FlaskClient, number: int) -> int:
    answer = service.post(
        "/update",
        data=f"PREFIX : <urn:t#> INSERT DATA {{ GRAPH <{KENT}> {{ :u{number} a :Unit }} }}",
        headers={**BEARER, "Content-Type": "application/sparql-update"},
    )
    assert 200 == answer.status_code, answer.text
    return int(answer.get_json()["version"])


def asked(service: FlaskClient, number: int) -> int:
    text = "ASK { ?s ?p ?o }"
    return service.get("/sparql", query_string={"query": text, "at": number}).status_code


def test_the_service_keeps_what_it_reads_and_says_what_is_gone(
    home: Home, service: FlaskClient
) -> None:
    first = send(service, 0)
    send(service, 99)
    assert 200 == asked(service, first)
    last = [send(service, number) for number in range(1, 16)][-1]
    kept = home.numbers()

    # Each of its processes may have one more open.
    assert {1, first, last - 1, last} <= {*kept}
    assert len(kept) < 13
    assert 200 == asked(service, first)
    gone = min({*range(first, last)} - {*kept})
    told = [service.get(f"/versions/{gone}"), service.get(f"/versions/{gone}..{last}")]
    told.append(service.get("/sparql", query_string={"query": "ASK {}", "at": gone}))
    assert [410] * 3 == [answer.status_code for answer in told]
    assert all("keep_versions" in answer.text for answer in told)
    listed = service.get("/versions?format=json").get_json()
    assert {"versions": 2, "days": 0} == listed["retention"]
    page = service.get("/versions", headers={"Accept": "text/html"}).text
    assert "are kept while they are among the last 2" in page
    assert f"/versions/{min({*kept} - {1, first}) - 1}.." not in page


def test_a_citation_keeps_its_version(
    home: Home, service: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = service.get(CITATION)
    cited = send(service, 0)
    text = service.get(CITATION)
    monkeypatch.setattr(homes, "MOST_CITED", 1)
    send(service, 1)
    full = [service.get(CITATION), service.get(f"{CITATION}?format=bibtex")]
    last = [send(service, number) for number in range(2, 16)][-1]

    assert f"at={cited}" in text.text
    assert ["", "cited", ""] == [home.mark_of(number) for number in (1, cited, cited + 1)]
    assert cited in home.numbers()
    assert last in home.numbers()
    assert ["may be removed"] * 2 == [t.text[t.text.index("may be") :][:14] for t in full]
    assert "may be removed" not in built.text + text.text
    kept = {
        each["number"]: each["kept"] for each in service.get("/versions").get_json()["versions"]
    }
    assert "cited" == kept[cited]


def test_marks_are_set_by_the_command_and_shown(
    home: Home, cache: GateCache, capsys: pytest.CaptureFixture[str]
) -> None:
    def do(*arguments: str) -> str:
        assert 0 == run(["versions", "--home", str(home.path), *arguments])
        return capsys.readouterr().out

    add_units(home, cache, range(2), Retention())
    marked = do("--mark", "2", "--message", "Llyfr")
    add_units(home, cache, range(2, 5), Retention(1, 0))

    assert "marked" in marked
    assert "mark of 2" in marked
    assert [1, 2, 5, 6] == home.numbers()
    assert "marked" not in do("--unmark", "2").partition(" unmark of ")[0].partition("mark of 2")[0]
    add_units(home, cache, range(5, 6), Retention(1, 0))
    assert [1, 6, 7] == home.numbers()
    assert 2 == run(["versions", "--home", str(home.path), "--mark", "2"])


def test_load_and_withdraw_keep_as_many_as_they_are_told(
    home: Home, cache: GateCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kent.ttl").write_text("<urn:t#u> a <urn:t#Unit> .")
    add_units(home, cache, range(4), Retention())
    load = ["load", str(tmp_path / "kent.ttl"), "--graph", KENT, "--home", str(home.path)]

    assert 0 == run([*load, "--keep-versions", "3", "--keep-days", "0"])
    assert [1, 4, 5, 6] == home.numbers()
    monkeypatch.setenv("PEELGRAPH_KEEP_VERSIONS", "1")
    monkeypatch.setenv("PEELGRAPH_KEEP_DAYS", "0")
    assert 0 == run(["withdraw", KENT, "--home", str(home.path)])
    assert [1, 6, 7] == home.numbers()


@pytest.mark.parametrize("is_pruned", [False, True])
def test_what_a_removed_version_withdrew_stays_withdrawn(
    home: Home, cache: GateCache, *, is_pruned: bool
) -> None:
    """A thing that only changed is not noted, nor one that came again."""
    for text in (
        "INSERT DATA { GRAPH <urn:g:kent> { :u0 a :Unit . :u1 :name 'a', 'b' . :u2 :name 'b' } }",
        "DELETE DATA { GRAPH <urn:g:kent> { :u0 a :Unit . :u1 :name 'a' . :u2 :name 'b' } }",
        "INSERT DATA { GRAPH <urn:g:kent> { :u2 a :Unit } }",
    ):
        write(home, Order(update(text), gates=Gates("off")), cache)
    assert 3 == home.find_withdrawal("urn:t#u0", 9)
    if is_pruned:
        home.prune(1)
    else:
        add_units(home, cache, range(3, 6), Retention(1, 0))

    assert 3 not in home.numbers()
    assert 3 == home.find_withdrawal("urn:t#u0", 9)
    assert 0 == home.find_withdrawal("urn:t#u0", 2)
    assert [0, 0] == [home.find_withdrawal(f"urn:t#u{n}", 9) for n in (1, 2)]
    with (home.path / "withdrawn.txt").open("ab") as file:
        file.write(b"<urn:t#u1> ")
    assert 0 == home.find_withdrawal("urn:t#u1", 9)


def test_a_read_of_what_is_gone_has_its_own_error(home: Home, cache: GateCache) -> None:
    add_units(home, cache, range(4), Retention(1, 0))

    with pytest.raises(NoLongerKept):
        home.get(2)
    assert "write" == read_record(home.folder(5)).made
