"""Links to other datasets: what they claim, where they lead, and what is left out of them."""

import csv
import json
import urllib.request
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph import terms
from peelgraph.sources import read_project

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "data" / "tables" / "links.csv"
CLAIMS = {
    "same_as": f"{terms.VOCABULARIES['schema']}sameAs",
    "see_also": f"{terms.VOCABULARIES['rdfs']}seeAlso",
    "exact_match": f"{terms.VOCABULARIES['skos']}exactMatch",
    "close_match": f"{terms.VOCABULARIES['skos']}closeMatch",
}
LABEL = f"{terms.VOCABULARIES['rdfs']}label"
WELSH = f"{terms.ID}force/north-wales"

Triple = tuple[str, str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]


@pytest.fixture(scope="module")
def triples() -> list[Triple]:
    """Every triple of ontology and data."""
    project = read_project(ROOT)
    return [
        (str(t.subject).strip("<>"), t.predicate.value, t.object)
        for source in (*project.ontology, *project.data)
        for t in ox.parse(source.triples, ox.RdfFormat.N_TRIPLES)
    ]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nothing_is_merged_with_a_thing_elsewhere(triples: list[Triple]) -> None:
    merged = [t for t in triples if t[1] == f"{terms.VOCABULARIES['owl']}sameAs"]

    assert [] == merged


def test_a_row_makes_one_claim(rows: list[dict[str, str]]) -> None:
    assert len(rows) > 200
    assert [] == [row for row in rows if sum(bool(row[claim]) for claim in CLAIMS) != 1]


def test_every_link_leads_into_a_dataset_that_is_described(triples: list[Triple]) -> None:
    spaces = tuple(
        value.value
        for _, name, value in triples
        if name == f"{terms.VOCABULARIES['void']}uriSpace" and isinstance(value, ox.Literal)
    )
    targets = {
        value.value
        for _, name, value in triples
        if name in CLAIMS.values()
        and isinstance(value, ox.NamedNode)
        and not value.value.startswith(terms.BASE)
    }

    assert len(spaces) > 5
    assert len(targets) > 200
    assert set() == {target for target in targets if not target.startswith(spaces)}


def test_every_link_elsewhere_has_a_row_that_says_where_it_was_seen(
    triples: list[Triple], rows: list[dict[str, str]]
) -> None:
    stated = {
        (subject, name, value.value)
        for subject, name, value in triples
        if name in CLAIMS.values()
        and isinstance(value, ox.NamedNode)
        and not value.value.startswith(terms.BASE)
    }
    sourced = {
        (f"{terms.ID}{row['type']}/{row['id']}", CLAIMS[claim], row[claim])
        for row in rows
        for claim in CLAIMS
        if row[claim] and row["source"]
    }

    assert sourced == stated


@pytest.mark.parametrize(
    "weak",
    [
        # Q-numbers with one source, outside the run of the others.
        *("entity/Q5363266", "entity/Q4590862", "entity/Q11975230", "entity/Q8578453"),
        # Addresses of police force areas that follow from a pattern and were seen nowhere.
        *("statistical-geography/E23", "statistical-geography/W15"),
        # Wales and Scotland as one list misprints them.
        *("W92000002", "S92000002"),
        # Acts whose identifier was looked for and not seen; bodies that are no forces.
        *("id/ukpga/1996/16", "id/ukpga/2017/3", "id/ukpga/2015/9", "id/ukpga/2007/27"),
        *("police-authority", "unit/PERMILLE"),
    ],
)
def test_what_is_not_firm_is_no_link(weak: str, rows: list[dict[str, str]]) -> None:
    assert [] == [row for row in rows for claim in CLAIMS if weak in row[claim]]


def test_a_thing_has_one_label_and_it_is_english(triples: list[Triple]) -> None:
    labels = Counter(subject for subject, name, _ in triples if name == LABEL)
    others = [
        (subject, value)
        for subject, name, value in triples
        if name == LABEL and isinstance(value, ox.Literal) and value.language not in (None, "en")
    ]

    assert labels[WELSH] == 1
    assert [] == others


def ask(served: str, path: str, accept: str) -> str:
    request = urllib.request.Request(served + path, headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        text: str = answer.read().decode()
    return text


def test_a_force_is_found_by_its_welsh_name(served: str) -> None:
    found = json.loads(ask(served, "/search.json?q=Heddlu%20Gogledd%20Cymru", "application/json"))

    assert ("North Wales Police", "/doc/force/north-wales") == (found[0]["name"], found[0]["page"])


def test_a_page_shows_where_else_a_thing_is(served: str) -> None:
    page = ask(served, "/doc/force/north-wales", "text/html")

    assert '<span lang="cy">Heddlu Gogledd Cymru</span>' in page
    assert ">Also at</h2>" in page
    assert 'href="http://www.wikidata.org/entity/Q1774860"' in page
    assert "Wikidata: Q1774860" in page
    assert "links.csv, row" in page


def test_the_description_tells_the_linksets(served: str, rows: list[dict[str, str]]) -> None:
    void = terms.VOCABULARIES["void"]
    described = ox.Store()
    described.load(
        ask(served, "/.well-known/void", "text/turtle").encode(),
        ox.RdfFormat.TURTLE,
        base_iri=terms.BASE,
    )
    found = {
        (row["link"].value, row["target"].value): int(row["number"].value)
        for row in described.query(
            f"SELECT * {{ ?set a <{void}Linkset> ; <{void}linkPredicate> ?link ;"
            f" <{void}subjectsTarget> ?from ; <{void}objectsTarget> ?target ;"
            f" <{void}triples> ?number }}"
        )
    }
    expected = Counter(
        (CLAIMS[claim], "/".join(row[claim].split("/")[:3]) + "/")
        for row in rows
        for claim in CLAIMS
        if row[claim]
    )

    assert expected == found
