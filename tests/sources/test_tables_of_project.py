"""The tables of data/tables hold what their sources hold, and say it once, by the row."""

import csv
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from peelgraph.repository import Home
from peelgraph.sources import Source, read_project
from peelgraph.terms import ID, PEEL, TYPES, VOCABULARIES, slug

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "tables"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
LINKED = f"{VOCABULARIES['dcterms']}subject"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    return read_project(ROOT).data


@pytest.fixture(scope="module")
def tables(sources: tuple[Source, ...]) -> dict[str, Source]:
    return {source.path.stem: source for source in sources if source.path.suffix == ".csv"}


@pytest.fixture(scope="module")
def described(sources: tuple[Source, ...]) -> ox.Store:
    """What the Turtle files say."""
    store = ox.Store()
    for source in sources:
        if source.path.suffix == ".ttl":
            store.load(source.triples, ox.RdfFormat.N_TRIPLES)
    return store


def parse(source: Source) -> list[ox.Quad]:
    return list(ox.parse(source.triples, ox.RdfFormat.N_TRIPLES))


def test_the_tables_have_as_many_rows_as_their_sources() -> None:
    assert len(rows("forces")) == 43
    assert len(rows("governing-bodies")) == 43
    assert len(rows("rocu-members")) == 43
    assert len(rows("rocus")) == 10
    assert len(rows("grades-from-2021")) == 544
    assert len(rows("causes-of-concern")) == 43
    assert len(rows("monitoring")) == 19
    assert len(rows("publications")) == 226 + 76


def test_there_are_1353_grades_of_which_59_are_carried_over() -> None:
    grades = rows("grades")
    rounds = {"2014": 131, "2015": 182, "2016": 276, "2017": 442, "2018-19": 358}

    assert Counter(row["round"] for row in grades) == rounds
    assert Counter(row["grade"] for row in grades) == {
        "outstanding": 76,
        "good": 1018,
        "requires-improvement": 240,
        "inadequate": 19,
        "not-graded": 36,
    }
    assert Counter(row["read_as"] for row in grades) == {
        "grade": 990,
        "prose": 302,
        "elimination": 16,
        "restated": 78,
        "list": 3,
    }
    assert Counter(row["verified"] for row in grades) == {"yes": 1373, "no": 16}
    assert 59 == sum(1 for row in grades if row["carries_over"])


def test_grades_since_2021_by_round_how_they_were_read_and_whose_page_says_them() -> None:
    grades = rows("grades-from-2021")

    assert Counter((row["round"], row["read_as"]) for row in grades) == {
        ("2021-22", "grade"): 183,
        ("2021-22", "list"): 45,
        ("2021-22", "elimination"): 30,
        ("2021-22", "restated"): 2,
        ("2021-22", "reworded"): 1,
        ("2023-25", "grade"): 237,
        ("2023-25", "elimination"): 31,
        ("2023-25", "list"): 14,
        ("2023-25", "reworded"): 1,
    }
    assert Counter(row["source_kind"].split()[0] for row in grades) == {
        "press": 314,
        "official": 89,
        "other": 62,
        "republished": 51,
        "inspectorate": 28,
    }
    # What follows by elimination stands in no source.
    assert all((row["read_as"] == "elimination") == (row["verified"] == "no") for row in grades)


def test_every_report_since_2021_leads_to_an_inspection_with_grades_or_numbers() -> None:
    reports = [row for row in rows("publications") if row["round"] in {"2021-22", "2023-25"}]
    counted = {f"{row['force']}-{row['round']}" for row in rows("grade-counts")}

    assert Counter(row["round"] for row in reports) == {"2021-22": 41, "2023-25": 35}
    assert counted >= {row["inspections"] for row in reports}
    # The pages of the inspectorate themselves, no copies of them.
    assert all(
        row["address"].startswith("https://hmicfrs.justiceinspectorates.gov.uk/peel-reports/")
        for row in reports
    )


@pytest.mark.parametrize("name", ["causes-of-concern", "monitoring", "grades-from-2021"])
def test_each_row_has_the_kinds_of_its_sources_once(name: str) -> None:
    kinds = [row["source_kind"].split() for row in rows(name)]

    assert all(each and len(each) == len(set(each)) for each in kinds)
    assert any(len(each) > 1 for each in kinds)


def test_regional_inspections_judge_forces_and_units_once() -> None:
    grades = rows("regional-grades")
    given = [row for row in grades if not row["carries_over"]]

    assert Counter(row["type"] for row in given) == {"force": 30, "unit": 8}
    assert len({row["body"] for row in given}) == 38
    assert {row["body"] for row in grades if row["carries_over"]} == {"durham", "kent"}


