"""Rows become frames whose columns have the XSD types of their values."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

from peelgraph.client.frames import make_frame, read_columns
from peelgraph.errors import SettingError

XSD = "http://www.w3.org/2001/XMLSchema#"
DAY = datetime.date(2016, 2, 18)
NOON = datetime.datetime(2016, 2, 18, 12, tzinfo=datetime.UTC)
CORONATION = datetime.datetime(1066, 12, 25)


def literal(text: str, datatype: str) -> dict[str, str]:
    return {"type": "literal", "value": text, "datatype": f"{XSD}{datatype}"}


def answer(*cells: dict[str, str] | None) -> bytes:
    rows = [{} if cell is None else {"x": cell} for cell in cells]
    return json.dumps({"head": {"vars": ["x", "y"]}, "results": {"bindings": rows}}).encode()


def framed(frame: str, *cells: dict[str, str] | None) -> Any:
    return make_frame(read_columns(answer(*cells)), frame, {"version": "7"})


TYPES = [
    ("integer", "42", 42, "Int64", pl.Int64),
    ("nonNegativeInteger", "42", 42, "Int64", pl.Int64),
    ("gYear", "2015", 2015, "Int64", pl.Int64),
    ("decimal", "20.60", Decimal("20.60"), "object", pl.Decimal),
    ("double", "1.5E2", 150.0, "Float64", pl.Float64),
    ("boolean", "true", True, "boolean", pl.Boolean),
    ("boolean", "0", False, "boolean", pl.Boolean),
    ("date", "2016-02-18", DAY, "datetime64[s]", pl.Date),
    ("dateTime", "2016-02-18T12:00:00Z", NOON, "datetime64[us, UTC]", pl.Datetime),
    ("dateTime", "1066-12-25T00:00:00", CORONATION, "datetime64[us]", pl.Datetime),
    ("string", "Heddlu Gwent", "Heddlu Gwent", "string", pl.String),
    ("duration", "P1Y", "P1Y", "string", pl.String),
]


@pytest.mark.parametrize(("datatype", "text", "value", "dtype", "_"), TYPES)
def test_pandas_keeps_types_and_what_is_missing(
    datatype: str, text: str, value: object, dtype: str, _: object
) -> None:
    made = framed("pandas", literal(text, datatype), None)

    assert dtype == str(made["x"].dtype)
    assert made["x"][0] == (pd.Timestamp(DAY) if value is DAY else value)
    assert [False, True] == made["x"].isna().tolist()
    assert {"version": "7", "datatypes": {"x": (f"{XSD}{datatype}",), "y": ()}} == made.attrs


@pytest.mark.parametrize(("datatype", "text", "value", "_", "dtype"), TYPES)
def test_polars_keeps_types_and_what_is_missing(
    datatype: str, text: str, value: object, _: object, dtype: type[pl.DataType]
) -> None:
    made = framed("polars", literal(text, datatype), None)

    assert dtype == made.schema["x"].base_type()
    assert [value, None] == made["x"].to_list()


@pytest.mark.parametrize("frame", ["pandas", "polars"])
def test_an_answer_without_rows_has_its_columns(frame: str) -> None:
    made = framed(frame)

    assert ["x", "y"] == list(made.columns)
    assert 0 == len(made)


def test_mixed_numbers_take_the_wider_type() -> None:
    made = framed("pandas", literal("1", "integer"), literal("2.5", "decimal"))

    assert [Decimal(1), Decimal("2.5")] == made["x"].tolist()
    assert "Float64" == str(
        framed("pandas", literal("1", "decimal"), literal("2", "double"))["x"].dtype
    )


def test_what_no_type_fits_stays_as_it_is_written() -> None:
    cells = (literal("2016-02-18Z", "date"), literal("2016-02-18", "date"))

    assert ["2016-02-18Z", DAY] == framed("pandas", *cells)["x"].tolist()
    assert ["2016-02-18Z", "2016-02-18"] == framed("polars", *cells)["x"].to_list()
    assert 2**70 == framed("pandas", literal(str(2**70), "integer"))["x"][0]


def test_names_texts_and_blank_nodes_are_text() -> None:
    cells = [
        {"type": "uri", "value": "https://example.org/caf%C3%A9"},
        {"type": "literal", "value": "Gŵyl", "xml:lang": "cy"},
        {"type": "bnode", "value": "b0"},
    ]

    assert [cells[0]["value"], "Gŵyl", "_:b0"] == framed("pandas", *cells)["x"].tolist()


def test_a_library_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingError, match="pandas or polars"):
        framed("arrow")
