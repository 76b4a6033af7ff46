"""Values as programs write them in a query: `4.20`, `2026-12-24`, `yes`.

Owns one spelling per type, the same in every language: what people write in files is read elsewhere. Knows no column.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from declweb.data.dataset import Cell
from declweb.translations import mark

MOST_DIGITS = 40
"""Of a number."""
LARGEST_INTEGER = 2**63 - 1
"""What databases take."""
LONGEST = 1000
"""Characters of a value."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")
_DATETIME = re.compile(rf"({_DATE.pattern})[T ]({_TIME.pattern})(Z|[+ -](?:[01][0-9]|2[0-3]):?[0-5][0-9])?")
_MINUTE = timedelta(minutes=1)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_WORDS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}

EXPECTED: Mapping[str, str] = {
    "text": mark("a text of at most 1000 characters"),
    "number": mark("a number, such as 4.20"),
    "integer": mark("a whole number, such as 4"),
    "yes/no": mark("yes or no"),
    "date": mark("a date, such as 2026-12-24"),
    "time": mark("a time, such as 07:30"),
    "datetime": mark("a date with its time, such as 2026-12-24T07:30"),
    "url": mark("a web address, such as https://www.example.org/"),
    "email": mark("an e-mail address, such as ann@example.org"),
}
"""What a value of each type looks like."""


class Mistyped(ValueError):
    """A value that is none of the type that is wanted."""


def _text(text: str) -> str:
    if "\x00" in text or len(text) > LONGEST:
        raise ValueError(text)
    return text


def _number(text: str) -> Decimal:
    if len(text) > MOST_DIGITS or not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _integer(text: str) -> int:
    found = int(text) if _INTEGER.fullmatch(text) else LARGEST_INTEGER + 1
    if abs(found) > LARGEST_INTEGER:
        raise ValueError(text)
    return found


def _yes_or_no(text: str) -> bool:
    found = _WORDS.get(text.lower())
    if found is None:
        raise ValueError(text)
    return found


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _time(text: str) -> time:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


def _datetime(text: str) -> datetime:
    found = _DATETIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    # A `+` that nobody escaped arrives as a blank.
    return datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[3] or '').replace(' ', '+')}")


def _url(text: str) -> str:
    if not _URL.fullmatch(_text(text)):
        raise ValueError(text)
    return text


def _email(text: str) -> str:
    name, _, host = _text(text).rpartition("@")
    if not name or not host or any(letter.isspace() for letter in text):
        raise ValueError(text)
    return text


_READ: Mapping[str, Callable[[str], Cell]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "yes/no": _yes_or_no,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "url": _url,
    "email": _email,
}


def read(text: str, type_: str, zone: tzinfo = UTC) -> Cell:
    """Return the value that a text of a query means; raises Mistyped where it is none of the type.

    A moment that does not say how far it is from UTC is one of the time zone.
    """
    try:
        return _zoned(_READ[type_](text), zone)
    except ValueError:
        raise Mistyped(text) from None


def _zoned(value: Cell, zone: tzinfo) -> Cell:
    is_local = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=zone) if is_local else value  # type: ignore[attr-defined] # it is a moment


def written(value: Cell) -> str:
    """Return a value as it is written in a query."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return moment(value) if isinstance(value, date | time) else str(value)


def moment(value: date | time) -> str:
    """Return a day or time as ISO 8601 has it, and RFC 3339: how far it is from UTC is told in whole minutes.

    Before there were time zones each place had a time of its own, such as 53 minutes and 28 seconds ahead of UTC.
    """
    text = value.isoformat()
    if not isinstance(value, datetime) or text[-9] not in "+-":
        return text
    offset = value.utcoffset()
    assert offset is not None
    for whole in (offset // _MINUTE * _MINUTE, offset // _MINUTE * _MINUTE + _MINUTE):
        with suppress(OverflowError):  # in the first minute of the calendar
            return (value.replace(tzinfo=None) + (whole - offset)).replace(tzinfo=timezone(whole)).isoformat()
    return text


def as_cell(value: object, type_: str, zone: tzinfo = UTC) -> Cell:
    """Return a value of the site file, or a variable of a path, as a cell of a type; raises Mistyped."""
    if isinstance(value, str):
        return read(value, type_, zone)
    kind = _KINDS.get(type(value))
    if kind == type_:
        return _zoned(value, zone)
    if type_ == "number" and kind == "integer":
        return Decimal(str(value))
    if type_ == "number" and isinstance(value, float):
        return Decimal(str(value))
    if type_ in {"text", "url", "email"} and not isinstance(value, dict | list):
        return str(value)
    raise Mistyped(value)


_KINDS: Mapping[type, str] = {
    bool: "yes/no", int: "integer", Decimal: "number", date: "date", time: "time", datetime: "datetime"
}  # fmt: skip
"""The types that values of the site file are of, but for texts and fractions."""
