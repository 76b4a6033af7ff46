"""Every comparison at its border: with a value that cells have, one above and one below it."""

from decimal import Decimal

import pytest

from declweb.data.dataset import Column, Dataset
from declweb.data.selecting import Condition, matching

NUMBERS = Dataset("a", (Column("n", "number"),), {"n": [*map(Decimal, (3, 1, 2, 2)), None, Decimal(0)]})
FOUND = {"lt": [1, 5], "lte": [1, 2, 3, 5], "gt": [0], "gte": [0, 2, 3], "eq": [2, 3], "not": [0, 1, 5]}


@pytest.mark.parametrize("operator", FOUND)
def test_a_value_that_cells_have(operator: str) -> None:
    condition = Condition("n", operator, Decimal(2))
    everything = Condition("n", "in", [None, *map(Decimal, range(4))])
    assert list(matching(NUMBERS, [condition])) == FOUND[operator]
    assert list(matching(NUMBERS, [everything, condition])) == FOUND[operator]
    assert list(matching(NUMBERS, [condition, everything])) == FOUND[operator]


def test_nothing_but_an_empty_cell_is_empty() -> None:
    assert list(matching(NUMBERS, [Condition("n", "empty", value=True)])) == [4]


def test_letters_that_only_folding_makes_equal() -> None:
    texts = Dataset("a", (Column("t", "text"),), {"t": ["Straße", "STRASSE", None, "Gasse"]})
    assert list(matching(texts, [Condition("t", "contains", "ASSE")])) == [0, 1, 3]
    assert list(matching(texts, [Condition("t", "starts", "strass")])) == [0, 1]
