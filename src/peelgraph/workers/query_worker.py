"""The program of a query process: it has one version open and answers query after query."""

import sys
from dataclasses import replace

from peelgraph.embedded import Embedded, Joined
from peelgraph.rdf12 import check_answer
from peelgraph.settings import Settings
from peelgraph.sparql import ParseCache, Query, check_policy
from peelgraph.workers.fork_server import FORKS, serve_forks
from peelgraph.workers.framing import Channel
from peelgraph.workers.messages import SHORT, Evaluate, Open
from peelgraph.workers.process import limit_growth, limit_memory
from peelgraph.workers.worker_loop import DEEP, Report, serve_standard


class Editions:
    """The version that is read, and beside it an older one that somebody asked for."""

    def __init__(self) -> None:
        self._stores: dict[bool, Embedded | Joined] = {
            False: Embedded.memory(),
            True: Embedded.memory(),
        }
        self._numbers = {False: "", True: ""}
        self._settings = Settings()
        self._queries = ParseCache(Query)

    def handle(self, message: Open | Evaluate, report: Report) -> tuple[object, bytes | None]:
        """Open a version, or answer a query: the answer's head with a short body, or without."""
        del report
        if isinstance(message, Open):
            self._open(message)
            return None, None
        query = self._queries.get(message.request.query.text)
        check_policy(query, self._settings)
        request = replace(message.request, query=query)
        answer = self._stores[message.aside].query(request, message.limit)
        if not self._settings.is_plain:
            check_answer(answer)
        head = (answer.media_type, answer.form, self._numbers[message.aside], answer.warnings)
        if len(answer.body) > SHORT:
            return (*head, None), answer.body
        return (*head, answer.body), None

    def _open(self, message: Open) -> None:
        """Open a version in the place of the one before."""
        self._settings = message.settings
        limit_memory()
        self._stores[message.aside] = Joined.open(message.path, copy=message.copy)
        # The limit is what one evaluation may add; the store itself is paid for already.
        limit_growth(message.memory)
        self._numbers[message.aside] = message.number


if __name__ == "__main__":
    if FORKS in sys.argv:
        sys.setrecursionlimit(DEEP)
        serve_forks(Channel(int(sys.argv[1])), lambda _: Editions().handle)
    serve_standard(Editions().handle)
