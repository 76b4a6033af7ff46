"""Every filter and every order is what SQLite says of the same rows; pages put together are the whole."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from declweb.data.dataset import Cell, Column, Dataset
from declweb.data.literals import written
from declweb.data.pages import page, resume, token
from declweb.data.questions import Question, Terms
from declweb.data.selecting import OPERATORS, Order, matching, ordered

COLUMNS = (
    Column("name", "text"),
    Column("price", "number"),
    Column("pieces", "integer"),
    Column("baked", "date"),
    Column("vegan", "yes/no"),
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(["Straße", "STRASSE", "Ähre", "a%b", "a_b", "'", '"', "a,b", "😀", "\x00a", "ﬀ", "İ"]),
)
CELLS: Mapping[str, st.SearchStrategy[Cell]] = {
    "text": TEXTS.filter(bool),
    "number": st.integers(-3000, 3000).map(lambda each: Decimal(each) / 100),
    "integer": st.one_of(st.integers(-5, 5), st.integers(-(2**63) + 1, 2**63 - 1)),
    "date": st.one_of(st.dates(date(2026, 1, 1), date(2026, 1, 5)), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    "yes/no": st.booleans(),
}
ROWS = st.lists(st.tuples(*(st.none() | CELLS[column.type] for column in COLUMNS)), max_size=12)
SPELT = {"eq": "=", "not": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def dataset(rows: Sequence[tuple[Cell, ...]]) -> Dataset:
    cells = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    return Dataset("rows", COLUMNS, {each.name: list(some) for each, some in zip(COLUMNS, cells, strict=True)})


def stored(cell: Cell) -> object:
    """Return a cell as SQLite compares it: days as texts, and prices as cents, which it can count exactly."""
    if isinstance(cell, Decimal):
        return int(cell * 100)
    return cell.isoformat() if isinstance(cell, date) else cell


TERMS = Terms(
    filters={each.name: each for each in COLUMNS},
    sorts=tuple(each.name for each in COLUMNS),
    fields=tuple(each.name for each in COLUMNS),
    has_rows=True,
)


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, str, tuple[object, ...]]:
    """Return what is asked of a column: the parameter, its text, and the same in SQL with its values."""
    column = draw(st.sampled_from(COLUMNS))
    operator = draw(st.sampled_from(sorted(OPERATORS[column.type])))
    name = column.name if operator == "eq" else f"{column.name}__{operator}"
    values = CELLS[column.type].filter(lambda each: "\x00" not in str(each))
    if operator == "empty":
        is_empty = draw(st.booleans())
        return name, written(is_empty), f"({column.name} IS NULL) = ?", (is_empty,)
    if operator == "in":
        several = draw(st.lists(values, min_size=1, max_size=4))
        quoted = [f'"{text}"' for text in (written(each).replace('"', '""') for each in several)]
        return (
            name,
            ",".join(quoted),
            f"{column.name} IN ({', '.join('?' * len(several))})",
            tuple(map(stored, several)),
        )
    value = draw(values)
    if operator == "contains":
        return name, written(value), f"instr(folded({column.name}), folded(?)) > 0", (value,)
    if operator == "starts":
        return name, written(value), f"instr(folded({column.name}), folded(?)) = 1", (value,)
    return name, written(value), f"{column.name} {SPELT[operator]} ?", (stored(value),)


ASKED = st.lists(conditions(), max_size=3, unique_by=lambda each: each[0])
ORDERS = st.lists(
    st.builds(Order, st.sampled_from([each.name for each in COLUMNS]), st.booleans()),
    max_size=3,
    unique_by=lambda each: each.column,
)


def in_sqlite(
    rows: Sequence[tuple[Cell, ...]], asked: Sequence[tuple[str, str, str, tuple[object, ...]]], orders: Sequence[Order]
) -> list[int]:
    """Return the numbers of the rows that SQLite finds."""
    names = ", ".join(each.name for each in COLUMNS)
    where = " AND ".join(f"({sql})" for _, _, sql, _ in asked) or "1"
    order = ", ".join([*(f"{each.column}{' DESC' * each.is_descending}" for each in orders), "number"])
    with closing(sqlite3.connect(":memory:")) as database:
        database.create_function("folded", 1, lambda text: None if text is None else text.casefold())
        database.execute(f"CREATE TABLE cakes (number INTEGER PRIMARY KEY, {names})")
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        database.executemany(
            f"INSERT INTO cakes VALUES ({marks})", [(number, *map(stored, row)) for number, row in enumerate(rows)]
        )
        values = [value for _, _, _, some in asked for value in some]
        found = database.execute(f"SELECT number FROM cakes WHERE {where} ORDER BY {order}", values)
        return [number for (number,) in found]


def question(asked: Sequence[tuple[str, str, str, tuple[object, ...]]], orders: Sequence[Order], size: int) -> Question:
    """Return what is asked, read from a query."""
    parts = {name: text for name, text, _, _ in asked} | {"page_size": str(size)}
    if orders:
        parts["sort"] = ",".join(f"{'-' * each.is_descending}{each.column}" for each in orders)
    return TERMS.question("&".join(f"{name}={quote_plus(text)}" for name, text in parts.items()))


@given(ROWS, ASKED, ORDERS, st.integers(1, 4))
def test_filters_and_orders_are_those_of_sqlite(
    rows: list[tuple[Cell, ...]],
    asked: list[tuple[str, str, str, tuple[object, ...]]],
    orders: list[Order],
    size: int,
) -> None:
    some, wanted = dataset(rows), question(asked, orders, size)
    expected = in_sqlite(rows, asked, orders)
    assert list(ordered(some, matching(some, wanted.conditions), wanted.orders)) == expected
    assert list(page(some, wanted.conditions, wanted.orders, 1000).rows) == expected
    found: list[int] = []
    behind = None
    while True:
        part = page(some, wanted.conditions, wanted.orders, size, behind)
        assert len(part.rows) == size or part.is_last
        found += part.rows
        if part.is_last:
            break
        behind = resume(some, wanted.orders, token(some, wanted.orders, part.rows[-1], "asked"), "asked")
    assert found == expected


@given(ROWS, ROWS, ASKED, ORDERS, st.integers(1, 4), st.integers(1, 3))
def test_pages_are_the_whole_while_rows_are_appended(  # noqa: PLR0913 # what pages depend on
    rows: list[tuple[Cell, ...]],
    later: list[tuple[Cell, ...]],
    asked: list[tuple[str, str, str, tuple[object, ...]]],
    orders: list[Order],
    size: int,
    step: int,
) -> None:
    wanted = question(asked, orders, size)
    there, coming = list(rows), list(later)
    found: list[int] = []
    text: str | None = None
    while True:
        some = dataset(there)
        behind = None if text is None else resume(some, wanted.orders, text, "asked")
        part = page(some, wanted.conditions, wanted.orders, size, behind)
        found += part.rows
        if part.is_last:
            break
        text = token(some, wanted.orders, part.rows[-1], "asked")
        there += coming[:step]
        del coming[:step]
    final = in_sqlite(there, asked, orders)
    assert found == [row for row in final if row in found], "in order, without repeats"
    assert {row for row in final if row < len(rows)} <= set(found), "without gaps"
    if not orders:
        assert found == final


@given(ROWS, ORDERS, st.integers(1, 4), st.data())
def test_pages_go_on_where_rows_were_taken_out(
    rows: list[tuple[Cell, ...]], orders: list[Order], size: int, data: st.DataObject
) -> None:
    columns = (*COLUMNS, Column("slug", "text", is_key=True))
    before = dataset(rows)
    named = replace(before, columns=columns, cells={**before.cells, "slug": [f"row {n}" for n in range(len(rows))]})
    named.made.clear()
    part = page(named, (), orders, size)
    if part.is_last:
        return
    text = token(named, orders, part.rows[-1], "asked")
    out = data.draw(st.sets(st.sampled_from([number for number in range(len(rows)) if number != part.rows[-1]])))
    kept = [number for number in range(len(rows)) if number not in out]
    cells = {name: [some[number] for number in kept] for name, some in named.cells.items()}
    after = Dataset("rows", columns, cells)
    rest = page(after, (), orders, 1000, resume(after, orders, text, "asked")).rows
    whole = page(named, (), orders, 1000).rows
    assert [kept[number] for number in rest] == [number for number in whole[size:] if number not in out]
