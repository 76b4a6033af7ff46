"""Dates as HTTP writes them (RFC 9110 §5.6.7).

Owns both directions, between text and whole seconds since 1970. Knows nothing of what a date is used for.
"""

import re
import time
from calendar import timegm
from datetime import UTC, datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_CLOCK = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_DAY = rf"(?:{'|'.join(_DAYS)})"
_LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_CLOCK} GMT",  # IMF-fixdate
        rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_CLOCK} GMT",  # RFC 850
        rf"{_DAY} {_MONTH} (?P<day>[ 0-9][0-9]) {_CLOCK} (?P<year>[0-9]{{4}})",  # asctime
    )
)
_LEAP_SECOND = 60
_CENTURY = 100
_FAR_AHEAD = 50
"""A two-digit year that seems more than this many years ahead is of the past century."""


def http_date(seconds: int) -> str:
    """Return the date as an IMF-fixdate."""
    year, month, day, hour, minute, second, weekday, *_ = time.gmtime(seconds)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} GMT"


def parse_date(value: str) -> int | None:
    """Return the seconds of a date in any of the three forms HTTP allows; None when it is in no form or no date."""
    found = next(filter(None, (form.fullmatch(value.strip(" \t")) for form in _FORMS)), None)
    if found is None:
        return None
    year, day, hour, minute, second = (int(found[name]) for name in ("year", "day", "hour", "minute", "second"))
    if len(found["year"]) == len("99"):
        year = _whole_year(year)
    leap = second == _LEAP_SECOND
    try:
        moment = datetime(year, _MONTHS.index(found["month"]) + 1, day, hour, minute, second - leap, tzinfo=UTC)
    except ValueError:
        return None
    return timegm(moment.timetuple()) + leap


def _whole_year(two_digits: int) -> int:
    now = time.gmtime().tm_year
    year = now - now % _CENTURY + two_digits
    return year - _CENTURY if year > now + _FAR_AHEAD else year
