"""Which rows of a dataset are meant, and in what order.

Owns the operators, and the indexes that make them quick. What holds is what holds in SQL: nothing is known of an empty
cell, so that only `empty` finds it, and it comes before all others in an order. Texts are compared by code point, as
SQLite compares them. Knows neither how a question is written, nor who asks.
"""

import operator
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from declweb.data.dataset import ANY, Cell, Dataset

_ALL = frozenset({"eq", "not", "in", "empty"})
_IN_ORDER = frozenset({"lt", "lte", "gt", "gte"})
_OF_TEXT = frozenset({"contains", "starts"})

OPERATORS: Mapping[str, frozenset[str]] = {
    "text": _ALL | _IN_ORDER | _OF_TEXT,
    "url": _ALL | _IN_ORDER | _OF_TEXT,
    "email": _ALL | _IN_ORDER | _OF_TEXT,
    "number": _ALL | _IN_ORDER,
    "integer": _ALL | _IN_ORDER,
    "date": _ALL | _IN_ORDER,
    "time": _ALL | _IN_ORDER,
    "datetime": _ALL | _IN_ORDER,
    "yes/no": frozenset({"eq", "not", "empty"}),
    ANY: frozenset({"empty"}),
}
"""What can be asked of a column of each type."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What holds of a column: its cells compared with a value, with several for `in`, with yes or no for `empty`."""

    column: str
    operator: str
    value: object


@dataclass(frozen=True, slots=True)
class Order:
    """A column by which rows are sorted."""

    column: str
    is_descending: bool = False

    @classmethod
    def of(cls, word: str) -> "Order":
        """Return what `price` or `-price` says."""
        return cls(word.removeprefix("-"), word.startswith("-"))


def matching(dataset: Dataset, conditions: Iterable[Condition]) -> Sequence[int]:
    """Return the numbers of the rows of which all conditions hold, in the order of the file.

    Values must be of the column's type, and operators among its OPERATORS. Raises KeyError for an unknown column.
    """
    found: Sequence[int] | None = None
    for condition in sorted(conditions, key=lambda each: _RANK.get(each.operator, 1)):
        cells = dataset.cells[condition.column]
        if found is None and condition.operator in _INDEXED:
            found = _INDEXED[condition.operator](dataset, condition)
        else:
            holds = holding(condition)
            rows = range(len(dataset)) if found is None else found
            found = [row for row in rows if holds(cells[row])]
        if not found:
            return ()
    return range(len(dataset)) if found is None else found


def ordered(dataset: Dataset, rows: Sequence[int], orders: Sequence[Order]) -> Sequence[int]:
    """Return rows in an order: empty cells first, last where it is turned round; what is equal as it was before."""
    if not orders:
        return rows
    for order in reversed(orders):
        ranks = ranked(dataset, order.column)
        rows = sorted(rows, key=ranks.__getitem__, reverse=order.is_descending)
    return rows


@dataclass(frozen=True, slots=True)
class Index:
    """A column in its order: four bytes a row for each part, since a price list may have 100,000 of them."""

    different: list[Any]
    """Its different cells, empty ones apart."""
    ranks: Sequence[int]
    """For each row which of them it has, from 1 on; 0 for an empty one."""
    rows: Sequence[int]
    """All rows by their ranks; equal ones as in the file."""

    def between(self, start: int, end: int) -> Sequence[int]:
        """Return the rows with ranks from `start` up to, but not with `end`, by their ranks."""
        rank = self.ranks.__getitem__
        return self.rows[bisect_left(self.rows, start, key=rank) : bisect_left(self.rows, end, key=rank)]

    def with_cell(self, cell: Any) -> Sequence[int]:
        """Return the rows with a cell, in the order of the file."""
        at = bisect_left(self.different, cell)
        is_there = at < len(self.different) and self.different[at] == cell
        return self.between(at + 1, at + 2) if is_there else ()


