"""Rows as columns of Python values, each by its XSD type, and as a pandas or Polars frame."""

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from peelgraph.errors import SettingError
from peelgraph.terms import VOCABULARIES

FRAMES = ("pandas", "polars")

_XSD = VOCABULARIES["xsd"]
_INTEGERS = (
    *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"),
    *("nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort"),
    *("unsignedByte", "gYear"),
)
_LONGEST = 2**63  # integers from here on fit no column of 64 bits


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text]


def _float(text: str) -> float:
    return float(text.replace("INF", "inf"))


# Datatype: what reads its lexical form. A form that cannot be read stays the text it is.
_READERS: dict[str, Callable[[str], Any]] = {
    **{f"{_XSD}{name}": int for name in _INTEGERS},
    f"{_XSD}decimal": Decimal,
    f"{_XSD}double": _float,
    f"{_XSD}float": _float,
    f"{_XSD}boolean": _boolean,
    f"{_XSD}date": datetime.date.fromisoformat,
    f"{_XSD}dateTime": datetime.datetime.fromisoformat,
    f"{_XSD}time": datetime.time.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One variable: its values (None where unbound), and the datatypes that they have."""

    name: str
    values: tuple[Any, ...]
    datatypes: tuple[str, ...]

    @property
    def kind(self) -> type:
        """The one Python type of all values; str when there is none, object when there are more.

        Integers among decimals are decimals, and both among doubles are doubles.
        """
        kinds = {type(value) for value in self.values if value is not None}
        if kinds == {int} and any(v is not None and abs(v) >= _LONGEST for v in self.values):
            return object
        if len(kinds) > 1 and kinds <= {int, Decimal, float}:
            return float if float in kinds else Decimal
        return kinds.pop() if len(kinds) == 1 else object if kinds else str


def read_columns(body: bytes) -> list[Column]:
    """The columns of an answer in SPARQL's JSON, also of one without rows."""
    content = json.loads(body)
    rows = content["results"]["bindings"]
    return [_column(name, [row.get(name) for row in rows]) for name in content["head"]["vars"]]


def _column(name: str, cells: Sequence[Mapping[str, str] | None]) -> Column:
    datatypes = sorted({_datatype(cell) for cell in cells if cell is not None})
    return Column(name, tuple(_value(cell) for cell in cells), tuple(datatypes))


def _datatype(cell: Mapping[str, str]) -> str:
    if cell["type"] == "uri":
        return f"{_XSD}anyURI"
    if "xml:lang" in cell:
        return f"{VOCABULARIES['rdf']}langString"
    return cell.get("datatype", f"{_XSD}string")


def _value(cell: Mapping[str, str] | None) -> Any:
    if cell is None:
        return None
    text = cell["value"]
    read = _READERS.get(cell.get("datatype", ""))
    if read is None:
        return f"_:{text}" if cell["type"] == "bnode" else text
    try:
        return read(text)
    except (ValueError, KeyError, InvalidOperation):
        return text


def make_frame(columns: Sequence[Column], frame: str, about: Mapping[str, Any]) -> Any:
    """The columns as a frame of that library.

    Shape:  pandas keeps `about` and the datatypes of each column in `attrs`.
    Errors: SettingError when the library is not known, or is not installed.
    """
    if frame not in FRAMES:
        raise SettingError(f"there are no frames called {frame!r}", hint="pandas or polars")
    try:
        if frame == "pandas":
            made = _pandas(columns)
            made.attrs.update(about, datatypes={c.name: c.datatypes for c in columns})
            return made
        return _polars(columns)
    except ImportError as error:
        raise SettingError(
            f"{frame} is not installed", hint=f"run: pip install 'peelgraph[{frame}]'"
        ) from error


def _pandas(columns: Sequence[Column]) -> Any:
    import pandas  # noqa: PLC0415 - an extra

    dtypes = {int: "Int64", float: "Float64", bool: "boolean", str: "string"}
    # A column of days is one of instants at midnight: pandas has no other that counts with them.
    dtypes[datetime.date] = "datetime64[s]"

    def series(column: Column) -> Any:
        kind = column.kind
        values = [_as(kind, value) for value in column.values]
        zones = {v.utcoffset(): v.tzinfo for v in values if v} if kind is datetime.datetime else {}
        if len(zones) == 1:
            # Said, because pandas 2 would choose nanoseconds, which begin in 1677.
            zone = zones.popitem()[1]
            dtype = pandas.DatetimeTZDtype("us", zone) if zone else "datetime64[us]"
            return pandas.Series(values, dtype=dtype, name=column.name)
        return pandas.Series(values, dtype=dtypes.get(kind, "object"), name=column.name)

    made = pandas.DataFrame(dict(enumerate(map(series, columns))))
    # Named at the end: two columns of one name would be one key.
    made.columns = pandas.Index([column.name for column in columns], dtype="str")
    return made


def _polars(columns: Sequence[Column]) -> Any:
    import polars  # noqa: PLC0415 - an extra

    dtypes: dict[type, Any] = {
        int: polars.Int64,
        float: polars.Float64,
        bool: polars.Boolean,
        str: polars.String,
        datetime.date: polars.Date,
        datetime.datetime: None,
        datetime.time: polars.Time,
        Decimal: None,
    }

    def series(column: Column) -> Any:
        kind = column.kind
        values = [_as(kind, value) for value in column.values]
        offsets = {v.utcoffset() for v in values if v} if kind is datetime.datetime else {None}
        if kind not in dtypes or len(offsets) > 1:
            # Polars has no column for values of several types: their text is what they share.
            texts = [None if value is None else str(value) for value in values]
            return polars.Series(column.name, texts, dtype=polars.String)
        return polars.Series(column.name, values, dtype=dtypes[kind])

    return polars.DataFrame([series(column) for column in columns])


def _as(kind: type, value: Any) -> Any:
    return kind(value) if kind in (float, Decimal) and value is not None else value
