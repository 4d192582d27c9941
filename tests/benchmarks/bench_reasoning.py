"""Reasoning measured: ours beside owlrl and `reasonable`, on the bundled graph grown.

`make bench`, or `pytest tests/benchmarks/bench_reasoning.py -s`; needs the extra `bench`. Seconds
from a loaded store to the fixpoint; `worked` is processor time, which other work on the machine
disturbs less. PEELGRAPH_BENCH=50000,500000 leaves the largest size out.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SMALL, MIDDLE, LARGE = 50_000, 500_000, 5_000_000
SIZES = [int(size) for size in os.environ.get("PEELGRAPH_BENCH", "").split(",") if size] or [
    SMALL,
    MIDDLE,
    LARGE,
]


def measure(who: str, triples: int) -> dict[str, Any]:
    """What one measurement prints."""
    script = Path(__file__).with_name("reasoning_run.py")
    done = subprocess.run(
        [sys.executable, str(script), who, str(triples)], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def ours() -> dict[int, dict[str, Any]]:
    return {size: measure("ours", size) for size in SIZES}


def show(*lines: str) -> None:
    print("\n" + "\n".join(lines))


def test_growth(ours: dict[int, dict[str, Any]]) -> None:
    show(
        "  asserted   inferred  seconds   worked      MiB   check   one report more",
        *(
            f"{row['triples']:>10,} {row['inferred']:>10,} {row['seconds']:>8.2f} "
            f"{row['worked']:>8.2f} {row['mebibytes']:>8,} {row['contradiction_seconds']:>7.2f}   "
            f"{row['added']:,} triples in {row['added_seconds']:.2f} s"
            for row in ours.values()
        ),
    )

    assert all(row["inferred"] > 0 and row["contradictions"] == 0 for row in ours.values())
    if LARGE in ours:
        assert ours[LARGE]["mebibytes"] < 8 * 1024
        assert ours[LARGE]["seconds"] <= 12 * ours[MIDDLE]["seconds"]


def test_against_owlrl(ours: dict[int, dict[str, Any]]) -> None:
    other, mine = measure("owlrl", SMALL), measure("answer", SMALL)
    row = ours[MIDDLE]
    guess = other["seconds"] * row["triples"] / other["triples"]
    show(
        f"owlrl, {other['triples']:,} triples: {other['seconds']:.1f} s, "
        f"{other['seconds'] / ours[SMALL]['seconds']:.0f} times ours",
        f"owlrl, {row['triples']:,} triples, extrapolated: {guess:.0f} s, "
        f"{guess / row['seconds']:.0f} times ours",
    )

    assert set(other["lines"]) == set(mine["lines"])
    assert guess >= 100 * row["seconds"]


@pytest.mark.skipif(not importlib.util.find_spec("reasonable"), reason="needs the extra bench")
def test_against_reasonable(ours: dict[int, dict[str, Any]]) -> None:
    other, mine = measure("reasonable", SMALL), measure("unchained", SMALL)
    asserted = set(mine["asserted"])
    theirs, own = set(other["lines"]) - asserted, set(mine["lines"])
    row, rival = ours[MIDDLE], measure("reasonable", MIDDLE)
    show(
        f"reasonable, {row['triples']:,} triples: {rival['seconds']:.1f} s, "
        f"{rival['seconds'] / row['seconds']:.1f} times ours "
        f"({rival['worked'] / row['worked']:.1f} times the processor time)",
        f"at {SMALL:,}, without chains: {len(own & theirs):,} triples inferred by both, "
        f"{len(theirs - own):,} by it alone, {len(own - theirs):,} by us alone",
    )

    assert theirs == own
