"""One page of rows after the other: where one ends, and the next one begins.

Owns the tokens that stand for the end of a page, and how a page is found without looking at all rows. A token names the
last row of a page by its key or number and by what it was sorted by: rows that are added meanwhile repeat nothing and
leave nothing out, and one that is gone or changed is looked for where it would stand. Of a column that visitors do not
see a token tells the place in its order alone: anybody can read a token, and make one. Knows no request.
"""

import json
import re
from array import array
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from typing import Any

from declweb.data.dataset import Cell, Dataset
from declweb.data.literals import read, written
from declweb.data.selecting import STRETCHES, Condition, Order, Stretch, different, holding, index, ordered, ranked

SORTED_KEPT = 8
"""Orders of all rows that are kept with a dataset: a visitor may think of many."""
UNKNOWN_SHARE = 0.1
"""Of the rows, taken to be what a condition leaves of which nothing is known before it is tried."""
SORTING = 3
"""How much more it costs to take a row and sort it than to look at one in its order."""
LONGEST = 200
"""Characters of a text in a token: what is longer is told by its beginning."""
MOST_TOKEN = 4000
DIGEST = 6


class WrongToken(ValueError):
    """A token that belongs to another question, or is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows out of all that are asked for."""

    rows: Sequence[int]
    is_last: bool


def page(
    dataset: Dataset,
    conditions: Sequence[Condition],
    orders: Sequence[Order],
    size: int,
    behind: Sequence[float] | None = None,
) -> Part:
    """Return the rows behind a place in an order, as `resume` tells it, `size` at most.

    Raises KeyError for an unknown column.
    """
    key = _key(dataset, orders)
    stretches, tests = _known(dataset, conditions)
    column, rows = _quickest(dataset, stretches, tests, orders, size)
    tests += [_within(dataset, name, each) for name, each in stretches.items() if name != column]
    if orders and column not in {None, orders[0].column}:
        rows = sorted(_held(tests, rows), key=key)
        tests = []
    at = 0 if behind is None else bisect_right(rows, tuple(behind), key=key)
    found = list(islice(_held(tests, islice(rows, at, None)), size + 1))
    return Part(found[:size], len(found) <= size)


def _key(dataset: Dataset, orders: Sequence[Order]) -> Callable[[int], tuple[float, ...]]:
    """Return what tells where a row stands in an order; those that are equal stand as in the file."""
    signed = [(ranked(dataset, each.column), -1 if each.is_descending else 1) for each in orders]
    if len(signed) == 1:
        ranks, sign = signed[0]
        return lambda row: (sign * ranks[row], row)
    return lambda row: (*(sign * ranks[row] for ranks, sign in signed), row)


def _in_order(dataset: Dataset, orders: Sequence[Order]) -> Sequence[int]:
    """Return all rows in an order, made once for those that ask for it again."""
    if not orders:
        return range(len(dataset))
    if len(orders) == 1 and not orders[0].is_descending:
        return index(dataset, orders[0].column).rows
    kept: dict[tuple[Order, ...], Sequence[int]] = dataset.made.setdefault("orders", {})  # type: ignore[assignment] # what is kept there by this function alone
    found = kept.get(tuple(orders))
    if found is None:
        found = array("I", ordered(dataset, range(len(dataset)), orders))
        while len(kept) >= SORTED_KEPT:
            kept.pop(list(kept)[0], None)  # noqa: RUF015 # in one step: others may do the same
        kept[tuple(orders)] = found
    return found


# --- which way is quicker ---------------------------------------------------------------------------------------------

Test = Callable[[int], bool]


def _known(dataset: Dataset, conditions: Sequence[Condition]) -> tuple[dict[str, Stretch], list[Test]]:
    """Return the stretches of cells that conditions leave of columns, and tests for all other conditions."""
    stretches: dict[str, Stretch] = {}
    tests: list[Test] = []
    for condition in conditions:
        if condition.operator in STRETCHES:
            column = condition.column
            start, end = STRETCHES[condition.operator](different(dataset, column), condition.value)
            before, last = stretches.get(column, (1, end))
            stretches[column] = max(start, before), min(end, last)
        else:
            tests.append(_test(dataset, condition))
    return stretches, tests


def _within(dataset: Dataset, column: str, stretch: Stretch) -> Test:
    ranks, (start, end) = ranked(dataset, column), stretch
    return lambda row: start <= ranks[row] < end


def _test(dataset: Dataset, condition: Condition) -> Test:
    cells, holds = dataset.cells[condition.column], holding(condition)
    return lambda row: holds(cells[row])


def _held(tests: Sequence[Test], rows: Iterable[int]) -> Iterable[int]:
    """Return those of some rows that pass all tests."""
    for test in tests:
        rows = filter(test, rows)
    return rows


def _quickest(
    dataset: Dataset, stretches: Mapping[str, Stretch], tests: Sequence[Test], orders: Sequence[Order], size: int
) -> tuple[str | None, Sequence[int]]:
    """Return the column whose stretch is read, and its rows: those that are to be sorted by it are sorted already.

    Where no stretch is short, all rows are read in their order until a page is full.
    """
    count = len(dataset)
    found = {name: _bounds(dataset, Order(name), stretch) for name, stretch in stretches.items()}
    left = UNKNOWN_SHARE ** len(tests)
    for start, end in found.values():
        left *= (end - start) / max(count, 1)
    best = min(found, key=lambda name: found[name][1] - found[name][0], default=None)
    looked_at = min(count, size / left) if left else count
    first = orders[0] if orders else None
    is_first = first is not None and first.column == best
    if best is not None and not is_first and (found[best][1] - found[best][0]) * SORTING < looked_at:
        start, end = found[best]
        rows = _in_order(dataset, (Order(best),))[start:end]
        return best, rows if orders else sorted(rows)
    every = _in_order(dataset, orders)
    if first is None or first.column not in stretches:
        return None, every
    start, end = _bounds(dataset, first, stretches[first.column], orders)
    return first.column, every[start:end]


