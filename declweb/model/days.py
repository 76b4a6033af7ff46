"""Days as forms give them: `2026-12-24`, or `"today + 2 days"`, and the times when a form is closed.

Owns the spelling of both, and how days are added: a month later is the same day of the next month. Knows no table and
no time zone: whoever asks says which day it is today.
"""

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from declweb.model.base import quoted, wrong
from declweb.model.moments import moment
from declweb.problems import suggestion

_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")

UNITS = {"day": (0, 1), "week": (0, 7), "month": (1, 0), "year": (12, 0)}
"""How many months and days each unit is."""
MOST_YEARS = 200
"""Years that a day may lie before or after today."""

_TERM = re.compile(r"([+-])\s*(\d{1,5})\s*([A-Za-z]+)")
_RELATIVE = re.compile(rf"today(\s*{_TERM.pattern}\s*)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """A day that is found from today: `today + 2 days`."""

    written: str
    months: int = 0
    days: int = 0

    def on(self, today: date) -> date:
        """Return the day that is meant when it is `today`; months come first, and end with their last day."""
        count = today.year * 12 + today.month - 1 + self.months
        year, month = divmod(count, 12)
        year = min(max(year, date.min.year + 1), date.max.year - 1)
        day = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
        return day + timedelta(days=self.days)

    def __str__(self) -> str:
        return self.written


Day = date | RelativeDay
"""A day, or one that is found from today."""


def day_on(day: Day, today: date) -> date:
    """Return the day that is meant when it is `today`; a moment stays one."""
    return day.on(today) if isinstance(day, RelativeDay) else day


def unquoted(text: str) -> str | None:
    """Return how a number, a day or a time that stands in quotes is written without them; None where it is neither."""
    text = text.strip()
    if found := _DAY_FIRST.fullmatch(text):
        text = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
    if found := _CLOCK.fullmatch(text):
        text = f"{found[1]:0>2}:{found[2]}:{found[3] or '00'}"
    for read in (float, date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        with suppress(ValueError):
            read(text)
            return text if text.isascii() and text[-1].isdecimal() else None
    return None


def relative_day(text: str) -> RelativeDay:
    """Return the day that a text such as `today + 2 days` means."""
    if not _RELATIVE.fullmatch(text.strip()):
        bare = unquoted(text)
        what = "in quotes is a text" if bare else "is no day"
        help_ = f"write it without quotes: {bare}" if bare else 'such as 2026-12-24, or "today + 2 days"'
        raise wrong("wrong-date", f"`{text}` {what}", help=help_)
    months = days = 0
    for sign, number, unit in _TERM.findall(text):
        one = unit.casefold().removesuffix("s")
        if one not in UNITS:
            raise wrong(
                "unknown-unit", f"`{unit}` is no unit of days", help=suggestion(unit, UNITS) or "day, week, month, year"
            )
        amount = int(f"{sign}{number}")
        months, days = months + amount * UNITS[one][0], days + amount * UNITS[one][1]
    if abs(months) > MOST_YEARS * 12 or abs(days) > MOST_YEARS * 366:
        raise wrong(
            "out-of-range", f"`{text}` is more than {MOST_YEARS} years from today", help='such as "today + 1 year"'
        )
    return RelativeDay(text, months, days)


# --- periods ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Some days, or some hours: from the first to the last, both included."""

    first: date
    last: date
    written: str

    def starts(self, timezone: str) -> datetime:
        """Return the moment when it begins."""
        return moment(self.first, timezone)

    def ends(self, timezone: str) -> datetime:
        """Return the first moment after it."""
        return end_of(self.last, timezone)


def end_of(last: date, timezone: str) -> datetime:
    """Return the first moment after a day, or the moment itself: a day counts to its end."""
    return moment(last if isinstance(last, datetime) else last + timedelta(days=1), timezone)


def _moment(text: str, whole: str) -> date:
    try:
        return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
    except ValueError:
        among = "" if text == whole else f" in `{whole}`"
        bare = unquoted(text)
        help_ = f'write the year first: "{whole.replace(text, bare)}"' if bare and bare != text else None
        help_ = help_ or 'such as "2026-12-20 to 2027-01-06"'
        raise wrong("wrong-date", f"`{text}`{among} is no day", help=help_) from None


def _period(value: object) -> object:
    if isinstance(value, Period):
        return value
    if isinstance(value, date):
        return Period(value, value, str(value))
    if not isinstance(value, str):
        raise wrong(
            "wrong-kind",
            f"days when it is closed are written as a date or in quotes, not {quoted(value)}",
            help='such as "2026-12-20 to 2027-01-06"',
        )
    first, _, last = (part.strip() for part in value.partition(" to "))
    period = Period(_moment(first, value), _moment(last or first, value), value)
    if isinstance(period.first, datetime) and not last:
        raise wrong("wrong-date", f"`{value}` does not say until when", help=f'such as "{first} to {first[:10]}T23:00"')
    if period.starts("UTC") >= period.ends("UTC"):
        raise wrong("empty-range", f"`{value}` ends before it starts", help=f'write "{last} to {first}"')
    return period


ClosedPeriod = Annotated[
    Period,
    BeforeValidator(_period),
    AfterValidator(lambda period: period),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"}),
]
"""Days: `2026-12-24`, or `"2026-12-20 to 2027-01-06"`."""
