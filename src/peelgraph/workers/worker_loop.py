"""The side of a worker: one message after another is handled, until the parent is gone.

A worker that begins so is a program of its own, or a fork of a process with one thread: a fork of
a process with several can hang.
"""

import os
import select
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from peelgraph.errors import PeelgraphError
from peelgraph.workers.framing import Channel
from peelgraph.workers.process import end_with

# Sends word to the parent while a message is handled.
Report = Callable[[object], None]
# Handles one message: the reply, and bytes to send after it as they are.
Handle = Callable[[Any, Report], tuple[object, bytes | None]]

# A depth within the guard's limit is several frames a bracket when a mistake is looked for.
DEEP = 20_000


def serve(channel: Channel, handle: Handle, idle_s: float | None = None) -> NoReturn:
    """Handle each message of the channel, and end with it, or after `idle_s` without one.

    A PeelgraphError is the reply; any other failure ends the process, and its traceback on standard
    error is what the parent reads, which waits no longer than that.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.excepthook = _end_with_traceback
    threading.Thread(target=end_with, args=(channel.fileno(),), daemon=True).start()
    messages = deque[object]()
    while True:
        # One that was made to give way cannot be raised again, so another thread follows it.
        thread = threading.Thread(target=_serve, args=(channel, handle, idle_s, messages))
        thread.start()
        thread.join()


def serve_standard(handle: Handle, idle_s: float | None = None) -> NoReturn:
    """`serve` the socket numbered by the first argument, with queries as deep as is allowed."""
    sys.setrecursionlimit(DEEP)
    serve(Channel(int(sys.argv[1])), handle, idle_s)


def _end_with_traceback(failure: threading.ExceptHookArgs) -> None:
    """End the process for a failure that nobody foresaw; it is the process's last words."""
    try:
        if issubclass(failure.exc_type, MemoryError):
            # A traceback would take memory, too.
            os.write(sys.stderr.fileno(), b"MemoryError")
        else:
            traceback.print_exception(failure.exc_value)
            sys.stderr.flush()
    finally:
        os._exit(1)


def _serve(channel: Channel, handle: Handle, idle_s: float | None, messages: deque[object]) -> None:
    """Handle messages until this thread was made to give way; the message it has then stays."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    while True:
        message = messages.popleft() if messages else _receive(channel, idle_s)
        if os.getpriority(os.PRIO_PROCESS, 0) > usual:
            messages.append(message)
            return
        try:
            reply, tail = handle(message, channel.send_value)
        except PeelgraphError as error:
            reply, tail = error, None
        channel.send_value(reply)
        if tail is not None:
            channel.send(tail)


def _receive(channel: Channel, idle_s: float | None) -> object:
    """The next message; at the end of the channel, or of `idle_s`, the process ends."""
    try:
        if idle_s is not None and not channel.has_begun:
            waiting = select.poll()
            waiting.register(channel.fileno(), select.POLLIN)
            if not waiting.poll(idle_s * 1000):
                os._exit(0)
        return channel.receive_value()
    except (EOFError, OSError):
        os._exit(0)
