"""Write the rows of the ledger anew from the report graph: python tests/ledger/write.py

Each passage keeps the file in which its row stands, and its reason where it states nothing.
"""

from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms

FOLDER = Path(__file__).parent
REPORT = FOLDER.parents[1] / "data/reports/derbyshire-2015-effectiveness"
PASSAGE = f"{terms.ID}passage/derbyshire-2015-effectiveness-"


def attested() -> dict[str, set[str]]:
    """The prefixed names of what each passage states or names, by the end of the passage's IRI."""
    found: dict[str, set[str]] = {}
    for path in sorted(REPORT.glob("*.ttl")):
        for triple in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if triple.predicate.value in {f"{terms.PEEL}statedIn", f"{terms.PEEL}namedIn"}:
                name = triple.subject.value.removeprefix(terms.ID).replace("/", ":", 1)
                found.setdefault(triple.object.value.removeprefix(PASSAGE), set()).add(name)
    return found


def main() -> None:
    """Rewrite every file of this folder; a passage with a row in two keeps the first one."""
    found, seen = attested(), set[str]()
    for path in sorted(FOLDER.glob("*.tsv"), key=lambda file: (file.stem != "overview", file)):
        rows = []
        for line in path.read_text(encoding="utf-8").splitlines():
            passage, names = line.split("\t")
            if passage not in seen:
                rows.append(f"{passage}\t{' '.join(sorted(found.get(passage, {names})))}\n")
                seen.add(passage)
        path.write_text("".join(rows), encoding="utf-8")
    for passage in sorted(found.keys() - seen):
        print(f"{passage} has no row: add a line that begins with it to the file of its section")


if __name__ == "__main__":
    main()
