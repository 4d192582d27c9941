"""A check in a process of its own, which ends at its deadline whatever it is doing.

Shapes of a stranger's may hold a pattern that backtracks for years, or a query that joins
everything with everything; neither can be stopped from within.
"""

import pickle
import subprocess

from peelgraph.checking.task import Check, Checked
from peelgraph.confined import command, environment
from peelgraph.errors import DeadlinePassed, EngineUnavailable, MemoryExceeded, PeelgraphError

_OUT_OF_MEMORY = (b"memory allocation", b"MemoryError", b"bad_alloc")


def check_apart(check: Check, timeout: float, memory: int) -> Checked:
    """The verdict on some documents.

    Units:  `timeout` in seconds, `memory` in MiB.
    Errors: those of performing.perform, DeadlinePassed, MemoryExceeded, EngineUnavailable.
    """
    told, complaint = _run(pickle.dumps((memory, check)), timeout)
    if not told:
        if any(words in complaint for words in _OUT_OF_MEMORY):
            raise too_large(memory)
        raise EngineUnavailable("The checking process ended without an answer")
    # The bytes come from our own process, which read the documents as data only.
    answer = pickle.loads(told)  # noqa: S301
    if isinstance(answer, PeelgraphError):
        raise answer
    if not isinstance(answer, Checked):
        raise EngineUnavailable(f"The checking process sent {type(answer).__name__}")
    return answer


def too_large(memory: int) -> MemoryExceeded:
    """The failure of a check that needs more than `memory` MiB."""
    return MemoryExceeded(
        f"Checking took more than {memory} MiB",
        hint="Check less at a time, or allow more: --memory",
        limit="memory",
    )


def _run(task: bytes, timeout: float) -> tuple[bytes, bytes]:
    with subprocess.Popen(
        command("peelgraph.checking.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        try:
            return process.communicate(task, timeout)
        except subprocess.TimeoutExpired as error:
            raise DeadlinePassed(
                f"Checking took longer than {timeout:g} seconds",
                hint="Check less at a time, simplify the shapes' patterns and queries, "
                "or allow more: --timeout",
                limit="timeout",
            ) from error
        finally:
            process.kill()
