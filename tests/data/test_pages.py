"""Tokens: what goes on behind a page, and what does not."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from declweb.data.dataset import Column, Dataset
from declweb.data.pages import DIGEST, WrongToken, _digest, page, resume, token
from declweb.data.selecting import Condition, Order

COLUMNS = (Column("slug", "text", is_key=True), Column("name", "text"), Column("price", "number"))
CAKES = Dataset(
    "cakes",
    COLUMNS,
    {
        "slug": ["a", "b", "c", "d", "e"],
        "name": ["x" * 300, "y", None, "y", "z"],
        "price": [Decimal(each) for each in (3, 1, 2, 2, 5)],
    },
)
BY_PRICE = (Order("price"),)


def test_a_token_is_text_for_an_address() -> None:
    text = token(CAKES, (Order("name"),), 0, "asked")
    assert text.replace("-", "").replace("_", "").isalnum()
    assert len(text) < 500, "a long cell is cut"


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "a", lambda t: "b" + t[1:], lambda _: "é", lambda _: ""]
)
def test_a_garbled_token_is_none(change: Callable[[str], str]) -> None:
    text = token(CAKES, BY_PRICE, 1, "asked")
    with pytest.raises(WrongToken):
        resume(CAKES, BY_PRICE, change(text), "asked")
    assert resume(CAKES, BY_PRICE, text, "asked") == (1, 1)


def test_a_token_belongs_to_its_question() -> None:
    with pytest.raises(WrongToken):
        resume(CAKES, BY_PRICE, token(CAKES, BY_PRICE, 1, "asked"), "asked otherwise")
    with pytest.raises(WrongToken):
        resume(CAKES, BY_PRICE, "a" * 5000, "asked")


def test_a_row_that_moved_is_looked_for_where_it_stood() -> None:
    text = token(CAKES, BY_PRICE, 2, "asked")
    dearer = Dataset("cakes", COLUMNS, {**CAKES.cells, "price": [Decimal(each) for each in (3, 1, 9, 2, 5)]})
    assert list(page(dearer, (), BY_PRICE, 9, resume(dearer, BY_PRICE, text, "asked")).rows) == [3, 0, 4, 2]


def test_a_row_that_is_gone_is_looked_for_where_it_stood() -> None:
    text = token(CAKES, BY_PRICE, 0, "asked")
    cells = {name: list(some)[1:] for name, some in CAKES.cells.items()}
    rest = Dataset("cakes", COLUMNS, cells)
    assert list(page(rest, (), BY_PRICE, 9, resume(rest, BY_PRICE, text, "asked")).rows) == [3]


def test_rows_with_numbers_of_their_own() -> None:
    columns = (Column("name", "text"),)
    before = Dataset("entries", columns, {"name": ["a", "b", "c"]}, ids=[3, 7, 8])
    text = token(before, (), 1, "asked")
    after = Dataset("entries", columns, {"name": ["b", "c", "d"]}, ids=[7, 8, 9])
    assert list(page(after, (), (), 9, resume(after, (), text, "asked")).rows) == [1, 2]
    gone = Dataset("entries", columns, {"name": ["c", "d"]}, ids=[8, 9])
    assert list(page(gone, (), (), 9, resume(gone, (), text, "asked")).rows) == [0, 1]
    none = Dataset("entries", columns, {"name": []}, ids=[])
    assert list(page(none, (), (), 9, resume(none, (), text, "asked")).rows) == []


def test_each_way_to_find_rows_finds_the_same() -> None:
    count = 2000
    cells: dict[str, list[object]] = {
        "slug": [f"s{number}" for number in range(count)],
        "name": [f"n{number * 7 % 13}" for number in range(count)],
        "price": [Decimal(number * 11 % 101) for number in range(count)],
    }
    many = Dataset("many", COLUMNS, cells)
    for conditions in (
        (Condition("slug", "eq", "s77"),),
        (Condition("name", "eq", "n3"), Condition("price", "lt", Decimal(50))),
        (Condition("price", "gte", Decimal(10)), Condition("price", "lte", Decimal(12))),
        (Condition("price", "gt", Decimal(99)), Condition("price", "lt", Decimal(10))),
        (Condition("name", "contains", "2"), Condition("price", "not", Decimal(1))),
    ):
        for orders in ((), BY_PRICE, (Order("price", is_descending=True), Order("name")), (Order("name"),)):
            expected = _slowly(many, conditions, orders)
            assert list(page(many, conditions, orders, count).rows) == expected
            assert list(page(many, conditions, orders, 5).rows) == expected[:5]


def _slowly(dataset: Dataset, conditions: tuple[Condition, ...], orders: tuple[Order, ...]) -> list[int]:
    from declweb.data.selecting import matching, ordered  # noqa: PLC0415 # the other way

    return list(ordered(dataset, matching(dataset, conditions), orders))


def test_orders_that_are_kept_are_few() -> None:
    for first in ("slug", "name", "price"):
        for second in ("slug", "name", "price"):
            for is_descending in (True, False):
                page(CAKES, (), (Order(first, is_descending), Order(second)), 2)
    kept = CAKES.made["orders"]
    assert isinstance(kept, dict)
    assert len(kept) <= 8


HIDDEN = frozenset({"slug", "price"})
"""Columns that visitors do not see."""


def _content(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))[DIGEST:]


def _made_up(content: bytes) -> str:
    return urlsafe_b64encode(_digest(content, "asked") + content).decode().rstrip("=")


def test_a_token_tells_nothing_of_what_visitors_do_not_see() -> None:
    assert _content(token(CAKES, BY_PRICE, 4, "asked")) == b'[4,"e",["5"]]'
    assert _content(token(CAKES, BY_PRICE, 4, "asked", HIDDEN)) == b"[4,null,[4]]"


@pytest.mark.parametrize("is_descending", [True, False])
def test_pages_in_a_hidden_order_are_the_whole(is_descending: bool) -> None:
    orders = (Order("price", is_descending),)
    found: list[int] = []
    behind = None
    while len(found) < len(CAKES):
        part = page(CAKES, (), orders, 1, behind)
        found += part.rows
        behind = resume(CAKES, orders, token(CAKES, orders, part.rows[-1], "asked", HIDDEN), "asked", HIDDEN)
    assert found == list(page(CAKES, (), orders, 9).rows)


def test_rows_that_are_added_repeat_nothing_in_a_hidden_order() -> None:
    text = token(CAKES, BY_PRICE, 3, "asked", HIDDEN)
    cells = {"slug": [*CAKES.cells["slug"], "f"], "name": [*CAKES.cells["name"], "w"]}
    more = Dataset("cakes", COLUMNS, {**cells, "price": [*CAKES.cells["price"], Decimal("0.5")]})
    assert list(page(more, (), BY_PRICE, 9, resume(more, BY_PRICE, text, "asked", HIDDEN)).rows) == [0, 4]


@pytest.mark.parametrize(
    ("content", "hidden"),
    [
        (b'["x","a",["3"]]', ()),
        (b'[1.5,"a",["3"]]', ()),
        (b'[true,"a",["3"]]', ()),
        (b'[0,1,["3"]]', ()),
        (b'[0,"a",[3]]', ()),
        (b'[0,"a",[]]', ()),
        (b'[0,"a","3"]', ()),
        (b'[0,"zz",["much"]]', ()),
        (b'[0,"zz",["NaN"]]', ()),
        (b'[0,"zz",["sNaN"]]', ()),
        (b'[0,"zz",["Infinity"]]', ()),
        (b'[0,null,["3"]]', HIDDEN),
        (b"[0,null,[true]]", HIDDEN),
        (b"[0,null,[null]]", HIDDEN),
        (b"[0,null]", ()),
        (b"{}", ()),
        (b"7", ()),
        (b"[" * 2000, ()),
        (b"\xff", ()),
    ],
)
def test_a_token_that_nobody_was_given_is_none(content: bytes, hidden: Collection[str]) -> None:
    with pytest.raises(WrongToken):
        resume(CAKES, BY_PRICE, _made_up(content), "asked", hidden)


def test_a_whole_number_of_a_token_is_one() -> None:
    pieces = Dataset("cakes", (Column("pieces", "integer"),), {"pieces": [1, 2]})
    with pytest.raises(WrongToken):
        resume(pieces, (Order("pieces"),), _made_up(b'[9,null,["x"]]'), "asked")


def test_a_moment_of_a_token_is_found_where_it_stood() -> None:
    days = [datetime(1850, 1, day, tzinfo=ZoneInfo("Europe/Berlin")) for day in (1, 2, 3, 4)]
    columns, orders = (Column("seen", "datetime"),), (Order("seen"),)
    text = token(Dataset("stars", columns, {"seen": days[:3]}), orders, 1, "asked")
    later = Dataset("stars", columns, {"seen": [days[0], days[3], days[2]]})
    assert list(page(later, (), orders, 9, resume(later, orders, text, "asked")).rows) == [2, 1]
