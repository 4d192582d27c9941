"""Reasoning measured: ours beside owlrl and `reasonable`, on the bundled graph grown.

`make bench`, or `pytest tests/benchmarks/bench_reasoning.py -s`; needs the extra `bench`. Seconds
from triples that were read to all that follows, written out as each gives it: N-Triples for ours,
terms of rdflib for `reasonable`; reading is shown apart. `worked` is processor time, which other
work on the machine disturbs less. PEELGRAPH_BENCH=50000,500000 leaves the largest size out.
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
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.reasoning_run", who, str(triples)],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def ours() -> dict[int, dict[str, Any]]:
    return {size: measure("ours", size) for size in SIZES}


def show(*lines: str) -> None:
    print("\n" + "\n".join(lines))


HEADING = (
    "  asserted   inferred     read  seconds   worked      MiB   check"
    "  one report more, one triple less"
)


def changes(row: dict[str, Any]) -> str:
    return (
        f"{row['added']:,} triples in {row['added_seconds']:.2f} s, {row['removed_seconds']:.2f} s"
    )


def test_growth(ours: dict[int, dict[str, Any]]) -> None:
    show(
        HEADING,
        *(
            f"{row['triples']:>10,} {row['inferred']:>10,} {row['read']:>8.2f} "
            f"{row['seconds']:>8.2f} {row['worked']:>8.2f} {row['mebibytes']:>8,} "
            f"{row['contradiction_seconds']:>7.2f}  {changes(row)}"
            for row in ours.values()
        ),
    )

    assert all(row["inferred"] > 0 and row["contradictions"] == 0 for row in ours.values())
    if LARGE in ours:
        assert ours[LARGE]["mebibytes"] < 8 * 1024
        assert ours[LARGE]["seconds"] <= 12 * ours[MIDDLE]["seconds"]
    assert ours[MIDDLE]["added_seconds"] <= 0.3


def test_on_disk() -> None:
    row = measure("disk", MIDDLE)
    show(
        f"on disk, {row['triples']:,} triples: read, inferred from and {row['inferred']:,} written "
        f"in {row['seconds']:.1f} s; {changes(row)}"
    )

    assert row["inferred"] > 0


def test_by_sparql(ours: dict[int, dict[str, Any]]) -> None:
    row = measure("sparql", MIDDLE)
    show(
        f"by SPARQL in memory, {ours[MIDDLE]['triples']:,} triples: {row['seconds']:.1f} s, "
        f"{row['seconds'] / ours[MIDDLE]['seconds']:.0f} times the columns"
    )

    assert set(measure("answer", SMALL)["lines"]) == set(measure("sparql", SMALL)["lines"])


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
        f"({rival['worked'] / row['worked']:.1f} times the processor time), "
        f"with reading {(rival['read'] + rival['seconds']) / (row['read'] + row['seconds']):.1f} "
        f"times",
        f"at {SMALL:,}, without chains: {len(own & theirs):,} triples inferred by both, "
        f"{len(theirs - own):,} by it alone, {len(own - theirs):,} by us alone",
    )

    assert theirs == own
    assert rival["seconds"] >= 10 * row["seconds"]
