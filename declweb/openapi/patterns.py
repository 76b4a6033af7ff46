"""Regular expressions for the schemas of a document: the part of ECMA-262 that everybody reads alike.

Owns how what forms take is written as a pattern: texts, addresses, days and times within bounds. What a pattern says,
the form takes; now and then it takes a little more, such as an address in another script. Knows no form.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, floor

from declweb.model.patterns import integer_range

WHITE = r"\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What is nothing, in brackets: the white space of `forms.conditions`."""
ANY = r"[^\u0000]"
INK = rf"[^\u0000{WHITE}]"
BLANK = f"[{WHITE}]*"

_NO_DOMAINS = "|".join(
    "".join(f"[{letter}{letter.upper()}]" for letter in word)
    for word in ("arpa", "invalid", "local", "localhost", "onion", "test")
)
EMAIL = (
    "^(?![^@]{65})[A-Za-z0-9](?:[._+-]?[A-Za-z0-9]){0,63}"
    "@(?:(?![^.]{64})[A-Za-z0-9](?:-?[A-Za-z0-9]){0,62}\\.){1,8}"
    f"(?!(?:{_NO_DOMAINS})$)[A-Za-z]{{2,63}}$"
)
_SIGNS = r"[ ()./-]*"
TEL = (
    rf"^[+(]?[0-9](?:{_SIGNS}[0-9]){{2,23}}{_SIGNS}$"
    rf"|^[+(]?[0-9](?:{_SIGNS}[0-9]){{2,17}}{_SIGNS} ?(?:ext\.?|x|#) ?[0-9]{{1,6}}$"
)
URL = (
    r"^https?://(?:[A-Za-z0-9](?:-?[A-Za-z0-9]){0,62}\.){0,8}[A-Za-z0-9](?:-?[A-Za-z0-9]){0,62}(?::[1-9][0-9]{0,3})?"
    r"(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?$"
)
MOST_MONTHS = 240
"""Months that are written out one by one."""
_LAST = date(9999, 12, 31)
_FIRST = date(1, 1, 1)
_TAIL = r"(?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_ZERO = r"(?::00(?:\.0{1,6})?)?"
_PORTABLE = re.compile(
    r"(?:[A-Za-z0-9 _/:@#%&=!,;<>~\"'-]|\\[dwstnr.\\/()\[\]{}|^$*+?-]|\(\?:|[()\[\].|*+?]|\[\^|\{[0-9]*,?[0-9]*\})*"
)
_OWN = re.compile(r"[*+?}]\+|\(\?(?!:)")
"""What Python has, and others have not, or otherwise: possessive repeats, flags, names, looking around."""


def text(least: int, *, is_required: bool) -> str:
    """Return what a free text is: without NUL, and of so many characters between the blanks around it."""
    full = f"{ANY}*{INK}{f'{ANY}{{{least - 2},}}{INK}' if least > 1 else ''}{ANY}*"
    if is_required:
        return f"^{full}$"
    return f"^(?:{BLANK}|{full})$" if least > 1 else f"^{ANY}*$"


def portable(pattern: str) -> str | None:
    """Return a pattern of the site file, which is Python's, as everybody reads it; None where not everybody does."""
    if not _PORTABLE.fullmatch(pattern) or _OWN.search(pattern):
        return None
    ascii_only = pattern.replace(r"\d", "[0-9]") if "[" not in pattern else pattern
    return f"^(?:{ascii_only})$"


def _between(low: int, high: int, digits: int) -> str:
    return integer_range(low, high, digits)


def _either(parts: Iterable[str]) -> str:
    return "|".join(dict.fromkeys(parts))


# --- numbers ----------------------------------------------------------------------------------------------------------

_FRACTION = r"(?:\.[0-9]{1,40})?"


def decimals(low: Decimal, high: Decimal) -> str:
    """Return the numbers from one to another as texts that keep their decimals; bounds with decimals are rounded."""
    first, last = ceil(low), floor(high)
    parts = [] if last < 0 else [*_upward(max(first, 0), last)]
    parts += [f"-(?:{_either(_upward(max(-last, 0), -first))})"] if first < 0 else []
    return f"^(?:{_either(parts) or '(?!)'})$"


def _upward(low: int, high: int) -> Iterator[str]:
    """Yield the numbers from one to another, neither below zero."""
    if low < high:
        yield f"{integer_range(low, high - 1)}{_FRACTION}"
    if low <= high:
        yield f"{high}(?:\\.0{{1,40}})?"


# --- days -------------------------------------------------------------------------------------------------------------


def days(first: date | None, last: date | None) -> str | None:
    """Return the days from one to another; None where there is no bound. Nothing matches where there is no such day."""
    if first is None and last is None:
        return None
    return f"^(?:{_either(_days(first or _FIRST, last or _LAST))})$"


