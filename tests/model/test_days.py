"""Days that are counted from today, and the days on which a form is closed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from declweb.model.days import ClosedPeriod, Period, RelativeDay, day_on, end_of, relative_day

PERIOD: TypeAdapter[Period] = TypeAdapter(ClosedPeriod)


@pytest.mark.parametrize(
    ("text", "today", "expected"),
    [
        ("today", date(2026, 11, 22), date(2026, 11, 22)),
        ("today + 2 days", date(2026, 12, 30), date(2027, 1, 1)),
        ("today+1 week", date(2026, 11, 22), date(2026, 11, 29)),
        ("Today + 1 Month", date(2026, 1, 31), date(2026, 2, 28)),
        ("today - 18 years", date(2024, 2, 29), date(2006, 2, 28)),
        ("today + 1 year - 1 day", date(2026, 3, 1), date(2027, 2, 28)),
        ("today + 14 months", date(2026, 12, 31), date(2028, 2, 29)),
        ("today - 2 months", date(2026, 1, 15), date(2025, 11, 15)),
        ("  today + 3 days ", date(2026, 11, 22), date(2026, 11, 25)),
    ],
)
def test_a_day_is_found_from_today(text: str, today: date, expected: date) -> None:
    day = relative_day(text)
    assert day.on(today) == expected
    assert day_on(day, today) == expected
    assert str(day) == text


def test_a_fixed_day_stays_what_it_is() -> None:
    assert day_on(date(2026, 12, 24), date(2020, 1, 1)) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tomorrow", "wrong-date"),
        ("today +", "wrong-date"),
        ("today 2 days", "wrong-date"),
        ("2 days", "wrong-date"),
        ("", "wrong-date"),
        ("today + 2 dyas", "unknown-unit"),
        ("today + 201 years", "out-of-range"),
        ("today + 99999 days", "out-of-range"),
    ],
)
def test_what_is_no_day_is_refused(text: str, code: str) -> None:
    with pytest.raises(PydanticCustomError) as error:
        relative_day(text)
    assert error.value.type == code


@given(
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.integers(-2400, 2400),
    st.integers(-300, 300),
)
def test_every_day_has_days_around_it(today: date, months: int, days: int) -> None:
    found = RelativeDay("", months, days).on(today)
    expected = today.year * 12 + today.month + months
    if 24 < expected < 9998 * 12:
        assert abs(found.year * 12 + found.month - expected) <= 11


@pytest.mark.parametrize(
    ("written", "starts", "ends"),
    [
        (date(2026, 12, 24), datetime(2026, 12, 23, 23, tzinfo=UTC), datetime(2026, 12, 24, 23, tzinfo=UTC)),
        ("2026-12-24", datetime(2026, 12, 23, 23, tzinfo=UTC), datetime(2026, 12, 24, 23, tzinfo=UTC)),
        ("2026-12-20 to 2027-01-06", datetime(2026, 12, 19, 23, tzinfo=UTC), datetime(2027, 1, 6, 23, tzinfo=UTC)),
        (
            "2026-12-24 to 2026-12-24T18:00",
            datetime(2026, 12, 23, 23, tzinfo=UTC),
            datetime(2026, 12, 24, 17, tzinfo=UTC),
        ),
        (
            "2026-12-24T12:00:00 to 2026-12-24T13:00:00",
            datetime(2026, 12, 24, 11, tzinfo=UTC),
            datetime(2026, 12, 24, 12, tzinfo=UTC),
        ),
    ],
)
def test_a_period_lasts_to_the_end_of_its_last_day(written: object, starts: datetime, ends: datetime) -> None:
    period = PERIOD.validate_python(written)
    assert period.starts("Europe/Berlin") == starts
    assert period.ends("Europe/Berlin") == ends
    assert period.written == str(written)
    assert PERIOD.validate_python(period) is period


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2026-12-24 to 2026-12-20", "empty-range"),
        ("2026-12-24T12:00", "wrong-date"),
        ("24.12.2026", "wrong-date"),
        ("2026-12-24 until 2026-12-26", "wrong-date"),
        (12, "wrong-kind"),
    ],
)
def test_what_is_no_period_is_refused(written: object, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        PERIOD.validate_python(written)
    assert error.value.errors()[0]["type"] == code


def test_a_day_ends_where_the_next_one_begins() -> None:
    end = end_of(date(2026, 3, 29), "Europe/Berlin")
    assert end.utcoffset() == timedelta(hours=2)
    assert end == datetime(2026, 3, 29, 22, tzinfo=UTC)
    moment = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert end_of(moment, "Europe/Berlin") == moment