def test_numbers_of_grades_add_up_and_no_more_grades_are_known_of_a_complete_list() -> None:
    counted: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows("grade-counts"):
        key = row["force"], row["round"], row["counted_by"]
        counted.setdefault(key, {})[row["grade"]] = int(row["questions"])
    whole = {key: numbers for key, numbers in counted.items() if len(numbers) == 1 + 5}

    assert len({key[:2] for key in counted}) == 87
    assert len(whole) == 77
    assert all(numbers[""] == sum(numbers.values()) - numbers[""] for numbers in whole.values())


@pytest.mark.parametrize("name", ["grades", "grades-from-2021"])
def test_each_grade_is_a_record_of_its_reading_in_the_graph(
    name: str, tables: dict[str, Source]
) -> None:
    counted = Counter(
        triple.object.value.rpartition("/")[2]
        for triple in parse(tables[name])
        if triple.predicate.value == f"{PEEL}readAs"
    )

    assert counted == Counter(row["read_as"] for row in rows(name))


def test_the_graph_holds_every_force_record_and_judgment(project_home: Home) -> None:
    store = ox.Store.read_only(str(project_home.current().store_path))
    counted = {}
    for name in ("Force", "GradeRecord", "Judgment", "RegionalOrganisedCrimeUnit"):
        found = store.quads_for_pattern(None, TYPE, ox.NamedNode(PEEL + name), ox.DefaultGraph())
        counted[name] = len(list(found))

    # The report grades Derbyshire on question 3 of 2015, which the table leaves out.
    assert counted == {
        "Force": 43,
        "GradeRecord": 1389 + 544 + 40,
        "Judgment": 1295 + 544 + 38,
        "RegionalOrganisedCrimeUnit": 10,
    }


def test_every_row_is_a_passage_with_a_source(tables: dict[str, Source]) -> None:
    for name, source in tables.items():
        passages = {
            triple.subject.value
            for triple in parse(source)
            if triple.predicate == TYPE and triple.object.value == PEEL + "TableRow"
        }

        assert len(passages) == len(rows(name)), name
        assert all(row["source"].startswith("http") for row in rows(name)), name


def test_every_subject_of_a_table_is_stated_or_named_in_a_row(tables: dict[str, Source]) -> None:
    for name, source in tables.items():
        triples = parse(source)
        # The row of a link has the thing that it links as its subject.
        attested = {
            triple.object if triple.predicate.value == LINKED else triple.subject
            for triple in triples
            if triple.predicate.value in {f"{PEEL}statedIn", f"{PEEL}namedIn", LINKED}
        }
        mine = {
            triple.subject
            for triple in triples
            if not triple.subject.value.startswith(
                (f"{ID}passage/", "https://w3id.org/peelgraph/g")
            )
        }

        replaced = {
            triple.subject
            for triple in triples
            if triple.predicate.value == f"{VOCABULARIES['dcterms']}isReplacedBy"
        }

        assert attested
        # An inspection that a publication reports is named in a table of its own.
        loose = {subject.value for subject in mine - attested - replaced}
        assert all(iri.startswith(f"{ID}inspection/") for iri in loose), (name, loose)


def test_every_triple_stands_in_a_cell(tables: dict[str, Source]) -> None:
    for name, source in tables.items():
        lines = len(rows(name)) + 1
        for triple in parse(source)[:: 1 + len(rows(name)) // 20]:
            terms = str(triple.subject), str(triple.predicate), str(triple.object)
            position = source.positions.of(*terms)

            assert position is not None
            assert 1 <= position.line <= lines


def test_every_thing_is_named_as_things_are_minted(tables: dict[str, Source]) -> None:
    for source in tables.values():
        for triple in parse(source):
            for term in triple:
                if isinstance(term, ox.NamedNode) and term.value.startswith(ID):
                    kind, _, name = term.value.removeprefix(ID).partition("/")
                    assert kind in TYPES
                    assert name == slug(name)


def test_tables_and_files_give_one_thing_one_label(
    tables: dict[str, Source], described: ox.Store
) -> None:
    shared = 0
    for source in tables.values():
        for triple in parse(source):
            if triple.predicate == LABEL:
                others = {
                    quad.object for quad in described.quads_for_pattern(triple.subject, LABEL, None)
                }
                shared += bool(others)
                assert not others or others == {triple.object}
    assert shared
