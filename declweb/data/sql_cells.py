"""What databases give and take: values for parameters, and rows as a dataset.

Owns how the types of the site file are spoken of to a database, and how its cells are read. Knows no connection.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import blake2b

from declweb.data.asking import CannotAsk
from declweb.data.dataset import ANY, Cell, Column, Dataset
from declweb.model.data import Data

LONGEST = 10_000
"""Characters that a parameter may have."""

MOST_CHARACTERS = 20_000_000
"""Characters that all texts of an answer may have together."""

SPOKEN = {
    "text": "a text",
    "number": "a number",
    "integer": "a whole number",
    "yes/no": "yes or no",
    "date": "a date such as 2026-12-24",
    "time": "a time such as 18:30",
    "datetime": "a date with a time such as 2026-12-24 18:30",
    "url": "an address",
    "email": "a mail address",
}
"""What is expected, by type."""

_YES_NO = {"yes": True, "true": True, "1": True, "t": True, "no": False, "false": False, "0": False, "f": False}


# --- reading ----------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        raise ValueError  # noqa: TRY004 # one error for all that does not fit
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        value.isoformat(*(" " if isinstance(value, datetime) else ())) if isinstance(value, date | time) else str(value)
    )


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError  # noqa: TRY004 # one error for all that does not fit
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise ValueError
    return number


def _integer(value: object) -> int:
    number = _number(value)
    if abs(number) >= 10**30 or number != int(number):
        raise ValueError
    return int(number)


def _yes_no(value: object) -> bool:
    return _YES_NO[str(value).strip().lower()]


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(_written(value))


def _time(value: object) -> time:
    return value if isinstance(value, time) else time.fromisoformat(_written(value))


def _datetime(value: object) -> datetime:
    """Read a moment; one that says its zone is told in UTC without saying so, as SQLite tells all of them."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(_written(value))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo is not None else moment


