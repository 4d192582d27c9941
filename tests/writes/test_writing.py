"""The write path: what becomes a version, what is refused, and that a refusal leaves no trace."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from peelgraph import terms
from peelgraph.errors import (
    PeelgraphError,
    PreconditionFailed,
    PublicationRefused,
    QueryRefused,
    RequestRefused,
    SourceError,
    UnknownName,
    WriteConflict,
)
from peelgraph.repository import Home, local_stage
from peelgraph.repository.changes import (
    Change,
    Document,
    Drop,
    Expected,
    Gates,
    Order,
    Put,
    Update,
    Written,
)
from peelgraph.repository.diff import compare, keep_nodes, read_log
from peelgraph.repository.gate import GateCache
from peelgraph.repository.protocol import Repository
from peelgraph.repository.rebuild import publish_empty
from peelgraph.repository.remote import RemoteRepository
from peelgraph.repository.transaction import write
from peelgraph.sparql import Dataset
from peelgraph.validation import DataRefused
from tests.under_test import ENGINE, is_joined
from tests.writes.writes_world import GWENT, KENT, ask, insert, put, turtle, update

Write = Callable[..., Written]


@pytest.fixture
def run(home: Repository, cache: GateCache) -> Write:
    """Carry a change out in the test's own home."""

    def do(change: Change, **order: object) -> Written:
        return write(home, Order(change, **order), cache)  # type: ignore[arg-type]

    return do


def versions(home: Repository) -> list[str]:
    if isinstance(home, RemoteRepository):
        staging = [graph for graph in home.store.graphs() if graph.startswith(terms.STAGING)]
        return [*map(str, home.numbers()), *staging]
    assert isinstance(home, Home)
    return sorted(entry.name for entry in (home.path / "versions").iterdir())


@pytest.mark.embedded
def test_a_version_without_its_whole_is_followed_by_one_that_has_it(home: Home, run: Write) -> None:
    # As a release before this one left it.
    shutil.rmtree(home.current().whole_path)
    run(put(":kent a :Force ."))

    assert is_joined(home.current())
    shutil.rmtree(home.get(1).path)


def test_a_write_is_one_version_with_who_and_what(home: Repository, run: Write) -> None:
    written = run(put(':kent a :Force ; :name "Heddlu Caint"@cy .'), by="steward", message="Caint")
    version = home.current()

    assert Written(2, True, 2, 0, version.inferred, created=True) == written
    assert ("steward", "Caint", 1, 2, 0) == (
        version.by,
        version.message,
        version.base,
        version.added,
        version.removed,
    )
    assert ask(home, 'GRAPH <urn:g:kent> { :kent :name "Heddlu Caint"@cy }')
    assert ask(home, ":kent a :Force , :Body")


@pytest.mark.embedded
def test_what_a_write_changed_is_noted_beside_it(home: Repository, run: Write) -> None:
    run(put(':kent a :Force ; :name "Heddlu Caint"@cy .'))
    version = home.current()
    log = read_log(version.path)

    assert log is not None
    assert b'<urn:t#kent> <urn:t#name> "Heddlu Caint"@cy <urn:g:kent> .' in log.added
    assert log == compare(home.get(1), version)


def test_an_update_that_deletes_leaves_nothing_stale(home: Repository, run: Write) -> None:
    run(insert(":kent a :Force . :met a :Force"))
    run(update(f"DELETE WHERE {{ GRAPH <{KENT}> {{ :kent ?p ?o }} }}"))
    version = home.current()

    assert not ask(home, ":kent ?p ?o")
    assert not ask(home, f"GRAPH <{terms.INFERRED}> {{ :kent ?p ?o }}")
    assert ask(home, ":met a :Body")
    assert (0, 1) == (version.added, version.removed)


