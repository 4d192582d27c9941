"""The pool: limits end one query and no other, new versions are read, nothing outlives it."""

import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from peelgraph.errors import (
    Cancelled,
    DeadlinePassed,
    EngineUnavailable,
    MemoryExceeded,
    QueryRefused,
    RequestRefused,
    ServiceStopping,
)
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest, QueryResult
from peelgraph.workers import Edition, Pool
from peelgraph.workers.cancellation import CancelKeys, CancelSignal, client_connections
from peelgraph.workers.messages import Evaluate
from peelgraph.workers.query_process import QueryProcess
from tests.processes import parent_of, wait_for_the_end
from tests.waiting import wait_until

THINGS = 1500  # as in the version that conftest writes
COUNT = QueryRequest(Query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), "text/csv")
PRODUCT = "{ ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
LONG = QueryRequest(
    Query("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . VALUES ?x { 1 2 3 4 5 6 } }")
)
SPARES = 2  # as the pool has beside the one that evaluates
ENDLESS = QueryRequest(Query(f"SELECT (COUNT(*) AS ?n) {PRODUCT}"))
HUNGRY = QueryRequest(Query("SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } ORDER BY ?b ?d ?f"))


def counted(things: int) -> bytes:
    return f"n\r\n{things}\r\n".encode()


def test_a_query_past_its_deadline_ends_alone(pool: Pool) -> None:
    with pytest.raises(DeadlinePassed):
        pool.query(ENDLESS, timeout=0.2)

    assert counted(THINGS) == pool.query(COUNT).body


def test_a_query_past_its_memory_ends_alone(pool: Pool) -> None:
    with pytest.raises(MemoryExceeded):
        pool.query(HUNGRY)

    assert counted(THINGS) == pool.query(COUNT).body


def test_an_answer_past_the_limit_fails_whole(pool: Pool) -> None:
    with pytest.raises(QueryRefused, match="longer than 1048576 bytes"):
        pool.query(QueryRequest(Query("SELECT * { ?a ?p ?b . ?c ?q ?d }")))


def test_a_lower_limit_may_be_asked_for(pool: Pool) -> None:
    with pytest.raises(QueryRefused, match="longer than 100 bytes"):
        pool.query(QueryRequest(Query("SELECT * { ?a ?p ?b }")), limit=100)


def test_a_question_that_is_taken_back_gives_its_place_up(pool: Pool, tmp_path: Path) -> None:
    keys, key = CancelKeys(tmp_path), "0123456789abcdef"
    with ThreadPoolExecutor() as threads, keys.cancelled_fd(key) as revoked:
        asked = threads.submit(
            pool.query, ENDLESS, cancel_source=lambda: nullcontext(CancelSignal(revoked))
        )

        assert keys.cancel(key)
        with pytest.raises(Cancelled):
            asked.result()
    assert counted(THINGS) == pool.query(COUNT).body
    assert not keys.cancel(key)
    assert [] == list(tmp_path.iterdir())


