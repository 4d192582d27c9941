"""How long validation takes: a new report against what is published, and everything at once.

    python tests/benchmarks/bench_validation.py change [small] [large]
    python tests/benchmarks/bench_validation.py whole [triples] [most]

`change` prints seconds for a report of about 1,500 triples against `small` and `large` published
triples (50,000 and 500,000 unless given). `whole` prints those of a full validation of `triples`
(500,000), of data that keep the shapes and of data with faults. Up to `most` triples (100,000)
pySHACL called plainly judges the same, and it fails unless the results agree. Processor seconds
are told beside, for a machine that is not alone.
"""

import sys
import time
from pathlib import Path

import pyoxigraph as ox
from rdflib import SH, Graph
from reasoning_growth import REPORT, copies, read_bundle
from validation_growth import grow_valid

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.sources import Positions, Project, Source, find_root, read_project
from peelgraph.validation import ShapeResult, Validator
from peelgraph.validation.backing import to_rdflib
from peelgraph.validation.judging import judge
from peelgraph.validation.shapes import load_shapes

LINES = 1_500
RUNS = 3


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
        seconds = []
        for _ in range(RUNS):
            began = time.perf_counter()
            found = validator.judge([source("new", report)], store)
            seconds.append(time.perf_counter() - began)
        told = f"{lines_of(report):,} triples against {store.size(''):,}"
        print(f"{told}: {min(seconds):.2f} s ({found.summary})", flush=True)


def measure_whole(project: Project, size: int, most: int) -> None:
    for faults in (False, True):
        ontology, data = grow_valid(size, faults=faults)
        began, worked = time.perf_counter(), time.process_time()
        report = Validator(project.shapes, project.ontology).judge([source("all", data)])
        told = f"{time.perf_counter() - began:.1f} s, {time.process_time() - worked:.1f} s worked"
        ours = {key(r) for r in report.results if r.component.startswith(str(SH))}
        print(f"{lines_of(data):,} triples, ours: {told}, {len(ours)} results", flush=True)
        if lines_of(data) <= most:
            compare(project, ontology + data, ours)


def compare(project: Project, data: bytes, ours: set[tuple[str, ...]]) -> None:
    """Judge the same by pySHACL alone; SystemExit names what differs."""
    shapes = load_shapes(project.shapes)
    whole = Graph()
    for triple in ox.parse(data, ox.RdfFormat.N_TRIPLES):
        whole.add(tuple(map(to_rdflib, (triple.subject, triple.predicate, triple.object))))
    began, worked = time.perf_counter(), time.process_time()
    verdicts = judge(whole, shapes, ())
    told = f"{time.perf_counter() - began:.1f} s, {time.process_time() - worked:.1f} s worked"
    theirs = {key(verdict.result) for verdict in verdicts.items}
    print(f"the same, pySHACL plainly: {told}, {len(theirs)} results", flush=True)
    if ours != theirs:
        raise SystemExit(f"these differ: {sorted(ours ^ theirs)[:10]}")


def key(result: ShapeResult) -> tuple[str, ...]:
    return result.shape, result.component, result.focus, result.path, result.value


def _given(given: list[int], first: int, second: int) -> tuple[int, int]:
    one, two = [*given, *(first, second)[len(given) :]]
    return one, two


def main() -> None:
    what, *sizes = sys.argv[1:] or ["change"]
    given = [int(text) for text in sizes]
    project = read_project(find_root())
    if what == "change":
        measure_change(project, *_given(given, 50_000, 500_000))
    else:
        measure_whole(project, *_given(given, 500_000, 100_000))


if __name__ == "__main__":
    main()
