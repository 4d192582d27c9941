"""The bundled graph grown to many forces and rounds: what the benchmarks of reasoning run on.

Each copy is the report's own graph under other names, with the same shape and the same ratio of
things to statements. What belongs to a force (its units, boards, partners) is shared by its rounds;
the framework (questions, grades of a round) is repeated a round. No two copies clash.
"""

import re
from collections.abc import Iterator
from itertools import product

from peelgraph import terms
from peelgraph.sources import find_root, read_project

FORCES = 43  # territorial forces of England and Wales
REPORT, FRAMEWORK = "derbyshire-2015-effectiveness", "framework"
# Stand-ins in a copy's template for what changes from copy to copy; no RDF text holds them.
FORCE, ROUND = "\x01", "\x02"
LASTING = ("area", "board", "force", "organisation", "region", "role", "system", "unit")


def read_bundle() -> tuple[bytes, dict[str, bytes]]:
    """The project's ontology, and its data by the last part of their graphs' names."""
    project = read_project(find_root())
    data: dict[str, bytes] = {}
    for source in project.data:
        name = source.graph.removeprefix(terms.GRAPH)
        data[name] = data.get(name, b"") + source.triples
    return b"".join(source.triples for source in project.ontology), data


def copies(data: dict[str, bytes], triples: int) -> Iterator[tuple[int, int, bytes]]:
    """Force, round and triples of copies of the report until there are about `triples`."""
    report, framework = data[REPORT].decode(), data[FRAMEWORK].decode()
    own = {line.split(" ", 1)[0] for line in report.splitlines()}
    body, frame = _template(report, own), _template(framework, set())
    lines = report.count("\n")
    wanted = max(1, round(triples / lines))
    rounds = max(1, -(-wanted // FORCES))
    for number, (round_, force) in enumerate(product(range(rounds), range(FORCES))):
        if number >= wanted:
            return
        text = body.replace(FORCE, f"force-{force}").replace(ROUND, f"round-{round_}")
        if force == 0:
            text += frame.replace(ROUND, f"round-{round_}")
        yield force, round_, text.encode()


def grow(triples: int) -> tuple[bytes, bytes]:
    """The ontology, and about `triples` triples of data."""
    ontology, data = read_bundle()
    rest = b"".join(text for name, text in data.items() if name != REPORT)
    wanted = triples - rest.count(b"\n")
    return ontology, b"".join([rest, *(text for _, _, text in copies(data, wanted))])


def _template(text: str, own: set[str]) -> str:
    """N-Triples with the names that differ between copies replaced by stand-ins."""
    return re.sub(f"<{re.escape(terms.ID)}[^>]*>", lambda found: _rename(found[0], own), text)


def _rename(name: str, own: set[str]) -> str:
    kind, _, local = name[len(terms.ID) + 1 : -1].partition("/")
    dated = re.sub(r"20(14|15)", lambda found: f"{ROUND}-{found[1]}", local)
    if name in own or "derbyshire" in local:
        # A force's rounds share what outlives a round.
        mark = "" if kind in LASTING or ROUND in dated else f"-{ROUND}"
        dated = f"{FORCE}-{dated.replace('derbyshire', 'own')}{mark}"
    return f"<{terms.ID}{kind}/{dated}>"
