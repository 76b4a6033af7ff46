import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.http.dates import http_date, parse_date

NOV_1994 = 784111777


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT\t",
    ],
)
def test_all_three_forms(value: str) -> None:
    assert parse_date(value) == NOV_1994


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0",
        "784111777",
        "yesterday",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Mon, 07 Nov 1994 08:49:37 GMT",
        "Sun, 0\u0666 Nov 1994 08:49:37 GMT",
    ],
)
def test_what_is_no_date(value: str) -> None:
    assert parse_date(value) is None


def test_a_leap_second_belongs_to_the_next_minute() -> None:
    assert parse_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_date("Sun, 01 Jan 2017 00:00:00 GMT")


@pytest.mark.parametrize("ahead", [-99, -49, -1, 0, 1, 50, 51, 99])
def test_two_digits_are_at_most_fifty_years_ahead(ahead: int) -> None:
    now = time.gmtime().tm_year
    found = parse_date(f"Monday, 01-Jan-{(now + ahead) % 100:02} 00:00:00 GMT")
    assert found is not None
    year = time.gmtime(found).tm_year
    assert year % 100 == (now + ahead) % 100
    assert year <= now + 50


@given(st.integers(-62135596800, 253402300799))
def test_dates_go_there_and_back(seconds: int) -> None:
    assert parse_date(http_date(seconds)) == seconds


@given(st.text())
def test_any_text_is_a_date_or_none(value: str) -> None:
    assert isinstance(parse_date(value), int | None)