def test_a_question_whose_client_has_left_gives_its_place_up(pool: Pool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as threads:
        port = server.getsockname()[1]
        clients = [socket.create_connection(server.getsockname()) for _ in range(2)]
        served = [server.accept()[0] for _ in clients]
        asked = threads.submit(pool.query, ENDLESS, cancel_source=partial(watched, port))
        # It may be the other one that waits.
        clients.pop().close()
        with pytest.raises(TimeoutError):
            asked.result(0.5)
        # Half a connection is none: the server itself closes it.
        clients[0].shutdown(socket.SHUT_WR)
        with pytest.raises(Cancelled):
            asked.result()
        for each in (*clients, *served):
            each.close()
        with pytest.raises(Cancelled):
            pool.query(ENDLESS, cancel_source=partial(watched, port))

    assert counted(THINGS) == pool.query(COUNT, cancel_source=partial(watched, port)).body


@contextmanager
def watched(port: int) -> Iterator[CancelSignal]:
    with client_connections("::ffff:127.0.0.1", port) as connections:
        yield CancelSignal(None, connections)


def test_what_could_be_taken_back_is_no_matter_of_the_next_version(
    edition: Edition, settings: Settings, tmp_path: Path
) -> None:
    current = [edition]
    pool = Pool(settings, lambda: current[0])
    pool.warm()
    with CancelKeys(tmp_path).cancelled_fd("0123456789abcdef") as revoked:
        pool.query(COUNT, cancel_source=lambda: nullcontext(CancelSignal(revoked)))
    # The descriptor is closed now, and may be another's.
    current[0] = replace(edition, created="later")
    answers = [pool.query(COUNT).body for _ in range(3)]
    pool.close()

    assert [counted(THINGS)] * 3 == answers


def test_a_key_is_long_and_used_once_at_a_time(tmp_path: Path) -> None:
    keys = CancelKeys(tmp_path)
    for key in ("short", "../0123456789abcdef", "0" * 65, "0123456789abcde\n"):
        with pytest.raises(RequestRefused), keys.cancelled_fd(key):
            pass
    with (
        keys.cancelled_fd("0123456789abcdef"),
        pytest.raises(RequestRefused, match="being answered"),
        keys.cancelled_fd("0123456789abcdef"),
    ):
        pass


def test_a_malformed_query_is_told_from_the_worker(pool: Pool) -> None:
    with pytest.raises(QueryRefused) as caught:
        pool.query(QueryRequest(Query("ASK {\n ?s ?p }")))

    assert caught.value.position
    assert (2, 8) == (caught.value.position.line, caught.value.position.column)


def test_the_deepest_nesting_allowed_is_answered(pool: Pool, settings: Settings) -> None:
    deep = settings.max_depth - 2

    assert b"true" in pool.query(QueryRequest(Query(f"ASK {{ {'{' * deep}{'}' * deep} }}"))).body
    assert (
        b"true"
        in pool.query(QueryRequest(Query(f"ASK {{ FILTER({'(' * deep}1{')' * deep}) }}"))).body
    )
    with pytest.raises(QueryRefused):
        pool.query(QueryRequest(Query(f"ASK {{ FILTER({'(' * deep}1{')' * deep} }}")))


def test_a_failure_that_nobody_foresaw_ends_the_worker_at_once(
    worker: QueryProcess, edition: Edition
) -> None:
    worker.open(edition)
    with pytest.raises(EngineUnavailable):
        worker.ask(QueryRequest(Query(None)), 20, 10**6)  # type: ignore[arg-type]


def test_a_killed_worker_is_replaced(pool: Pool) -> None:
    for worker in list(pool.workers()):
        os.kill(worker, signal.SIGKILL)

    assert counted(THINGS) == asked_again(pool).body


def asked_again(pool: Pool) -> QueryResult:
    """The answer after deaths that only the next questions may notice, one each."""
    for _ in pool.workers():
        with contextlib.suppress(EngineUnavailable):
            return pool.query(COUNT)
    return pool.query(COUNT)


def test_a_new_version_is_read_at_once(
    edition: Edition, settings: Settings, tmp_path: Path, publish: Callable[[Path, int], Path]
) -> None:
    current = [edition]
    pool = Pool(settings, lambda: current[0])
    pool.warm()
    before = pool.query(COUNT)
    current[0] = Edition("2", publish(tmp_path / "store", 3), 3)
    after = pool.query(COUNT)
    pool.close()

    assert ("1", counted(THINGS)) == (before.version, before.body)
    assert ("2", counted(3)) == (after.version, after.body)


def test_a_large_version_is_read_from_disk(edition: Edition, settings: Settings) -> None:
    pool = Pool(replace(settings, copy_below=1), lambda: edition)
    pool.warm()
    answer = pool.query(COUNT)
    pool.close()

    assert counted(THINGS) == answer.body


def test_a_client_waits_for_its_own_questions_alone(edition: Edition, settings: Settings) -> None:
    pool = Pool(replace(settings, at_once=2, per_client=1, max_wait=20), lambda: edition)
    pool.warm()
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(pool.query, ENDLESS, 2.0, client="heavy") for _ in range(2)]
        light = pool.query(COUNT, client="light")
        were_done = [future.done() for future in asked]
        failures = [type(future.exception()) for future in asked]
    pool.close()

    assert counted(THINGS) == light.body
    assert not all(were_done)
    assert [DeadlinePassed, DeadlinePassed] == failures


