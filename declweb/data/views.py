"""Rows as templates ask for them: `data.menu|where(category="cake")|sort_by("-price")|group_by("category")`.

Owns the three filters, and what a route's `item` and `items` are. The question itself is answered elsewhere. Filters
work on lists of tables, too, such as those of a document. Knows neither templates nor addresses.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from declweb.data.dataset import Cell, Column, Dataset, Row, Rows
from declweb.data.selecting import OPERATORS, Condition, Order, matching, ordered
from declweb.data.structured_files import typed_column
from declweb.data.values import Reading, read_cell, spoken
from declweb.problems import suggestion

Table = Rows | Sequence[Mapping[str, Any]]


class Group(NamedTuple):
    """Rows with the same cell in a column."""

    value: Cell
    rows: Rows


def where(table: Table, **conditions: Any) -> Rows:
    """Return the rows of which all conditions hold: `category="cake"`, `price__lt=5`, `name__contains="nut"`.

    Nothing is equal to an empty cell alone. Raises ValueError for an unknown column or operator, and for a value that
    the column cannot have.
    """
    rows = _rows(table)
    found = matching(rows.dataset, [condition(rows.dataset, word, value) for word, value in conditions.items()])
    if isinstance(rows.numbers, range):
        return Rows(rows.dataset, found)
    wanted = set(found)
    return Rows(rows.dataset, [number for number in rows.numbers if number in wanted])


def sort_by(table: Table, *columns: str) -> Rows:
    """Return the rows sorted by columns; `-` before one turns it round. Raises ValueError for an unknown column."""
    rows = _rows(table)
    orders = [Order.of(word) for word in columns]
    for order in orders:
        known_column(rows.dataset, order.column)
    return Rows(rows.dataset, ordered(rows.dataset, rows.numbers, orders))


def group_by(table: Table, column: str) -> list[Group]:
    """Return the rows parted by the cells of a column, in the order in which these first come.

    Raises ValueError for an unknown column.
    """
    rows = _rows(table)
    known_column(rows.dataset, column)
    cells, found = rows.dataset.cells[column], dict[Cell, list[int]]()
    for number in rows.numbers:
        found.setdefault(cells[number], []).append(number)
    return [Group(value, Rows(rows.dataset, numbers)) for value, numbers in found.items()]


FILTERS: Mapping[str, Callable[..., Any]] = {"where": where, "sort_by": sort_by, "group_by": group_by}
"""What templates know besides Jinja's own filters."""


def known_column(dataset: Dataset, name: str) -> Column:
    """Return a column; raises ValueError, which says what is known."""
    try:
        return dataset.column(name)
    except KeyError:
        near = suggestion(name, dataset.names) or f"its columns are {', '.join(dataset.names)}"
        raise ValueError(f"{dataset.name} has no column `{name}`: {near}") from None


def condition(dataset: Dataset, word: str, value: Any) -> Condition:
    """Return what `price__lt` and a value say of a row; raises ValueError."""
    name, _, operator = word.partition("__")
    column = known_column(dataset, name)
    operator = operator or "eq"
    if operator not in OPERATORS[column.type]:
        listed = ", ".join(f"{name}__{each}" for each in sorted(OPERATORS[column.type] - {"eq"}))
        raise ValueError(f"`{word}` cannot be asked; known are {name} and {listed}")
    if operator == "empty":
        return Condition(name, operator, bool(value))
    if operator == "eq" and value is None:
        return Condition(name, "empty", value=True)
    if operator == "in" or (operator == "eq" and isinstance(value, list | tuple)):
        return Condition(name, "in", [fitting(column, each) for each in value])
    return Condition(name, operator, str(value) if operator in {"contains", "starts"} else fitting(column, value))


