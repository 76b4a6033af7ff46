"""Patterns that are made of bounds and words: they match these alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.model.patterns import example, integer_range, one_of

BOUNDS = st.one_of(st.integers(-200, 200), st.integers(-(10**18), 10**18), st.none())
DIGITS = st.one_of(st.none(), st.integers(1, 18))


def _spelled(text: str, low: int | None, high: int | None, digits: int | None) -> bool:
    """Say whether a text spells a number of the range, as the manual says it."""
    if not re.fullmatch("-?[0-9]+", text):
        return False
    bare = text.removeprefix("-")
    is_wide = len(bare) == digits if digits else bare == str(int(bare))
    is_signed_zero = int(text) == 0 and text != bare
    is_inside = (low is None or low <= int(text)) and (high is None or int(text) <= high)
    return is_wide and is_inside and not is_signed_zero


@given(BOUNDS, BOUNDS, DIGITS, st.data())
def test_a_range_matches_its_numbers_alone(
    low: int | None, high: int | None, digits: int | None, data: st.DataObject
) -> None:
    near = [bound + step for bound in (low, high, 0) if bound is not None for step in (-1, 0, 1)]
    number = data.draw(st.one_of(st.sampled_from(near), st.integers(-1000, 1000), st.integers(-(10**19), 10**19)))
    width = data.draw(st.sampled_from([0, digits or 0, 3]))
    texts = [
        str(number),
        str(number).zfill(width),
        f"-{abs(number)}",
        f"0{number}",
        f"-{str(abs(number)).zfill(width)}",
    ]
    try:
        pattern = integer_range(low, high, digits)
    except ValueError:
        assert not any(_spelled(text, low, high, digits) for text in texts)
        return
    assert re.compile(pattern).groups == 0
    assert len(pattern) < 2000
    for text in texts:
        assert bool(re.fullmatch(pattern, text)) == _spelled(text, low, high, digits), text


@pytest.mark.parametrize(
    ("low", "high", "digits"),
    [(0, 1234, None), (-120, 99, None), (5, 250, None), (0, 999, 3), (-77, 42, 2), (99, 101, 3)],
)
def test_a_range_matches_every_number(low: int, high: int, digits: int | None) -> None:
    compiled = re.compile(integer_range(low, high, digits))
    matched = {number for number in range(-2000, 2000) if compiled.fullmatch(_text(number, digits))}
    assert matched == set(range(low, high + 1))


def _text(number: int, digits: int | None) -> str:
    return f"{'-' if number < 0 else ''}{str(abs(number)).zfill(digits or 0)}"


@pytest.mark.parametrize(
    ("bounds", "pattern"),
    [
        ((0, None), "(?:0|[1-9][0-9]{0,4299})"),
        ((1, 31), "(?:[1-9]|(?:3[0-1]|[1-2][0-9]))"),
        ((1, 99), "[1-9][0-9]{0,1}"),
        ((0, 9), "[0-9]"),
        ((7, 7), "7"),
        ((19, 20), "(?:19|20)"),
        ((5, 250), "(?:[5-9]|[1-9][0-9]|(?:2(?:50|[0-4][0-9])|1[0-9]{2}))"),
        ((1900, 2099), "(?:19[0-9]{2}|20[0-9]{2})"),
        ((0, None, 4), "[0-9]{4}"),
        ((None, -7), "(?:-[7-9]|-[1-9][0-9]{1,4299})"),
    ],
)
def test_a_range_is_short(bounds: tuple[int, ...], pattern: str) -> None:
    assert integer_range(*bounds) == pattern


@pytest.mark.parametrize("bounds", [(2, 1), (100, None, 2), (None, -100, 2), (-1, -2)])
def test_a_range_without_numbers_is_refused(bounds: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no whole number is in this range"):
        integer_range(*bounds)


def test_a_number_without_bounds_can_be_read() -> None:
    compiled = re.compile(integer_range(None, None))
    assert compiled.fullmatch("9" * 4300)
    assert not compiled.fullmatch("9" * 4301)
    assert int("9" * 4300)


@given(st.lists(st.text(min_size=1), min_size=1))
def test_one_of_matches_its_words_alone(words: list[str]) -> None:
    compiled = re.compile(one_of(words))
    assert compiled.groups == 0
    assert all(compiled.fullmatch(word) for word in words)
    assert not compiled.fullmatch(max(words, key=len) + "x")


def test_the_longest_word_comes_first() -> None:
    assert one_of(["a", "b.c", "a"]) == r"(?:b\.c|a)"


def test_many_words_have_an_example() -> None:
    assert example(one_of(f"{chr(0x4E00 + number)}{number}" for number in range(2000))) == "一0"
