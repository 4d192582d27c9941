"""How long validation takes: a new report against what is published, and everything at once.

    python -m tests.benchmarks.bench_validation change [small] [large]
    python -m tests.benchmarks.bench_validation whole [triples] [deadline]

`change` prints seconds for a report of about 1,500 triples against `small` and `large` published
triples (50,000 and 500,000 unless given). `whole` prints those of a full validation of `triples`
(500,000), of data that keep the shapes and of data with every kind of mistake in each report. Then
pySHACL called plainly judges the latter, shape by shape, each for `deadline` processor seconds at
most (120; 0 leaves pySHACL out; a shape that passes it is asked about each node apart, which takes
nine minutes more), and it fails unless the results agree. Processor seconds are told beside, for a
machine that is not alone.
"""

import logging
import sys
import time
from pathlib import Path

from rdflib import SH

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.sources import Positions, Project, Source, find_root, read_project
from peelgraph.validation import Validator
from peelgraph.validation.model import flatten
from peelgraph.validation.shapes import load_shapes
from tests.benchmarks.plain_pyshacl import Key, ask_shapes, key
from tests.benchmarks.reasoning_growth import REPORT, copies, read_bundle
from tests.benchmarks.validation_growth import grow_valid

LINES = 1_500
RUNS = 3
SAMPLE = 25  # focus nodes of either kind, where a shape cannot be asked of all


def source(name: str, triples: bytes) -> Source:
    return Source(Path(name), terms.mint_graph(name), triples, Positions("", "nt", triples))


def lines_of(triples: bytes) -> int:
    return triples.count(b"\n")


def new_report(data: dict[str, bytes]) -> tuple[bytes, bytes]:
    """The report itself, cut in two: about 1,500 triples to judge, and what is published of it."""
    things: dict[str, list[str]] = {}
    for line in data[REPORT].decode().splitlines(keepends=True):
        things.setdefault(line.split(" ", 1)[0], []).append(line)
    parts: tuple[list[str], list[str]] = ([], [])
    for lines in things.values():
        parts[len(parts[0]) >= LINES].extend(lines)
    return "".join(parts[0]).encode(), "".join(parts[1]).encode()


def published(data: dict[str, bytes], rest: bytes, triples: int) -> Embedded:
    store = Embedded.memory()
    for name, text in data.items():
        if name != REPORT:
            store.insert(text, "")
    store.insert(rest, "")
    wanted = max(1, triples - store.size(""))
    for _, _, text in copies(data, wanted):
        store.insert(text, "")
    return store


def measure_change(project: Project, *sizes: int) -> None:
    _, data = read_bundle()
    report, rest = new_report(data)
    validator = Validator(project.shapes, project.ontology)
    for size in sizes:
        store = published(data, rest, size)
        seconds, worked = [], []
        for _ in range(RUNS):
            began, at = time.perf_counter(), time.process_time()
            found = validator.validate([source("new", report)], store)
            worked.append(time.process_time() - at)
            seconds.append(time.perf_counter() - began)
        told = f"{lines_of(report):,} triples against {store.size(''):,}: {min(seconds):.2f} s"
        print(f"{told}, {min(worked):.2f} s worked ({found.summary})", flush=True)


def measure_whole(project: Project, size: int, deadline: int) -> None:
    validator = Validator(project.shapes, project.ontology)
    for faults in (False, True):
        ontology, data = grow_valid(size, faults=faults)
        began, worked = time.perf_counter(), time.process_time()
        report = validator.validate([source("all", data)])
        worked = time.process_time() - worked
        ours = {key(r) for r in flatten(report.results) if r.component.startswith(str(SH))}
        told = f"{time.perf_counter() - began:.1f} s, {worked:.1f} s worked, {len(ours)} results"
        print(f"{lines_of(data):,} triples, ours: {told}", flush=True)
    if deadline:
        compare(project, ontology + data, ours, worked, deadline)


def compare(project: Project, data: bytes, ours: set[Key], worked: float, deadline: int) -> None:
    """Let pySHACL alone judge the same; SystemExit names what differs."""
    answers = []
    refused = {focus for _, _, focus, _, _ in ours}
    for answer in ask_shapes(data, load_shapes(project.shapes), refused, deadline, SAMPLE):
        answers.append(answer)
        print(f"  {answer.told}", flush=True)
    partly = frozenset[str]().union(*(each.names for each in answers if each.sample is not None))
    theirs = {one for each in answers for one in each.found or () if each.sample is None}
    differ = {one for one in ours ^ theirs if one[0] not in partly}
    for each in answers:
        if each.sample is not None and each.found is not None:
            drawn = {one for one in ours if one[0] in each.names and one[2] in each.sample}
            differ |= drawn ^ each.found
    seconds = sum(each.seconds for each in answers)
    print(
        f"pySHACL plainly: {seconds:.0f} s worked, at least, {seconds / worked:.0f} times ours; "
        f"{len(theirs)} results of shapes that it asked of every node, "
        f"{sum(len(each.found or ()) for each in answers if each.sample is not None)} of samples, "
        f"{sum(each.found is None for each in answers)} of {len(answers)} shapes without an answer"
    )
    if differ:
        raise SystemExit(f"these differ: {sorted(differ)[:10]}")
    print("the results are the same")


def _given(given: list[int], first: int, second: int) -> tuple[int, int]:
    one, two = [*given, *(first, second)[len(given) :]]
    return one, two


def main() -> None:
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)  # a traceback a wrong literal
    what, *sizes = sys.argv[1:] or ["change"]
    given = [int(text) for text in sizes]
    project = read_project(find_root())
    if what == "change":
        measure_change(project, *_given(given, 50_000, 500_000))
    else:
        measure_whole(project, *_given(given, 500_000, 120))


if __name__ == "__main__":
    main()
