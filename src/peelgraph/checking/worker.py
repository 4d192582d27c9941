"""The process that checks: reads one task, writes one answer, and ends."""

import os
import pickle
import sys
import threading

from peelgraph.checking.process import too_large
from peelgraph.checking.task import Checked
from peelgraph.confined import end_with, limit_growth
from peelgraph.errors import MemoryExceeded, PeelgraphError

_RESERVED = 64  # MiB of address space for libraries that are loaded only when they are needed


def main() -> None:
    """Answer the task on standard input."""
    # The task comes from the process that started us.
    memory, check = pickle.loads(sys.stdin.buffer.read())  # noqa: S301
    # Once nobody can read the answer, nobody would end this process either.
    threading.Thread(target=end_with, args=(sys.stdout.fileno(),), daemon=True).start()
    from peelgraph.checking.performing import perform  # noqa: PLC0415

    limit_growth(memory + _RESERVED)
    answer: Checked | PeelgraphError
    try:
        answer = perform(check)
    except PeelgraphError as error:
        answer = error
    except MemoryError:
        answer = too_large(memory)
    except RecursionError:
        answer = MemoryExceeded("The shapes or the data nest too deep to be checked")
    sys.stdout.buffer.write(pickle.dumps(answer))


if __name__ == "__main__":
    main()
    # Whoever asked waits for our end; to take every graph apart first would take 70 ms.
    sys.stdout.flush()
    os._exit(0)
