"""The patterns of a document are exactly the days, times and numbers that are meant."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.data.literals import Mistyped, read
from declweb.forms.converting import _email, _tel, _url  # how forms read them
from declweb.openapi import patterns

NEAR = st.integers(-800, 800)


@given(st.dates(date(1990, 1, 1), date(2050, 12, 31)), st.integers(0, 20_000), NEAR)
def test_days_are_those_between(first: date, length: int, off: int) -> None:
    last = min(first + timedelta(length), date(2200, 1, 1))
    pattern = patterns.days(first, last)
    assert pattern is not None
    for day in (first, last, first + timedelta(off), last + timedelta(off)):
        assert (re.search(pattern, day.isoformat()) is not None) == (first <= day <= last), day


def test_days_that_there_are_not() -> None:
    pattern = patterns.days(date(1900, 1, 1), date(2100, 12, 31))
    assert pattern is not None
    for text in ("2027-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2100-02-29", "26-01-01"):
        assert not re.search(pattern, text), text
    assert re.search(pattern, "2028-02-29")


@given(st.times(), st.times(), st.times())
def test_times_are_those_between(low: time, high: time, asked: time) -> None:
    first, last = (each.replace(second=0, microsecond=0) for each in sorted((low, high)))
    pattern = patterns.times(first, last)
    for each in (asked, first, last):
        assert (re.search(pattern, each.isoformat()) is not None) == (first <= each <= last), each


@given(
    st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2040-01-01")),
    st.integers(0, 10**7),
    st.integers(-(10**6), 10**6),
)
def test_moments_are_those_between(low: datetime, length: int, off: int) -> None:
    first = low.replace(second=0, microsecond=0, tzinfo=UTC)
    last = first + timedelta(minutes=length)
    pattern = patterns.moments(first, last)
    for each in (first, last, first + timedelta(minutes=off), last + timedelta(minutes=off)):
        written = each.isoformat(timespec="minutes").replace("+00:00", "Z")
        assert (re.search(pattern, written) is not None) == (first <= each <= last), each


@given(
    st.integers(-3000, 3000),
    st.integers(0, 3000),
    st.decimals(-7000, 7000, places=2, allow_nan=False).filter(lambda each: not each.is_signed() or each != 0),
)
def test_decimals_are_those_between(low: int, length: int, asked: Decimal) -> None:
    high = low + length
    pattern = patterns.decimals(Decimal(low), Decimal(high))
    for each in (asked, Decimal(low), Decimal(high)):
        assert (re.search(pattern, str(each)) is not None) == (low <= each <= high), each


@pytest.mark.parametrize(
    ("pattern", "portable"),
    [
        ("[0-9]{5}", "^(?:[0-9]{5})$"),
        (r"\d{5}", "^(?:[0-9]{5})$"),
        ("(?:a|b)+", "^(?:(?:a|b)+)$"),
        ("(?i)abc", None),
        ("a++", None),
        (r"\Aab\Z", None),
        ("(?P<name>a)", None),
        (r"\bword", None),
    ],
)
def test_patterns_that_everybody_reads_alike(pattern: str, portable: str | None) -> None:
    assert patterns.portable(pattern) == portable


@given(st.from_regex(patterns.EMAIL).filter(lambda each: len(each) <= 254))
def test_addresses_of_the_pattern_are_taken(address: str) -> None:
    assert _email(address.strip())


@given(st.from_regex(patterns.TEL))
def test_numbers_of_the_pattern_are_taken(number: str) -> None:
    assert _tel(number.strip())


@given(st.from_regex(patterns.URL).filter(lambda each: len(each) <= 2000))
def test_web_addresses_of_the_pattern_are_taken(url: str) -> None:
    assert _url(url.strip())


@pytest.mark.parametrize("day", ["0000-12-31", "0001-01-01", "1900-02-29", "2024-02-29", "9999-12-31", "2026-13-01"])
@pytest.mark.parametrize(
    "clock", ["07:30", "23:59:59", "24:00", "23:59:60", "07:30:00.123456", "07:30:00.1234567", "7:30"]
)
@pytest.mark.parametrize("off", ["", "Z", "+01:00", " 0100", "-23:59", "+24:00", "+08:60", "+1"])
def test_moments_are_those_that_are_read(day: str, clock: str, off: str) -> None:
    for between in "T ":
        text = f"{day}{between}{clock}{off}"
        try:
            read(text, "datetime")
            is_one = True
        except Mistyped:
            is_one = False
        assert bool(re.search(patterns.any_moment(), text)) == is_one, text
