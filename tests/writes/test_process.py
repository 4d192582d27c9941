"""The writing process: it answers, it is ended when it takes too long, and nothing else is."""

import resource
import threading
from collections.abc import Iterator

import pytest

from peelgraph.errors import (
    DeadlinePassed,
    HomeUnwritable,
    MemoryExceeded,
    ServiceBusy,
    UnknownName,
)
from peelgraph.repository import Home
from peelgraph.repository.changes import Drop, Order, WriteRefused
from peelgraph.settings import Settings
from peelgraph.workers.writer import Writer
from tests.writes.writes_world import KENT, ask, insert, put, update


@pytest.fixture
def writer(home: Home) -> Iterator[Writer]:
    made = Writer(Settings(home=home.path, timeout=60, memory=1024))
    yield made
    made.close()


# A million pairs of pairs: more than any deadline or memory of these tests.
GROWING = f"""INSERT {{ GRAPH <{KENT}> {{ ?a :p ?b }} }} WHERE {{
  ?a ?p ?o . ?b ?q ?n . ?c ?r ?m . ?d ?s ?l . ?e ?t ?k . ?f ?u ?j }}"""
SORTING = GROWING.replace("WHERE {", "WHERE { SELECT * WHERE {") + " ORDER BY ?n ?m ?l ?k ?j }"


def test_it_writes_and_tells_refusals_in_the_form_asked_for(home: Home, writer: Writer) -> None:
    written = writer.write(Order(put(":kent a :Force ."), by="steward"))
    with pytest.raises(UnknownName):
        writer.write(Order(Drop("urn:g:none")))
    with pytest.raises(WriteRefused) as caught:
        writer.write(Order(insert(":kent :name 'a' , 'b'"), report="turtle"))

    assert 2 == written.number == home.current().number
    assert "sh:ValidationReport" in caught.value.report
    assert caught.value.position is None


def test_past_the_deadline_nothing_is_published_and_the_next_write_is(
    home: Home, writer: Writer
) -> None:
    writer.write(Order(put(":kent a :Force .")))
    with pytest.raises(DeadlinePassed, match="nothing was published"):
        writer.write(Order(update(GROWING)), timeout=0.5)
    assert [] == list(home.path.glob("versions/.staging-*"))
    writer.write(Order(put(":met a :Force .")))

    assert 3 == home.current().number
    assert ask(home, ":met a :Body")


def test_past_the_memory_limit_nothing_is_published(home: Home) -> None:
    writer = Writer(Settings(home=home.path, memory=256))
    try:
        with pytest.raises(MemoryExceeded):
            writer.write(Order(update(SORTING)))
    finally:
        writer.close()

    assert 1 == home.current().number


def test_a_writer_keeps_to_a_limit_of_the_system(home: Home, writer: Writer) -> None:
    """As under `ulimit -v`, which nobody can raise again."""
    most = 8 * 2**30
    writer.write(Order(put(":kent a :Force .")))
    assert writer._process is not None
    resource.prlimit(writer._process.pid, resource.RLIMIT_AS, (most, most))

    assert 3 == writer.write(Order(put(":met a :Force ."))).number


def test_a_home_that_cannot_be_written_has_a_problem_of_its_own(home: Home, writer: Writer) -> None:
    (home.path / "lock").unlink(missing_ok=True)
    (home.path / "lock").mkdir()
    with pytest.raises(HomeUnwritable) as caught:
        writer.write(Order(insert(":a a :Unit")))

    assert (507, "read-only") == (caught.value.status, caught.value.kind)
    assert "cannot write to its disk: Is a directory" in caught.value.message
    assert str(home.path) not in str(caught.value)


def test_no_more_wait_than_may(home: Home) -> None:
    writer = Writer(Settings(home=home.path, max_waiting=0))
    with pytest.raises(ServiceBusy):
        writer.write(Order(put(":kent a :Force .")))


@pytest.mark.slow("eight writers at once")
def test_eight_writers_lose_no_update(home: Home, writer: Writer) -> None:
    """Each adds its own and reads what is there: 8 of 3 here, of 25 in tests/benchmarks."""
    failed: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for number in range(3):
                writer.write(Order(insert(f":u{name}-{number} a :Unit"), by=str(name)))
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == failed
    assert 25 == home.current().number
    assert 24 == home.current().graphs[KENT].triples