def _bounds(dataset: Dataset, order: Order, stretch: Stretch, orders: Sequence[Order] | None = None) -> tuple[int, int]:
    """Return where a stretch of a column begins and ends in the rows sorted by it first."""
    every, ranks = _in_order(dataset, orders or (order,)), ranked(dataset, order.column)
    start, end = stretch
    if order.is_descending:
        return bisect_left(every, 1 - end, key=lambda row: -ranks[row]), bisect_right(
            every, -start, key=lambda row: -ranks[row]
        )
    return bisect_left(every, start, key=ranks.__getitem__), bisect_left(every, end, key=ranks.__getitem__)


# --- tokens -----------------------------------------------------------------------------------------------------------


Told = str | int | None
"""What a token tells of a cell: how it is written, or its place among the different ones; None where it is empty."""


def token(
    dataset: Dataset, orders: Sequence[Order], row: int, asked: str, hidden: Collection[str] = frozenset()
) -> str:
    """Return what stands for the end of a page that a row is the last of; `asked` stands for the question."""
    values = [_of_cell(dataset, each.column, row, hidden) for each in orders]
    key = dataset.key.name if dataset.key is not None and dataset.key.name not in hidden else None
    key = _told(dataset.cells[key][row]) if key is not None else None
    number = dataset.ids[row] if dataset.ids is not None else row
    content = json.dumps([number, key, values], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return urlsafe_b64encode(_digest(content, asked) + content).decode().rstrip("=")


def resume(
    dataset: Dataset, orders: Sequence[Order], text: str, asked: str, hidden: Collection[str] = frozenset()
) -> Sequence[float]:
    """Return the place behind which a page begins; raises WrongToken."""
    number, key, told = _content(text, asked)
    _check(number, key, told, [each.column in hidden for each in orders])
    row = _row(dataset, number, key)
    seen = [(each.column, was) for each, was in zip(orders, told, strict=True) if each.column not in hidden]
    if row is not None and all(_told(dataset.cells[name][row]) == was for name, was in seen):
        return _key(dataset, orders)(row)
    signed = ((-1 if order.is_descending else 1, order.column) for order in orders)
    places = [sign * _rank(dataset, name, was) for (sign, name), was in zip(signed, told, strict=True)]
    return (*places, row if row is not None else _place(dataset, number))


def _of_cell(dataset: Dataset, name: str, row: int, hidden: Collection[str]) -> Told:
    return int(ranked(dataset, name)[row]) if name in hidden else _told(dataset.cells[name][row])


def _check(number: object, key: object, told: object, hidden: Sequence[bool]) -> None:
    """Raise WrongToken for one that nobody was given: whoever knows the question can make it."""
    is_right = (
        _is_whole(number)
        and (key is None or isinstance(key, str))
        and isinstance(told, list)
        and len(told) == len(hidden)
        and all(
            _is_whole(was) if is_hidden else was is None or isinstance(was, str)
            for was, is_hidden in zip(told, hidden, strict=True)
        )
    )
    if not is_right:
        raise WrongToken(str(told))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _content(text: str, asked: str) -> Any:
    """Return what a token tells: the number and the key of a row, and its cells."""
    if len(text) > MOST_TOKEN or not re.fullmatch("[A-Za-z0-9_-]+", text):
        raise WrongToken(text)
    try:
        whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise WrongToken(text) from None
    digest, content = whole[:DIGEST], whole[DIGEST:]
    if digest != _digest(content, asked) or urlsafe_b64encode(whole).decode().rstrip("=") != text:
        raise WrongToken(text)
    try:
        number, key, told = json.loads(content)
    except (ValueError, TypeError, RecursionError):
        raise WrongToken(text) from None
    return number, key, told


def _digest(content: bytes, asked: str) -> bytes:
    return blake2b(content, digest_size=DIGEST, key=blake2b(asked.encode("utf-8", "replace")).digest()).digest()


def _told(cell: Cell) -> str | None:
    return None if cell is None else written(cell)[:LONGEST]


def _meant(text: str, type_: str) -> Cell:
    """Return the cell that a token tells of."""
    if type_ in {"text", "url", "email"}:
        return text
    try:
        found = Decimal(text) if type_ == "number" else int(text) if type_ == "integer" else read(text, type_)
    except (ValueError, ArithmeticError):
        raise WrongToken(text) from None
    if isinstance(found, Decimal) and not found.is_finite():
        raise WrongToken(text)
    return found


def _row(dataset: Dataset, number: int, key: str | None) -> int | None:
    """Return the row that a token names; None where it is gone."""
    if dataset.key is not None and key is not None:
        column = dataset.key
        found = index(dataset, column.name).with_cell(_meant(key, column.type))
        return found[0] if found else None
    place = _place(dataset, number)
    if dataset.ids is not None:
        return place if place >= 0 and dataset.ids[place] == number else None
    return place if 0 <= place < len(dataset) else None


def _place(dataset: Dataset, number: int) -> int:
    """Return the last row that is not behind a number."""
    return min(number, len(dataset) - 1) if dataset.ids is None else bisect_right(dataset.ids, number) - 1


def _rank(dataset: Dataset, name: str, was: Told) -> float:
    """Return where a cell stands among the different ones of a column, or would stand between them."""
    if was is None or isinstance(was, int):
        return was or 0
    cells = different(dataset, name)
    value: Any = _meant(was, dataset.column(name).type)
    at = bisect_left(cells, value)
    return at + 1 if at < len(cells) and cells[at] == value else at + 0.5
