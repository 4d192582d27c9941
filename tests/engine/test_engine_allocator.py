"""How workers get memory: from a faster allocator where there is one, unless the operator says."""

from pathlib import Path

import pytest

from peelgraph.settings import Settings
from peelgraph.workers import process
from peelgraph.workers.process import PRELOAD, allocator
from peelgraph.workers.query_process import Edition, QueryProcess


def test_the_best_allocator_of_the_system_is_preloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PRELOAD, raising=False)
    monkeypatch.setattr(process, "_LIBRARIES", (str(tmp_path / "none"), str(tmp_path)))
    chosen = [allocator().get(PRELOAD)]
    for name in ("libmimalloc.so.2", "libjemalloc.so.2"):
        (tmp_path / name).touch()
        chosen.append(allocator()[PRELOAD])

    found = [Path(path).name if path else None for path in chosen]
    assert [None, "libmimalloc.so.2", "libjemalloc.so.2"] == found


@pytest.mark.parametrize("choice", ["", "/opt/another.so"])
def test_what_the_operator_preloads_stands(choice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRELOAD, choice)

    assert choice == allocator()[PRELOAD]


def test_a_worker_runs_with_the_allocator_that_was_chosen(
    settings: Settings, edition: Edition
) -> None:
    worker = QueryProcess(settings)
    worker.open(edition)
    maps = Path(f"/proc/{worker.pid}/maps").read_text(encoding="ascii")
    worker.kill()

    chosen = allocator().get(PRELOAD)
    names = ("jemalloc", "mimalloc")
    assert [name for name in names if name in (chosen or "")] == [n for n in names if n in maps]