def test_a_long_question_makes_way_and_the_next_one_does_not(
    settings: Settings, edition: Edition
) -> None:
    # Copying makes way, too.
    pool = Pool(replace(settings, copy_below=0), lambda: edition)
    pool.warm()
    wait_until(lambda: len(pool.workers()) == SPARES + 1)
    before = set(pool.workers())
    answer = pool.query(LONG)

    assert b'"13500000"' in answer.body
    assert before == set(pool.workers())
    worker = max(before, key=_lowered)
    lowered = _lowered(worker)
    assert counted(THINGS) == pool.query(COUNT).body
    # The thread that answered is gone, and another one answers.
    wait_until(lambda: _lowered(worker) == lowered - 1)
    pool.close()


def test_a_long_question_that_leaves_much_behind_ends_its_worker(
    settings: Settings, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peelgraph.workers.query_process._KEPT", -(10**9))
    pool = Pool(settings, lambda: edition)
    pool.warm()
    wait_until(lambda: len(pool.workers()) == SPARES + 1)
    before = set(pool.workers())
    pool.query(COUNT)
    assert before == set(pool.workers())
    pool.query(LONG)
    wait_until(lambda: len(pool.workers()) == SPARES + 1)
    after = set(pool.workers())
    pool.close()

    assert SPARES == len(before & after)


def test_a_worker_that_has_grown_is_replaced_before_it_opens_the_next_version(
    edition: Edition,
    settings: Settings,
    tmp_path: Path,
    publish: Callable[[Path, int], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("peelgraph.workers.query_process._GROWN", -(10**9))
    current = [edition]
    pool = Pool(settings, lambda: current[0])
    pool.warm()
    wait_until(lambda: len(pool.workers()) == SPARES + 1)
    before = set(pool.workers())
    current[0] = Edition("2", publish(tmp_path / "store", 3), 3)
    wait_until(lambda: before.isdisjoint(pool.workers()) and len(pool.workers()) == SPARES + 1)
    after = pool.query(COUNT)
    pool.close()

    assert ("2", counted(3)) == (after.version, after.body)


def test_as_many_workers_hold_a_copy_as_the_memory_allows(
    settings: Settings, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_SETTLING", "_QUIET", "_LASTING"):
        monkeypatch.setattr(f"peelgraph.workers.pool.{name}", 0.01)
    # An eighth of 2 MiB holds one copy of 500 triples and not two; this claims to have 500.
    small = replace(edition, triples=500)
    pool = Pool(replace(settings, max_memory=2), lambda: small)
    pool.warm()
    wait_until(lambda: pool.copies == 1)
    wait_until(lambda: len(pool.workers()) == SPARES + 1)
    answers = {pool.query(COUNT).body for _ in range(SPARES + 2)}
    threading.Event().wait(0.2)
    copies = pool.copies
    pool.close()

    assert ({counted(THINGS)}, 1) == (answers, copies)


@pytest.mark.parametrize(("cores", "where"), [(1, {True}), (64, {True, False})])
def test_a_question_waits_for_a_copy_while_copies_use_all_cores(
    cores: int,
    where: set[bool],
    settings: Settings,
    edition: Edition,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: set[bool] = set()
    ask = QueryProcess.ask

    def noted(worker: QueryProcess, *given: object, **more: object) -> QueryResult:
        asked.add(worker.is_copied)
        threading.Event().wait(0.05)
        return ask(worker, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("peelgraph.workers.pool._CORES", cores)
    monkeypatch.setattr("peelgraph.workers.pool.MAX_WAIT_FOR_COPY_S", 10.0)
    monkeypatch.setattr(QueryProcess, "ask", noted)
    small = replace(edition, triples=500)
    pool = Pool(replace(settings, max_memory=2, at_once=2), lambda: small)
    pool.warm()
    wait_until(lambda: pool.copies == 1 and len(pool.workers()) == SPARES + 2)
    with ThreadPoolExecutor(2) as callers:
        list(callers.map(lambda _: pool.query(COUNT), range(4)))
    pool.close()

    assert where == asked


def test_a_copy_that_evaluates_at_length_is_not_waited_for(
    settings: Settings, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peelgraph.workers.pool._CORES", 1)
    monkeypatch.setattr("peelgraph.workers.pool.MAX_WAIT_FOR_COPY_S", 60.0)
    small = replace(edition, triples=500)
    pool = Pool(replace(settings, max_memory=2, at_once=2, timeout=60.0), lambda: small)
    pool.warm()
    wait_until(lambda: pool.copies == 1 and len(pool.workers()) == SPARES + 2)
    with ThreadPoolExecutor(1) as caller:
        endless = caller.submit(pool.query, ENDLESS)
        wait_until(lambda: any(worker.is_at_length for worker in pool._all))
        answer, is_over = pool.query(COUNT), endless.done()
        pool.close()
        assert isinstance(endless.exception(), ServiceStopping)

    assert (counted(THINGS), False) == (answer.body, is_over)


def _lowered(process: int) -> int:
    """How many threads of a process let others go first."""
    threads = Path(f"/proc/{process}/task").iterdir()
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    return sum(os.getpriority(os.PRIO_PROCESS, int(each.name)) > usual for each in threads)


@pytest.mark.parametrize(("niceness", "expected"), [(0, 10), (5, 15), (12, 19)])
def test_a_long_query_gives_way_to_the_process_that_asks(
    settings: Settings,
    edition: Edition,
    monkeypatch: pytest.MonkeyPatch,
    niceness: int,
    expected: int,
) -> None:
    given: set[int] = set()
    monkeypatch.setattr(os, "getpriority", lambda which, who: niceness)
    monkeypatch.setattr(os, "setpriority", lambda which, who, value: given.add(value))
    pool = Pool(settings, lambda: edition)
    pool.warm()
    with pytest.raises(DeadlinePassed):
        pool.query(ENDLESS, 0.6)
    pool.close()

    assert {expected} == given


def test_a_query_that_may_not_give_way_is_logged(
    settings: Settings,
    edition: Edition,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(which: int, who: int, value: int) -> None:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(os, "setpriority", refuse)
    pool = Pool(settings, lambda: edition)
    pool.warm()
    with pytest.raises(DeadlinePassed):
        pool.query(ENDLESS, 0.6)
    pool.close()

    assert "cannot give way" in caplog.text


@pytest.fixture
def worker(settings: Settings, edition: Edition) -> Iterator[QueryProcess]:
    """A worker that has not opened anything yet."""
    worker = QueryProcess(replace(settings, timeout=60.0))
    yield worker
    worker.kill()


def test_a_worker_keeps_to_a_limit_of_the_system(worker: QueryProcess, edition: Edition) -> None:
    """As under `ulimit -v`, which nobody can raise again."""
    most = 4 * 2**30
    resource.prlimit(worker.pid, resource.RLIMIT_AS, (most, most))
    worker.open(edition)

    assert counted(THINGS) == worker.ask(COUNT, 60.0, 2**20).body
    limits = resource.prlimit(worker.pid, resource.RLIMIT_AS)
    assert most == limits[1]
    assert limits[0] < most


def test_an_older_version_is_asked_beside_the_current_one(
    edition: Edition, settings: Settings, tmp_path: Path, publish: Callable[[Path, int], Path]
) -> None:
    older = Edition("0", publish(tmp_path / "store", 3), 3)
    pool = Pool(settings, lambda: edition, older={0: older}.__getitem__)
    pool.warm()
    answers = [pool.query(COUNT, at=at) for at in (None, 0, 1, 0)]
    pool.close()

    assert ["1", "0", "1", "0"] == [answer.version for answer in answers]
    assert counted(3) == answers[1].body == answers[3].body


def test_the_deadline_counts_the_wait_for_a_turn(
    edition: Edition, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    ask = QueryProcess.ask

    def noted(worker: QueryProcess, *given: object, **more: float) -> QueryResult:
        ends.append(more["began"])
        return ask(worker, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(QueryProcess, "ask", noted)
    pool = Pool(replace(settings, at_once=1), lambda: edition)
    pool.warm()
    with ThreadPoolExecutor(1) as callers:
        with pool._queue.slot("first"):
            began = time.monotonic()
            second = callers.submit(pool.query, COUNT, client="second")
            wait_until(lambda: pool.queued == 1)
            waited = time.monotonic()
        second.result()
    pool.close()

    assert began <= ends[0] <= waited


def test_the_memory_of_all_is_shared_by_all_that_may_grow() -> None:
    for workers, at_once in ((1, 1), (2, 3), (4, 8)):
        shared = Settings(memory=2**20, workers=workers, at_once=at_once)
        queries = workers * at_once * shared.query_memory
        others = workers * (shared.write_memory + shared.validation_memory)

        assert 0.9 * shared.max_memory < queries + others <= shared.max_memory


def test_the_memory_of_all_bounds_that_of_one(settings: Settings) -> None:
    shared = replace(settings, memory=2048, max_memory=4096, workers=4, at_once=4)

    assert 128 == shared.query_memory
    assert 256 == shared.write_memory == shared.validation_memory
    assert settings.memory == settings.query_memory


def test_how_questions_ended_is_heard(edition: Edition, settings: Settings) -> None:
    heard: list[str] = []
    pool = Pool(settings, lambda: edition, on_finished=lambda kind, seconds: heard.append(kind))
    pool.warm()
    pool.query(COUNT)
    with pytest.raises(DeadlinePassed):
        pool.query(ENDLESS, 0.1)
    pool.close()

    assert ["answered", "deadline"] == heard


def test_a_warm_process_that_was_killed_is_replaced(edition: Edition, settings: Settings) -> None:
    """Workers are its forks, which are there at once; they go on without it."""
    pool = Pool(settings, lambda: edition)
    pool.warm()
    wait_until(lambda: len(pool.workers()) == settings.at_once + SPARES)
    (warm,) = {parent_of(worker) for worker in pool.workers()}
    os.kill(warm, signal.SIGKILL)
    workers = pool.workers()
    answered = pool.query(COUNT).body
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        wait_for_the_end(worker)
    again = pool.query(COUNT).body
    wait_until(lambda: len(pool.workers()) == settings.at_once + SPARES)
    (other,) = {parent_of(worker) for worker in pool.workers()}
    pool.close()

    assert answered == again
    assert other not in (warm, os.getpid())
    for ended in (other, *pool.workers()):
        with pytest.raises(ProcessLookupError):
            os.kill(ended, 0)


def test_closing_ends_every_worker(edition: Edition, settings: Settings) -> None:
    pool = Pool(settings, lambda: edition)
    pool.warm()
    workers = pool.workers()
    pool.close()

    assert workers
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
    with pytest.raises(ServiceStopping):
        pool.query(COUNT)


@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_ends_with_its_connection(
    settings: Settings, edition: Edition, busy: bool
) -> None:
    worker = QueryProcess(settings)
    worker.open(edition)
    if busy:
        worker.send(Evaluate(ENDLESS, 1000))
    worker._channel.close()  # as when the parent is killed

    assert 0 == worker._process.wait(timeout=20)
    worker.kill()


def test_a_fork_ends_once_its_parent_was_killed() -> None:
    """It has more to tell than a pipe holds, and nobody reads it."""
    work = (
        "import os, time; from peelgraph.workers.fork_server import run_in_fork\n"
        "def told(): print(os.getpid(), flush=True); time.sleep(0.5); return b'x' * 10**7\n"
        "run_in_fork(told)"
    )
    with subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        end = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended, _, _ = select.select([end], [], [], 30)
    os.close(end)

    assert ended
