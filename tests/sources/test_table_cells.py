"""Cells are split as the csv module of Python splits them, and placed where they stand."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelgraph.sources.table_cells import split_rows

ROOT = Path(__file__).parents[2]
TABLES = sorted((ROOT / "data" / "tables").glob("*.csv"))
TEXTS = st.text(alphabet=st.sampled_from('ab,"\n ü'), max_size=6)


def cells_of(text: str) -> list[list[str]]:
    rows, faults = split_rows(text, Path("t.csv"))
    assert () == faults
    return [[cell.text for cell in row] for row in rows]


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=5))
def test_what_csv_writes_is_read_again(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows(rows)

    assert cells_of(written.getvalue()) == rows


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_the_tables_are_read_as_csv_reads_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert cells_of(text) == list(csv.reader(io.StringIO(text)))


def test_each_cell_is_named_where_it_stands() -> None:
    rows, _ = split_rows('a,"b,""c""\nd",e\r\n\r\nf,,g', Path("t"))
    found = [(c.text, c.position.line, c.position.column, c.name) for row in rows for c in row]

    assert found == [
        ("a", 1, 1, "cell=1,1"),
        ('b,"c"\nd', 1, 3, "cell=1,2"),
        ("e", 2, 4, "cell=1,3"),
        ("f", 4, 1, "cell=2,1"),
        ("", 4, 3, "cell=2,2"),
        ("g", 4, 4, "cell=2,3"),
    ]


@pytest.mark.parametrize("text", ["a,b\rc,d", "a,b\r\nc,d\r", "a,b\n\rc,d\n"])
def test_each_kind_of_line_end_ends_a_row(text: str) -> None:
    assert [["a", "b"], ["c", "d"]] == cells_of(text)


def test_places_count_each_kind_of_line_end() -> None:
    rows, _ = split_rows('a\r"b\rc"\r\nd,e\nf', Path("t"))
    places = [(c.position.line, c.position.column) for row in rows for c in row]

    assert [(1, 1), (2, 1), (4, 1), (4, 3), (5, 1)] == places


def test_reading_goes_on_behind_a_row_with_a_lone_quotation_mark() -> None:
    rows, faults = split_rows('a,b\r\n"c,d\r\ne,f\r\ng",h\r\ni,j\r\nk,l"\r\nm,n', Path("t"))

    assert ["t:6:4: a quotation mark that opens or closes no cell"] == [f.message for f in faults]
    assert [["a", "b"], ["c,d\r\ne,f\r\ng", "h"], ["i", "j"], ["m", "n"]] == [
        [cell.text for cell in row] for row in rows
    ]
    assert 7 == rows[-1][0].position.line
