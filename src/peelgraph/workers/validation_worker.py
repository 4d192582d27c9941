"""The program of a process that validates: one document's, or a warm one that forks for each."""

import os
import sys
from pathlib import Path

from peelgraph.checking import Check, Document
from peelgraph.checking.service import Prepared, compile_published, perform, read_published
from peelgraph.errors import MemoryExceeded
from peelgraph.workers.fork_server import FORKS, run_in_fork, serve_forks
from peelgraph.workers.framing import Channel
from peelgraph.workers.messages import Prepare, Validate
from peelgraph.workers.process import GIVE_WAY, limit_growth
from peelgraph.workers.worker_loop import Handle, Report, serve

_RESERVED = 64  # MiB of address space for libraries that are loaded only when they are needed
# Data that breaks a shape: all that a validation goes through is loaded and ready after it.
_DATA = b"<urn:a> <urn:b> 1 ."
_SHAPES = b"""\
@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; sh:property [ sh:path <urn:b> ; sh:maxCount 0 ] .
"""


def handling(prepared: Prepared | None = None) -> Handle:
    """What validates by the shapes that were compiled ahead, where they are those that count."""

    def handle(message: Validate, report: Report) -> tuple[object, bytes | None]:
        del report
        limit_growth(message.memory + _RESERVED)
        is_right = prepared is not None and prepared.key == message.key
        try:
            return perform(message.check, prepared if is_right else None), None
        except RecursionError:
            return MemoryExceeded("The shapes or the data nest too deep to be checked"), None

    return handle


def prepare(message: Prepare) -> Handle:
    """What validates by the shapes of a published version, compiled once for all forks."""
    data, shapes = (
        Document(Path(name), text, "ttl", f"urn:{name}")
        for name, text in (("data", _DATA), ("shapes", _SHAPES))
    )
    perform(Check((data,), (shapes,), context=False, style="json"))
    if message.store is None:
        return handling()
    limit_growth(message.memory + _RESERVED)
    store = message.store
    # To open a store on disk starts threads.
    published = run_in_fork(lambda: read_published(store))
    prepared = compile_published(message.key, store, published)
    # What is compiled when it is first needed.
    perform(Check((data,), context=False, style="json"), prepared)
    return handling(prepared)


if __name__ == "__main__":
    channel = Channel(int(sys.argv[1]))
    if FORKS in sys.argv:
        # Strangers' documents give way to queries, as long queries do.
        os.nice(GIVE_WAY)
        serve_forks(channel, prepare)
    serve(channel, handling())
