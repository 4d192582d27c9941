"""FairQueue: bounded, fair between clients, and given back whatever happens."""

import threading
from contextlib import ExitStack

import pytest

from peelgraph.errors import ServiceBusy, ServiceStopping, TooManyRequests
from peelgraph.settings import Settings
from peelgraph.workers.fair_queue import FairQueue
from tests.waiting import wait_until


def turns(size: int, share: int, waiting: int = 8, patience: float = 0.01) -> FairQueue:
    return FairQueue(Settings(per_client=share, max_waiting=waiting, max_wait=patience), size)


def asking(turns: FairQueue, client: str, served: list[str]) -> threading.Thread:
    """A thread that waits for a turn of `client`, once it is in the queue."""

    def ask() -> None:
        with turns.slot(client):
            served.append(client)

    before = turns.queued
    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: turns.queued > before)
    return thread


def test_a_client_has_no_more_than_its_share() -> None:
    given = turns(3, 2)
    with given.slot("a"), given.slot("a"), given.slot("b"):
        with pytest.raises(TooManyRequests), given.slot("a"):
            pass
        with pytest.raises(ServiceBusy) as caught, given.slot("c"):
            pass

    assert ServiceBusy is caught.type
    assert 0 == given.queued


def test_whoever_has_fewest_turns_is_next() -> None:
    given = turns(2, 2, patience=20)
    served: list[str] = []
    with given.slot("a"):
        with given.slot("b"):
            waiting = [asking(given, client, served) for client in "aac"]
        for thread in waiting:
            thread.join()

    assert ["c", "a", "a"] == served


def test_clients_with_as_many_turns_are_served_in_rotation() -> None:
    given = turns(1, 1, patience=20)
    served: list[str] = []
    with given.slot("x"):
        waiting = [asking(given, client, served) for client in "aaabc"]
    for thread in waiting:
        thread.join()

    assert ["a", "b", "c", "a", "a"] == served


def test_a_queue_is_bounded_for_one_client_and_for_all() -> None:
    given = turns(1, 1, waiting=2, patience=20)
    served: list[str] = []
    with given.slot("x"):
        waiting = [asking(given, "a", served)]
        with pytest.raises(TooManyRequests), given.slot("a"):
            pass
        waiting.append(asking(given, "b", served))
        with pytest.raises(ServiceBusy, match="2 questions wait"), given.slot("c"):
            pass
    for thread in waiting:
        thread.join()

    assert ["a", "b"] == served


def test_a_turn_comes_back_after_a_failure() -> None:
    given = turns(1, 1)
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), given.slot("a"):
            raise ValueError("x")


def test_closing_lets_everybody_go() -> None:
    given = turns(1, 1, patience=20)
    failures: list[type[Exception]] = []

    def ask() -> None:
        try:
            with given.slot("a"):
                pass
        except ServiceStopping as error:
            failures.append(type(error))

    with ExitStack() as stack:
        stack.enter_context(given.slot("x"))
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: given.queued == len(threads))
        given.close()
        for thread in threads:
            thread.join()

    assert [ServiceStopping] * 3 == failures
