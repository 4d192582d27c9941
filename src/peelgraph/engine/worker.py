"""A worker process: opens one version, answers one question after another, ends with its parent.

It is started as a program of its own, never forked: a fork of a process with threads can hang.
"""

import os
import pickle
import signal
import sys
import threading
import traceback
from collections import deque

from peelgraph.confined import end_with, limit_growth, limit_memory
from peelgraph.embedded import Embedded, Joined
from peelgraph.engine.channel import Channel
from peelgraph.engine.tasks import SHORT, Asking, Opening, Task
from peelgraph.errors import MemoryExceeded, PeelgraphError
from peelgraph.rdf12 import check_answer
from peelgraph.settings import Settings
from peelgraph.sparql import QueryResult
from peelgraph.sparql.lexer import remembered
from peelgraph.sparql.policy import guard


def main() -> None:
    """Serve the connection whose descriptor is the first argument, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whoever waits for an answer hears of the end at once, not of a deadline.
    threading.excepthook = _end_with_traceback
    # A depth within the guard's limit is several frames a bracket when a mistake is looked for.
    sys.setrecursionlimit(20_000)
    channel = Channel(int(sys.argv[1]))
    threading.Thread(target=end_with, args=(channel.fileno(),), daemon=True).start()
    editions, tasks = _Editions(), deque[Task]()
    while True:
        # One that was made to give way cannot be raised again, so another thread follows it.
        thread = threading.Thread(target=_serve, args=(channel, editions, tasks))
        thread.start()
        thread.join()


def _end_with_traceback(failure: threading.ExceptHookArgs) -> None:
    """End the process for a failure that nobody foresaw; it is the process's last words."""
    traceback.print_exception(failure.exc_value)
    os._exit(1)


def _serve(channel: Channel, editions: "_Editions", tasks: deque[Task]) -> None:
    """Carry out one task after another, until this thread gives way; the task it has then stays."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    while True:
        task = tasks.popleft() if tasks else _receive(channel)
        if os.getpriority(os.PRIO_PROCESS, 0) > usual:
            tasks.append(task)
            return
        try:
            if isinstance(task, Opening):
                editions.open(task)
                _tell(channel, None)
            else:
                _send(channel, *editions.answer(task))
        except PeelgraphError as error:
            _tell(channel, error)
        except MemoryError:
            _tell(channel, MemoryExceeded("Evaluation took more memory than the limit"))
            os._exit(1)


class _Editions:
    """The version that is read, and beside it an older one that somebody asked for."""

    def __init__(self) -> None:
        self._stores: dict[bool, Embedded | Joined] = {
            False: Embedded.memory(),
            True: Embedded.memory(),
        }
        self._numbers = {False: "", True: ""}
        self._settings = Settings()

    def open(self, task: Opening) -> None:
        """Open a version in the place of the one before."""
        self._settings = task.settings
        self._stores[task.aside] = Joined.open(task.path) if task.aside else _open(task)
        self._numbers[task.aside] = task.number

    def answer(self, task: Asking) -> tuple[QueryResult, str]:
        """The answer from one of the two, and the number of that version."""
        guard(task.question.query.text, self._settings)
        answer = self._stores[task.aside].query(task.question, task.limit)
        if not self._settings.is_plain:
            check_answer(answer)
        return answer, self._numbers[task.aside]


def _receive(channel: Channel) -> Task:
    """The next task; at the end of the connection the process ends."""
    try:
        message = channel.receive()
    except (EOFError, OSError):
        os._exit(0)
    return _read(message)


@remembered
def _read(message: bytes) -> Task:
    task: Task = pickle.loads(message)  # noqa: S301 - our service sends it
    return task


def _open(task: Opening) -> Embedded | Joined:
    limit_memory()
    store = Joined.open(task.path, copy=task.copy)
    # The limit is what one evaluation may add; the store itself is paid for already.
    limit_growth(task.memory)
    return store


def _send(channel: Channel, answer: QueryResult, version: str) -> None:
    """The answer's head with a short body, or before a long one as it stands."""
    apart = len(answer.body) > SHORT
    body = None if apart else answer.body
    _tell(channel, (answer.media_type, answer.form, version, body))
    if apart:
        channel.send(answer.body)


def _tell(channel: Channel, told: object) -> None:
    channel.send(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main()
