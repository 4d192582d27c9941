"""The questions of one request: they have one deadline together."""

import pytest
from flask import Flask

from peelgraph.errors import DeadlinePassed
from peelgraph.http import request_scope as asking
from peelgraph.http.page_queries import OnceAVersion
from peelgraph.http.request_scope import RequestScope
from peelgraph.http.service import Published, Service
from peelgraph.settings import Settings
from peelgraph.sparql import Query, QueryRequest, QueryResult


class Clock:
    """A clock that goes on when somebody is asked; and what each question was given."""

    def __init__(self, each: float) -> None:
        self.now, self.each = 1000.0, each
        self.given: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def query(
        self, question: QueryRequest, timeout: float, limit: int | None, **_: object
    ) -> QueryResult:
        self.given.append(timeout)
        if timeout < self.each:
            self.now += timeout
            raise DeadlinePassed(f"Evaluation took longer than {timeout:g} s", limit="timeout")
        self.now += self.each
        return QueryResult(b"", "", "select", "1")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(4.0)
    monkeypatch.setattr(asking, "time", clock)
    return clock


def reader(clock: Clock) -> RequestScope:
    def current() -> Published:
        raise NotImplementedError

    return RequestScope(clock, current, timeout_s=10.0)  # type: ignore[arg-type]


def test_the_questions_of_a_request_have_one_deadline(clock: Clock) -> None:
    asked = reader(clock)
    with Flask("x").test_request_context("/"):
        for _ in range(2):
            asked.query(QueryRequest(Query("ASK {}")))
        with pytest.raises(DeadlinePassed, match="longer than 10 s together"):
            asked.query(QueryRequest(Query("ASK {}")))
        with pytest.raises(DeadlinePassed, match="longer than 10 s together"):
            asked.query(QueryRequest(Query("ASK {}")))

    # The last one is not asked at all.
    assert [10.0, 6.0, 2.0] == clock.given


def test_another_request_has_a_deadline_of_its_own(clock: Clock) -> None:
    asked = reader(clock)
    for _ in range(3):
        with Flask("x").test_request_context("/"):
            asked.query(QueryRequest(Query("ASK {}")), 5.0)
            asked.query(QueryRequest(Query("ASK {}")), 5.0)

    assert [5.0, 5.0] * 3 == clock.given


def test_one_question_alone_is_told_of_as_before(clock: Clock) -> None:
    with (
        Flask("x").test_request_context("/"),
        pytest.raises(DeadlinePassed, match="Evaluation took longer than 3 s"),
    ):
        reader(clock).query(QueryRequest(Query("ASK {}")), 3.0)


def test_who_waits_for_what_others_make_waits_no_longer_than_the_deadline() -> None:
    class Version:
        number, created = 1, ""

    service = Service(None, Settings(timeout=0.01), Version, None)  # type: ignore[arg-type]
    kept: OnceAVersion[int] = OnceAVersion(service, lambda: -kept.get())
    with (
        Flask("x").test_request_context("/"),
        pytest.raises(DeadlinePassed, match=r"longer than 0\.01 s"),
    ):
        kept.get()

    kept = OnceAVersion(service, lambda: 5)
    with Flask("x").test_request_context("/"):
        assert 5 == kept.get()
