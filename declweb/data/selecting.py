"""Which rows of a dataset are meant, and in what order.

Owns the operators, and the indexes that make them quick. What holds is what holds in SQL: nothing is known of an empty
cell, so that only `empty` finds it, and it comes before all others in an order. Texts are compared by code point, as
SQLite compares them. Knows neither how a question is written, nor who asks.
"""

import operator
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


def ranked(dataset: Dataset, column: str) -> Sequence[int]:
    """Return for each row which place its cell has among the different ones of a column; 0 for an empty one."""
    key = "ranks", column
    if key not in dataset.made:
        cells = dataset.cells[column]
        by_cell: dict[Cell, int] = {cell: place for place, cell in enumerate(different(dataset, column), 1)}
        dataset.made[key] = [0 if cell is None else by_cell[cell] for cell in cells]
    return dataset.made[key]  # type: ignore[return-value] # what was made by it


def different(dataset: Dataset, column: str) -> list[Any]:
    """Return the different cells of a column in their order, empty ones apart."""
    key = "different", column
    if key not in dataset.made:
        found: set[Any] = set(dataset.cells[column])
        found.discard(None)
        dataset.made[key] = sorted(found)
    return dataset.made[key]  # type: ignore[return-value] # what was made by it


def places(dataset: Dataset, column: str) -> Mapping[Cell, Sequence[int]]:
    """Return the rows of each different cell of a column."""
    key = "places", column
    if key not in dataset.made:
        found: dict[Cell, list[int]] = {}
        for row, cell in enumerate(dataset.cells[column]):
            found.setdefault(cell, []).append(row)
        dataset.made[key] = found
    return dataset.made[key]  # type: ignore[return-value] # what was made by it


def _equal(dataset: Dataset, condition: Condition) -> Sequence[int]:
    return places(dataset, condition.column).get(condition.value, ()) if condition.value is not None else ()


def _among(dataset: Dataset, condition: Condition) -> Sequence[int]:
    by_cell = places(dataset, condition.column)
    return sorted(row for value in _values(condition) if value is not None for row in by_cell.get(value, ()))


def _between(dataset: Dataset, condition: Condition) -> Sequence[int]:
    """Return the rows whose cells lie on one side of a value: a stretch of the different ones."""
    cells = different(dataset, condition.column)
    start, end = 1, len(cells)
    value: Any = condition.value
    if condition.operator == "lt":
        end = bisect_left(cells, value)
    elif condition.operator == "lte":
        end = bisect_right(cells, value)
    elif condition.operator == "gt":
        start = bisect_right(cells, value) + 1
    else:
        start = bisect_left(cells, value) + 1
    return [row for row, place in enumerate(ranked(dataset, condition.column)) if start <= place <= end]


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
