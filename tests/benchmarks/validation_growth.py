"""The bundled graph grown to many forces, each with a report that keeps every shape.

A copy is the report under other names. What the report shares with others (questions, grades,
measures, periods) is shared by the copies too; what is Derbyshire's, or an area, is a copy's own,
and is described as the reference data describe it.
"""

import re

from peelgraph import terms
from tests.benchmarks.reasoning_growth import REPORT, read_bundle
from tests.mistakes.planting import PLANTS, plant

_NAME = re.compile(rf"<{re.escape(terms.ID)}[^>]*>")
_MARK = "\x01"  # stands for the number of a copy; no RDF text holds it


def grow_valid(triples: int, *, faults: bool = False) -> tuple[bytes, bytes]:
    """The ontology, and about `triples` triples of data that keep the shapes.

    With `faults`, the report and each copy of it hold every kind of mistake of tests/mistakes.
    """
    ontology, data = read_bundle()
    if faults:
        data[REPORT] = b"".join(s.triples for document in plant(PLANTS) for s in document.read())
    whole = b"".join(data.values())
    body = template(ontology, data)
    copies = max(0, round((triples - whole.count(b"\n")) / body.count("\n")))
    grown = [body.replace(_MARK, f"copy-{number}").encode() for number in range(copies)]
    return ontology, b"".join([whole, *grown])


def template(ontology: bytes, data: dict[str, bytes]) -> str:
    """The report and what it needs of its own, each of its names with a stand-in."""
    described: dict[str, list[str]] = {}
    for name, text in data.items():
        if name != REPORT:
            for line in text.decode().splitlines(keepends=True):
                described.setdefault(line.partition(" ")[0], []).append(line)
    lines = data[REPORT].decode().splitlines(keepends=True)
    others = {line.partition(" ")[0] for line in ontology.decode().splitlines()}
    own = {line.partition(" ")[0] for line in lines} - described.keys() - others

    def is_own(name: str) -> bool:
        return name in own or "derbyshire" in name or name.startswith(f"<{terms.ID}area/")

    seen: set[str] = set()
    waiting = {name for line in lines for name in _NAME.findall(line) if is_own(name)}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        added = described.get(name, [])
        lines += added
        waiting |= {n for line in added for n in _NAME.findall(line) if is_own(n)} - seen
    # What the report adds to things of others is stated once, in the report itself.
    kept = [line for line in lines if is_own(line.partition(" ")[0])]
    return _NAME.sub(
        lambda found: f"{found[0][:-1]}-{_MARK}>" if is_own(found[0]) else found[0], "".join(kept)
    )
