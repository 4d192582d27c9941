"""What a worker process is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from peelgraph.store import Question


@dataclass(frozen=True, slots=True)
class Opening:
    """Open this version; with `copy`, hold it in memory."""

    number: str
    path: Path
    copy: bool
    memory: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Answer this question, in at most `limit` bytes."""

    question: Question
    limit: int


Task = Opening | Asking
