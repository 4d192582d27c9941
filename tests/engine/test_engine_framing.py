"""The channel: messages of any length arrive whole and in order, however they are cut."""

import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peelgraph.workers.framing import Channel
from peelgraph.workers.process import SupervisedProcess, Wording


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    one, other = (Channel(each.detach()) for each in socket.socketpair())
    yield one, other
    one.close()
    other.close()


# Around what is read in one call, and beyond what a socket holds.
LENGTHS = st.lists(
    st.one_of(st.integers(0, 40), st.sampled_from([65_527, 65_528, 65_529, 65_536, 900_000])),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LENGTHS)
def test_messages_arrive_as_they_were_sent(
    ends: tuple[Channel, Channel], lengths: list[int]
) -> None:
    one, other = ends
    messages = [bytes([at]) * length for at, length in enumerate(lengths)]
    sending = threading.Thread(target=lambda: deque(map(one.send, messages)))
    sending.start()
    arrived = [other.receive() for _ in messages]
    sending.join()

    assert messages == arrived
    assert not other.has_begun


def test_a_message_is_waited_for_no_longer_than_the_patience() -> None:
    near, far = socket.socketpair()
    one, other = Channel(near.detach()), Channel(far.detach(), 0.05)

    assert not other.begins()
    one.send(b"x" * 100_000)
    assert other.begins()
    assert b"x" * 100_000 == other.receive()
    one.close()
    with pytest.raises(EOFError):
        other.begins()
    other.close()


def test_the_other_ends_close_is_told(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    one.send(b"last")
    one.close()

    assert b"last" == other.receive()
    with pytest.raises(EOFError):
        other.receive()
    with pytest.raises(OSError, match="closed"):
        one.fileno()
    assert one.is_closed


def test_a_message_that_came_with_another_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    wording = Wording("worker", "{}", "", "", 1)
    with subprocess.Popen(["sleep", "60"], stderr=subprocess.PIPE) as process:
        worker = SupervisedProcess(process, ours.detach(), wording)
        other = Channel(theirs.detach())
        for stage in ("started", "committing", "done"):
            other.send_value(stage)
        told: list[object] = []
        while len(told) < 3 and worker.waits(0.5):
            told.append(worker.receive())
        worker.kill()
        other.close()

    assert ["started", "committing", "done"] == told
