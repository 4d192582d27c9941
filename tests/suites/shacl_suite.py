"""W3C's SHACL test suite, run from outside through `peelgraph validate`, beside pySHACL itself.

    export PEELGRAPH_SHACL_SUITE=data-shapes/data-shapes-test-suite/tests
    python -m tests.suites.shacl_suite [WORD ...]

The suite is that of https://github.com/w3c/data-shapes, which is not part of this repository; a
WORD chooses the tests whose path holds it. Prints each test that fails or is skipped, and why;
exit code 1 when we fail one that pySHACL passes.
"""

import logging
import os
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyshacl
from rdflib import RDF, SH, BNode, Graph, Literal, Namespace
from rdflib.term import Node

from peelgraph.validation.pyshacl_runner import write_path

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
VARIABLE = "PEELGRAPH_SHACL_SUITE"
FAILURE = "failure"

# conforms, and each result as its parts; or FAILURE.
Outcome = tuple[bool, Counter[tuple[str, ...]]] | str


@dataclass(frozen=True)
class Case:
    """One test of the suite: what is judged by what, and what must come out."""

    name: str
    data: Path
    shapes: Path
    expected: Outcome
    has_messages: bool


def read_cases(root: Path) -> Iterator[Case | str]:
    """The tests that the manifests list; a string says which is left out, and why."""
    waiting, seen = [root / "manifest.ttl"], set()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        graph = Graph().parse(path, format="turtle", publicID=path.as_uri())
        waiting += [_as_path(node) for node in sorted(graph.objects(None, MF.include), key=str)]
        for head in graph.objects(None, MF.entries):
            for entry in graph.items(head):
                yield _read(graph, entry, path.relative_to(root))


def _as_path(node: Node | None) -> Path:
    return Path(str(node).removeprefix("file://"))


def _read(graph: Graph, entry: Node, place: Path) -> Case | str:
    if (entry, RDF.type, SHT.Validate) not in graph:
        return f"{place}: not a validation test: {graph.value(entry, RDF.type)}"
    action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
    data, shapes = graph.value(action, SHT.dataGraph), graph.value(action, SHT.shapesGraph)
    has_messages = any(graph.objects(None, SH.resultMessage))
    expected = FAILURE if result == SHT.Failure else outcome(graph, result, has_messages)
    return Case(str(place), _as_path(data), _as_path(shapes), expected, has_messages)


def outcome(graph: Graph, report: Node | None, has_messages: bool) -> Outcome:
    """The verdict and the results of a report; blank nodes are all alike."""
    found: Counter[tuple[str, ...]] = Counter(
        (
            _name(graph.value(node, SH.focusNode)),
            _path(graph, graph.value(node, SH.resultPath)),
            _name(graph.value(node, SH.value)),
            _name(graph.value(node, SH.resultSeverity)),
            _name(graph.value(node, SH.sourceConstraintComponent)),
            _name(graph.value(node, SH.sourceShape)),
            _messages(graph, node) if has_messages else "",
        )
        for node in graph.objects(report, SH.result)
    )
    return graph.value(report, SH.conforms) == Literal(True), found


def _name(node: Node | None) -> str:
    return "" if node is None else "_:" if isinstance(node, BNode) else node.n3()


def _path(graph: Graph, path: Node | None) -> str:
    return "" if path is None else write_path(graph, path)


def _messages(graph: Graph, node: Node) -> str:
    return "|".join(sorted(message.n3() for message in graph.objects(node, SH.resultMessage)))


def ask_ours(case: Case) -> Outcome:
    """What `peelgraph validate` says, from its output and exit code alone."""
    command = (sys.executable, "-m", "peelgraph", "validate", case.data, "--shapes", case.shapes)
    done = subprocess.run(
        [*command, "--context", "none", "--format", "turtle"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode not in (0, 1):
        return FAILURE
    graph = Graph().parse(data=done.stdout, format="turtle")
    report = graph.value(None, RDF.type, SH.ValidationReport)
    return outcome(graph, report, case.has_messages)


def ask_pyshacl(case: Case) -> Outcome:
    """What pySHACL says when it is called plainly on the same files."""
    data, shapes = (
        Graph().parse(path, format="turtle", publicID=path.as_uri())
        for path in (case.data, case.shapes)
    )
    try:
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none")
    except Exception:  # noqa: BLE001 - whatever it raises, it gives no report
        return FAILURE
    if not isinstance(report, Graph):
        return FAILURE
    head = report.value(None, RDF.type, SH.ValidationReport)
    return outcome(report, head, case.has_messages)


def main() -> int:
    """Run the suite and tell."""
    if VARIABLE not in os.environ:
        print(f"{VARIABLE} names the folder tests/ of the suite", file=sys.stderr)
        return 2
    root, words = Path(os.environ[VARIABLE]).resolve(), sys.argv[1:]
    read = list(read_cases(root))
    cases = [case for case in read if isinstance(case, Case)]
    cases = [case for case in cases if not words or any(word in case.name for word in words)]
    if not cases:
        print(f"{root}: no test here", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(2) as pool:
        ours = list(pool.map(ask_ours, cases))
    theirs = [ask_pyshacl(case) for case in cases]
    worse = 0
    for case, our, their in zip(cases, ours, theirs, strict=True):
        expected = case.expected
        if expected != our:
            worse += expected == their
            print(f"{case.name}: we fail, pySHACL {'passes' if expected == their else 'fails'}")
            for who, told in (("expected", expected), ("ours", our), ("pySHACL", their)):
                print(f"    {who}: {told}")
    for each in read:
        if isinstance(each, str):
            print(f"skipped: {each}")
    passed, known = (
        sum(case.expected == told for case, told in zip(cases, all_, strict=True))
        for all_ in (ours, theirs)
    )
    print(f"{len(cases)} tests; peelgraph passes {passed}, pySHACL {known}; worse in {worse}")
    return 1 if worse else 0


if __name__ == "__main__":
    # Ill-typed literals are part of the tests.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.exit(main())
