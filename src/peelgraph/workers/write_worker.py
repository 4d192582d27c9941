"""The program of the writing process: what it parses and runs may end it, and nothing else."""

from peelgraph.errors import (
    PeelgraphError,
    SettingError,
    VersionUnreadable,
    WriteConflict,
    is_damage,
)
from peelgraph.formats import evaluation_failure
from peelgraph.repository.changes import Order, WriteRefused, Written
from peelgraph.repository.factory import open_repository
from peelgraph.repository.gate import GateCache
from peelgraph.repository.local import storage_failure
from peelgraph.repository.transaction import write
from peelgraph.validation import DataRefused, render
from peelgraph.workers.messages import Write
from peelgraph.workers.process import limit_growth
from peelgraph.workers.worker_loop import Report, serve_standard

# Shapes and rules made ready take memory; nobody may write for hours.
_IDLE = 900.0
_ANY_TIME = 24 * 3600.0
_SHOWN = 1000  # results: a report of more is no longer read, and its answer too long


class Writes:
    """Carries orders out, with the shapes and rules of the last one kept for the next."""

    def __init__(self) -> None:
        self._judges = GateCache()
        self._is_limited = False

    def handle(self, message: Write, report: Report) -> tuple[object, bytes | None]:
        """What came of an order; reports when it has the lock and when it commits."""
        if not self._is_limited:
            # What is made ready for later writes counts too.
            limit_growth(message.memory)
            self._is_limited = True
        try:
            return self._write(message, report), None
        except PeelgraphError as error:
            return _as_reported(error, message.order), None
        except SyntaxError as error:
            # An older release let literals in that no parser takes.
            conflict = WriteConflict(
                f"What is published cannot be read again: {error.args[0]}",
                hint="Drop the graph that holds it, or roll back to a version before it.",
            )
            return conflict, None
        except RuntimeError as error:
            if not is_damage(error):
                raise
            return evaluation_failure(error), None
        except OSError as error:
            return storage_failure(error), None

    def _write(self, message: Write, report: Report) -> Written:
        # Whoever waits for us has a deadline, and ends us at it.
        repository = open_repository(message.home, message.engine, _ANY_TIME)
        return write(
            repository,
            message.order,
            self._judges,
            report,
            retention=message.retention,
            max_wait_s=message.lock_wait_s,
        )


def _as_reported(error: PeelgraphError, order: Order) -> PeelgraphError:
    """The failure as it crosses to the service, which knows neither validator nor disk."""
    if isinstance(error, DataRefused):
        refusal = WriteRefused(error.message, position=error.position, hint=error.hint)
        refusal.report = render(error.report.limited(_SHOWN), order.report)
        return refusal
    if isinstance(error, VersionUnreadable):
        return error
    cause = error.__cause__
    if isinstance(error, SettingError) and isinstance(cause, OSError):
        return storage_failure(cause)
    return error


if __name__ == "__main__":
    serve_standard(Writes().handle, _IDLE)