def _written(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 # one error for all that does not fit
    return value.strip()


_READ: Mapping[str, Callable[[object], Cell]] = {
    "text": _text,
    "url": _text,
    "email": _text,
    "number": _number,
    "integer": _integer,
    "yes/no": _yes_no,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
}


def read(value: object, kind: str) -> Cell:
    """Return what a database gave as a value of a type, None as None; raises ValueError."""
    if value is None:
        return None
    try:
        return _READ[kind](value)
    except (ValueError, KeyError, OverflowError, InvalidOperation) as error:
        raise ValueError(SPOKEN[kind]) from error


def bound(data: Data, names: Sequence[str], params: Mapping[str, object]) -> dict[str, Cell]:
    """Return the values of parameters, each of its type; one that nobody gave is empty. Raises CannotAsk."""
    values = {}
    for name in names:
        kind = data.params.get(name, "text")
        given = params.get(name)
        try:
            values[name] = value = read(given, kind)
        except ValueError as error:
            raise CannotAsk("value", f"the parameter `{name}` is {error}, not {_quoted(given)}") from error
        if isinstance(value, str):
            _check_text(name, value)
    return values


def _check_text(name: str, value: str) -> None:
    if len(value) > LONGEST:
        raise CannotAsk("value", f"the parameter `{name}` has {len(value):,} characters; {LONGEST:,} are allowed")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise CannotAsk("value", f"the parameter `{name}` has characters that no text has")


# --- rows -------------------------------------------------------------------------------------------------------------


def columns_of(data: Data, given: Sequence[str], kinds: Mapping[str, str]) -> list[tuple[Column, int]]:
    """Return the columns with where each stands in the rows; types that the site does not say are as found."""
    if data.columns is None:
        _check_names(given)
        return [(Column(name, kinds[name]), place) for place, name in enumerate(given)]
    found = []
    for name, said in data.columns.items():
        wanted = said.heading or name
        if wanted not in given:
            raise CannotAsk(
                "broken",
                f"the query gives no column `{wanted}`",
                f"it gives {_listed(given)}",
                word=wanted,
            )
        column = Column(name, said.type, tuple(said.choices or ()), said.required, said.unique, said.key, said.heading)
        found.append((column, given.index(wanted)))
    return found


def _check_names(given: Sequence[str]) -> None:
    for name in given:
        if not (name.isascii() and name.isidentifier() and name == name.lower() and name[0] != "_"):
            raise CannotAsk(
                "broken",
                f"the query gives a column `{name}`, which templates cannot name",
                "give it a name of small letters, digits and `_`: select … as price",
                word=name,
            )
        if given.count(name) > 1:
            raise CannotAsk("broken", f"the query gives two columns `{name}`", "give one of them a name: … as other")


def dataset_of(
    name: str, data: Data, given: Sequence[str], kinds: Mapping[str, str], rows: Sequence[Sequence[object]]
) -> Dataset:
    """Return rows as a dataset; `kinds` says the types of columns that the database knows, the rows say the others."""
    across = list(zip(*rows, strict=True)) if rows else [() for _ in given]
    kinds = {each: kinds.get(each) or _kind(cells) for each, cells in zip(given, across, strict=True)}
    columns = columns_of(data, given, kinds)
    cells = {column.name: _cells(column, across[place]) for column, place in columns}
    digest = blake2b(
        repr([(column, cells[column.name]) for column, _ in columns]).encode("utf-8", "replace"), digest_size=16
    )
    return Dataset(name, tuple(column for column, _ in columns), cells, digest.hexdigest())


def _kind(cells: Sequence[object]) -> str:
    """Return the type of cells that nobody said the type of."""
    types = {type(cell) for cell in cells if cell is not None}
    for kind, fitting in _KINDS.items():
        if types and types <= fitting:
            return kind
    return ANY if types else "text"


_KINDS: Mapping[str, frozenset[type]] = {
    "yes/no": frozenset({bool}),
    "integer": frozenset({int}),
    "number": frozenset({int, float, Decimal}),
    "date": frozenset({date}),
    "time": frozenset({time}),
    "datetime": frozenset({datetime}),
    "text": frozenset({str}),
}


def _cells(column: Column, given: Sequence[object]) -> list[Cell]:
    cells: list[Cell] = []
    for row, value in enumerate(given, 1):
        try:
            cell = _any(value) if column.type == ANY else read(value, column.type)
        except ValueError as error:
            raise _bad(column, row, f"{_quoted(value)} is not {error}") from error
        if cell is None and (column.is_required or column.is_key):
            raise _bad(column, row, "the cell is empty")
        if column.choices and cell is not None and cell not in column.choices:
            raise _bad(column, row, f"{_quoted(value)} is none of {_listed(column.choices)}")
        cells.append(cell)
    if column.is_unique or column.is_key:
        _check_unique(column, cells)
    return cells


def _any(value: object) -> Cell:
    """Read a cell of a column that has several kinds."""
    return Decimal(repr(value)) if isinstance(value, float) and math.isfinite(value) else _known(value)


def _known(value: object) -> Cell:
    return value if value is None or isinstance(value, bool | int | Decimal | date | time) else read(value, "text")


def _check_unique(column: Column, cells: Sequence[Cell]) -> None:
    seen: dict[Cell, int] = {}
    for row, cell in enumerate(cells, 1):
        if cell is not None and seen.setdefault(cell, row) != row:
            raise _bad(column, row, f"{_quoted(cell)} stands in row {seen[cell]} too")


def _bad(column: Column, row: int, wrong: str) -> CannotAsk:
    return CannotAsk("cell", f"row {row} of the query, column `{column.spoken}`: {wrong}", word=column.spoken)


def _quoted(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return "what is no text (a blob)"
    text = str(value)
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown


def fetched(data: Data, fetch: Callable[[int], Sequence[Sequence[object]]]) -> list[Sequence[object]]:
    """Return all rows that a cursor has; raises CannotAsk where they are too many, or too much."""
    rows: list[Sequence[object]] = []
    characters = 0
    while len(rows) <= data.max_rows and (more := fetch(min(500, data.max_rows + 1 - len(rows)))):
        rows += more
        characters += sum(len(cell) for row in more for cell in row if isinstance(cell, str | bytes))
        if characters > MOST_CHARACTERS:
            raise CannotAsk("large", f"the query gives more than {MOST_CHARACTERS:,} characters", "ask for less")
    if len(rows) > data.max_rows:
        raise CannotAsk(
            "large",
            f"the query gives more than {data.max_rows:,} rows",
            "ask for fewer with `limit`, or let `max_rows` be more",
        )
    return rows
