"""Write the rows of the ledger anew from the report graph: python tests/ledger/write.py

A row is a passage, a thing that it states or names, and the properties by which the graph says
what the thing is to others. Each passage keeps the file in which its rows stand, and its reason
where it states nothing.
"""

from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms

FOLDER = Path(__file__).parent
DATA = FOLDER.parents[1] / "data"
REPORT = DATA / "reports/derbyshire-2015-effectiveness"
PASSAGE = f"{terms.ID}passage/{REPORT.name}-"
ATTESTED = {f"{terms.PEEL}statedIn", f"{terms.PEEL}namedIn"}
# Relations of other vocabularies that say what a thing is to others.
BORROWED = {terms.expand("skos:broader"): "broader"}
# What every thing has, and what says how a row was made rather than what the report says.
COMMON = {"bearsOn", "concerns", "derivation", "hasTopic", "namedIn", "statedAs", "statedIn"}
Rows = dict[str, dict[str, str]]


def prefixed(iri: str) -> str:
    """An IRI of ours as the ledger writes it: `type:slug`."""
    return iri.removeprefix(terms.ID).replace("/", ":", 1)


def rows() -> Rows:
    """What each passage states or names, with its properties, by the end of the passage's IRI."""
    found: dict[str, set[str]] = {}
    relations: dict[str, set[str]] = {}
    for path in sorted([*REPORT.glob("*.ttl"), *(DATA / "reference").glob("*.ttl")]):
        for triple in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            name, term = prefixed(triple.subject.value), triple.predicate.value
            if term in ATTESTED and triple.object.value.startswith(PASSAGE):
                found.setdefault(triple.object.value.removeprefix(PASSAGE), set()).add(name)
            elif term in BORROWED or term.startswith(terms.PEEL):
                told = BORROWED.get(term) or term.removeprefix(terms.PEEL)
                relations.setdefault(name, set()).add(told)
    return {
        passage: {name: " ".join(sorted(relations.get(name, set()) - COMMON)) for name in names}
        for passage, names in found.items()
    }


def main() -> None:
    """Rewrite every file of this folder; a passage with rows in two keeps the first one's."""
    found, seen = rows(), set[str]()
    for path in sorted(FOLDER.glob("*.tsv"), key=lambda file: (file.stem != "overview", file)):
        lines: list[str] = []
        own = dict.fromkeys(seen)
        for line in path.read_text(encoding="utf-8").splitlines():
            passage, _, rest = line.partition("\t")
            if passage in own:
                continue
            own[passage] = None
            seen.add(passage)
            stated = sorted(found.get(passage, {}).items())
            lines += [f"{passage}\t{name}\t{told}\n" for name, told in stated]
            lines += [] if stated else [f"{passage}\t{rest.rstrip()}\n"]
        path.write_text("".join(lines), encoding="utf-8")
    for passage in sorted(found.keys() - seen):
        print(f"{passage} has no row: add a line that begins with it to the file of its section")


if __name__ == "__main__":
    main()
