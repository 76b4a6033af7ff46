"""What databases give and take: values for parameters, and rows as a dataset.

Owns how the types of the site file are spoken of to a database, and how its cells are read. Knows no connection.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
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

EXACT = 2.0**53
"""Whole numbers up to this one are what they are, also where databases keep them as floating-point ones."""

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
    is_whole = isinstance(value, float) and abs(value) < EXACT and value.is_integer()
    number = Decimal(int(value) if is_whole else repr(value) if isinstance(value, float) else value)
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
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if isinstance(value, datetime) else datetime.fromisoformat(_written(value))


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


def read(value: object, kind: str, zone: tzinfo) -> Cell:
    """Return what a database gave as a value of a type, None as None; raises ValueError.

    The zone is that of moments which do not say theirs.
    """
    if value is None:
        return None
    try:
        cell = _READ[kind](value)
        return cell.replace(tzinfo=zone) if isinstance(cell, datetime) and cell.tzinfo is None else cell
    except (ValueError, KeyError, OverflowError, InvalidOperation) as error:
        raise ValueError(SPOKEN[kind]) from error


def bound(data: Data, names: Sequence[str], params: Mapping[str, object], zone: tzinfo) -> dict[str, Cell]:
    """Return the values of parameters, each of its type; one that nobody gave is empty.

    Raises ValueError for what a parameter cannot be.
    """
    values = {}
    for name in names:
        given = params.get(name)
        try:
            values[name] = value = read(given, data.params.get(name, "text"), zone)
        except ValueError as error:
            raise ValueError(f"`{name}` is {error}, not {_quoted(given)}") from error
        if isinstance(value, str):
            _check_text(name, value)
    return values


def _check_text(name: str, value: str) -> None:
    if len(value) > LONGEST:
        raise ValueError(f"`{name}` has {len(value):,} characters; {LONGEST:,} are allowed")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise ValueError(f"`{name}` has characters that no text has")


# --- rows -------------------------------------------------------------------------------------------------------------


def columns_of(data: Data, kinds: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    """Return the columns that rows have; `kinds` are those that the query gives, with their types. Raises CannotAsk."""
    given = [name for name, _ in kinds]
    if data.columns is None:
        _check_names(given)
        return tuple(Column(name, kind) for name, kind in kinds)
    columns = declared(data)
    for column in columns:
        if column.spoken not in given:
            what = f"the query gives no column `{column.spoken}`"
            raise CannotAsk("broken", what, f"it gives {_listed(given)}")
    return columns


def declared(data: Data) -> tuple[Column, ...]:
    """Return the columns that the site file declares."""
    return tuple(
        Column(name, said.type, tuple(said.choices or ()), said.required, said.unique, said.key, said.heading)
        for name, said in (data.columns or {}).items()
    )


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
    name: str, columns: tuple[Column, ...], given: Sequence[str], rows: Sequence[Sequence[object]], zone: tzinfo
) -> Dataset:
    """Return rows as a dataset; `given` are the names of what stands in them. Raises CannotAsk."""
    across = list(zip(*rows, strict=True)) if rows else [() for _ in given]
    cells = {}
    for column in columns:
        if column.spoken not in given:
            raise CannotAsk("broken", f"the query gives no column `{column.spoken}` any more")
        cells[column.name] = _cells(column, across[given.index(column.spoken)], zone)
    digest = blake2b(repr((columns, cells)).encode("utf-8", "replace"), digest_size=16)
    return Dataset(name, columns, cells, digest.hexdigest())


def _cells(column: Column, given: Sequence[object], zone: tzinfo) -> list[Cell]:
    cells: list[Cell] = []
    for row, value in enumerate(given, 1):
        try:
            cell = _any(value, zone) if column.type == ANY else read(value, column.type, zone)
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


def _any(value: object, zone: tzinfo) -> Cell:
    """Read a cell of a column that has several kinds, or whose kind nobody knows."""
    if isinstance(value, bool):
        return value
    kinds = {int: "integer", float: "number", Decimal: "number", datetime: "datetime", date: "date", time: "time"}
    return read(value, kinds.get(type(value), "text"), zone)


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


def fetched(data: Data, given: Iterable[Sequence[object]]) -> list[Sequence[object]]:
    """Return all rows that a cursor has; raises CannotAsk where they are too many, or too much."""
    rows: list[Sequence[object]] = []
    characters = 0
    for row in given:
        if len(rows) >= data.max_rows:
            what = f"the query gives more than {data.max_rows:,} rows"
            raise CannotAsk("large", what, "ask for fewer with `limit`, or let `max_rows` be more")
        for cell in row:
            if isinstance(cell, str | bytes):
                characters += len(cell)
        if characters > MOST_CHARACTERS:
            raise CannotAsk("large", f"the query gives more than {MOST_CHARACTERS:,} characters", "ask for less")
        rows.append(row)
    return rows
