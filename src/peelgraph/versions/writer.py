"""The process that carries writes out: what it parses and runs may end it, and nothing else.

It is started as a program of its own, never forked: a fork of a process with threads can hang.
"""

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue

from peelgraph.confined import limit_growth
from peelgraph.errors import (
    MemoryExceeded,
    PeelgraphError,
    SettingError,
    WriteConflict,
)
from peelgraph.remote import RemoteStore
from peelgraph.validation import DataRefused, render
from peelgraph.versions.changes import Order, WriteRefused, Written
from peelgraph.versions.home import Home, storage_failure
from peelgraph.versions.hosted import Hosted
from peelgraph.versions.hosting import write_to
from peelgraph.versions.judging import Judges
from peelgraph.versions.process import Task
from peelgraph.versions.writing import Tell, write

# Shapes and rules made ready take memory; nobody may write for hours.
_IDLE = 900.0
_ANY_TIME = 24 * 3600.0
_SHOWN = 1000  # faults: a report of more is no longer read, and its answer too long


def main() -> None:
    """Serve the connection whose descriptor is the first argument, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A depth within the guard's limit is several frames a bracket when a mistake is looked for.
    sys.setrecursionlimit(20_000)
    connection = Connection(int(sys.argv[1]))
    tasks: SimpleQueue[Task] = SimpleQueue()
    threading.Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    judges = Judges()
    is_limited = False
    while True:
        try:
            task = tasks.get(timeout=_IDLE)
        except Empty:
            os._exit(0)
        try:
            if not is_limited:
                # What is made ready for later writes counts too.
                limit_growth(task.memory)
                is_limited = True
            connection.send(_carry_out(task, judges, connection.send))
        except PeelgraphError as error:
            connection.send(_told(error, task.order))
        except SyntaxError as error:
            # An older release let literals in that no parser takes.
            connection.send(
                WriteConflict(
                    f"What is published cannot be read again: {error.args[0]}",
                    hint="Drop the graph that holds it, or roll back to a version before it.",
                )
            )
        except OSError as error:
            connection.send(storage_failure(error))
        except MemoryError:
            connection.send(MemoryExceeded("The write took more memory than the limit"))
            os._exit(1)


def _carry_out(task: Task, judges: Judges, tell: Tell) -> Written:
    if task.engine is None:
        return write(Home(task.home), task.order, judges, tell, task.retention)
    # Whoever waits for us has a deadline, and ends us at it.
    hosted = Hosted(RemoteStore(task.engine, _ANY_TIME))
    return write_to(hosted, task.order, judges, tell, task.patience)


def _receive(connection: Connection, tasks: "SimpleQueue[Task]") -> None:
    """Hand tasks on; at the end of the connection end the process, whatever it is doing."""
    while True:
        try:
            tasks.put(connection.recv())
        except (EOFError, OSError):
            os._exit(0)


def _told(error: PeelgraphError, order: Order) -> PeelgraphError:
    """The failure as it crosses to the service, which knows neither validator nor disk."""
    if isinstance(error, DataRefused):
        refusal = WriteRefused(error.message, position=error.position, hint=error.hint)
        refusal.report = render(error.report.limited(_SHOWN), order.report)
        return refusal
    cause = error.__cause__
    if isinstance(error, SettingError) and isinstance(cause, OSError):
        return storage_failure(cause)
    return error


if __name__ == "__main__":
    main()