def index(dataset: Dataset, column: str) -> Index:
    """Return a column in its order, made when it is first asked for."""
    key = "index", column
    if key not in dataset.made:
        dataset.made[key] = _indexed(dataset.cells[column])
    return dataset.made[key]  # type: ignore[return-value] # what was made by it


def _indexed(cells: Sequence[Any]) -> Index:
    rows = array("I", (row for row, cell in enumerate(cells) if cell is None))
    filled = sorted((row for row, cell in enumerate(cells) if cell is not None), key=cells.__getitem__)
    ranks, different = array("I", bytes(4 * len(cells))), list[Any]()
    for row in filled:
        cell = cells[row]
        if not different or different[-1] != cell:
            different.append(cell)
        ranks[row] = len(different)
    rows.extend(filled)
    return Index(different, ranks, rows)


def ranked(dataset: Dataset, column: str) -> Sequence[int]:
    """Return for each row which place its cell has among the different ones of a column; 0 for an empty one."""
    return index(dataset, column).ranks


def different(dataset: Dataset, column: str) -> list[Any]:
    """Return the different cells of a column in their order, empty ones apart."""
    return index(dataset, column).different


def _equal(dataset: Dataset, condition: Condition) -> Sequence[int]:
    return index(dataset, condition.column).with_cell(condition.value) if condition.value is not None else ()


def _among(dataset: Dataset, condition: Condition) -> Sequence[int]:
    with_cell = index(dataset, condition.column).with_cell
    return sorted(row for value in _values(condition) if value is not None for row in with_cell(value))


def _between(dataset: Dataset, condition: Condition) -> Sequence[int]:
    """Return the rows whose cells lie on one side of a value: a stretch of the different ones."""
    found = index(dataset, condition.column)
    start, end = STRETCHES[condition.operator](found.different, condition.value)
    return sorted(found.between(start, end))


Stretch = tuple[int, int]
"""The ranks of a column from the first to the one behind the last, 0 being that of empty cells."""

STRETCHES: Mapping[str, Callable[[list[Any], Any], Stretch]] = {
    "eq": lambda cells, value: (bisect_left(cells, value) + 1, bisect_right(cells, value) + 1),
    "lt": lambda cells, value: (1, bisect_left(cells, value) + 1),
    "lte": lambda cells, value: (1, bisect_right(cells, value) + 1),
    "gt": lambda cells, value: (bisect_right(cells, value) + 1, len(cells) + 1),
    "gte": lambda cells, value: (bisect_left(cells, value) + 1, len(cells) + 1),
}
"""What each operator leaves of the different cells of a column."""


_INDEXED: Mapping[str, Callable[[Dataset, Condition], Sequence[int]]] = {
    "eq": _equal,
    "in": _among,
    **dict.fromkeys(("lt", "lte", "gt", "gte"), _between),
}
"""How rows are found without looking at each."""

_RANK = {"eq": 0, "in": 0, "contains": 2, "starts": 2}
"""What leaves few rows, and costs little, is asked first."""

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "not": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def holding(condition: Condition) -> Callable[[Cell], bool]:
    """Return what tells whether a condition holds of a cell."""
    value = condition.value
    if condition.operator == "empty":
        return lambda cell: (cell is None) == value
    if condition.operator == "in":
        values = frozenset(_values(condition))
        return lambda cell: cell is not None and cell in values
    if condition.operator in _OF_TEXT:
        wanted, is_start = str(value).casefold(), condition.operator == "starts"
        if is_start:
            return lambda cell: cell is not None and str(cell).casefold().startswith(wanted)
        return lambda cell: cell is not None and wanted in str(cell).casefold()
    compare = _COMPARED[condition.operator]
    return lambda cell: cell is not None and compare(cell, value)


def _values(condition: Condition) -> Iterator[Cell]:
    assert isinstance(condition.value, Iterable)
    return iter(dict.fromkeys(condition.value))
