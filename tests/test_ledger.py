"""The ledger: what each passage of the report states, or why it states nothing; no gap either way.

Rows are written by tests/ledger/write.py; a reason (`none: ...`) is written by hand.
"""

from collections import Counter
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "data/reports/derbyshire-2015-effectiveness"
ATTESTED = (ox.NamedNode(f"{terms.PEEL}statedIn"), ox.NamedNode(f"{terms.PEEL}namedIn"))
# The frame of the cube is ours; the document and its parts are what is pointed at.
NOT_OF_A_PASSAGE = ("component", "dataset", "passage", "section", "structure")


def triples() -> list[ox.Triple]:
    """Every triple of the report's own files."""
    files = sorted(REPORT.glob("*.ttl"))
    assert files, "a check over nothing proves nothing"
    return [triple for file in files for triple in ox.parse(path=file, format=ox.RdfFormat.TURTLE)]


def prefixed(iri: str) -> str:
    """An IRI of ours as the ledger writes it: `type:slug`."""
    return iri.removeprefix(terms.ID).replace("/", ":", 1)


def attestations() -> set[tuple[str, str]]:
    """Each passage beside each thing that it states or names."""
    return {
        (prefixed(triple.object.value), prefixed(triple.subject.value))
        for triple in triples()
        if triple.predicate in ATTESTED
    }


def ledger() -> list[tuple[str, str]]:
    """The rows of all files of the ledger: a passage, and the names or the reason."""
    lines = [
        line
        for file in sorted((ROOT / "tests/ledger").glob("*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    rows = [line.split("\t") for line in lines]
    return [(f"passage:{REPORT.name}-{passage}", names) for passage, names in rows]


def test_every_passage_of_the_report_has_one_row() -> None:
    sections = ox.NamedNode(f"{terms.PEEL}inSection")
    passages = {
        prefixed(triple.subject.value) for triple in triples() if triple.predicate == sections
    }
    passages |= {name for name, _ in attestations()}
    rows = Counter(passage for passage, _ in ledger())

    assert passages - rows.keys() == set(), "no row: a gap"
    assert rows.keys() - passages == set(), "a row for a passage that is not there"
    assert [passage for passage, count in rows.items() if count > 1] == []


def test_the_ledger_names_what_each_passage_states_and_nothing_else() -> None:
    rows = {
        (passage, name)
        for passage, names in ledger()
        if not names.startswith("none:")
        for name in names.split()
    }
    found = attestations()

    assert rows - found == set(), "in the ledger, but not stated or named in that passage"
    assert found - rows == set(), "stated or named in a passage, but not in its row"


def test_a_passage_that_states_nothing_has_a_reason() -> None:
    reasons = [names.removeprefix("none:") for _, names in ledger() if names.startswith("none:")]

    assert [names for _, names in ledger() if not names.strip()] == []
    assert [reason for reason in reasons if len(reason.split()) < 3] == []


def test_everything_the_report_graph_describes_has_a_passage() -> None:
    described = {
        prefixed(triple.subject.value)
        for triple in triples()
        if triple.subject.value.startswith(terms.ID)
    }
    described = {name for name in described if name.split(":")[0] not in NOT_OF_A_PASSAGE}

    assert described - {name for _, name in attestations()} == set()