def fitting(column: Column, value: Any) -> Cell:
    """Return a value as the cells of a column are; raises ValueError where it cannot be one."""
    if isinstance(value, str) and column.type not in {"text", "url", "email"}:
        return read_cell(value, column.type, Reading())
    if column.type == "number" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if isinstance(value, Decimal) else Decimal(str(value))
    if column.type == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
        return read_cell(f"{value} 00:00", "datetime", Reading())
    if type(value) not in _PYTHON.get(column.type, ()) and not (column.type == "text" and isinstance(value, str)):
        raise ValueError(f"`{value}` is not {spoken(column.type)}, as column `{column.name}` has them")
    return value


_PYTHON: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "url": (str,),
    "email": (str,),
    "integer": (int,),
    "yes/no": (bool,),
    "date": (date,),
    "time": (time,),
    "datetime": (datetime,),
}


def _rows(table: Any) -> Rows:
    """Return rows as such; of a list of tables those that it has."""
    if isinstance(table, Rows):
        return table
    if not isinstance(table, Sequence) or not all(isinstance(row, Mapping) for row in table):
        raise ValueError("these are no rows: write data.NAME, or a list of tables")
    names = dict.fromkeys(key for row in table for key in row)
    cells = {name: [row.get(name) for row in table] for name in names}
    columns = tuple(typed_column(name, values) for name, values in cells.items())
    return Rows(Dataset("this list", columns, cells))


class Items(Rows):
    """The rows that a page is about, and on which of several pages they stand."""

    __slots__ = ("next", "page", "pages", "previous", "total")

    def __init__(self, rows: Rows, page: int = 1, size: int | None = None) -> None:
        start = (page - 1) * (size or 0)
        shown = rows.numbers if size is None else rows.numbers[start : start + size]
        super().__init__(rows.dataset, shown)
        self.total = len(rows)
        """How many there are on all pages."""
        self.page = page
        self.pages = 1 if size is None else max(1, -(-len(rows) // size))
        self.next = f"?page={page + 1}" if page < self.pages else None
        """The address of the next page, seen from this one; None on the last."""
        self.previous = (f"?page={page - 1}" if page > 2 else "?") if page > 1 else None
        """The address of the page before, seen from this one; None on the first."""


PAGES_OF_ITEMS = ("next", "page", "pages", "previous", "total")
"""What templates know of `items` besides the rows."""


def blank(dataset: Dataset) -> Row:
    """Return a row whose optional cells are empty; the others are what such a column may have."""
    return Row({column.name: sample(column) if column.is_required else None for column in dataset.columns})


def sample(column: Column) -> Cell:
    """Return a cell that a column may have."""
    return column.choices[0] if column.choices else SAMPLES[column.type]


SAMPLES: Mapping[str, Cell] = {
    "text": 'What somebody wrote, <with signs> & "quotes"',
    "url": "https://example.org/?a=1&b=2",
    "email": "anna@example.org",
    "number": Decimal("4.20"),
    "integer": 3,
    "yes/no": True,
    "date": date(2026, 12, 24),
    "time": time(18, 30),
    "datetime": datetime.fromisoformat("2026-12-24T18:30:00+00:00"),
    "any": None,
}
"""A cell of each type, for trying templates out."""


def sampled(columns: Iterable[Column], name: str) -> Dataset:
    """Return a dataset to try templates out with.

    It has a row with every cell filled in, one with as few as may be, for each cell that may be empty one in which only
    this one is and one in which it alone is not, and one for each choice.
    """
    columns = tuple(columns)
    full = {column.name: sample(column) for column in columns}
    bare = {column.name: sample(column) if column.is_required else None for column in columns}
    rows = [full, bare]
    for column in columns:
        if not column.is_required:
            rows += {**full, column.name: None}, {**bare, column.name: full[column.name]}
        rows += ({**full, column.name: other} for other in _others(column))
    return Dataset(name, columns, {key: [row[key] for row in rows] for key in full})


def _others(column: Column) -> Sequence[Cell]:
    """Return what else than its sample a column may have, where that is one of a few."""
    return (False,) if column.type == "yes/no" else column.choices[1:_MOST_CHOICES]


_MOST_CHOICES = 20
