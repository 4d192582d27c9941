"""Tables become triples that keep row and column, and their faults are named by the cell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from peelgraph.errors import MOST_FAULTS, Position, SourceError
from peelgraph.sources import Source, read_turtle
from peelgraph.sources.tables import read_tables, table_files

ID = "https://w3id.org/peelgraph/id/"
PEEL = "https://w3id.org/peelgraph/ontology#"
FORCE = f"{ID}force/{{force}}"
CHOICE = {"base": "string", "format": "good|inadequate"}
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SEE = "http://www.w3.org/2000/01/rdf-schema#seeAlso"

FORCES = {
    "primaryKey": "force",
    "columns": [
        {"name": "force", "suppressOutput": True, "required": True},
        {"name": "name", "aboutUrl": FORCE, "propertyUrl": LABEL, "lang": "cy"},
        {
            "name": "source",
            "aboutUrl": FORCE,
            "propertyUrl": SEE,
            "valueUrl": "{+source}",
            "separator": " ",
        },
    ],
}
GRADES = {
    "primaryKey": ["force", "year"],
    "foreignKeys": [
        {
            "columnReference": "force",
            "reference": {"resource": "forces.csv", "columnReference": "force"},
        }
    ],
    "columns": [
        {"name": "force", "required": True},
        {"name": "year", "datatype": {"base": "gYear", "format": "[0-9]{4}"}},
        {
            "name": "grade",
            "aboutUrl": f"{ID}judgment/{{force}}-{{year}}",
            "propertyUrl": f"{PEEL}gives",
            "valueUrl": f"{ID}grade/{{grade}}",
            "datatype": CHOICE,
            "null": ["not-graded"],
            "peel:yields": True,
        },
        {
            "name": "told",
            "virtual": True,
            "aboutUrl": f"{ID}judgment/{{force}}-{{year}}",
            "propertyUrl": LABEL,
            "lang": "en",
            "peel:text": "{force.name}, row {_sourceRow}",
            "peel:onlyWith": "grade",
            "peel:yields": True,
        },
    ],
}
TABLES = {
    "forces.csv": (
        "force,name,source\n"
        'gwent,Heddlu Gwent,https://e.org/a https://e.org/b%20c\nkent,"Kent, ""the"" force",\n'
    ),
    "grades.csv": (
        "force,year,grade\ngwent,2015,good\nkent,2015,not-graded\ngwent,2016,inadequate\n"
    ),
}


def write(folder: Path, **changed: str) -> Path:
    """The two tables in data/tables of `folder`; `changed` replaces one by another text."""
    tables = folder / "data" / "tables"
    tables.mkdir(parents=True)
    for name, schema in (("forces.csv", FORCES), ("grades.csv", GRADES)):
        text = changed.get(name.partition(".")[0], TABLES[name])
        (tables / name).write_text(text, encoding="utf-8")
        title = {"@value": name, "@language": "en"}
        metadata = {"url": name, "tableSchema": schema, "dcterms:title": title}
        (tables / f"{name}-metadata.json").write_text(json.dumps(metadata))
    return folder


def read(folder: Path, *turtle: Source) -> dict[str, Source]:
    files = table_files(folder / "data" / "tables")
    return {source.path.stem: source for source in read_tables(files, folder, turtle)}


def test_each_row_states_what_its_columns_say(tmp_path: Path) -> None:
    sources = read(write(tmp_path))

    stated = sources["grades"].triples.decode()
    graph = "<https://w3id.org/peelgraph/graph/grades>"
    assert f'{graph} <http://purl.org/dc/terms/title> "grades.csv"@en .\n' in stated
    gives = f"<{ID}judgment/gwent-2015> <{PEEL}gives> <{ID}grade/good> .\n"
    assert gives in stated
    assert f'<{ID}judgment/gwent-2015> <{LABEL}> "Heddlu Gwent, row 2"@en .\n' in stated
    assert "judgment/kent-2015" not in stated, "a null grade states nothing"
    forces = sources["forces"].triples.decode()
    assert f'<{ID}force/gwent> <{LABEL}> "Heddlu Gwent"@cy .\n' in forces
    assert f"<{ID}force/gwent> <{SEE}> <https://e.org/b%20c> .\n" in forces
    assert f'<{ID}force/kent> <{LABEL}> "Kent, \\"the\\" force"@cy .\n' in forces


def test_a_cell_of_several_values_may_name_what_it_speaks_of(tmp_path: Path) -> None:
    about = "https://e.org/{units}"
    units = {"name": "units", "aboutUrl": about, "propertyUrl": f"{PEEL}partOf", "valueUrl": FORCE}
    folder = write(tmp_path, forces="force,name,source,units\ngwent,,,one two\nkent,,,\n")
    metadata = folder / "data/tables/forces.csv-metadata.json"
    schema = {**FORCES, "columns": [*FORCES["columns"], {**units, "separator": " "}]}
    metadata.write_text(json.dumps({"url": "forces.csv", "tableSchema": schema}))

    stated = read(folder)["forces"].triples.decode()

    assert f"<https://e.org/one> <{PEEL}partOf> <{ID}force/gwent> .\n" in stated
    assert f"<https://e.org/two> <{PEEL}partOf> <{ID}force/gwent> .\n" in stated
    assert 2 == stated.count(f"<{PEEL}partOf>")


def test_each_triple_stands_at_its_cell(tmp_path: Path) -> None:
    sources = read(write(tmp_path))
    forces, grades = sources["forces"].positions, sources["grades"].positions

    judgment = f"<{ID}judgment/gwent-2016>"
    grade = f"<{ID}grade/inadequate>"
    assert grades.of(judgment, f"<{PEEL}gives>", grade) == Position(4, 12)
    assert grades.of_subject(judgment) == Position(4, 12)
    assert grades.line(4) == "gwent,2016,inadequate"
    assert forces.of(f"<{ID}force/kent>", f"<{LABEL}>") == Position(3, 6)
    assert grades.of("<urn:nothing>") is None


def test_what_a_turtle_file_describes_is_not_stated_again(tmp_path: Path) -> None:
    report = tmp_path / "report.ttl"
    report.write_text(f"<{ID}judgment/gwent-2015> a <{PEEL}Judgment> .")

    stated = read(write(tmp_path), read_turtle(report, "urn:report"))["grades"].triples.decode()

    assert "judgment/gwent-2015" not in stated
    assert "judgment/gwent-2016" in stated


def test_a_column_may_give_way_to_the_same_property_alone(tmp_path: Path) -> None:
    report = tmp_path / "report.ttl"
    report.write_text(
        f"<{ID}judgment/gwent-2015> a <{PEEL}Judgment> ; <{PEEL}gives> <{ID}grade/good> ."
    )
    folder = write(tmp_path)
    metadata = folder / "data/tables/grades.csv-metadata.json"
    metadata.write_text(
        metadata.read_text().replace('"peel:yields": true', '"peel:yields": "value"')
    )

    stated = read(folder, read_turtle(report, "urn:report"))["grades"].triples.decode()

    assert f"<{ID}judgment/gwent-2015> <{LABEL}>" in stated, "of it the report says nothing"
    assert f"<{ID}judgment/gwent-2015> <{PEEL}gives>" not in stated
    assert f"<{ID}judgment/gwent-2016> <{PEEL}gives>" in stated


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_line_ends_change_nothing(tmp_path: Path, end: str) -> None:
    plain = read(write(tmp_path / "plain"))["grades"]
    written = "\ufeff" + TABLES["grades.csv"].replace("\n", end) + end

    spreadsheet = read(write(tmp_path / "spreadsheet", grades=written))["grades"]

    assert spreadsheet.triples == plain.triples


@pytest.mark.parametrize(
    ("text", "message", "hint", "place"),
    [
        ("", "has no header", "its first line is: force,year,grade", None),
        ("force,year,grade\n", "no row", "", None),
        ("force,yaer,grade\nkent,2015,good\n", "'yaer'", "did you mean year", (1, 7)),
        ("force,year\nkent,2015\n", "'grade' is missing", "the header is", (1, 7)),
        ("force,year,year\nkent,2014,2015\n", "'year' stands twice", "'grade' is miss", (1, 12)),
        ("force;year;grade\nkent;2015;good\n", "not in", "by commas", (1, 1)),
        ('force;year;grade\nkent;"2015";good\n', "not in", "by commas", (1, 1)),
        ("force,year,grade\nkent,2015\n", "2 cells under 3 columns", "", (2, 6)),
        ("force,year,grade\nkent,2015,good,x\n", "4 cells under 3 columns", "quotation", (2, 11)),
        ("force,year,grade\nkent,2015,godo\n", "cannot be 'godo'", "did you mean good", (2, 11)),
        ("force,year,grade\nkent,15,good\n", "year cannot be '15'", "four digits", (2, 6)),
        ("force,year,grade\n,2015,good\n", "force needs a value", "", (2, 1)),
        ("force,year,grade\nkint,2015,good\n", "'kint' is not in", "did you mean kent", (2, 1)),
        (
            "force,year,grade\nkent,2015,good\nforce,year,grade\nkent,2016,good\n",
            "header stands here once more",
            "remove this row",
            (3, 1),
        ),
        ('force,year,grade\nkent,"2015,good\n', "quotation mark", "double", (2, 6)),
        ('force,year,grade\nkent,20"15,good\n', "quotation mark", "double", (2, 8)),
    ],
)
def test_a_fault_is_named_by_its_cell(
    tmp_path: Path, text: str, message: str, hint: str, place: tuple[int, int] | None
) -> None:
    with pytest.raises(SourceError) as caught:
        read(write(tmp_path, grades=text))

    error = caught.value
    assert message in error.message
    assert hint in (error.hint or "")
    assert error.position == (Position(*place) if place else None)
    assert error.path == "data/tables/grades.csv"
    assert error.others == ()


FAULTY = """\
force,yaer,grade
kint,2015,good
kent,2015,godo
kent,2016
kint,15,godo
kent,2017,"good
kent,2018,good
gwent,2015,good
gwent,2015,good
"""


def test_all_faults_are_told_in_one_run(tmp_path: Path) -> None:
    folder = write(
        tmp_path, grades=FAULTY, forces="force,name,source\ngwent,Gwent,a b\nkent,Kent,kent\n"
    )

    with pytest.raises(SourceError) as caught:
        read(folder)

    found = [
        (f.path[12:], f.position.line, f.position.column)
        for f in (caught.value, *caught.value.others)
    ]
    assert [
        ("forces.csv", 2, 13),
        ("forces.csv", 3, 11),
        ("grades.csv", 1, 7),
        ("grades.csv", 2, 1),
        ("grades.csv", 3, 11),
        ("grades.csv", 4, 6),
        ("grades.csv", 5, 6),
        ("grades.csv", 6, 11),
        ("grades.csv", 9, 1),
    ] == found


def test_the_same_mistake_in_many_rows_is_one_fault(tmp_path: Path) -> None:
    rows = "".join(f"kint,{2000 + number},good\n" for number in range(20))

    with pytest.raises(SourceError) as caught:
        read(write(tmp_path, grades=f"force,year,grade\n{rows}"))

    assert () == caught.value.others
    assert "'kint' is not in data/tables/forces.csv (and in 19 more rows)" in caught.value.message


def test_of_very_many_faults_the_rest_is_counted(tmp_path: Path) -> None:
    rows = "".join(f"kent,{number},good\n" for number in range(MOST_FAULTS + 7))

    with pytest.raises(SourceError) as caught:
        read(write(tmp_path, grades=f"force,year,grade\n{rows}"))

    assert MOST_FAULTS == 1 + len(caught.value.others)
    assert 7 == caught.value.left_out
    assert str(caught.value).endswith("and 7 more: correct these first, and read again")


def test_a_second_row_of_the_same_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'kent 2015' stands twice") as caught:
        read(write(tmp_path, grades="force,year,grade\nkent,2015,good\nkent,2015,inadequate\n"))

    assert caught.value.position == Position(3, 1)
    assert "line 2" in caught.value.hint


def test_an_address_that_is_no_iri_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(write(tmp_path, forces="force,name,source\ngwent,Gwent,\nkent,Kent,kent\n"))

    assert caught.value.position == Position(3, 11)


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "data/tables/grades.csv"
    path.write_bytes("force,year,grade\nkent,2015,gö\n".encode("latin-1"))

    with pytest.raises(SourceError, match=r"0xf6 is not UTF-8") as caught:
        read(tmp_path)

    assert caught.value.position == Position(2, 12)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{", "is no JSON"),
        ("{}", "lacks a tableSchema"),
        ('{"tableSchema": {"columns": []}}', "is no CSVW metadata"),
        (
            '{"url": "g", "tableSchema": {"columns": [{"name": "a", "peel:txt": "b"}]}}',
            "peel:txt is no annotation",
        ),
        (
            '{"url": "g", "tableSchema": {"columns": [{"name": "a", "peel:yields": "all"}]}}',
            "'all' is no value of peel:yields",
        ),
        (
            '{"url": "g", "tableSchema": {"columns": [{"name": "a", "aboutUrl": "urn:{b}"}]}}',
            "names b, which is no column",
        ),
        (
            '{"url": "g", "tableSchema": {"columns": [{"name": "a", "propertyUrl": "urn:p"}]}}',
            "lacks an aboutUrl",
        ),
    ],
)
def test_metadata_that_cannot_be_used_is_refused(
    tmp_path: Path, metadata: str, message: str
) -> None:
    write(tmp_path)
    (tmp_path / "data/tables/grades.csv-metadata.json").write_text(metadata)

    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path)

    assert caught.value.path.endswith("grades.csv-metadata.json")


def test_a_table_needs_metadata_and_metadata_a_table(tmp_path: Path) -> None:
    tables = write(tmp_path) / "data" / "tables"
    (tables / "grades.csv-metadata.json").rename(tables / "other.csv-metadata.json")

    with pytest.raises(SourceError, match="describes a table that is not there"):
        read(tmp_path)
    (tables / "other.csv-metadata.json").unlink()
    with pytest.raises(SourceError, match="no such file"):
        read(tmp_path)


def test_who_reads_no_tables_does_not_wait_for_csvw() -> None:
    told = "import sys, peelgraph.cli; sys.exit('csvw' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


def written_dates(tmp_path: Path, cell: str) -> list[Source]:
    schema = {
        "primaryKey": "force",
        "columns": [
            {"name": "force", "suppressOutput": True, "required": True},
            {
                "name": "closed",
                "aboutUrl": FORCE,
                "propertyUrl": f"{PEEL}closed",
                "peel:dates": True,
            },
        ],
    }
    folder = tmp_path / "data/tables"
    folder.mkdir(parents=True)
    (folder / "dates.csv").write_text(f"force,closed\nkent,{cell}\n", encoding="utf-8")
    metadata = {"@context": "http://www.w3.org/ns/csvw", "url": "dates.csv", "tableSchema": schema}
    (folder / "dates.csv-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return list(read_tables(table_files(folder), tmp_path, ()))


@pytest.mark.parametrize(
    ("cell", "datatype"), [("2024-05-21", "date"), ("2023-12", "gYearMonth"), ("2022", "gYear")]
)
def test_a_date_is_as_exact_as_its_cell(tmp_path: Path, cell: str, datatype: str) -> None:
    (source,) = written_dates(tmp_path, cell)

    wanted = f'closed> "{cell}"^^<http://www.w3.org/2001/XMLSchema#{datatype}> .'
    assert wanted in source.triples.decode()


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("21 May 2024", "write 2024-05-21"),
        ("03/04/2017", "write 2017-04-03 (3 April 2017) or 2017-03-04 (4 March 2017)"),
        ("2024-02-30", "write a day, a month or a year"),
        ("spring", "write a day, a month or a year"),
    ],
)
def test_a_date_in_another_form_is_told_what_to_write(tmp_path: Path, cell: str, hint: str) -> None:
    with pytest.raises(SourceError, match="closed cannot be") as caught:
        written_dates(tmp_path, cell)

    assert hint in (caught.value.hint or "")
