"""One measurement of reasoning in a process of its own, so that memory is its own too.

`python -m tests.benchmarks.reasoning_run WHO TRIPLES` prints one line of JSON.
"""

import json
import re
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

from peelgraph.embedded import Embedded
from peelgraph.reasoning import (
    Pattern,
    Rules,
    compile_rules,
    entail,
    find_contradictions,
    infer,
    infer_additions,
    infer_removals,
)
from peelgraph.reasoning.entailment import Columns
from peelgraph.reasoning.plan import make_plan
from peelgraph.terms import INFERRED, PEEL
from tests.benchmarks.reasoning_growth import copies, grow, read_bundle
from tests.reasoning.exclusions import is_excluded

Measured = dict[str, float | int | str | list[str]]
ADDED_FORCE = "force-99"


def ours(triples: int) -> Measured:
    """Our rules, from triples that are read to what follows, written out; then changes to them."""
    ontology, data = grow(triples)
    rules = compile_rules(ontology)
    store = Embedded.memory()
    store.insert(ontology, "")
    store.insert(data, "")
    del data
    text, start = store.read(""), perf_counter()
    columns = Columns(text, make_plan(rules.rules))
    read = perf_counter() - start
    start, worked = perf_counter(), process_time()
    inferred = sum(part.count(b"\n") for part in columns.entailed())
    seconds, worked = perf_counter() - start, process_time() - worked
    del columns
    store.renew(INFERRED, b"".join(entail(text, rules)))
    start = perf_counter()
    clashes = find_contradictions(store, rules)
    checked = perf_counter() - start
    return {
        "triples": store.size(""),
        "inferred": inferred,
        "read": read,
        "seconds": seconds,
        "worked": worked,
        "contradictions": len(clashes),
        "contradiction_seconds": checked,
        **_changes(store, rules),
    }


def disk(triples: int) -> Measured:
    """Our rules in a store on disk, as a write to a version runs them."""
    ontology, data = grow(triples)
    with tempfile.TemporaryDirectory() as folder:
        store = Embedded.open(Path(folder))
        store.insert(ontology, "")
        store.insert(data, "")
        rules = compile_rules(ontology)
        start = perf_counter()
        store.renew(INFERRED, b"".join(entail(store.read(""), rules)))
        seconds = perf_counter() - start
        found = {
            "triples": store.size(""),
            "inferred": store.size(INFERRED),
            "seconds": seconds,
            **_changes(store, rules),
        }
        store.close()
    return found


def sparql(triples: int) -> Measured:
    """Our rules as SPARQL in a store in memory, the way that a remote engine runs them."""
    ontology, data = grow(triples)
    store = Embedded.memory()
    store.insert(ontology, "")
    store.insert(data, "")
    rules, start = compile_rules(ontology), perf_counter()
    infer(store, rules)
    seconds = perf_counter() - start
    lines = store.read(INFERRED).decode().splitlines() if triples < LISTED else []
    return {"seconds": seconds, "lines": lines}


def answer(triples: int, without: str = "") -> Measured:
    """Our inferred triples themselves, to compare; without the rules of one name."""
    ontology, data = grow(triples)
    store = Embedded.memory()
    store.insert(ontology, "")
    store.insert(data, "")
    rules = compile_rules(ontology)
    kept = tuple(rule for rule in rules.rules if rule.name != without)
    asserted = store.read("")
    return {
        "lines": b"".join(entail(asserted, Rules(kept, rules.constraints))).decode().splitlines(),
        "asserted": asserted.decode().splitlines(),
    }


def unchained(triples: int) -> Measured:
    """The same without property chains, which `reasonable` has no rule for."""
    return answer(triples, without="prp-spo2")


def owlrl(triples: int) -> Measured:
    """owlrl on the same triples."""
    import rdflib  # noqa: PLC0415
    from owlrl import DeductiveClosure, OWLRL_Semantics  # noqa: PLC0415

    graph = rdflib.Graph()
    for text in grow(triples):
        graph.parse(data=text.decode(), format="nt")
    graph.remove((None, rdflib.OWL.hasKey, None))  # see tests/reasoning/oracle.py
    before, start, worked = set(graph), perf_counter(), process_time()
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    seconds, worked = perf_counter() - start, process_time() - worked
    lines = [_line(triple) for triple in set(graph) - before]
    return {
        "triples": len(before),
        "seconds": seconds,
        "worked": worked,
        "lines": [line for line in lines if line],
    }


def reasonable(triples: int) -> Measured:
    """The reasoner `reasonable` on the same triples."""
    import reasonable as other  # noqa: PLC0415

    with tempfile.NamedTemporaryFile(suffix=".ttl") as file:
        file.write(b"".join(grow(triples)))
        file.flush()
        start, reasoner = perf_counter(), other.PyReasoner()
        reasoner.load_file(file.name)
        read = perf_counter() - start
    start, worked = perf_counter(), process_time()
    found = reasoner.reason()
    seconds, worked = perf_counter() - start, process_time() - worked
    lines = [_line(triple) for triple in found] if triples < LISTED else []
    return {
        "read": read,
        "seconds": seconds,
        "worked": worked,
        "lines": [line for line in lines if line],
    }


LISTED = 100_000  # longer lists are not compared


def _line(triple: tuple[object, ...]) -> str:
    """A triple of rdflib as the store writes it; "" when it is left out of comparisons."""
    pattern = Pattern(*(term.n3() for term in triple))  # type: ignore[attr-defined]
    if is_excluded(pattern):
        return ""
    text = f"{pattern} .".replace("^^<http://www.w3.org/2001/XMLSchema#string>", "")
    return re.sub(r'"(-?\d+)\.0"\^\^', r'"\1"^^', text)


def _changes(store: Embedded, rules: Rules) -> Measured:
    """What a report more costs, of a force that was not there, and one triple less."""
    _, data = read_bundle()
    _, _, text = next(copies(data, 1))
    added = text.replace(b"force-0", ADDED_FORCE.encode())
    store.insert(added, "")
    start = perf_counter()
    infer_additions(store, rules, added)
    took = perf_counter() - start
    part_of = f"<{PEEL}partOf>".encode()
    removed = next(line for line in added.splitlines(keepends=True) if part_of in line)
    store.remove(removed, "")
    start = perf_counter()
    infer_removals(store, rules, removed)
    return {
        "added": added.count(b"\n"),
        "added_seconds": took,
        "removed_seconds": perf_counter() - start,
    }


def main() -> None:
    """Measure and print."""
    measures: dict[str, Callable[[int], Measured]] = {
        "ours": ours,
        "disk": disk,
        "sparql": sparql,
        "answer": answer,
        "unchained": unchained,
        "owlrl": owlrl,
        "reasonable": reasonable,
    }
    found = measures[sys.argv[1]](int(sys.argv[2]))
    found["mebibytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main()
