"""The ledger: what each passage of the report states, by which relations, or why it states nothing.

Rows are written by tests/ledger/write.py; a reason (`none: ...`) is written by hand.
"""

from collections import Counter
from pathlib import Path

import pyoxigraph as ox

from peelgraph import terms
from tests.ledger.write import REPORT, prefixed, rows

ROOT = Path(__file__).parents[1]
FINDINGS = {"Finding", "PlannedDevelopment", "Practice", "Progress", "Strength", "Weakness"}
# The frame of the cube is ours; the document and its parts are what is pointed at.
NOT_OF_A_PASSAGE = ("component", "dataset", "passage", "section", "structure")
# Relations of statements and of other things, so that none of them implies `mentions`.
NOT_IMPLYING = ("against", "participant", "priority", "targets")
# Links that a finding has whatever it says, and how far a thing has come.
SAY_LITTLE = {"bearsOn", "concerns", "hasStatus", "hasTopic", "mentions", "statedIn"}


def triples() -> list[ox.Triple]:
    """Every triple of the report's own files."""
    files = sorted(REPORT.glob("*.ttl"))
    assert files, "a check over nothing proves nothing"
    return [triple for file in files for triple in ox.parse(path=file, format=ox.RdfFormat.TURTLE)]


def attestations() -> set[tuple[str, str, str]]:
    """Each passage beside each thing that it states or names, and the properties of the thing."""
    return {
        (passage, name, told) for passage, names in rows().items() for name, told in names.items()
    }


def ledger() -> list[list[str]]:
    """The rows of all files of the ledger: a passage with a thing and properties, or a reason."""
    return [
        line.split("\t")
        for file in sorted((ROOT / "tests/ledger").glob("*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def reasons() -> dict[str, str]:
    """Why a passage states nothing."""
    return {passage: names[0] for passage, *names in ledger() if names[0].startswith("none:")}


def test_every_passage_of_the_report_has_rows() -> None:
    sections = ox.NamedNode(f"{terms.PEEL}inSection")
    prefix = f"passage:{REPORT.name}-"
    passages = {
        prefixed(triple.subject.value).removeprefix(prefix)
        for triple in triples()
        if triple.predicate == sections
    } | rows().keys()
    counts = Counter((passage, name) for passage, name, *_ in ledger())

    assert passages - {passage for passage, _ in counts} == set(), "no row: a gap"
    assert {passage for passage, _ in counts} - passages == set(), "no such passage"
    assert [row for row, count in counts.items() if count > 1] == []
    assert reasons().keys() & rows().keys() == set()


def test_the_ledger_names_what_each_passage_states_and_by_which_relations() -> None:
    written = {tuple(row) for row in ledger() if row[0] not in reasons()}
    found = attestations()

    assert written - found == set(), "in the ledger, but not so in the graph"
    assert found - written == set(), "in the graph, but not so in the ledger"


def test_a_passage_that_states_nothing_has_a_reason() -> None:
    told = [reason.removeprefix("none:") for reason in reasons().values()]

    assert [reason for reason in told if len(reason.split()) < 3] == []


def test_everything_the_report_graph_describes_has_a_passage() -> None:
    described = {
        prefixed(triple.subject.value)
        for triple in triples()
        if triple.subject.value.startswith(terms.ID)
    }
    described = {name for name in described if name.split(":")[0] not in NOT_OF_A_PASSAGE}

    assert described - {name for _, name, _ in attestations()} == set()


def test_a_finding_says_what_it_is_about_by_relations() -> None:
    kinds = {ox.NamedNode(f"{terms.PEEL}{name}") for name in FINDINGS}
    found = {triple.subject for triple in triples() if triple.object in kinds}
    telling = {
        triple.subject
        for triple in triples()
        if triple.subject in found
        and isinstance(triple.object, ox.NamedNode)
        and triple.predicate.value.startswith(terms.PEEL)
        and triple.predicate.value.removeprefix(terms.PEEL) not in SAY_LITTLE
    }

    assert len(found) > 250
    assert len(found - telling) < 0.05 * len(found), sorted(map(str, found - telling))


def test_what_a_statement_is_for_or_acts_on_is_mentioned_once() -> None:
    """Relations that other things have too do not imply `mentions`; those of statements do."""
    above = ox.NamedNode(terms.expand("rdfs:subPropertyOf"))
    mentions = ox.NamedNode(f"{terms.PEEL}mentions")
    implying = {
        triple.subject
        for file in (ROOT / "ontology").glob("*.ttl")
        for triple in ox.parse(path=file, format=ox.RdfFormat.TURTLE)
        if triple.predicate == above and triple.object == mentions
    }
    own = {name: ox.NamedNode(f"{terms.PEEL}{name}") for name in NOT_IMPLYING}
    stated = ox.NamedNode(f"{terms.PEEL}statedIn")
    statements = {triple.subject for triple in triples() if triple.predicate == stated}
    pairs = {
        predicate: {
            (triple.subject, triple.object)
            for triple in triples()
            if triple.predicate == predicate and triple.subject in statements
        }
        for predicate in {*implying, *own.values(), mentions}
    }
    implied = set().union(*(pairs[each] for each in implying))
    needed = set().union(*(pairs[each] for each in own.values()))

    assert len(implying) > 20
    assert sorted(map(str, needed - implied - pairs[mentions])) == [], "mentions is missing"
    assert sorted(map(str, implied & pairs[mentions])) == [], "mentions says it twice"