def _days(first: date, last: date) -> Iterator[str]:
    """Yield patterns that together are all days of a range."""
    if first > last:
        yield "(?!)"
        return
    if (last.year - first.year) * 12 + last.month - first.month <= MOST_MONTHS:
        yield from _months(first, last)
        return
    yield from _months(first, date(first.year, 12, 31))
    yield from _years(first.year + 1, last.year - 1)
    yield from _months(date(last.year, 1, 1), last)


def _months(first: date, last: date) -> Iterator[str]:
    """Yield the days of some months, those of a year together that have the same days."""
    found: dict[tuple[int, int, int], list[int]] = {}
    day = first
    while day <= last:
        end = min(_end_of_month(day), last)
        found.setdefault((day.year, day.day, end.day), []).append(day.month)
        if end == last:
            break
        day = end + timedelta(days=1)
    for (year, low, high), months in found.items():
        listed = "|".join(f"{month:02}" for month in months)
        yield f"{year:04}-{f'(?:{listed})' if len(months) > 1 else listed}-{_between(low, high, 2)}"


def _end_of_month(day: date) -> date:
    return date(day.year, 12, 31) if day.month == 12 else date(day.year, day.month + 1, 1) - timedelta(days=1)


def _years(first: int, last: int) -> Iterator[str]:
    """Yield all days of many years; of those before 1900 and after 2399 without the days that leap."""
    year = _between(first, last, 4)
    yield f"{year}-(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    yield f"{year}-(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    yield f"{year}-02-(?:0[1-9]|1[0-9]|2[0-8])"
    leaping = [
        each
        for each in range(max(first, 1900), min(last, 2399) + 1)
        if each % 4 == 0 and (each % 100 or each % 400 == 0)
    ]
    if leaping:
        yield f"(?:{'|'.join(map(str, leaping))})-02-29"


# --- times ------------------------------------------------------------------------------------------------------------


def times(first: time | None, last: time | None) -> str:
    """Return the times of a day from one to another."""
    return f"^(?:{_either(_times(first, last))})$"


def _times(first: time | None, last: time | None) -> Iterator[str]:
    low = 0 if first is None else first.hour * 60 + first.minute + bool(first.second or first.microsecond)
    high = 1439 if last is None else last.hour * 60 + last.minute
    is_whole = last is None or (last.second, last.microsecond) == (59, 999_999)
    if not is_whole:
        if low <= high:
            yield f"{high // 60:02}:{high % 60:02}{_ZERO}"
        high -= 1
    for hour, begin, end in _hours(low, high):
        yield f"{hour}:{_between(begin, end, 2)}{_TAIL}"
    if low > high and is_whole:
        yield "(?!)"


def _hours(low: int, high: int) -> Iterator[tuple[str, int, int]]:
    """Yield hours, and which of their minutes are meant."""
    if low > high:
        return
    first, last = low // 60, high // 60
    if first == last:
        yield f"{first:02}", low % 60, high % 60
        return
    if low % 60:
        yield f"{first:02}", low % 60, 59
        first += 1
    if high % 60 != 59:
        yield f"{last:02}", 0, high % 60
        last -= 1
    if first <= last:
        yield _between(first, last, 2), 0, 59


def moments(first: datetime | None, last: datetime | None) -> str:
    """Return the moments from one to another, as RFC 3339 writes them; in UTC where there is a bound."""
    clock = f"(?:[01][0-9]|2[0-3]):[0-5][0-9]{_TAIL}"
    if first is None and last is None:
        all_days = _either(_days(date(1000, 1, 1), date(9000, 12, 31)))
        return f"^(?:{all_days})T{clock}(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])$"
    low = first.astimezone(UTC) if first else datetime(1000, 1, 1, tzinfo=UTC)
    high = last.astimezone(UTC) if last else datetime(9000, 12, 31, 23, 59, tzinfo=UTC)
    return f"^(?:{_either(_moments(low, high, clock))})Z$"


def any_moment() -> str:
    """Return the moments that may be asked for: also those that do not say how far they are from UTC, or no seconds."""
    clock = f"(?:[01][0-9]|2[0-3]):[0-5][0-9]{_TAIL}"
    every_day = _either(_days(date.min, date.max))
    return f"^(?:{every_day})[T ]{clock}(?:Z|[+ -](?:[01][0-9]|2[0-3]):?[0-5][0-9])?$"


def _moments(low: datetime, high: datetime, clock: str) -> Iterator[str]:
    if low.date() == high.date():
        yield f"{low.date()}T(?:{_either(_times(low.time(), high.time()))})"
        return
    day = timedelta(days=1)
    yield f"{low.date()}T(?:{_either(_times(low.time(), None))})"
    yield f"{high.date()}T(?:{_either(_times(None, high.time()))})"
    if low.date() + day <= high.date() - day:
        yield f"(?:{_either(_days(low.date() + day, high.date() - day))})T{clock}"
