"""Pairs of numbers in sorted columns, and the joins over them that rules need."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

# Of a relation: its pairs, `first << 32 | second`, sorted, each once. Of a table: one variable.
Column: TypeAlias = npt.NDArray[np.int64]
Place: TypeAlias = str | int  # a variable, or the number of a constant

EMPTY: Column = np.empty(0, np.int64)

HALF = 32
_SECOND = (1 << HALF) - 1
_PAIR = 2


def relation(codes: "array[int]") -> Column:
    """A relation from its pairs, as they come."""
    return _unique(np.frombuffer(codes, np.int64))


def pairs(first: Column, second: Column) -> Column:
    """A relation from two columns of one length."""
    return _unique(first << HALF | second)


def halves(column: Column) -> tuple[Column, Column]:
    """The two columns of a relation."""
    return column >> HALF, column & _SECOND


def merged(relations: Sequence[Column]) -> Column:
    """The union of relations."""
    return relations[0] if len(relations) == 1 else _unique(np.concatenate(relations))


def without(relation: Column, other: Column) -> Column:
    """The pairs of `relation` that are not in `other`."""
    if not len(other) or not len(relation):
        return relation
    return relation[~_contains(other, relation)]


@dataclass(frozen=True, slots=True)
class Table:
    """Solutions: one column a variable, all of one length; rows counts them where there is none."""

    rows: int
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, relation: Column, first: Place, second: Place) -> "Table":
        """The solutions of a pattern in a relation."""
        if isinstance(first, int):
            start, end = np.searchsorted(relation, (first << HALF, (first + 1) << HALF))
            relation = relation[start:end]
        one, two = halves(relation)
        if isinstance(second, int):
            one, two = one[two == second], two[two == second]
        elif first == second:
            one = two = one[one == two]
        columns = {
            place: column
            for place, column in ((first, one), (second, two))
            if isinstance(place, str)
        }
        return cls(len(one), columns)

    def column(self, place: Place) -> Column:
        """The values of a variable, or a constant in every row."""
        if isinstance(place, int):
            return np.full(self.rows, place, np.int64)
        return self.columns[place]

    def only(self, variables: Iterable[str]) -> "Table":
        """The table of some variables, and where two are left or one, its rows each once."""
        kept = {name: self.columns[name] for name in variables if name in self.columns}
        if len(kept) > _PAIR or len(kept) == len(self.columns):
            return Table(self.rows, kept)
        if not kept:
            return Table(min(self.rows, 1), kept)
        names = list(kept)
        if len(names) == 1:
            column = _unique(kept[names[0]])
            return Table(len(column), {names[0]: column})
        one, two = halves(pairs(kept[names[0]], kept[names[1]]))
        return Table(len(one), {names[0]: one, names[1]: two})

    def take(self, rows: Column) -> dict[str, Column]:
        """The columns at some rows."""
        return {name: column[rows] for name, column in self.columns.items()}


def join(table: Table, relation: Column, first: Place, second: Place) -> Table:
    """The solutions of `table` with those of a pattern in a relation."""
    bound = [each for each in (first, second) if each in table.columns]
    if len(bound) == _PAIR:
        wanted = table.columns[str(first)] << HALF | table.columns[str(second)]
        rows = np.flatnonzero(_contains(relation, wanted))
        return Table(len(rows), table.take(rows))
    other = Table.of(relation, first, second)
    if not bound:
        left = np.repeat(np.arange(table.rows), other.rows)
        right = np.tile(np.arange(other.rows), table.rows)
    else:
        left, right = _matches(table.columns[str(bound[0])], other.columns[str(bound[0])])
    return Table(len(left), {**other.take(right), **table.take(left)})


def _matches(left: Column, right: Column) -> tuple[Column, Column]:
    """The rows of two columns that hold one value, pair by pair."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    start, end = np.searchsorted(ordered, left, "left"), np.searchsorted(ordered, left, "right")
    count = end - start
    rows = np.repeat(np.arange(len(left)), count)
    before = np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.arange(len(rows)) - before + np.repeat(start, count)]


def _contains(relation: Column, wanted: Column) -> npt.NDArray[np.bool_]:
    """Which of `wanted` a sorted column holds."""
    if not len(relation):
        return np.zeros(len(wanted), np.bool_)
    at = np.searchsorted(relation, wanted)
    at[at == len(relation)] = 0
    found: npt.NDArray[np.bool_] = relation[at] == wanted
    return found


def _unique(column: Column) -> Column:
    # Merging what is sorted in parts is what this kind of sort is quick at.
    ordered = np.sort(column, kind="stable")
    if len(ordered) < _PAIR:
        return ordered
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
