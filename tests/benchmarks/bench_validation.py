"""How long validation takes: a new report against what is published, and everything at once.

    python tests/benchmarks/bench_validation.py [small] [large]

Prints seconds for a report of about 1,500 triples against `small` and `large` published triples
(50,000 and 500,000 unless given), then for a full validation of `large` triples by us and by
pySHACL called plainly, with the number of results of each.
"""

import sys
import time
from pathlib import Path

import pyshacl
from rdflib import SH, Graph
from reasoning_growth import REPORT, copies, grow, read_bundle

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.sources import Positions, Project, Source, find_root, read_project
from peelgraph.validation import Validator
from peelgraph.validation.shapes import inherit_prefixes

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


def measure_change(project: Project, sizes: tuple[int, int]) -> None:
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


def measure_whole(project: Project, size: int) -> None:
    ontology, data = grow(size)
    began = time.perf_counter()
    report = Validator(project.shapes, project.ontology).judge([source("all", data)])
    print(
        f"{lines_of(data):,} triples, ours: {time.perf_counter() - began:.1f} s, "
        f"{len(report.results)} results",
        flush=True,
    )
    shapes = Graph()
    for each in project.shapes:
        shapes.parse(data=each.triples, format="nt")
    began = time.perf_counter()
    whole = Graph().parse(data=data + ontology, format="nt")
    _, found, _ = pyshacl.validate(whole, shacl_graph=inherit_prefixes(shapes), inplace=True)
    count = len(list(found.subjects(SH.resultSeverity, None)))
    print(f"the same, pySHACL plainly: {time.perf_counter() - began:.1f} s, {count} results")


def main() -> None:
    small, large = ([int(text) for text in sys.argv[1:3]] + [50_000, 500_000])[:2]
    project = read_project(find_root())
    measure_change(project, (small, large))
    measure_whole(project, large)


if __name__ == "__main__":
    main()
