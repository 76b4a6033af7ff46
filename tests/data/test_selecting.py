"""Which rows are meant, and the filters of templates."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from declweb.data.dataset import Column, Dataset, Row, Rows
from declweb.data.selecting import Condition, Order, matching, ordered
from declweb.data.views import Items, blank, group_by, sampled, sort_by, where

COLUMNS = (
    Column("name", "text", is_required=True),
    Column("price", "number"),
    Column("vegan", "yes/no"),
    Column("baked", "date"),
    Column("kind", "text", choices=("bread", "cake")),
)
MENU = Dataset(
    "menu",
    COLUMNS,
    {
        "name": ["Rye", "Äpfel", "Torte", "tea"],
        "price": [Decimal("4.20"), None, Decimal(32), Decimal("2.5")],
        "vegan": [True, None, False, True],
        "baked": [date(2026, 11, 20), date(2026, 11, 21), None, None],
        "kind": ["bread", "cake", "cake", None],
    },
)
ALL = Rows(MENU)


def names(rows: Rows) -> list[object]:
    return [row["name"] for row in rows]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "cake"}, ["Äpfel", "Torte"]),
        ({"kind": None}, ["tea"]),
        ({"kind__empty": False}, ["Rye", "Äpfel", "Torte"]),
        ({"kind__not": "cake"}, ["Rye"]),
        ({"kind": ["bread", "cake"], "vegan": True}, ["Rye"]),
        ({"kind__in": ["bread", "soup"]}, ["Rye"]),
        ({"price": 4.2}, ["Rye"]),
        ({"price": "32.00"}, ["Torte"]),
        ({"price__lt": 5}, ["Rye", "tea"]),
        ({"price__gte": 4.2, "price__lte": 32}, ["Rye", "Torte"]),
        ({"price__gt": 4.2}, ["Torte"]),
        ({"baked__gt": "2026-11-20"}, ["Äpfel"]),
        ({"baked": date(2026, 11, 20)}, ["Rye"]),
        ({"name__contains": "ÄPF"}, ["Äpfel"]),
        ({"name__starts": "t"}, ["Torte", "tea"]),
        ({"vegan": False}, ["Torte"]),
        ({}, ["Rye", "Äpfel", "Torte", "tea"]),
        ({"kind": "soup"}, []),
    ],
)
def test_where(asked: dict[str, Any], found: list[str]) -> None:
    assert names(where(ALL, **asked)) == found
    assert names(where(sort_by(ALL, "name"), **asked)) == sorted(found)
    assert names(where(where(ALL, **asked), **asked)) == found


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"prise": 4}, "menu has no column `prise`: did you mean `price`?"),
        ({"price__like": 4}, "`price__like` cannot be asked; known are price and price__empty"),
        ({"vegan__lt": True}, "known are vegan and vegan__empty, vegan__not"),
        ({"price": "cheap"}, "a number such as 4.20"),
        ({"price": True}, "is not a number"),
        ({"name": 5}, "is not a text"),
        ({"vegan": 1}, "is not yes or no"),
    ],
)
def test_questions_that_nobody_can_answer(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        where(ALL, **asked)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("name",), ["Rye", "Torte", "tea", "Äpfel"]),
        (("-name",), ["Äpfel", "tea", "Torte", "Rye"]),
        (("price",), ["Äpfel", "tea", "Rye", "Torte"]),
        (("-price",), ["Torte", "Rye", "tea", "Äpfel"]),
        (("-vegan", "name"), ["Rye", "tea", "Torte", "Äpfel"]),
        (("kind",), ["tea", "Rye", "Äpfel", "Torte"]),
        ((), ["Rye", "Äpfel", "Torte", "tea"]),
    ],
)
def test_sort_by(columns: tuple[str, ...], found: list[str]) -> None:
    assert names(sort_by(ALL, *columns)) == found


def test_equal_rows_stay_in_the_order_of_the_file_also_turned_round() -> None:
    assert ordered(MENU, [0, 1, 2, 3], [Order("vegan", is_descending=True)]) == [0, 3, 2, 1]


def test_group_by() -> None:
    assert [(group.value, names(group.rows)) for group in group_by(ALL, "kind")] == [
        ("bread", ["Rye"]), ("cake", ["Äpfel", "Torte"]), (None, ["tea"])
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no column `king`"):
        group_by(ALL, "king")


def test_lists_of_tables_are_rows_too() -> None:
    table: list[dict[str, Any]] = [{"name": "a", "price": 2}, {"name": "b", "price": 1.5}, {"name": "c"}]
    assert names(sort_by(table, "-name")) == ["c", "b", "a"]
    assert names(where(table, name="b")) == ["b"]
    for wrong in ("text", [1, 2], {"a": 1}, None):
        with pytest.raises(ValueError, match="these are no rows"):
            where(wrong)  # type: ignore[arg-type] # as templates may


def test_rows_are_a_sequence() -> None:
    assert len(ALL) == 4
    assert ALL[0] == MENU.row(0)
    assert isinstance(ALL[-1], Row)
    assert names(ALL[1:3]) == ["Äpfel", "Torte"]  # type: ignore[arg-type] # a slice gives rows
    assert list(ALL) == ALL
    assert list(ALL)[1:] != ALL
    assert ALL != 5
    assert ALL != "Rye"
    assert str(ALL) == "4 rows of menu"


def test_items_know_their_page() -> None:
    first, last = Items(ALL, 1, 3), Items(ALL, 2, 3)
    assert (names(first), first.page, first.pages, first.total, first.previous, first.next) == (
        ["Rye", "Äpfel", "Torte"], 1, 2, 4, None, "?page=2"
    )  # fmt: skip
    assert (names(last), last.previous, last.next) == (["tea"], "?", None)
    assert Items(ALL, 3, 1).previous == "?page=2"
    assert (Items(ALL).pages, Items(ALL).next) == (1, None)


def test_rows_to_try_templates_out_with() -> None:
    few = blank(MENU)
    assert (few["price"], few["kind"]) == (None, None)
    assert few["name"]
    made = sampled(COLUMNS, "menu")
    assert all(cell is not None for cell in made.row(0).values())
    assert made.row(1) == few


def test_questions_of_unknown_columns_are_mistakes_of_declweb() -> None:
    with pytest.raises(KeyError):
        matching(MENU, [Condition("nothing", "eq", 1)])
