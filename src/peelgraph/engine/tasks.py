"""What a worker process is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from peelgraph.settings import Settings
from peelgraph.store import Question


@dataclass(frozen=True, slots=True)
class Opening:
    """Open this version; with `copy`, hold it in memory; `aside` keeps the other one open, too.

    Units: `memory` in MiB, what one evaluation may take.
    """

    number: str
    path: Path
    copy: bool
    memory: int
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """Answer this question, in at most `limit` bytes, from the version open `aside` or not."""

    question: Question
    limit: int
    settings: Settings
    aside: bool = False


Task = Opening | Asking