@pytest.mark.parametrize("few", [0, 1000])
def test_what_another_graph_states_too_stays_in_the_union(
    home: Repository, run: Write, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(local_stage, "_FEW", few)
    first = home.current()
    run(insert(":gwent a :Force . :gwent :name 'Gwent'@cy"), gates=Gates("off"))
    run(Drop(KENT))

    assert ask(home, ":gwent a :Force")
    assert not ask(home, ":gwent :name 'Gwent'@cy")
    assert first.digest == home.current().digest
    assert first.triples == home.current().triples


def test_replacing_puts_one_content_in_the_place_of_another(home: Repository, run: Write) -> None:
    run(put(":kent a :Force . :met a :Force ."))
    again = run(put(":kent a :Force ; :name 'Kent' .", replaces=True))

    assert (1, 1, False) == (again.added, again.removed, again.created)
    assert not ask(home, ":met ?p ?o")


def test_what_changes_nothing_is_no_version(home: Repository, run: Write) -> None:
    blank = put("[] a :Unit .", replaces=True)
    first, again = run(blank), run(blank)

    assert (True, False) == (first.changed, again.changed)
    assert 2 == home.current().number == again.number


NODES = ":b a :Unit . [ a :Force ; :runs [ a :Unit ] ] . [ a :Unit ] . [ a :Unit ; :name 1.50 ] ."


@pytest.mark.parametrize(
    ("text", "added", "removed"),
    [
        (f"{NODES} :c a :Unit .", 1, 0),
        (f"{NODES} [ a :Unit ] .", 1, 0),
        (NODES.replace(":b a :Unit .", ""), 0, 1),
        (NODES.replace("[ a :Unit ] .", "", 1), 0, 1),
        (NODES.replace("1.50", "1.60"), 2, 2),
        (f"{NODES} :b :runs [ a :Unit ; :runs [ a :Unit ] ] .", 4, 0),
    ],
)
def test_replacing_keeps_blank_nodes_of_which_the_same_is_said(
    run: Write, text: str, added: int, removed: int
) -> None:
    run(put(NODES, replaces=True))
    written = [run(put(text, replaces=True), dry_run=dry_run) for dry_run in (True, False)]

    assert [(added, removed)] * 2 == [(each.added, each.removed) for each in written]


@pytest.mark.embedded
def test_versions_far_apart_differ_by_what_is_said_alone(home: Home, run: Write) -> None:
    run(put(NODES, replaces=True))
    run(put(":b a :Unit .", replaces=True))
    run(put(f"{NODES} :b :runs [ a :Unit ; :runs [ a :Unit ] ] .", replaces=True))
    there, back = compare(home.get(2), home.get(4)), compare(home.get(4), home.get(2))

    assert [(4, 0), (0, 4)] == [there.counts, back.counts]


def test_a_node_that_both_name_the_same_is_no_other_one() -> None:
    before = frozenset([b"_:a <urn:p> <urn:o> .", b"_:b <urn:q> <urn:o> ."])
    after = frozenset([b"_:a <urn:q> <urn:o> .", b"_:c <urn:q> <urn:o> ."])
    found = keep_nodes(before, after)

    assert {b"_:a <urn:q> <urn:o> .", b"_:b <urn:q> <urn:o> ."} == found


def test_a_dry_run_judges_the_same_and_writes_nothing(home: Repository, run: Write) -> None:
    before = versions(home)
    written = run(put(":kent a :Force ."), dry_run=True)
    with pytest.raises(DataRefused):
        run(put(":kent a :Force ; :name 'a' , 'b' ."), dry_run=True)

    assert (1, True, 1, True) == (
        written.number,
        written.changed,
        written.added,
        written.dry_run,
    )
    assert before == versions(home)


REFUSED: dict[str, tuple[Change, type[PeelgraphError], str]] = {
    "shape": (put(":kent a :Force ;\n  :name 'a' , 'b' ."), DataRefused, "A force has one name"),
    "shape in an update": (insert(":k a :Force ; :name 'a','b'"), DataRefused, "has one name"),
    "contradiction": (put(":kent a :Force , :Unit ."), PublicationRefused, "cannot be both"),
    "contradiction with another graph": (put(":gwent a :Unit ."), PublicationRefused, "both"),
    "undeclared term": (put(":kent a :Forse ."), DataRefused, "Forse"),
    "malformed document": (put(":kent a :Force"), SourceError, "kent.ttl:5"),
    "malformed update": (update("INSERT DATA { GRAPH <urn:g:k> { :a :b } }"), QueryRefused, "1:"),
    "graph of a file": (put(":a a :Unit .", GWENT), WriteConflict, "data/reference/gwent.ttl"),
    "dropped graph of a file": (Drop(GWENT), WriteConflict, "data/reference/gwent.ttl"),
    "update of a file's graph": (insert(":a a :Unit", GWENT), WriteConflict, "gwent.ttl"),
    "update of any graph": (
        update("DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }"),
        WriteConflict if ENGINE == "embedded" else QueryRefused,
        "comes from|infer|tells of itself|names each graph",
    ),
    "unnamed graph": (update("INSERT DATA { :a a :Unit }"), WriteConflict, "Name the graph"),
    "unnamed graph put": (put(":a a :Unit .", ""), WriteConflict, "Name the graph"),
    "unnamed graph in disguise": (
        update("INSERTDATA{ :a a :Unit }"),
        WriteConflict if ENGINE == "embedded" else QueryRefused,
        "unites|names each graph",
    ),
    "file's graph in disguise": (
        Update(
            f"PREFIX g: <{GWENT[:-1]}> INSERTDATA{{ GRAPHg:{GWENT[-1]}{{ <urn:a> <urn:b> 1 }} }}"
        ),
        WriteConflict if ENGINE == "embedded" else QueryRefused,
        "gwent.ttl|names each graph",
    ),
    "everything": (update("CLEAR ALL"), WriteConflict, "unites"),
    "inferred graph": (put(":a a :Unit .", terms.INFERRED), WriteConflict, "infer"),
    "working graph": (put(":a a :Unit .", f"{terms.INFERRED}/working/1"), WriteConflict, "infer"),
    "unknown graph": (Drop("urn:g:none"), UnknownName, "no graph"),
    "load": (update("LOAD <http://127.0.0.1:9/a> INTO GRAPH <urn:g:k>"), QueryRefused, "LOAD|load"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_says_why_and_leaves_no_trace(home: Repository, run: Write, case: str) -> None:
    change, error, told = REFUSED[case]
    with pytest.raises(error, match=told):
        run(change)

    assert ["1"] == versions(home)
    assert 1 == home.current().number


def test_a_refusal_names_the_line(run: Write) -> None:
    with pytest.raises(DataRefused) as caught:
        run(put(":kent a :Force ;\n  :name 'a' , 'b' ."))

    assert "kent.ttl:6:" in caught.value.report.results[0].place


def test_a_contradiction_names_the_line(run: Write) -> None:
    with pytest.raises(DataRefused) as caught:
        run(put(":kent a :Force ;\n  a :Unit ."))

    assert "kent.ttl:" in caught.value.report.results[0].place


def test_old_faults_refuse_no_other_write(home: Repository, run: Write) -> None:
    off = Gates("enforce", {KENT: "off"})
    run(insert(":kent a :Force ; :name 'a' , 'b'"), gates=off)
    run(insert(":met a :Force"))
    with pytest.raises(DataRefused, match="name"):
        run(insert(":met :name 'a' , 'b'"))

    assert 3 == home.current().number


def test_each_gate_does_with_a_fault_what_it_says(home: Repository, run: Write) -> None:
    fault = insert(":kent a :Force ; :name 'a' , 'b'")
    told = {}
    for mode in ("warn", "report", "off"):
        written = run(fault, gates=Gates(mode))
        told[mode] = (bool(written.faults), home.current().faults)
        run(Drop(KENT))

    assert {"warn": (True, 1), "report": (False, 1), "off": (False, 0)} == told


def test_removing_what_another_graph_needs_is_refused(home: Repository, run: Write) -> None:
    run(put(":lab a :Unit .", "urn:g:units"))
    run(put(":kent a :Force ; :runs :lab ."))
    with pytest.raises(DataRefused, match="runs units"):
        run(Drop("urn:g:units"))

    assert ask(home, ":lab a :Unit")


def test_what_the_caller_expects_must_hold(home: Repository, run: Write) -> None:
    run(put(":kent a :Force ."))
    tag = home.current().graphs[KENT].digest[:32]
    wrong = [
        (put(":a a :Unit ."), Expected(digests=("0" * 32,))),
        (put(":a a :Unit ."), Expected(absent=True)),
        (put(":a a :Unit .", "urn:g:none"), Expected(digests=("*",))),
        (insert(":a a :Unit"), Expected(version=(1,))),
    ]
    for change, expected in wrong:
        with pytest.raises(PreconditionFailed):
            run(change, expected=expected)
    run(put(":a a :Unit ."), expected=Expected(digests=(tag,)))

    assert 3 == home.current().number


def test_a_graph_may_be_empty_until_it_is_dropped(home: Repository, run: Write) -> None:
    run(Put(KENT, (Document(b"", "ttl", "empty"), Document(b"# none\n", "ttl", "comment"))))

    assert 0 == home.current().graphs[KENT].triples
    run(Drop(KENT))
    assert KENT not in home.current().graphs


def test_the_protocols_dataset_is_what_an_update_reads(home: Repository, run: Write) -> None:
    run(put(":kent a :Force .", "urn:g:one"))
    copy = update(f"INSERT {{ GRAPH <{KENT}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}")
    run(Update(copy.text, Dataset(("urn:g:one",), None)))
    with pytest.raises(RequestRefused, match="USING"):
        run(Update(copy.text.replace("WHERE", "USING <urn:x> WHERE"), Dataset(("urn:g:one",))))

    assert 1 == home.current().graphs[KENT].triples


@pytest.mark.embedded
def test_a_silent_load_that_is_refused_is_passed_over(home: Repository, run: Write) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.01)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        text = f"LOAD SILENT <{address}> INTO GRAPH <urn:g:l> ; "
        run(Update(text + insert(":kent a :Force").text))
        with pytest.raises(TimeoutError):
            listening.accept()

    assert KENT in home.current().graphs


def test_what_data_import_is_not_fetched(home: Repository, run: Write) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.01)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        imports = "<http://www.w3.org/2002/07/owl#imports>"
        kind = "a <http://www.w3.org/2002/07/owl#Ontology>"
        run(put(f"<urn:o> {kind} ; {imports} <{address}> ."))
        with pytest.raises(TimeoutError):
            listening.accept()

    assert KENT in home.current().graphs


@pytest.mark.embedded
def test_a_plain_store_takes_the_unnamed_graph(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish_empty(home, strict=True)
    off = Gates("off")
    write(home, Order(update("INSERT DATA { :a :b :c . GRAPH <urn:g> { :d :e :f } }"), gates=off))
    version = home.current()

    assert (2, 1) == (version.triples, version.unnamed and version.unnamed.triples)
    assert not ask(home, ":d :e :f")
    write(home, Order(Put("", (turtle(":x :y :z ."),), replaces=True), gates=off))
    assert ask(home, ":x :y :z")
    assert not ask(home, ":a :b :c")
    write(home, Order(update("DROP ALL"), gates=off))
    assert 0 == home.current().triples
    assert {} == home.current().graphs
